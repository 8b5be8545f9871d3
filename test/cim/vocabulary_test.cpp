// test/cim/vocabulary_test.cpp -- every enumeration says exactly what the schema says.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>
#include <cimrep/cim/vocabulary.hpp>

#include "catch.hpp"
#include "facts.hpp"
#include "subjects.hpp"
#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>

using namespace cimrep;

namespace {

/// The same letters and digits in lower case, however words are parted or joined.
std::string bare(const std::string& text)
{
    std::string letters;
    for (const char c : text)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return letters;
}

/// Enumerators and numbers of the enumeration `name`, as the header's text has them.
std::map<std::uint64_t, std::string> enumerators_in(const subjects::subject& subject)
{
    std::ifstream file(CIMREP_TEST_DATA "/../../include/cimrep/cim/" + subject.header + ".hpp");
    REQUIRE(file);
    std::map<std::uint64_t, std::string> found;
    const std::string start = "enum class " + subject.name + " : ";
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(start))
            inside = true;
        else if (line.starts_with("};"))
            inside = false;
        if (!inside) continue;
        const auto code = line.substr(0, line.find("//"));
        for (auto equals = code.find(" = "); equals != std::string::npos;
             equals = code.find(" = ", equals + 1)) {
            const auto begin = code.find_last_of(' ', equals - 1) + 1;
            const auto number = std::stoull(code.substr(equals + 3), nullptr, 0);
            CHECK(found.emplace(number, code.substr(begin, equals - begin)).second);
        }
    }
    return found;
}

/// Of all uint16 numbers; of uint32 ones, every end of every run and every name, and their sides.
std::set<std::uint64_t> numbers_of(const facts::block& block)
{
    std::set<std::uint64_t> numbers;
    for (std::uint64_t n = 0; block.type == "uint16" && n <= 0xFFFF; ++n) numbers.insert(n);
    const auto add = [&](std::uint64_t n) {
        numbers.insert({n, std::min(n + 1, block.highest()), n == 0 ? 0 : n - 1});
    };
    for (const auto& [number, name] : block.names) add(number);
    for (const auto& run : block.runs) {
        add(run.first);
        add(run.last);
    }
    add(0);
    add(block.highest());
    return numbers;
}

}  // namespace

TEST_CASE("every enumeration has the schema's numbers and names, no more and no less", "[cim]")
{
    for (const auto& subject : subjects::all()) {
        INFO(subject.name << " against " << subject.heading);
        const auto& block = facts::all().at(subject.heading);
        CHECK(subject.type == block.type);
        CHECK(subject.names == block.names);
    }
}

TEST_CASE("the enumerators in the headers are the names of the schema in snake_case", "[cim]")
{
    for (const auto& subject : subjects::all()) {
        INFO(subject.name << " in " << subject.header);
        const auto found = enumerators_in(subject);
        CHECK(found.size() == subject.names.size());
        for (const auto& [number, enumerator] : found) {
            INFO(enumerator << " = " << number);
            REQUIRE(subject.names.contains(number));
            const auto& name = subject.names.at(number);
            const auto prefix = name.starts_with("CIM_ERR_") ? std::size_t{8} : std::size_t{0};
            CHECK(bare(enumerator) == bare(name.substr(prefix)));
        }
    }
}

TEST_CASE("numbers and names are each other's inverse over the whole type", "[cim]")
{
    for (const auto& subject : subjects::all()) {
        INFO(subject.name);
        const auto& block = facts::all().at(subject.heading);
        std::uint64_t wrong = 0;
        for (const auto n : numbers_of(block)) {
            const auto name = subject.to_name(n);
            const auto kind = block.kind_of(n);
            const bool legal = kind == value_kind::named || kind == value_kind::vendor;
            const bool good = subject.classify(n) == kind &&
                              name.empty() == (kind != value_kind::named) &&
                              (name.empty() || subject.from_name(name) == n) &&
                              (name.empty() || subject.parse_name(name) == n) &&
                              subject.parse(n) == (legal ? std::optional{n} : std::nullopt);
            if (good) continue;
            CAPTURE(n, name, static_cast<int>(kind));
            if (++wrong <= 3) CHECK(good);
        }
        CHECK(wrong == 0);
        CHECK_FALSE(subject.from_name("").has_value());
        CHECK_FALSE(subject.from_name("no such name").has_value());
        CHECK_FALSE(subject.parse_name("no such name").has_value());
    }
}

TEST_CASE("a number too large for its type is reserved, not cut off", "[cim]")
{
    for (const auto& subject : subjects::all()) {
        INFO(subject.name);
        const auto first = subject.names.begin()->first;
        const auto beyond = facts::all().at(subject.heading).highest() + 1;
        CHECK(subject.classify(beyond + first) == value_kind::reserved);
        CHECK_FALSE(subject.parse(beyond + first).has_value());
        CHECK(subject.classify(~std::uint64_t{0}) == value_kind::reserved);
    }
}

TEST_CASE("what has no name is printed as what it is, with its number", "[cim]")
{
    for (const auto& subject : subjects::all()) {
        INFO(subject.name);
        const auto& block = facts::all().at(subject.heading);
        for (const auto& [number, name] : block.names) CHECK(subject.print(number) == name);
        for (const auto& run : block.runs)
            for (const auto n : {run.first, run.last})
                CHECK(subject.print(n) == run.name + " (" + std::to_string(n) + ")");
        for (std::uint64_t n = 0; n < 100; ++n)
            if (block.kind_of(n) == value_kind::reserved)
                CHECK(subject.print(n) == "DMTF Reserved (" + std::to_string(n) + ")");
    }
    CHECK(fmt::format("{:>12}|", copy_state::broken) == "      Broken|");
    CHECK(fmt::format("{}", static_cast<job_state>(0x8000)) == "Vendor Reserved (32768)");
    CHECK(fmt::format("{}", method_id::add_members) == "AddMembers");
    CHECK(fmt::format("{}", *list_operation::from(operation::split)) == "Split");
}
