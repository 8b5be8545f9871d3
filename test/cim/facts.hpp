// test/cim/facts.hpp -- the value maps of the schema, read from test/data/cim_facts.txt.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace facts {

using cimrep::value_kind;

/// A run of numbers of one value map.
struct run {
    std::uint64_t first;
    std::uint64_t last;
    std::string name;
};

/// One value map: its names, and what lies between them.
struct block {
    std::string type;
    std::map<std::uint64_t, std::string> names;
    std::vector<run> runs;
    std::vector<std::string> lines;

    std::uint64_t highest() const { return type == "uint16" ? 0xFFFFu : 0xFFFFFFFFu; }
    const run* run_of(std::uint64_t number) const
    {
        for (const auto& one : runs)
            if (one.first <= number && number <= one.last) return &one;
        return nullptr;
    }
    value_kind kind_of(std::uint64_t number) const
    {
        if (names.contains(number)) return value_kind::named;
        const run* one = run_of(number);
        if (one == nullptr) return value_kind::reserved;
        if (one->name.starts_with("Vendor")) return value_kind::vendor;
        return one->name == "Method Reserved" ? value_kind::method_reserved : value_kind::reserved;
    }
};

inline void add_value(block& to, const std::string& value, const std::string& name)
{
    const auto dots = value.find("..");
    if (dots == std::string::npos) {
        if (name != "DMTF Reserved") to.names[std::stoull(value, nullptr, 0)] = name;
    } else if (dots != 0) {
        const auto last = value.substr(dots + 2);
        to.runs.push_back({std::stoull(value.substr(0, dots), nullptr, 0),
                           last.empty() ? to.highest() : std::stoull(last, nullptr, 0), name});
    }
}

/// All blocks by heading, without the prefix of the class.
inline const std::map<std::string, block>& all()
{
    static const auto blocks = [] {
        std::map<std::string, block> read;
        std::ifstream file(CIMREP_TEST_DATA "/cim_facts.txt");
        if (!file) throw std::runtime_error("test/data/cim_facts.txt cannot be read");
        block* current = nullptr;
        for (std::string line; std::getline(file, line);) {
            if (line.empty() || line[0] == '#') continue;
            const auto space = line.find(' ');
            if (line[0] == '[') {
                const auto type = line.substr(space + 1, line.size() - space - 2);
                const auto heading = line.substr(5, space - 5);
                current = &read[type == "properties" ? heading + " properties" : heading];
                current->type = type;
                continue;
            }
            current->lines.push_back(line);
            if (current->type == "properties") continue;
            add_value(*current, line.substr(0, space), line.substr(space + 1));
        }
        return read;
    }();
    return blocks;
}

}  // namespace facts
