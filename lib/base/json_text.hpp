// lib/base/json_text.hpp -- JSON for records, member by member.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cimrep::inline v0 {

/// An object as text on one line, its members in the order of their names. A tree of JSON values
/// takes memory when it is destroyed, and ends the program where there is none; this does not.
///
/// Allocates:  the text; throws std::bad_alloc.
class json_text {
public:
    static std::string quoted(const std::string& text)
    {
        return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    static std::string list(const std::vector<std::string>& values)
    {
        std::string text = "[";
        for (const std::string& each : values) (text += text.size() > 1 ? "," : "") += each;
        return text += ']';
    }

    json_text& raw(std::string_view name, std::string value)
    {
        members_[name] = std::move(value);
        return *this;
    }
    json_text& text(std::string_view name, const std::string& value)
    {
        return raw(name, quoted(value));
    }
    template <std::integral Number>
    json_text& number(std::string_view name, Number value)
    {
        return raw(name, std::to_string(value));
    }

    std::string line() const
    {
        std::string text = "{";
        for (const auto& [name, value] : members_) {
            if (text.size() > 1) text += ',';
            ((((text += '"') += name) += "\":") += value);
        }
        return text += '}';
    }

private:
    std::map<std::string_view, std::string> members_;
};

}  // namespace cimrep::inline v0
