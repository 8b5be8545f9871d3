// service/instance.hpp -- a CIM instance as its path and its properties.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/object_path.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cimrep::inline v0 {

struct relationship_info;

/// A property's value. A reference is the text of its path, a datetime the CIM text of it.
using property_value = std::variant<bool, std::uint64_t, std::string, std::vector<std::uint64_t>>;

/// One property that has a value; those that are NULL are left out.
struct property {
    std::string_view name;  ///< as the schema writes it; a literal
    property_value value;
    std::string_view meaning;  ///< the CIM name of an enumeration's value; else empty; a literal

    friend bool operator==(const property&, const property&) = default;
};

/// A CIM instance at one moment.
struct instance {
    object_path path;
    std::vector<property> properties;  ///< in the order of the schema's classes

    /// The property called `name`, or nullptr.
    const property* find(std::string_view name) const noexcept
    {
        for (const auto& each : properties)
            if (each.name == name) return &each;
        return nullptr;
    }

    friend bool operator==(const instance&, const instance&) = default;
};

/// The value as text: a number, TRUE or FALSE, the string, {2, 17}.
///
/// Allocates:  the text.
CIMREP_API std::string to_text(const property_value& value);

/// The instance as one JSON object: {"path": ..., "CopyState": 4, ...}. Meanings are left out.
///
/// Allocates:  the text.
CIMREP_API std::string to_json(const instance& which);

/// An instance of CIM_StorageSynchronized: both vocabularies of state, always.
///
/// Allocates:  the instance. Source: CIM_Synchronized, CIM_StorageSynchronized, schema 2.49.0.
CIMREP_API instance instance_of(const relationship_info& info);

/// The names of the properties that differ, or that only one of the two has.
///
/// Allocates:  the list.
CIMREP_API std::vector<std::string_view> changed_properties(const instance& before,
                                                            const instance& after);

}  // namespace cimrep::inline v0
