// cim/format.hpp -- fmt prints the vocabulary: names, or what a number without a name is.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/list_operation.hpp>
#include <cimrep/cim/return_codes.hpp>
#include <cimrep/cim/value_map.hpp>

#include <fmt/format.h>

#include <string>

namespace cimrep::inline v0 {

/// The name of `value` in `map`, or what it is and its number: "DMTF Reserved (19)".
///
/// Allocates:  the text.
template <class E>
std::string describe_in(const value_map<E>& map, E value)
{
    if (const auto name = name_in(map, value); !name.empty()) return std::string{name};
    const value_range* range = range_in(map, to_number(value));
    return fmt::format("{} ({})", range == nullptr ? "DMTF Reserved" : range->name,
                       to_number(value));
}

/// The name of `value`, or what it is and its number: "Vendor Specific (32768)".
///
/// Allocates:  the text.
template <enumeration E>
std::string describe(E value)
{
    return describe_in(value_map_of<E>, value);
}

/// What `method` calls `code`, or what the code is to it and its number.
///
/// @pre        `method` is an enumerator.
/// Allocates:  the text.
inline std::string describe(method_id method, return_code code)
{
    return describe_in(return_codes_of(method), code);
}

}  // namespace cimrep::inline v0

/// Prints `describe(value)`; takes the format options of a string.
template <cimrep::enumeration E>
struct fmt::formatter<E, char> : fmt::formatter<std::string_view, char> {
    template <class Context>
    auto format(E value, Context& context) const
    {
        return fmt::formatter<std::string_view, char>::format(cimrep::describe(value), context);
    }
};

/// Prints the operation.
template <>
struct fmt::formatter<cimrep::list_operation, char> : fmt::formatter<cimrep::operation, char> {
    template <class Context>
    auto format(cimrep::list_operation value, Context& context) const
    {
        return fmt::formatter<cimrep::operation, char>::format(value.value(), context);
    }
};

/// Prints the CIM name, without the class.
template <>
struct fmt::formatter<cimrep::method_id, char> : fmt::formatter<std::string_view, char> {
    template <class Context>
    auto format(cimrep::method_id value, Context& context) const
    {
        return fmt::formatter<std::string_view, char>::format(cimrep::to_name(value), context);
    }
};
