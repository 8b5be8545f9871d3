// cim/list_operation.hpp -- the operations that ModifyListSynchronization takes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/operation.hpp>

#include <optional>

namespace cimrep::inline v0 {

/// An `operation` that may be asked of a list: all but 3, 5, 6 and 13, which are for groups.
///
/// GetSupportedListOperations names 3 and 6, but the method keeps them reserved: the method wins.
///
/// Invariant:  `allows(value())`.
/// Source:     CIM_ReplicationService.ModifyListSynchronization.Operation, schema 2.49.0.
class list_operation {
public:
    /// True if a list may be asked for `value`: a named operation not for groups, or a vendor's.
    static constexpr bool allows(operation value) noexcept
    {
        return classify<operation>(to_number(value)) != value_kind::reserved &&
               value != operation::activate_consistency && value != operation::add_sync_pair &&
               value != operation::deactivate_consistency && value != operation::remove_sync_pair;
    }

    /// The checked operation, or nothing if a list may not be asked for it.
    static constexpr std::optional<list_operation> from(operation value) noexcept
    {
        if (!allows(value)) return std::nullopt;
        return list_operation{value};
    }

    /// The operation, for everything that does not care about lists.
    constexpr operation value() const noexcept { return value_; }

    friend constexpr bool operator==(list_operation, list_operation) = default;

private:
    explicit constexpr list_operation(operation value) noexcept : value_(value) {}

    operation value_;
};

}  // namespace cimrep::inline v0
