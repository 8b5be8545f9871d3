// state/request.hpp -- everything a client can ask of a relationship, and what is so in any state.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/mode.hpp>
#include <cimrep/cim/operation.hpp>
#include <cimrep/cim/progress_status.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace cimrep::inline v0 {

/// What a client asks of a relationship: the operations of ModifyReplicaSynchronization under
/// their numbers, Unprepare of ModifySynchronization, and the ways to create one.
///
/// Source:  CIM_ReplicationService.ModifyReplicaSynchronization.Operation, schema 2.49.0; from
///          0x100 on this library's own.
enum class request : std::uint16_t {
    none = 0,  ///< nothing is asked
    abort = 2,
    activate_consistency = 3,
    activate = 4,
    add_sync_pair = 5,
    deactivate_consistency = 6,
    deactivate = 7,
    detach = 8,
    dissolve = 9,
    failover = 10,
    failback = 11,
    fracture = 12,
    remove_sync_pair = 13,
    resync_replica = 14,
    restore_from_replica = 15,
    resume = 16,
    reset_to_sync = 17,
    reset_to_async = 18,
    return_to_resourcepool = 19,
    reverse_roles = 20,
    split = 21,
    suspend = 22,
    prepare = 24,  ///< Unprepare (23) of ModifyReplicaSynchronization is this one too
    reset_to_adaptive = 25,
    reset_to_active = 26,
    reset_replica = 27,
    clear_prepared = 0x100,      ///< ModifySynchronization 7 Unprepare: leave Prepared again
    create = 0x110,              ///< relate two elements and start
    create_initialized = 0x111,  ///< relate two elements and stop in Initialized
    create_inactive = 0x112,     ///< relate two elements and stop in Inactive
    create_identical = 0x113,    ///< relate two elements that are declared identical
};

/// Where a request may be sent.
enum class request_form : std::uint8_t {
    any,         ///< to one relationship, a list of them, or a group
    group_only,  ///< to a GroupSynchronized alone; reserved in the list form
    creation,    ///< by a method that creates, not by one that modifies
    legacy,      ///< by ModifySynchronization alone
};

/// What holds for a request in every state.
struct request_property {
    request what;
    std::string_view name;   ///< as CIM writes it, or as the documents do
    progress_status during;  ///< ProgressStatus while it is carried out
    request_form form;
    bool updates_path;  ///< the keys of the association change: UpdatesSynchronizedPath
    cimrep::mode mode;  ///< the mode that it sets; unknown where it sets none
};

/// What a client can ask, in the order of the numbers.
// clang-format off
inline constexpr auto request_properties = [] {
    using rq = request;
    using enum progress_status;
    using enum request_form;
    constexpr auto no = mode::unknown;
    return std::to_array<request_property>({
    // what                       name                      during          form        path   mode
    {rq::abort,                  "Abort",                  aborting,       any,        false, no},
    {rq::activate_consistency,   "Activate Consistency",   not_applicable, group_only, false, no},
    {rq::activate,               "Activate",               synchronizing,  any,        false, no},
    {rq::add_sync_pair,          "AddSyncPair",            not_applicable, group_only, false, no},
    {rq::deactivate_consistency, "Deactivate Consistency", not_applicable, group_only, false, no},
    {rq::deactivate,             "Deactivate",             suspending,     any,        false, no},
    {rq::detach,                 "Detach",                 detaching,      any,        false, no},
    {rq::dissolve,               "Dissolve",               terminating,    any,        false, no},
    {rq::failover,               "Failover",               failing_over,   any,        false, no},
    {rq::failback,               "Failback",               failing_back,   any,        false, no},
    {rq::fracture,               "Fracture",               fracturing,     any,        false, no},
    {rq::remove_sync_pair,       "RemoveSyncPair",         not_applicable, group_only, false, no},
    {rq::resync_replica,         "Resync Replica",         resyncing,      any,        false, no},
    {rq::restore_from_replica,   "Restore from Replica",   restoring,      any,        false, no},
    {rq::resume,                 "Resume",                 resyncing,      any,        false, no},
    {rq::reset_to_sync,          "Reset To Sync",   synchronizing, any, false, mode::synchronous},
    {rq::reset_to_async,         "Reset To Async",  synchronizing, any, false, mode::asynchronous},
    {rq::return_to_resourcepool, "Return To ResourcePool", terminating,    any,        false, no},
    {rq::reverse_roles,          "Reverse Roles",          failing_over,   any,        true,  no},
    {rq::split,                  "Split",                  splitting,      any,        false, no},
    {rq::suspend,                "Suspend",                suspending,     any,        false, no},
    {rq::prepare,                "Prepare",                preparing,      any,        false, no},
    {rq::reset_to_adaptive,      "Reset to Adaptive", synchronizing, any, false, mode::adaptive},
    {rq::reset_to_active,        "Reset to Active",   synchronizing, any, false, mode::active},
    {rq::reset_replica,          "Reset Replica",          restoring,      any,        false, no},
    {rq::clear_prepared,         "clear Prepared",         preparing,      legacy,     false, no},
    {rq::create,                 "create",                 initializing,   creation,   false, no},
    {rq::create_initialized,     "create Initialized",     initializing,   creation,   false, no},
    {rq::create_inactive,        "create Inactive",        initializing,   creation,   false, no},
    {rq::create_identical,       "create identical",       initializing,   creation,   false, no},
    });
}();
// clang-format on

static_assert(
    [] {
        for (std::size_t i = 1; i < request_properties.size(); ++i)
            if (request_properties[i - 1].what >= request_properties[i].what) return false;
        return true;
    }(),
    "requests stand in the order of their numbers");

/// What holds for `what` in every state, or null for `none` and numbers outside the enumeration.
constexpr const request_property* find_property(request what) noexcept
{
    for (const auto& row : request_properties)
        if (row.what == what) return &row;
    return nullptr;
}

/// The request that an operation is. Unprepare is Prepare, as the schema says of it since 2.41.
constexpr request request_of(operation what) noexcept
{
    return what == operation::unprepare ? request::prepare : request(std::uint16_t(what));
}

}  // namespace cimrep::inline v0
