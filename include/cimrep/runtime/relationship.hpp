// runtime/relationship.hpp -- one replication relationship: its state, progress and operations.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/copy_type.hpp>
#include <cimrep/cim/mode.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/cim/operation.hpp>
#include <cimrep/cim/progress_status.hpp>
#include <cimrep/cim/setting_data.hpp>
#include <cimrep/cim/sync_state.hpp>
#include <cimrep/cim/sync_type.hpp>
#include <cimrep/runtime/control_op.hpp>
#include <cimrep/state/relationship.hpp>

#include <boost/intrusive/list_hook.hpp>

#include <cstdint>
#include <memory>

namespace cimrep::inline v0 {

/// What a new relationship starts with.
enum class initial_synchronization : std::uint8_t {
    copy,       ///< copies at once: Unsynchronized, then Synchronized
    none,       ///< no data flow: Initialized, until Activate
    inactive,   ///< no data flow: Inactive, until Activate
    identical,  ///< the client declares the legs equal; checked as `identity_check` says
};

/// How legs that are declared identical are checked before they are believed.
enum class identity_check : std::uint8_t {
    sampled,  ///< the first, the last and 256 random places
    full,     ///< every block
    none,     ///< Synchronized is the client's word alone: for one who calls verify() at once, or
              ///< who made both legs; reads may be served by either
};

/// A mirror to be created.
struct mirror_request {
    object_path source;
    object_path target;
    mode replication_mode = mode::synchronous;
    initial_synchronization initial = initial_synchronization::copy;
    identity_check check = identity_check::sampled;
    bool allow_overwrite = false;  ///< the target's foreign signature is accepted
    replication_setting_data settings{};
};

/// Everything that an instance of CIM_StorageSynchronized tells, in both vocabularies of state.
///
/// Source:  CIM_Synchronized, CIM_StorageSynchronized, schema 2.49.0.
struct relationship_info {
    object_path path;            ///< of the association; its keys are the two elements
    object_path system_element;  ///< the source
    object_path synced_element;  ///< the target
    cimrep::sync_type sync_type = sync_type::mirror;
    cimrep::mode mode = mode::synchronous;
    cimrep::copy_state copy_state = copy_state::initialized;
    cimrep::copy_state requested_copy_state = copy_state::not_applicable;
    cimrep::progress_status progress_status = progress_status::completed;
    cimrep::copy_type copy_type{};    ///< legacy projection of sync_type and mode
    cimrep::sync_state sync_state{};  ///< legacy projection of copy_state
    bool sync_maintained = false;
    std::uint16_t percent_synced = 0;  ///< 0..100
    replication_setting_data settings{};
    wall_time when_established{}, when_activated{}, when_synchronized{}, when_suspended{},
        when_deactivated{};
    std::uint64_t different_bytes = 0;   ///< still to be copied
    std::uint64_t copied_bytes = 0;      ///< by the copy now under way, or by the last one
    std::uint64_t copy_total_bytes = 0;  ///< what that copy had to do when it began
    duration copy_took{};
    bool copies_to_source = false;  ///< the source is the leg that is being brought up to date
};

/// What an operation that copies would do.
struct copy_plan {
    object_path from;
    object_path to;
    std::uint64_t overwritten_bytes = 0;
};

class shard;
class volume;

/// One relationship. The shard owns it; it dies when the association is dropped.
///
/// Threads:  the shard's loop.
class CIMREP_API relationship {
public:
    struct implementation;
    explicit relationship(std::unique_ptr<implementation> parts) noexcept;
    ~relationship();
    relationship(const relationship&) = delete;
    relationship& operator=(const relationship&) = delete;

    const object_path& path() const noexcept;
    relationship_info info() const;
    const relationship_state& state() const noexcept;

    /// Starts `what`. Refused requests change nothing.
    ///
    /// `op` is done when the request has settled: the CopyState of its row is reached and durable.
    /// For a request that starts a copy that is Unsynchronized (or Restoring); the copy goes on.
    ///
    /// @errors  errc::invalid_state_transition, naming the state and what would be legal; an
    ///          operation that needs Force without it; errc::element_in_use if another request is
    ///          being carried out or the leg has requests outstanding.
    outcome<> request(operation what, bool force, control_op& op);

    /// What Resync Replica, Restore from Replica, Activate or Resume would copy now; changes
    /// nothing.
    ///
    /// @errors  as request(), without regard to Force.
    outcome<copy_plan> dry_run(operation what) const;

    /// While it is held nothing more is copied for this relationship: what is being read or written
    /// when it is called, windows_max windows at most, still ends, and the rest, or a copy that
    /// begins meanwhile, goes on when it is not held any more. States and requests are as if it
    /// were slow, and nothing of it is recorded. Held from the return of shard::open() on, what an
    /// earlier process has left to be copied is not begun.
    ///
    /// A copy to the source waits as long as all relationships of its volume are held.
    void hold_copy(bool held) noexcept;

    /// Compares the target with the source while the host goes on. What it has found to differ, and
    /// has not repaired, is on record when `op` is done: after a crash it is copied.
    ///
    /// @errors  errc::element_not_accessible unless both legs are in sync; errc::out_of_bounds.
    outcome<> verify(verify_op& op);

    struct implementation& parts() noexcept { return *parts_; }

private:
    std::unique_ptr<implementation> parts_;
};

enum class relationship_event : std::uint8_t { created, modified, deleted };

/// Is told of every change of every relationship of a shard, once it is durable.
///
/// Lifetime:  unlinks itself when destroyed. `changed` may not destroy the shard.
struct relationship_listener
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    /// `previous` is the instance before the change; on `created` it equals the present one.
    void (*changed)(relationship_listener& self, relationship_event event,
                    const relationship& which,
                    const relationship_info& previous) noexcept = nullptr;
};

}  // namespace cimrep::inline v0
