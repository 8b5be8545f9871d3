// test/cim/subjects.hpp -- every enumeration of the vocabulary, and which value maps it stands for.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace subjects {

/// An enumeration with its type taken off, so that one loop tests them all.
struct subject {
    std::string header;   ///< the file of the enumeration, without folder and ending
    std::string name;     ///< of the C++ type
    std::string heading;  ///< the value map that it states
    std::string type;     ///< of its numbers, as the schema calls it
    std::map<std::uint64_t, std::string> names;
    cimrep::value_kind (*classify)(std::uint64_t);
    std::string (*to_name)(std::uint64_t);
    std::optional<std::uint64_t> (*from_name)(std::string_view);
    std::optional<std::uint64_t> (*parse)(std::uint64_t);
    std::optional<std::uint64_t> (*parse_name)(std::string_view);
    std::string (*print)(std::uint64_t);
};

/// All of them.
const std::vector<subject>& all();

}  // namespace subjects
