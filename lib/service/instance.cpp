// service/instance.cpp -- instances as text, as JSON and as differences.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/datetime.hpp>
#include <cimrep/service/instance.hpp>

namespace cimrep::inline v0 {

namespace {

void append_json_string(std::string& text, std::string_view value)
{
    constexpr std::string_view hexadecimal = "0123456789abcdef";
    text += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            text += '\\';
            text += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            text += "\\u00";
            text += hexadecimal[static_cast<unsigned char>(c) >> 4];
            text += hexadecimal[static_cast<unsigned char>(c) & 15];
        } else {
            text += c;
        }
    }
    text += '"';
}

std::string list_text(const std::vector<std::uint64_t>& list, char open, char close)
{
    std::string text{open};
    for (const auto each : list) {
        if (text.size() > 1) text += ", ";
        text += std::to_string(each);
    }
    return text + close;
}

void append_json(std::string& text, const property_value& value)
{
    if (const auto* boolean = std::get_if<bool>(&value)) {
        text += *boolean ? "true" : "false";
    } else if (const auto* number = std::get_if<std::uint64_t>(&value)) {
        text += std::to_string(*number);
    } else if (const auto* list = std::get_if<std::vector<std::uint64_t>>(&value)) {
        text += list_text(*list, '[', ']');
    } else {
        append_json_string(text, *std::get_if<std::string>(&value));
    }
}

}  // namespace

std::string to_text(const property_value& value)
{
    if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "TRUE" : "FALSE";
    if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
    if (const auto* list = std::get_if<std::vector<std::uint64_t>>(&value))
        return list_text(*list, '{', '}');
    return *std::get_if<std::string>(&value);
}

std::string to_json(const instance& which)
{
    std::string text = "{\"path\": ";
    append_json_string(text, to_text(which.path));
    for (const auto& each : which.properties) {
        text += ", ";
        append_json_string(text, each.name);
        text += ": ";
        append_json(text, each.value);
    }
    return text + '}';
}

std::vector<std::string_view> changed_properties(const instance& before, const instance& after)
{
    std::vector<std::string_view> names;
    for (const auto& each : after.properties) {
        const auto* earlier = before.find(each.name);
        if (earlier == nullptr || !(earlier->value == each.value)) names.push_back(each.name);
    }
    for (const auto& each : before.properties)
        if (after.find(each.name) == nullptr) names.push_back(each.name);
    return names;
}

}  // namespace cimrep::inline v0
