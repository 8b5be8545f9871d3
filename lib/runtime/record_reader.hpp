// lib/runtime/record_reader.hpp -- members of a record that is JSON, with every doubt.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/cim/object_path_parse.hpp>

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace cimrep::inline v0 {

/// errc::repository_damaged, naming what is wrong with the record of `what`.
inline failure damaged_record(std::string_view what, std::string_view member)
{
    return fail(
        errc::repository_damaged,
        "the record of " + std::string(what) + " has no usable '" + std::string(member) + "'",
        "check the repository with 'cimrepctl check'; restore it from another copy");
}

/// Reads members of one object; remembers the first that is not there, or not what it should be.
class record_reader {
public:
    using json = nlohmann::json;

    record_reader(std::string_view what, std::span<const std::byte> bytes)
        : what_(what),
          parsed_(json::parse(reinterpret_cast<const char*>(bytes.data()),
                              reinterpret_cast<const char*>(bytes.data()) + bytes.size(), nullptr,
                              false)),
          object_(&parsed_)
    {
        if (!object_->is_object()) wrong_ = "{}";
    }
    /// Of a part, which outlives this: a copy of one that is nested deeply takes a deep stack.
    record_reader(std::string_view what, const json& object) : what_(what), object_(&object)
    {
        if (!object_->is_object()) wrong_ = "{}";
    }
    record_reader(const record_reader&) = delete;
    record_reader& operator=(const record_reader&) = delete;

    template <class Number>
    void number(const char* name, Number& to, std::uint64_t maximum = UINT64_MAX)
    {
        const json* found = member(name);
        if (found == nullptr || !found->is_number_unsigned()) return miss(name);
        const auto value = found->get<std::uint64_t>();
        if (value > maximum) return miss(name);
        to = static_cast<Number>(value);
    }
    void integer(const char* name, std::int64_t& to)
    {
        const json* found = member(name);
        if (found == nullptr || !found->is_number_integer()) return miss(name);
        to = found->get<std::int64_t>();
    }
    void time(const char* name, wall_time& to) { integer(name, to.nanoseconds); }
    void flag(const char* name, bool& to)
    {
        const json* found = member(name);
        if (found == nullptr || !found->is_boolean()) return miss(name);
        to = found->get<bool>();
    }
    void text(const char* name, std::string& to)
    {
        const json* found = member(name);
        if (found == nullptr || !found->is_string()) return miss(name);
        to = found->get<std::string>();
    }
    void path(const char* name, object_path& to)
    {
        std::string written;
        text(name, written);
        if (auto parsed = parse_object_path(written))
            to = std::move(parsed).value();
        else
            miss(name);
    }
    const json* list(const char* name)
    {
        const json* found = member(name);
        if (found != nullptr && found->is_array()) return found;
        miss(name);
        return nullptr;
    }
    const json* member(const char* name) const
    {
        if (!object_->is_object()) return nullptr;
        const auto at = object_->find(name);
        return at == object_->end() ? nullptr : &*at;
    }
    void miss(const char* name)
    {
        if (wrong_.empty()) wrong_ = name;
    }
    bool good() const noexcept { return wrong_.empty(); }
    outcome<> done() const
    {
        if (!good()) return damaged_record(what_, wrong_);
        return success();
    }

private:
    std::string_view what_;
    json parsed_;
    const json* object_;
    std::string wrong_;
};

}  // namespace cimrep::inline v0
