// test/service/fuzz_test.cpp -- the fuzz target of the service over its corpus, and near it.
// SPDX-License-Identifier: BSL-1.0
#include "../fuzz/service_target.hpp"
#include "catch.hpp"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A text of hexadecimal bytes, each line with a remark after '#'.
std::vector<std::byte> bytes_of(const std::filesystem::path& path)
{
    std::ifstream file(path);
    std::vector<std::byte> bytes;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        for (std::string each; words >> each;)
            bytes.push_back(static_cast<std::byte>(std::stoul(each, nullptr, 16)));
    }
    return bytes;
}

std::set<std::filesystem::path> corpus()
{
    std::set<std::filesystem::path> all;
    for (const auto& each :
         std::filesystem::directory_iterator(CIMREP_TEST_DATA "/../fuzz/corpus/service"))
        all.insert(each.path());
    return all;
}

}  // namespace

TEST_CASE("no sequence of calls, host operations and mishaps breaks a service", "[service][fuzz]")
{
    REQUIRE(corpus().size() >= 5);
    for (const auto& path : corpus()) {
        CAPTURE(path.string());
        const auto sample = bytes_of(path);
        REQUIRE_FALSE(sample.empty());
        // For libFuzzer, which wants the bytes themselves: CIMREP_FUZZ_SEEDS=<directory>.
        if (const char* const to = std::getenv("CIMREP_FUZZ_SEEDS"))
            std::ofstream(to / std::filesystem::path("service-") += path.stem(), std::ios::binary)
                .write(reinterpret_cast<const char*>(sample.data()),
                       static_cast<std::streamsize>(sample.size()));
        fuzz_service(sample);
        std::mt19937_64 random(7);
        for (unsigned i = 0; i < 20; ++i) {
            auto damaged = sample;
            for (auto hits = random() % 4 + 1; hits > 0; --hits)
                damaged[random() % damaged.size()] = static_cast<std::byte>(random());
            fuzz_service(damaged);
        }
    }
    SUCCEED("none did");
}
