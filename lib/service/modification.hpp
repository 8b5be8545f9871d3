// service/modification.hpp -- what every method that modifies checks before it asks.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/operation.hpp>
#include <cimrep/runtime/relationship.hpp>
#include <cimrep/state/query.hpp>

#include "parameter_check.hpp"

namespace cimrep::inline v0 {

/// Whether the relationship would accept the operation now, and whether it is built.
///
/// @errors  what the table says, naming the state and what is legal there, and for a missing Force
///          the bytes that would be overwritten; errc::not_supported for what is legal, not built.
outcome<> admit(const relationship& which, operation what, bool force);

/// Whether `what` can lead to the state that is to be waited for.
///
/// @errors  errc::invalid_argument naming the states that can be.
outcome<> check_wait(const replication_kind& kind, request what,
                     const std::optional<copy_state>& wanted);

/// CopyPriority and CopyRecoveryMode belong to the creation: others than present are not built.
void check_unchanged(parameter_check& check, const relationship_info& info,
                     const std::optional<replication_setting_data>& given);

/// "4 Synchronized".
template <enumeration E>
std::string numbered(E value)
{
    return std::to_string(to_number(value)) + ' ' + std::string{to_name(value)};
}

}  // namespace cimrep::inline v0
