// test/store/fuzz_test.cpp -- the fuzz targets over their corpus, and over a little damage to it.
// SPDX-License-Identifier: BSL-1.0
#include "../fuzz/store_targets.hpp"
#include "catch.hpp"
#include "hex_image.hpp"
#include "samples.hpp"
#include <cstdlib>
#include <random>

using namespace cimrep;
using namespace cimrep::test;

namespace {

struct target {
    const char* name;
    void (*run)(fuzz_input input);
};
constexpr target targets[] = {
    {"superblock", &fuzz_superblock},
    {"leg_label", &fuzz_leg_label},
    {"checkpoint_header", &fuzz_checkpoint_header},
    {"log_entry", &fuzz_log_record},
    {"changes", &fuzz_changes},
    {"open", &fuzz_open},
};

/// What libFuzzer starts from as well: test/fuzz/corpus, as text.
std::vector<std::byte> corpus_of(const std::string& name)
{
    const std::string path = CIMREP_TEST_DATA "/../fuzz/corpus/" + name + ".hex";
    if (std::getenv("CIMREP_REWRITE") != nullptr) {
        std::vector<std::byte> sample(store_block_bytes);
        if (name == "superblock") encode(sample_superblock(), sample);
        if (name == "leg_label") encode(leg_label{{}, 1, 2, 3, 1 << 20}, sample);
        if (name == "checkpoint_header") encode(sample_checkpoint_header(), sample);
        if (name == "log_entry") sample = sample_log_record();
        if (name == "changes") (sample = sample_changes()).resize(2 * change_header_bytes + 40);
        if (name == "open") {
            sample = from_hex(read_text(CIMREP_TEST_DATA "/repository_format_1.hex"));
            sample.insert(sample.begin(), std::byte{1});
        }
        std::ofstream(path, std::ios::binary) << to_hex(sample);
    }
    return from_hex(read_text(path));
}

}  // namespace

TEST_CASE("no bytes make a reader of the store fall over", "[store][fuzz]")
{
    for (const target& each : targets) {
        CAPTURE(each.name);
        const auto sample = corpus_of(each.name);
        REQUIRE_FALSE(sample.empty());
        // For libFuzzer, which wants the bytes themselves: CIMREP_FUZZ_SEEDS=<directory>.
        if (const char* const to = std::getenv("CIMREP_FUZZ_SEEDS"))
            std::ofstream(to + std::string("/") + each.name, std::ios::binary)
                .write(reinterpret_cast<const char*>(sample.data()),
                       static_cast<std::streamsize>(sample.size()));
        each.run(sample);
        std::mt19937_64 random(7);
        for (unsigned i = 0; i < 300; ++i) {
            auto damaged = sample;
            for (auto hits = random() % 4 + 1; hits > 0; --hits) {
                // Near the start of a block, where what means something is.
                const std::size_t block = random() % (damaged.size() / store_block_bytes + 1);
                const std::size_t at = block * store_block_bytes + random() % 200;
                if (at < damaged.size()) damaged[at] = static_cast<std::byte>(random());
            }
            if (random() % 8 == 0) damaged.resize(random() % damaged.size());
            each.run(damaged);
        }
    }
    SUCCEED("none did");
}
