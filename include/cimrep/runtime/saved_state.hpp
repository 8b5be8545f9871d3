// runtime/saved_state.hpp -- what a repository knows of relationships, before a shard opens them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/mode.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/cim/progress_status.hpp>
#include <cimrep/cim/sync_type.hpp>
#include <cimrep/runtime/volume.hpp>
#include <cimrep/store/repository.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// What an element is to a repository.
enum class saved_role : std::uint8_t {
    source,
    target,
    pool,  ///< of points in time
};

/// An element that the relationships and points in time of a repository need. shard::open() asks
/// its provider for it; without it relationships are Broken until element_returned(), and points
/// break with the first change.
struct saved_element {
    object_path path;
    std::string identity;  ///< as the provider said then; anything else at the path is not opened
    saved_role role = saved_role::source;
    std::uint64_t size_bytes = 0;   ///< of a source exactly; the others have at least as much
    std::uint32_t block_bytes = 0;  ///< its logical block; 0: not on record, of a pool
    friend bool operator==(const saved_element&, const saved_element&) = default;
};

/// Every element that shard::open() would open, each once: for a product to register them before.
///
/// @errors     errc::repository_damaged: a record that is no record of this library.
/// Allocates:  the answer, and while it looks what the records hold.
CIMREP_API outcome<std::vector<saved_element>> saved_elements(const repository& from);

/// A relationship without its devices: what a shard that opens it now would say of it, before it
/// asks for its elements. One that was recorded as Synchronized is Unsynchronized where it differs.
struct saved_relationship {
    object_path source;
    object_path target;
    cimrep::sync_type sync_type = sync_type::mirror;
    cimrep::mode mode = mode::synchronous;
    cimrep::copy_state copy_state = copy_state::initialized;
    cimrep::copy_state requested_copy_state = copy_state::not_applicable;
    cimrep::progress_status progress_status = progress_status::completed;
    leg_role source_role = leg_role::current;
    leg_role target_role = leg_role::tracking;
    wall_time when_established{}, when_activated{}, when_synchronized{}, when_suspended{},
        when_deactivated{};
    std::uint64_t size_bytes = 0;
    std::uint64_t different_bytes = 0;  ///< to be copied
    /// Of those, what was being written when the last shard ended out of order: it may be equal.
    std::uint64_t unsettled_bytes = 0;

    /// 0..100; 100 only if nothing differs.
    std::uint16_t percent_synced() const noexcept
    {
        if (different_bytes == 0 || size_bytes == 0) return 100;
        const std::uint64_t whole = (size_bytes - different_bytes) * 100 / size_bytes;
        return static_cast<std::uint16_t>(whole < 99 ? whole : 99);
    }
};

/// Every relationship, by volume and leg.
///
/// @errors     as saved_elements(), and errc::over_budget: the maps of a volume need more memory
///             than a shard has by default.
/// Allocates:  the answer, and while it looks what the records and the maps hold.
CIMREP_API outcome<std::vector<saved_relationship>> saved_relationships(const repository& from);

}  // namespace cimrep::inline v0
