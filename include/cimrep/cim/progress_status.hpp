// cim/progress_status.hpp -- what a relationship is busy with, or needs next.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// What is under way for a relationship, or what its client has to do next.
///
/// Source:  CIM_Synchronized.ProgressStatus, schema 2.49.0.
enum class progress_status : std::uint16_t {
    unknown = 0,
    completed = 2,      ///< the request is done; the steady value
    dormant = 3,        ///< nothing is under way: inactive, suspended or quiesced
    initializing = 4,   ///< the relationship is being set up
    preparing = 5,      ///< being brought to Prepared
    synchronizing = 6,  ///< copying to the target for the first time
    resyncing = 7,      ///< copying what changed to the target
    restoring = 8,      ///< copying from the target to the source
    fracturing = 9,
    splitting = 10,
    failing_over = 11,
    failing_back = 12,
    aborting = 13,
    mixed = 14,  ///< of a group: the members differ
    not_applicable = 15,
    suspending = 16,
    requires_fracture = 17,  ///< a client must fracture next
    requires_resync = 18,    ///< a client must resync next
    requires_activate = 19,  ///< a client must activate next
    pending = 20,            ///< a request waits for its turn
    detaching = 21,
    requires_detach = 22,  ///< a client must detach next
    terminating = 23,      ///< the relationship is being removed
    requires_split = 24,   ///< a client must split next
    requires_resume = 25,  ///< a client must resume next
};

/// The exact names of `progress_status`, in order.
// clang-format off
inline constexpr auto progress_status_names = std::to_array<value_name<progress_status>>({
    {progress_status::unknown, "Unknown"},
    {progress_status::completed, "Completed"},
    {progress_status::dormant, "Dormant"},
    {progress_status::initializing, "Initializing"},
    {progress_status::preparing, "Preparing"},
    {progress_status::synchronizing, "Synchronizing"},
    {progress_status::resyncing, "Resyncing"},
    {progress_status::restoring, "Restoring"},
    {progress_status::fracturing, "Fracturing"},
    {progress_status::splitting, "Splitting"},
    {progress_status::failing_over, "Failing over"},
    {progress_status::failing_back, "Failing back"},
    {progress_status::aborting, "Aborting"},
    {progress_status::mixed, "Mixed"},
    {progress_status::not_applicable, "Not Applicable"},
    {progress_status::suspending, "Suspending"},
    {progress_status::requires_fracture, "Requires fracture"},
    {progress_status::requires_resync, "Requires resync"},
    {progress_status::requires_activate, "Requires activate"},
    {progress_status::pending, "Pending"},
    {progress_status::detaching, "Detaching"},
    {progress_status::requires_detach, "Requires detach"},
    {progress_status::terminating, "Terminating"},
    {progress_status::requires_split, "Requires split"},
    {progress_status::requires_resume, "Requires resume"},
});
// clang-format on

template <>
inline constexpr value_map<progress_status> value_map_of<progress_status>{progress_status_names,
                                                                          vendor_from_0x8000};
static_assert(in_order(value_map_of<progress_status>));

}  // namespace cimrep::inline v0
