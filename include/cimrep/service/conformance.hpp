// service/conformance.hpp -- what of the model is built: the table behind docs/conformance.md.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/method.hpp>
#include <cimrep/state/relationship.hpp>
#include <cimrep/state/replication_kind.hpp>
#include <cimrep/state/request.hpp>
#include <cimrep/state/row.hpp>

#include <array>
#include <string_view>

namespace cimrep::inline v0 {

/// How far a method is built.
enum class build_state : std::uint8_t {
    built,    ///< for what `note` says
    checked,  ///< its parameters are checked, then it answers Not Supported
};

/// One method that the service takes. What is not in the table is not there at all.
struct method_conformance {
    method_id method;
    build_state state;
    std::string_view note;
};

/// The methods that the service takes, in the order of `method_id`.
// clang-format off
inline constexpr auto method_conformance_table = [] {
    using enum method_id;
    using enum build_state;
    return std::to_array<method_conformance>({
        {create_element_replica,                       built,   "mirror, synchronous, local"},
        {create_synchronization_aspect,                checked, ""},
        {modify_replica_synchronization,               built,   "the operations below"},
        {modify_list_synchronization,                  built,   "the operations below"},
        {modify_settings_define_state,                 checked, ""},
        {get_available_target_elements,                built,   "mirror, synchronous, local"},
        {get_replication_relationships,                built,   "element relationships"},
        {get_replication_relationship_instances,       built,   "element relationships"},
        {get_supported_copy_states,                    built,   "from the state table"},
        {get_supported_wait_for_copy_states,           built,   "from the state table"},
        {get_supported_operations,                     built,   "from the state table"},
        {get_supported_operations_for_synchronization, built,   "from the state table"},
        {modify_synchronization,                       built,   "what the operations below do"},
        {attach_or_modify_replica,                     built,   "CopyType Sync, local"},
        {request_state_change,                         built,   "no TimeoutPeriod"},
        {get_errors,                                   built,   ""},
    });
}();

/// The requests of a local synchronous mirror that are carried out. All others answer Not Supported
/// where the table accepts them.
inline constexpr auto built_requests = std::to_array<request>({
    request::abort,
    request::activate,
    request::deactivate,
    request::detach,
    request::dissolve,
    request::fracture,
    request::resync_replica,
    request::restore_from_replica,
    request::resume,
    request::split,
    request::suspend,
    request::create,
    request::create_initialized,
    request::create_inactive,
    request::create_identical,
});
// clang-format on

/// Whether replicas of this kind can be made at all.
constexpr bool is_built(const replication_kind& kind) noexcept
{
    return kind.sync == sync_type::mirror && kind.mode == mode::synchronous &&
           kind.locality == local_or_remote::local;
}

/// Whether a request of this kind of replica is carried out where the table accepts it.
constexpr bool is_built(const replication_kind& kind, request what) noexcept
{
    for (const auto built : built_requests)
        if (built == what) return is_built(kind);
    return false;
}

/// The same, of a relationship in any state; see legal_requests_text().
constexpr bool is_built_for(const relationship_state& state, request what) noexcept
{
    return is_built(state.kind, what);
}

namespace detail {

template <class Predicate>
constexpr bool any_kind(sync_type type, kind_set kinds, const Predicate& holds) noexcept
{
    for (const auto& entry : replication_type_names) {
        const auto kind = kind_of(entry.value);
        if (kind.sync == type && contains(kinds, kind) && holds(kind)) return true;
    }
    return false;
}

}  // namespace detail

/// Whether the request of a row of `type` is carried out for at least one kind of replica. Every
/// other row is legal and answers Not Supported.
constexpr bool is_built(sync_type type, const request_row& row) noexcept
{
    return detail::any_kind(type, row.kinds,
                            [&](const replication_kind& kind) { return is_built(kind, row.what); });
}

/// Whether there can be a replica of `type` to which the event of the row happens.
constexpr bool is_built(sync_type type, const event_row& row) noexcept
{
    return detail::any_kind(type, row.kinds,
                            [](const replication_kind& kind) { return is_built(kind); });
}

}  // namespace cimrep::inline v0
