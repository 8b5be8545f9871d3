// cim/convert.hpp -- SyncType, Mode and locality to ReplicationType and back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/mode.hpp>
#include <cimrep/cim/replication_type.hpp>
#include <cimrep/cim/sync_type.hpp>

#include <optional>

namespace cimrep::inline v0 {

/// What a ReplicationType says, in its three parts.
struct replication_parts {
    replication_type type;
    sync_type kind;
    cimrep::mode mode;
    local_or_remote where;

    friend constexpr bool operator==(const replication_parts&, const replication_parts&) = default;
};

namespace detail {

// clang-format off
inline constexpr auto replication_type_rows = [] {
    using t = replication_type;
    using s = sync_type;
    using m = mode;
    using enum local_or_remote;
    return std::to_array<replication_parts>({
        {t::synchronous_mirror_local,            s::mirror,          m::synchronous,  local},
        {t::asynchronous_mirror_local,           s::mirror,          m::asynchronous, local},
        {t::synchronous_mirror_remote,           s::mirror,          m::synchronous,  remote},
        {t::asynchronous_mirror_remote,          s::mirror,          m::asynchronous, remote},
        {t::synchronous_snapshot_local,          s::snapshot,        m::synchronous,  local},
        {t::asynchronous_snapshot_local,         s::snapshot,        m::asynchronous, local},
        {t::synchronous_snapshot_remote,         s::snapshot,        m::synchronous,  remote},
        {t::asynchronous_snapshot_remote,        s::snapshot,        m::asynchronous, remote},
        {t::synchronous_clone_local,             s::clone,           m::synchronous,  local},
        {t::asynchronous_clone_local,            s::clone,           m::asynchronous, local},
        {t::synchronous_clone_remote,            s::clone,           m::synchronous,  remote},
        {t::asynchronous_clone_remote,           s::clone,           m::asynchronous, remote},
        {t::synchronous_tokenized_clone_local,   s::tokenized_clone, m::synchronous,  local},
        {t::asynchronous_tokenized_clone_local,  s::tokenized_clone, m::asynchronous, local},
        {t::synchronous_tokenized_clone_remote,  s::tokenized_clone, m::synchronous,  remote},
        {t::asynchronous_tokenized_clone_remote, s::tokenized_clone, m::asynchronous, remote},
        {t::adaptive_mirror_local,               s::mirror,          m::adaptive,     local},
        {t::adaptive_mirror_remote,              s::mirror,          m::adaptive,     remote},
        {t::adaptive_snapshot_local,             s::snapshot,        m::adaptive,     local},
        {t::adaptive_snapshot_remote,            s::snapshot,        m::adaptive,     remote},
        {t::adaptive_clone_local,                s::clone,           m::adaptive,     local},
        {t::adaptive_clone_remote,               s::clone,           m::adaptive,     remote},
        {t::adaptive_tokenized_clone_local,      s::tokenized_clone, m::adaptive,     local},
        {t::adaptive_tokenized_clone_remote,     s::tokenized_clone, m::adaptive,     remote},
        {t::active_mirror_local,                 s::mirror,          m::active,       local},
        {t::active_mirror_remote,                s::mirror,          m::active,       remote},
    });
}();
// clang-format on

}  // namespace detail

static_assert(detail::replication_type_rows.size() == replication_type_names.size());
static_assert([] {
    for (std::size_t i = 0; i < replication_type_names.size(); ++i)
        if (detail::replication_type_rows[i].type != replication_type_names[i].value) return false;
    return true;
}());

/// The ReplicationType of three parts, or nothing if the model has none for them.
///
/// The schema's method takes the modes 2 to 4 only; this takes Active too, since its inverse
/// returns it.
///
/// Source:  CIM_ReplicationServiceCapabilities.ConvertSyncTypeToReplicationType, schema 2.49.0.
constexpr std::optional<replication_type> to_replication_type(sync_type kind, mode how,
                                                              local_or_remote where) noexcept
{
    for (const auto& row : detail::replication_type_rows)
        if (row.kind == kind && row.mode == how && row.where == where) return row.type;
    return std::nullopt;
}

/// The three parts of a ReplicationType, or nothing for a value without a name.
///
/// Source:  CIM_ReplicationServiceCapabilities.ConvertReplicationTypeToSyncType, schema 2.49.0.
constexpr std::optional<replication_parts> parts_of(replication_type type) noexcept
{
    for (const auto& row : detail::replication_type_rows)
        if (row.type == type) return row;
    return std::nullopt;
}

}  // namespace cimrep::inline v0
