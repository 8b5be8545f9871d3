// service/parameter_check.hpp -- refuses parameters by name and value, before any effect.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/cim/setting_data.hpp>
#include <cimrep/cim/value_map.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cimrep::inline v0 {

/// Collects what is wrong with the parameters of one call.
///
/// What is invalid wins over what is merely not built; of each the first wins.
class parameter_check {
public:
    parameter_check& invalid(error_code code, std::string wrong, std::string remedy);
    parameter_check& not_supported(std::string wrong, std::string remedy);

    /// An enumeration's value: reserved numbers are invalid, vendors' are not supported.
    template <enumeration E>
    parameter_check& value(std::string_view name, const std::optional<E>& given)
    {
        if (given.has_value()) check_kind(name, value_map_of<E>, *given);
        return *this;
    }
    template <enumeration E>
    parameter_check& required_value(std::string_view name, const std::optional<E>& given)
    {
        if (!given.has_value()) return missing(name, choices(value_map_of<E>));
        return value(name, given);
    }
    parameter_check& required(std::string_view name, const std::optional<object_path>& given)
    {
        if (given.has_value() && !given->empty()) return *this;
        return missing(name, "an object path");
    }
    /// Not both of two parameters.
    parameter_check& exclusive(std::string_view one, bool one_given, std::string_view other,
                               bool other_given);
    /// A parameter that is valid but not built.
    parameter_check& absent(std::string_view name, bool given);
    /// Every property within its map; and nothing wished for that is not built.
    parameter_check& settings(const std::optional<replication_setting_data>& given);

    bool refused() const noexcept { return invalid_.has_value() || unsupported_.has_value(); }
    /// What is to be answered, if anything.
    std::optional<failure> verdict() const
    {
        return invalid_.has_value() ? invalid_ : unsupported_;
    }

private:
    parameter_check& missing(std::string_view name, const std::string& what);

    template <class E>
    static std::string choices(const value_map<E>& map)
    {
        std::string text = "one of";
        for (const auto& row : map.names)
            text += (text.back() == 'f' ? " " : ", ") + std::to_string(to_number(row.value)) + ' ' +
                    std::string{row.name};
        return text;
    }
    template <class E>
    void check_kind(std::string_view name, const value_map<E>& map, E given)
    {
        const auto number = std::to_string(to_number(given));
        const auto text = "parameter " + std::string{name} + " is " + number;
        switch (classify_in(map, to_number(given))) {
        case value_kind::named: return;
        case value_kind::vendor:
            not_supported(text + ", a vendor's value", "give " + choices(map));
            return;
        case value_kind::reserved:
        case value_kind::method_reserved:
            invalid(errc::unknown_value, text, "give " + choices(map));
            return;
        }
    }

    std::optional<failure> invalid_;
    std::optional<failure> unsupported_;
};

}  // namespace cimrep::inline v0
