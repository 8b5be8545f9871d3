// state/legacy.hpp -- the older words for the same state: CopyType, SyncState and their operations.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/copy_type.hpp>
#include <cimrep/cim/legacy_operation.hpp>
#include <cimrep/cim/sync_state.hpp>
#include <cimrep/state/relationship.hpp>

#include <array>
#include <cstdint>

namespace cimrep::inline v0 {

/// The CopyType of a kind of replica. Adaptive promises no more than Async does.
///
/// Source:  CIM_StorageSynchronized.CopyType, schema 2.49.0; the projection is this library's.
constexpr copy_type project_copy_type(const replication_kind& kind) noexcept
{
    if (kind.sync != sync_type::mirror) return copy_type::unsync_assoc;
    const bool at_once = kind.mode == mode::synchronous || kind.mode == mode::active;
    return at_once ? copy_type::sync : copy_type::async;
}

/// The ReplicaType of a kind of replica.
///
/// Source:  CIM_StorageSynchronized.ReplicaType, schema 2.49.0; the projection is this library's.
constexpr replica_type project_replica_type(const replication_kind& kind) noexcept
{
    return kind.sync == sync_type::snapshot ? replica_type::before_delta : replica_type::full_copy;
}

namespace detail {

/// The SyncState of a CopyState at rest.
constexpr sync_state resting_sync_state(sync_type type, copy_state state) noexcept
{
    const bool mirror = type == sync_type::mirror;
    switch (state) {
    case copy_state::initialized: return sync_state::initialized;
    case copy_state::unsynchronized:
        return mirror ? sync_state::resync_in_progress : sync_state::copy_in_progress;
    // Clients delete a delta snapshot only if it says Synchronized, not Idle.
    case copy_state::synchronized:
        return type == sync_type::clone ? sync_state::frozen : sync_state::synchronized;
    case copy_state::broken: return sync_state::broken;
    case copy_state::fractured: return sync_state::fractured;
    case copy_state::split: return sync_state::fractured;
    case copy_state::inactive: return mirror ? sync_state::quiesced : sync_state::initialized;
    case copy_state::suspended: return sync_state::quiesced;
    case copy_state::failedover: return sync_state::broken;
    case copy_state::prepared: return sync_state::prepared;
    case copy_state::aborted: return sync_state::broken;
    case copy_state::skewed: return sync_state::idle;
    case copy_state::mixed: return sync_state::unknown;
    case copy_state::not_applicable: return sync_state::unknown;
    case copy_state::partitioned: return sync_state::unknown;
    case copy_state::invalid: return sync_state::broken;
    case copy_state::restored: return sync_state::idle;
    }
    return sync_state::unknown;
}

}  // namespace detail

/// The SyncState of a relationship: what is under way, else what its CopyState comes closest to.
///
/// Source:  CIM_StorageSynchronized.SyncState, schema 2.49.0; the projection is this library's.
constexpr sync_state project_sync_state(const relationship_state& state) noexcept
{
    switch (state.progress) {
    case progress_status::preparing: return sync_state::prepare_in_progress;
    case progress_status::fracturing: return sync_state::fracture_in_progress;
    case progress_status::splitting: return sync_state::fracture_in_progress;
    case progress_status::suspending: return sync_state::quiesce_in_progress;
    case progress_status::restoring: return sync_state::restore_in_progress;
    case progress_status::failing_back: return sync_state::restore_in_progress;
    case progress_status::resyncing:
        if (state.copy_state != copy_state::unsynchronized) return sync_state::resync_in_progress;
        break;
    case progress_status::unknown:
    case progress_status::completed:
    case progress_status::dormant:
    case progress_status::initializing:
    case progress_status::synchronizing:
    case progress_status::failing_over:
    case progress_status::aborting:
    case progress_status::mixed:
    case progress_status::not_applicable:
    case progress_status::requires_fracture:
    case progress_status::requires_resync:
    case progress_status::requires_activate:
    case progress_status::pending:
    case progress_status::detaching:
    case progress_status::requires_detach:
    case progress_status::terminating:
    case progress_status::requires_split:
    case progress_status::requires_resume: break;
    }
    return detail::resting_sync_state(state.kind.sync, state.copy_state);
}

/// Some SyncStates: one bit for each.
enum class sync_state_set : std::uint32_t {};

/// One operation of ModifySynchronization: the request that it is, and where it may start.
struct legacy_row {
    legacy_operation what;
    request mirror;  ///< of CopyType Async and Sync; none where it is not for them
    sync_state_set mirror_from;
    request image;  ///< of CopyType UnSyncAssoc; none where it is not for them
    sync_state_set image_from;
};

/// The operations of ModifySynchronization, in order. All start states are inferred from the
/// descriptions of the SyncStates; whether the CopyState allows the request, the table decides.
///
/// Source:  CIM_StorageConfigurationService.ModifySynchronization.Operation, schema 2.49.0.
// clang-format off
inline constexpr auto legacy_rows = [] {
    using op = legacy_operation;
    using rq = request;
    using enum sync_state;
    constexpr auto of = [](auto... states) {
        return sync_state_set(((1U << unsigned(states)) | ... | 0U));
    };
    constexpr auto any = sync_state_set{0xffffffff}, no = sync_state_set{};
    constexpr auto held = of(quiesced), ready = of(prepared), early = of(initialized, fractured);
    constexpr auto flows = of(synchronized, resync_in_progress);
    constexpr auto apart = of(fractured, prepared, idle, frozen, broken);
    constexpr auto back  = of(fractured, idle, frozen, quiesced, broken);
    constexpr auto image = of(synchronized, idle, frozen, fractured, broken, prepared, initialized);
    constexpr auto still = of(idle, copy_in_progress), filling = of(copy_in_progress);
    constexpr auto idle_ = of(initialized, prepared, quiesced);
    constexpr auto resync = rq::resync_replica, restore = rq::restore_from_replica;
    constexpr auto to_sync = rq::reset_to_sync, to_async = rq::reset_to_async;
    return std::to_array<legacy_row>({
    // what                     mirror              from   image               from
    {op::detach,               rq::detach,         any,   rq::detach,         any},
    {op::fracture,             rq::fracture,       flows, rq::none,           no},
    {op::resync_replica,       resync,             apart, resync,             image},
    {op::restore_from_replica, restore,            back,  restore,            image},
    {op::prepare,              rq::prepare,        early, rq::prepare,        early},
    {op::unprepare,            rq::clear_prepared, ready, rq::clear_prepared, ready},
    {op::quiesce,              rq::suspend,        flows, rq::suspend,        still},
    {op::unquiesce,            rq::resume,         held,  rq::resume,         held},
    {op::reset_to_sync,        to_sync,            any,   rq::none,           no},
    {op::reset_to_async,       to_async,           any,   rq::none,           no},
    {op::start_copy,           rq::none,           no,    rq::activate,       idle_},
    {op::stop_copy,            rq::none,           no,    rq::suspend,        filling},
    });
}();
// clang-format on

/// The request that a legacy operation is for this relationship, or none where its SyncState or
/// CopyType does not allow it. Start Copy goes on with what Stop Copy stopped.
constexpr request request_of(legacy_operation what, const relationship_state& state) noexcept
{
    const bool mirror = state.kind.sync == sync_type::mirror;
    for (const auto& row : legacy_rows) {
        if (row.what != what) continue;
        const auto from = std::uint32_t(mirror ? row.mirror_from : row.image_from);
        if ((from >> unsigned(project_sync_state(state)) & 1U) == 0) return request::none;
        const bool stopped = state.copy_state == copy_state::suspended;
        if (what == legacy_operation::start_copy && stopped) return request::resume;
        return mirror ? row.mirror : row.image;
    }
    return request::none;
}

}  // namespace cimrep::inline v0
