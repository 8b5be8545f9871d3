// cim/object_path.hpp -- the name of a CIM instance: host, namespace, class and keys.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cimrep::inline v0 {

/// The value of a key. A reference to another instance is the string of its path, as DSP0207 has
/// it; an integer is negative only in the signed alternative, so that each has one form.
///
/// Allocates:  a copy of a string; throws std::bad_alloc.
struct key_value : std::variant<std::string, bool, std::uint64_t, std::int64_t> {
    using alternatives = std::variant<std::string, bool, std::uint64_t, std::int64_t>;
    using alternatives::alternatives;
    using alternatives::operator=;

    key_value() = default;
    // Some libraries take a variant with a string to have a value always, and destroy what was not
    // made yet where its copy throws: so it is made as something that cannot throw first.
    key_value(const key_value& other) : alternatives(false) { alternatives::operator=(other); }
    key_value(key_value&&) noexcept = default;
    key_value& operator=(const key_value&) = default;
    key_value& operator=(key_value&&) noexcept = default;
    ~key_value() = default;
};

/// One key of an object path.
struct key_binding {
    std::string name;
    key_value value;
};

/// Orders names as CIM does: without regard to the case of ASCII letters.
///
/// Allocates:  never.
constexpr std::strong_ordering compare_names(std::string_view a, std::string_view b) noexcept
{
    const auto lower = [](char c) {
        return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    };
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        if (lower(a[i]) != lower(b[i])) return lower(a[i]) <=> lower(b[i]);
    return a.size() <=> b.size();
}

/// The name of a CIM instance, or of a class if it has no keys.
///
/// Equality and order disregard the order in which keys were given and the case of names, not of
/// values. Made by `make_object_path` and `parse_object_path`, which check it.
///
/// Invariant:  the keys ascend by name, each name once; names and host contain legal characters.
class object_path {
public:
    object_path() = default;

    const std::string& host() const noexcept { return host_; }  ///< empty if none was given
    const std::string& name_space() const noexcept { return name_space_; }  ///< empty if none
    const std::string& class_name() const noexcept { return class_name_; }
    const std::vector<key_binding>& keys() const noexcept { return keys_; }
    bool empty() const noexcept { return class_name_.empty(); }

    /// The value of the key `name`, or nullptr.
    const key_value* key(std::string_view name) const noexcept
    {
        for (const auto& binding : keys_)
            if (compare_names(binding.name, name) == 0) return &binding.value;
        return nullptr;
    }

    /// The value of the key `name` if it is of type `T`, or nullptr.
    template <class T>
    const T* key_as(std::string_view name) const noexcept
    {
        const key_value* value = key(name);
        return value == nullptr ? nullptr : std::get_if<T>(value);
    }

    friend std::weak_ordering operator<=>(const object_path& a, const object_path& b) noexcept
    {
        if (const auto c = compare_names(a.host_, b.host_); c != 0) return c;
        if (const auto c = compare_names(a.name_space_, b.name_space_); c != 0) return c;
        if (const auto c = compare_names(a.class_name_, b.class_name_); c != 0) return c;
        return std::lexicographical_compare_three_way(
            a.keys_.begin(), a.keys_.end(), b.keys_.begin(), b.keys_.end(),
            [](const key_binding& x, const key_binding& y) -> std::weak_ordering {
                if (const auto c = compare_names(x.name, y.name); c != 0) return c;
                return x.value <=> y.value;
            });
    }
    friend bool operator==(const object_path& a, const object_path& b) noexcept
    {
        return (a <=> b) == 0;
    }

private:
    friend struct object_path_builder;

    std::string host_;
    std::string name_space_;
    std::string class_name_;
    std::vector<key_binding> keys_;
};

namespace detail {

inline void append_quoted(std::string& text, std::string_view value)
{
    constexpr std::string_view plain = "\"\\\b\t\n\f\r";
    constexpr std::string_view letters = "\"\\btnfr";
    text += '"';
    for (const char c : value) {
        const auto at = plain.find(c);
        if (at != std::string_view::npos) text += '\\';
        text += at == std::string_view::npos ? c : letters[at];
    }
    text += '"';
}

inline void append_value(std::string& text, const key_value& value)
{
    if (const auto* string = std::get_if<std::string>(&value)) return append_quoted(text, *string);
    if (const auto* boolean = std::get_if<bool>(&value)) {
        text += *boolean ? "TRUE" : "FALSE";
    } else if (const auto* number = std::get_if<std::uint64_t>(&value)) {
        text += std::to_string(*number);
    } else {
        text += std::to_string(*std::get_if<std::int64_t>(&value));
    }
}

}  // namespace detail

/// The WBEM URI of `path`: `//host/root/cimv2:CIM_StorageVolume.DeviceID="x",SystemName="y"`.
///
/// Allocates:  the text.
inline std::string to_text(const object_path& path)
{
    std::string text;
    if (!path.host().empty()) text += "//" + path.host();
    if (!path.name_space().empty()) text += '/' + path.name_space() + ':';
    text += path.class_name();
    char separator = '.';
    for (const auto& binding : path.keys()) {
        text += std::exchange(separator, ',') + binding.name + '=';
        detail::append_value(text, binding.value);
    }
    return text;
}

}  // namespace cimrep::inline v0

/// Equal paths have equal hashes, whatever the case of their names.
template <>
struct std::hash<cimrep::object_path> {
    std::size_t operator()(const cimrep::object_path& path) const noexcept
    {
        std::size_t seed = 0;
        const auto mix = [&seed](std::size_t value) {
            seed ^= value + 0x9E3779B9u + (seed << 6) + (seed >> 2);
        };
        const auto mix_name = [&mix](std::string_view name) {
            for (const char c : name)
                mix(static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
            mix(name.size());
        };
        mix_name(path.host());
        mix_name(path.name_space());
        mix_name(path.class_name());
        for (const auto& binding : path.keys()) {
            mix_name(binding.name);
            mix(std::hash<cimrep::key_value::alternatives>{}(binding.value));
        }
        return seed;
    }
};
