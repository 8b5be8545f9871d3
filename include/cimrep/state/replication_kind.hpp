// state/replication_kind.hpp -- a replication type taken apart: what, when and how far.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/mode.hpp>
#include <cimrep/cim/replication_type.hpp>
#include <cimrep/cim/sync_type.hpp>

#include <array>
#include <cstdint>

namespace cimrep::inline v0 {

/// A ReplicationType as its three parts.
///
/// Source:  CIM_ReplicationServiceCapabilities.ConvertReplicationTypeToSyncType, schema 2.49.0.
struct replication_kind {
    sync_type sync = sync_type::mirror;
    cimrep::mode mode = cimrep::mode::synchronous;
    local_or_remote locality = local_or_remote::local;

    friend constexpr bool operator==(const replication_kind&, const replication_kind&) = default;
};

namespace detail {

struct kind_row {
    replication_type type;
    replication_kind kind;
};

// clang-format off
inline constexpr auto kind_rows = [] {
    using enum replication_type;
    using enum sync_type;
    using enum cimrep::mode;
    using enum local_or_remote;
    return std::to_array<kind_row>({
        {synchronous_mirror_local,            {mirror,          synchronous,  local }},
        {asynchronous_mirror_local,           {mirror,          asynchronous, local }},
        {synchronous_mirror_remote,           {mirror,          synchronous,  remote}},
        {asynchronous_mirror_remote,          {mirror,          asynchronous, remote}},
        {synchronous_snapshot_local,          {snapshot,        synchronous,  local }},
        {asynchronous_snapshot_local,         {snapshot,        asynchronous, local }},
        {synchronous_snapshot_remote,         {snapshot,        synchronous,  remote}},
        {asynchronous_snapshot_remote,        {snapshot,        asynchronous, remote}},
        {synchronous_clone_local,             {clone,           synchronous,  local }},
        {asynchronous_clone_local,            {clone,           asynchronous, local }},
        {synchronous_clone_remote,            {clone,           synchronous,  remote}},
        {asynchronous_clone_remote,           {clone,           asynchronous, remote}},
        {synchronous_tokenized_clone_local,   {tokenized_clone, synchronous,  local }},
        {asynchronous_tokenized_clone_local,  {tokenized_clone, asynchronous, local }},
        {synchronous_tokenized_clone_remote,  {tokenized_clone, synchronous,  remote}},
        {asynchronous_tokenized_clone_remote, {tokenized_clone, asynchronous, remote}},
        {adaptive_mirror_local,               {mirror,          adaptive,     local }},
        {adaptive_mirror_remote,              {mirror,          adaptive,     remote}},
        {adaptive_snapshot_local,             {snapshot,        adaptive,     local }},
        {adaptive_snapshot_remote,            {snapshot,        adaptive,     remote}},
        {adaptive_clone_local,                {clone,           adaptive,     local }},
        {adaptive_clone_remote,               {clone,           adaptive,     remote}},
        {adaptive_tokenized_clone_local,      {tokenized_clone, adaptive,     local }},
        {adaptive_tokenized_clone_remote,     {tokenized_clone, adaptive,     remote}},
        {active_mirror_local,                 {mirror,          active,       local }},
        {active_mirror_remote,                {mirror,          active,       remote}},
    });
}();
// clang-format on

}  // namespace detail

/// The three parts of `type`. @pre `type` is one of its enumerators.
constexpr replication_kind kind_of(replication_type type) noexcept
{
    for (const auto& row : detail::kind_rows)
        if (row.type == type) return row.kind;
    return {};
}

/// The ReplicationType of `kind`, or zero where CIM has none (an active snapshot, for one).
constexpr replication_type type_of(const replication_kind& kind) noexcept
{
    for (const auto& row : detail::kind_rows)
        if (row.kind == kind) return row.type;
    return replication_type{};
}

/// Modes and localities that a row is for: one bit for each pair.
enum class kind_set : std::uint8_t {};

constexpr kind_set operator|(kind_set a, kind_set b) noexcept
{
    return kind_set(std::uint8_t(a) | std::uint8_t(b));
}

constexpr kind_set operator&(kind_set a, kind_set b) noexcept
{
    return kind_set(std::uint8_t(a) & std::uint8_t(b));
}

constexpr kind_set operator~(kind_set a) noexcept
{
    return kind_set(std::uint8_t(~std::uint8_t(a)));
}

/// The bit of one mode and locality; nothing for a mode outside 2..5.
constexpr kind_set kinds_of(mode flow, local_or_remote locality) noexcept
{
    const unsigned index = unsigned(flow) - unsigned(mode::synchronous);
    if (index > 3) return kind_set{};
    return kind_set(1U << (index + (locality == local_or_remote::remote ? 4U : 0U)));
}

/// Both localities of one mode.
constexpr kind_set kinds_of(mode flow) noexcept
{
    return kinds_of(flow, local_or_remote::local) | kinds_of(flow, local_or_remote::remote);
}

/// Whether the set has the mode and the locality of `kind`.
constexpr bool contains(kind_set set, const replication_kind& kind) noexcept
{
    return (set & kinds_of(kind.mode, kind.locality)) != kind_set{};
}

inline constexpr kind_set every_kind{0xff};    ///< every mode, local and remote
inline constexpr kind_set remote_kinds{0xf0};  ///< every mode, remote only

}  // namespace cimrep::inline v0
