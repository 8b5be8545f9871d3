// cim/setting_check.hpp -- is every wish of a ReplicationSettingData within its value map?
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/cim/setting_data.hpp>

#include <optional>
#include <string>

namespace cimrep::inline v0 {

namespace detail {

template <class T>
std::optional<failure> check_property(const char* name, const T& value)
{
    const auto wrong = [name](const std::string& text) {
        return "ReplicationSettingData." + std::string{name} + " is " + text;
    };
    if constexpr (enumeration<T>) {
        const auto kind = classify<T>(to_number(value));
        if (kind == value_kind::named || kind == value_kind::vendor) return std::nullopt;
        std::string remedy = "leave it out, or give one of";
        for (const auto& row : value_map_of<T>.names)
            remedy += ' ' + std::to_string(to_number(row.value));
        return fail(make_error_code(errc::unknown_value), wrong(std::to_string(to_number(value))),
                    remedy);
    } else if constexpr (std::is_same_v<T, duration>) {
        if (value.nanoseconds >= 0) return std::nullopt;
        return fail(make_error_code(errc::invalid_argument),
                    wrong(std::to_string(value.nanoseconds) + " ns"),
                    "leave it out, or give an interval of zero or more");
    }
    return std::nullopt;
}

}  // namespace detail

/// Checks every property that has a value against its value map. Vendor values pass here: whether
/// they are supported is the service's to say.
///
/// @errors     errc::unknown_value for a reserved number, errc::invalid_argument for a negative
///             interval or no hop at all; the failure names the property and the value.
/// Allocates:  the failure's texts.
inline outcome<> check(const replication_setting_data& setting)
{
    std::optional<failure> found;
    for_each_property([&](const char* name, auto member) {
        if (found.has_value() || !(setting.*member).has_value()) return;
        found = detail::check_property(name, *(setting.*member));
    });
    if (!found.has_value() && setting.multihop == std::uint16_t{0})
        found =
            fail(make_error_code(errc::invalid_argument), "ReplicationSettingData.Multihop is 0",
                 "leave it out, or give the number of hops from the first source, at least 1");
    if (found.has_value()) return *std::move(found);
    return success();
}

}  // namespace cimrep::inline v0
