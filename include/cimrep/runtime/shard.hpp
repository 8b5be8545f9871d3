// runtime/shard.hpp -- one loop's volumes and relationships.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/io/event_loop.hpp>
#include <cimrep/runtime/element_provider.hpp>
#include <cimrep/runtime/observer.hpp>
#include <cimrep/runtime/point_in_time.hpp>
#include <cimrep/runtime/relationship.hpp>
#include <cimrep/runtime/volume.hpp>
#include <cimrep/store/repository.hpp>

#include <functional>
#include <memory>
#include <memory_resource>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// How a shard is opened.
struct shard_options {
    element_provider* elements = nullptr;         ///< required; outlives the shard
    cimrep::repository* repository = nullptr;     ///< null: states live in memory only
    observer* watcher = nullptr;                  ///< null: nobody watches
    std::pmr::memory_resource* memory = nullptr;  ///< null: std::pmr::get_default_resource()
    std::uint64_t memory_budget_bytes = 1 * gib;  ///< for pools and maps of all volumes

    std::string class_prefix = "CIM";  ///< of the classes of the paths that the shard makes
    std::string name_space = "root/cimv2";

    std::size_t requests_max = 256;  ///< host operations of a volume in flight; more wait in order
    /// Of a volume, 1 MiB each, for host buffers that may change or are not aligned; more wait.
    std::size_t bounce_buffers = 8;
    std::size_t legs_max = 4;  ///< of a volume, the source included
    std::size_t hot_extents_max = 4096;
    std::uint64_t region_bytes = 64 * kib;  ///< 4 KiB to 1 MiB, a power of two
    std::uint64_t window_bytes = 1 * mib;   ///< of the copier, at most 1 MiB
    std::size_t windows_max = 16;           ///< copied at a time when no host I/O is waiting
    std::size_t windows_busy = 4;           ///< copied at a time beside host I/O
    duration leg_deadline{0};               ///< 0: a leg may take for ever
    duration slow_after{0};  ///< host operations longer than this are reported; 0: none
    bool guard_volatile_host_buffers = false;  ///< treat every write's buffer as unstable

    // Of a volume with points in time.
    std::uint64_t chunk_bytes = 64 * kib;  ///< 16 KiB to 1 MiB, a power of two
    std::size_t exceptions_max = 16384;    ///< runs of old blocks that are kept; 64 or more
    std::size_t preservations_max = 32;    ///< copies into the pool at a time, of a chunk each
    std::size_t points_max = 128;          ///< 1 to 128
};

/// The volumes, relationships and operations of one event loop.
///
/// Lifetime:   the loop, the provider and the repository outlive it; destroying it before close()
///             has completed asserts.
/// Threads:    the loop's.
class CIMREP_API shard {
public:
    /// @errors  errc::invalid_argument naming the option and its bounds; errc::over_budget: the
    ///          repository's log is too short; errc::repository_damaged.
    static outcome<std::unique_ptr<shard>> open(event_loop& loop, shard_options options);
    ~shard();
    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;

    /// The volume of a source element; opens it the first time.
    ///
    /// @errors  errc::stale_reference, errc::element_in_use, errc::over_budget with the figures,
    ///          what the provider reports.
    outcome<class volume*> volume(const object_path& element);

    /// The device through which a host reads and writes an element: a volume's front, or a
    /// target's, which refuses where the table gives no access.
    outcome<block_device*> front(const object_path& element);

    /// Creates a mirror; `op` is done when its first state is durable.
    ///
    /// @errors  errc::geometry_mismatch (target smaller, block sizes differ), errc::element_in_use
    ///          (same device twice, already related), errc::foreign_signature, errc::not_identical,
    ///          errc::over_budget, and what the provider reports. A refusal changes nothing.
    outcome<relationship*> create_mirror(const mirror_request& request, control_op& op);

    /// Takes a point in time of a volume; `op` is done when it is durable. Every write that was
    /// acknowledged before the call is in it, none that is submitted after `op` is done, and each
    /// of the others wholly or not at all. The host is not held up meanwhile. The first change of a
    /// block after that waits until what it overwrites is kept in the pool. Where that fails, or
    /// the pool is full, all points of the volume break, and the host goes on.
    ///
    /// @errors  errc::invalid_argument (the volume's points are in another pool),
    ///          errc::geometry_mismatch (blocks of the pool are longer, or it is too small),
    ///          errc::element_in_use (of the pool; legs are being looked at), errc::over_budget
    ///          (memory, points_max), errc::repository_version (an earlier one, see upgrade),
    ///          and what the provider reports. To `op`: what the flush of a leg or the repository
    ///          reports; then there is no point.
    outcome<> take_point(const point_request& request, point_op& op);

    /// Drops the point `op.number` of a volume; what it alone needed is free again when `op` is
    /// done. Its device is gone then.
    ///
    /// @errors  errc::stale_reference; to `op`: what the repository reports: it is still there.
    outcome<> drop_point(const object_path& source, point_op& op);

    /// The device on which a point in time is read. Reads of a broken one end with
    /// errc::element_not_accessible, writes of any with std::errc::read_only_file_system.
    ///
    /// @errors    errc::stale_reference.
    /// Lifetime:  until the point is dropped or the shard is closed.
    outcome<block_device*> point(const object_path& source, std::uint64_t number);

    /// The points in time of a volume, the oldest first.
    std::vector<point_info> points(const object_path& source) const;
    std::vector<pool_info> pools() const;

    /// The relationship that a path names, or null.
    relationship* find(const object_path& path) const noexcept;
    void for_each_relationship(const std::function<void(relationship&)>& visit) const;
    void for_each_volume(const std::function<void(class volume&)>& visit) const;

    void listen(relationship_listener& listener) noexcept;

    /// `op` is done when it is known of every leg whether it holds what the repository knows of it
    /// (see docs/data-plane.md). Until then host I/O waits, a relationship that was Synchronized
    /// shows Unsynchronized, and requests are refused with errc::element_in_use. A product that
    /// asks for nothing at once need not wait.
    void await_recovery(control_op& op);

    /// Fact from the product: an element that had failed can be opened again. It is looked at
    /// first: one that does not hold what it should stays away, with errc::leg_not_recognized,
    /// until a request says by its direction what is to be done with it. Relationships that
    /// recover automatically do so, the others become Suspended.
    ///
    /// @errors  errc::stale_reference (of no relationship), errc::element_in_use (requests from
    ///          before it failed are outstanding, its failure is not on record yet, or it or all
    ///          legs are being looked at: see await_recovery()),
    ///          errc::geometry_mismatch (it is smaller now), and what the provider reports: then it
    ///          stays Broken, and may be told of again.
    outcome<> element_returned(const object_path& element);

    shard_statistics statistics() const noexcept;

    /// The whole state, one JSON object a line: volumes, legs, relationships, operations in flight
    /// and what they wait for. Host data never appears. Allocates.
    std::string dump() const;

    /// Drains host I/O, stops copies, flushes and closes everything; then `op` is done.
    void close(control_op& op);

    event_loop& loop() const noexcept;
    const shard_options& options() const noexcept;

    struct implementation;
    explicit shard(std::unique_ptr<implementation> parts) noexcept;
    implementation& parts() noexcept { return *parts_; }

private:
    std::unique_ptr<implementation> parts_;
};

}  // namespace cimrep::inline v0
