// cim/value_map.hpp -- one mechanism for all value maps: numbers, names, and what lies between.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace cimrep::inline v0 {

/// What a value map says about a number.
enum class value_kind : std::uint8_t {
    named,            ///< the map gives it a name
    reserved,         ///< left to the DMTF, or not in the map at all
    method_reserved,  ///< left to the method's own future use
    vendor,           ///< left to vendors: legal, without a name
};

/// One row of a value map: a value and its exact CIM name.
template <class E>
struct value_name {
    E value;
    std::string_view name;
};

/// A run of numbers without names of their own, both ends included.
struct value_range {
    std::uint32_t first;
    std::uint32_t last;
    value_kind kind;
    std::string_view name;  ///< what the schema calls the whole run
};

/// A value map of the schema: the named values in ascending order, then the runs above them.
///
/// What neither names nor is in a run is reserved.
template <class E>
struct value_map {
    std::span<const value_name<E>> names;
    std::span<const value_range> ranges;
};

/// The value map of the enumeration `E`; each enumeration specialises it beside its names.
template <class E>
inline constexpr std::nullptr_t value_map_of = nullptr;

/// An enumeration of this vocabulary.
template <class E>
concept enumeration =
    std::is_enum_v<E> && !std::same_as<decltype(value_map_of<E>), const std::nullptr_t>;

// The runs that most maps end with.
inline constexpr auto vendor_from_0x8000 =
    std::to_array<value_range>({{0x8000, 0xFFFF, value_kind::vendor, "Vendor Specific"}});
inline constexpr auto vendor_from_0x8000_lower_case =
    std::to_array<value_range>({{0x8000, 0xFFFF, value_kind::vendor, "Vendor specific"}});
inline constexpr auto vendor_reserved_from_0x8000 =
    std::to_array<value_range>({{0x8000, 0xFFFF, value_kind::vendor, "Vendor Reserved"}});
inline constexpr std::array<value_range, 0> no_vendor_values{};

/// The number on the wire. Total.
template <class E>
requires std::is_enum_v<E>
constexpr std::underlying_type_t<E> to_number(E value) noexcept
{
    return static_cast<std::underlying_type_t<E>>(value);
}

/// The exact name in `map`, or an empty view if the value has none.
template <class E>
constexpr std::string_view name_in(const value_map<E>& map, E value) noexcept
{
    for (const auto& row : map.names)
        if (row.value == value) return row.name;
    return {};
}

/// The value called `name` in `map`, if any. Names are compared exactly.
template <class E>
constexpr std::optional<E> value_in(const value_map<E>& map, std::string_view name) noexcept
{
    for (const auto& row : map.names)
        if (row.name == name) return row.value;
    return std::nullopt;
}

/// The run of `map` that `number` falls into, or nullptr.
template <class E>
constexpr const value_range* range_in(const value_map<E>& map, std::uint64_t number) noexcept
{
    for (const auto& range : map.ranges)
        if (range.first <= number && number <= range.last) return &range;
    return nullptr;
}

/// What `map` says about `number`. Total: a number too large for the type is reserved.
template <class E>
constexpr value_kind classify_in(const value_map<E>& map, std::uint64_t number) noexcept
{
    if (number > std::numeric_limits<std::underlying_type_t<E>>::max()) return value_kind::reserved;
    if (!name_in(map, static_cast<E>(number)).empty()) return value_kind::named;
    const value_range* range = range_in(map, number);
    return range == nullptr ? value_kind::reserved : range->kind;
}

/// The exact CIM name, or an empty view for a value that has none.
template <enumeration E>
constexpr std::string_view to_name(E value) noexcept
{
    return name_in(value_map_of<E>, value);
}

/// The value with this CIM name, if any. Names are compared exactly.
template <enumeration E>
constexpr std::optional<E> from_name(std::string_view name) noexcept
{
    return value_in(value_map_of<E>, name);
}

/// What the value map of `E` says about `number`. Total.
template <enumeration E>
constexpr value_kind classify(std::uint64_t number) noexcept
{
    return classify_in(value_map_of<E>, number);
}

/// True if names and runs ascend, none is empty, and no run covers a named value.
template <class E>
constexpr bool in_order(const value_map<E>& map) noexcept
{
    for (std::size_t i = 0; i < map.names.size(); ++i) {
        const auto& row = map.names[i];
        if (row.name.empty() || range_in(map, to_number(row.value)) != nullptr) return false;
        if (i > 0 && to_number(map.names[i - 1].value) >= to_number(row.value)) return false;
    }
    for (std::size_t i = 0; i < map.ranges.size(); ++i) {
        if (map.ranges[i].first > map.ranges[i].last) return false;
        if (i > 0 && map.ranges[i - 1].last >= map.ranges[i].first) return false;
    }
    return true;
}

}  // namespace cimrep::inline v0
