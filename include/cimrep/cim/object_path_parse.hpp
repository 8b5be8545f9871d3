// cim/object_path_parse.hpp -- object paths out of parts and out of WBEM URIs, checked.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/cim/object_path.hpp>

#include <charconv>
#include <string>
#include <system_error>

namespace cimrep::inline v0 {

/// The parts of an object path, in any order of keys, before they are checked.
struct object_path_parts {
    std::string host{};        ///< may be empty; then others may not know where to ask
    std::string name_space{};  ///< "root/cimv2"; may be empty if the host is
    std::string class_name;    ///< with its prefix: "CIM_StorageVolume"
    std::vector<key_binding> keys{};
};

namespace detail {

constexpr bool is_letter(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}
constexpr bool is_host_character(char c) noexcept
{
    return is_letter(c) || is_digit(c) || std::string_view{"-.~:[]@%"}.find(c) != std::string::npos;
}
constexpr bool is_name_space_character(char c) noexcept
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '~' || c == '%';
}
constexpr bool is_identifier(std::string_view name) noexcept
{
    return !name.empty() && is_letter(name.front()) &&
           std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}
constexpr bool is_name_space(std::string_view name) noexcept
{
    char before = '/';
    for (const char c : name) {
        if (c == '/' ? before == '/' : !is_name_space_character(c)) return false;
        before = c;
    }
    return before != '/';
}

}  // namespace detail

/// Puts checked parts together; the only way into an `object_path`.
struct object_path_builder {
    /// @errors     errc::invalid_argument: a part that is empty or has an illegal character, or a
    ///             key that is there twice; the failure names it.
    /// Allocates:  the path, or the failure's texts.
    static outcome<object_path> build(object_path_parts parts)
    {
        if (auto wrong = why_not(parts); !wrong.empty())
            return fail(make_error_code(errc::invalid_argument), "object path: " + wrong, remedy);
        std::ranges::sort(parts.keys, [](const key_binding& a, const key_binding& b) {
            return compare_names(a.name, b.name) < 0;
        });
        for (std::size_t i = 1; i < parts.keys.size(); ++i)
            if (compare_names(parts.keys[i - 1].name, parts.keys[i].name) == 0)
                return fail(make_error_code(errc::invalid_argument),
                            "object path: key \"" + parts.keys[i].name + "\" is there twice",
                            "give each key once; the case of names does not matter");
        for (auto& binding : parts.keys) {
            const auto* number = std::get_if<std::int64_t>(&binding.value);
            if (number != nullptr && *number >= 0)
                binding.value = static_cast<std::uint64_t>(*number);
        }
        object_path path;
        path.host_ = std::move(parts.host);
        path.name_space_ = std::move(parts.name_space);
        path.class_name_ = std::move(parts.class_name);
        path.keys_ = std::move(parts.keys);
        return path;
    }

    static constexpr const char* remedy =
        "write //host/namespace:Class.Key=\"value\", host and namespace may be left out";

private:
    static std::string why_not(const object_path_parts& parts)
    {
        if (!std::ranges::all_of(parts.host, detail::is_host_character))
            return "\"" + parts.host + "\" is no host";
        if (!parts.name_space.empty() && !detail::is_name_space(parts.name_space))
            return "\"" + parts.name_space + "\" is no namespace";
        if (parts.name_space.empty() && !parts.host.empty())
            return "host \"" + parts.host + "\" without a namespace";
        if (!detail::is_identifier(parts.class_name))
            return "\"" + parts.class_name + "\" is no class name";
        for (const auto& binding : parts.keys)
            if (!detail::is_identifier(binding.name)) return "\"" + binding.name + "\" is no key";
        return {};
    }
};

/// An object path out of its parts.
///
/// @errors     errc::invalid_argument; the failure names the part.
/// Allocates:  the path, or the failure's texts.
inline outcome<object_path> make_object_path(object_path_parts parts)
{
    return object_path_builder::build(std::move(parts));
}

namespace detail {

/// Reads a WBEM URI from left to right; the first mistake ends it.
class object_path_reader {
public:
    explicit object_path_reader(std::string_view text) noexcept : text_(text) {}

    outcome<object_path> read()
    {
        object_path_parts parts;
        if (!read_place(parts) || !read_identifier(parts.class_name, "a class name"))
            return mistake();
        char separator = '.';
        while (at_ < text_.size()) {
            key_binding binding;
            if (!take(separator, separator == '.' ? "'.' or the end" : "',' or the end") ||
                !read_identifier(binding.name, "a key name") || !take('=', "'='") ||
                !read_value(binding.value))
                return mistake();
            separator = ',';
            parts.keys.push_back(std::move(binding));
        }
        return object_path_builder::build(std::move(parts));
    }

private:
    failure mistake() const
    {
        return fail(make_error_code(errc::invalid_argument),
                    "object path, position " + std::to_string(at_) + ": " + expected_ +
                        " expected in \"" + std::string{text_} + '"',
                    object_path_builder::remedy);
    }
    bool expect(const char* what) noexcept
    {
        expected_ = what;
        return false;
    }
    bool at(char c) const noexcept { return at_ < text_.size() && text_[at_] == c; }
    bool take(char c, const char* what) noexcept
    {
        if (!at(c)) return expect(what);
        ++at_;
        return true;
    }

    bool read_place(object_path_parts& parts)
    {
        if (text_.starts_with("//")) {
            at_ = 2;
            while (at_ < text_.size() && is_host_character(text_[at_])) parts.host += text_[at_++];
            if (parts.host.empty()) return expect("a host");
        }
        // Without a slash in front, only a colon before any key tells a namespace from a class.
        const bool slash = at('/');
        if (!parts.host.empty() && !slash) return expect("'/' and a namespace");
        if (!slash && text_.find(':') >= text_.find_first_of("=\"")) return true;
        if (slash) ++at_;
        while (at_ < text_.size() && (at('/') || is_name_space_character(text_[at_])))
            parts.name_space += text_[at_++];
        if (!is_name_space(parts.name_space)) return expect("a namespace");
        return take(':', "':'");
    }

    bool read_identifier(std::string& name, const char* what)
    {
        const auto begin = at_;
        while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
        name = text_.substr(begin, at_ - begin);
        if (is_identifier(name)) return true;
        at_ = begin;
        return expect(what);
    }

    bool read_value(key_value& value)
    {
        if (at('"')) return read_string(value);
        const auto begin = at_;
        const auto end = std::min(text_.find(',', at_), text_.size());
        const auto word = text_.substr(begin, end - begin);
        const bool yes = compare_names(word, "TRUE") == 0;
        if (yes || compare_names(word, "FALSE") == 0) {
            value = yes;
        } else if (!read_number(word, value)) {
            return expect("a quoted string, an integer, TRUE or FALSE");
        }
        at_ = end;
        return true;
    }

    static bool read_number(std::string_view word, key_value& value)
    {
        const bool negative = word.starts_with('-');
        if (negative || word.starts_with('+')) word.remove_prefix(1);
        // A zero in front would make it octal in MOF, and binary or hexadecimal are not read.
        if (word.empty() || !is_digit(word.front()) || (word.front() == '0' && word.size() > 1))
            return false;
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc{} || end != word.data() + word.size()) return false;
        constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
        if (!negative || number == 0) {
            value = number;
        } else if (number <= lowest) {
            value = static_cast<std::int64_t>(0 - number);
        } else {
            return false;
        }
        return true;
    }

    bool read_string(key_value& value)
    {
        constexpr std::string_view letters = "\"\\'btnfr";
        constexpr std::string_view plain = "\"\\'\b\t\n\f\r";
        std::string string;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '"') {
                ++at_;
                value = std::move(string);
                return true;
            }
            if (text_[at_] != '\\') {
                string += text_[at_];
                continue;
            }
            if (++at_ == text_.size()) break;
            const auto letter = letters.find(text_[at_]);
            if (letter == std::string_view::npos) return expect("one of \" \\ ' b t n f r");
            string += plain[letter];
        }
        return expect("the closing quote");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    const char* expected_ = "";
};

}  // namespace detail

/// An object path out of a WBEM URI: `[//host/][/]namespace:Class[.Key=value,...]` or `Class...`.
///
/// Values are quoted strings, decimal integers, TRUE and FALSE. A quoted path stays a string;
/// hand it to this function to follow it.
///
/// @errors     errc::invalid_argument; the failure names the position and what was expected.
/// Allocates:  the path, or the failure's texts.
/// Source:     DSP0207, WBEM URI mapping, untyped form.
inline outcome<object_path> parse_object_path(std::string_view text)
{
    return detail::object_path_reader{text}.read();
}

}  // namespace cimrep::inline v0
