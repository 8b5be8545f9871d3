// testing/simulated_disk.hpp -- a disk that outlives the processes that use it, and lies on demand.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/testing/fault_plan.hpp>
#include <cimrep/testing/simulated_loop.hpp>
#include <cimrep/testing/sparse_image.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

class disk_core;
class simulated_device;

/// What a simulated_disk looks like.
struct simulated_disk_options {
    std::string name = "disk";
    std::string identity{};  ///< of the medium, such as a serial number; empty: the name
    std::uint64_t size_bytes = 1 * mib;
    std::uint32_t logical_block_bytes = 512;        ///< 512 or 4096: what is written in one piece
    std::uint64_t maximum_transfer_bytes = 0;       ///< announced; longer transfers work as well
    std::uint64_t discard_granularity_bytes = 512;  ///< 0: discard ends with errc::not_supported
    bool discard_reads_zeros = true;                ///< false: a discarded block holds garbage
    bool volatile_cache = true;                     ///< false: what is acknowledged is durable
    std::uint32_t cache_blocks_max = 4096;          ///< the oldest become durable beyond so many
    bool poison_reads = true;   ///< a read's memory holds garbage from submit() until its end
    bool check_writes = true;   ///< a write's memory that changes in flight is reported
    bool cancel_stuck = false;  ///< cancel() and the deadline end a stuck operation
    std::uint64_t seed = 1;
    std::uint64_t number = 0;  ///< in the trace
};

/// What has happened to a simulated disk since it was made.
struct disk_statistics {
    std::uint64_t submitted = 0;
    std::uint64_t completed = 0;
    std::array<std::uint64_t, disk_fault_count> struck{};  ///< by disk_fault, if it had an effect
    std::uint64_t blocks_lost = 0;     ///< of the cache, by power losses and failed flushes
    std::uint64_t blocks_torn = 0;     ///< of operations in flight at a power loss, left old
    std::uint64_t zombies_made = 0;    ///< operations of killed processes that stayed in flight
    std::uint64_t zombies_landed = 0;  ///< of those, that reached the medium later
    std::uint64_t writes_changed = 0;  ///< writes whose memory was changed in flight

    std::uint64_t struck_by(disk_fault which) const noexcept
    {
        return struck[static_cast<std::size_t>(which)];
    }
};

/// The medium with its cache. Processes come and go, each with a simulated_device of its own.
///
/// A completed write lies in the volatile cache until a flush that was submitted after its
/// completion ends, until the disk destages it, or at once with FUA. A flush covers no write that
/// completes later than the flush was submitted.
///
/// Invariant:  what reads return is the durable content, changed by the cached blocks in the order
///             in which they were written.
/// Threads:    that of the loops of its devices.
/// Allocates:  with writes.
class CIMREP_API simulated_disk {
public:
    explicit simulated_disk(const simulated_disk_options& options = {});
    simulated_disk(const simulated_disk&) = delete;
    simulated_disk& operator=(const simulated_disk&) = delete;

    /// @pre  no device of it is left.
    ~simulated_disk();

    const std::string& name() const noexcept;
    const std::string& identity() const noexcept;
    std::uint64_t size_bytes() const noexcept;

    /// A device on `loop`. Several may be open at once; all see one content.
    ///
    /// @errors    std::errc::no_such_device while the disk has vanished.
    /// Lifetime:  the disk and the loop outlive the device.
    result<std::unique_ptr<simulated_device>> open(simulated_loop& loop);

    // Faults of operations.

    /// Used from the next operation on; the rates of the disk's own plan, which starts without.
    void use(const fault_plan& plan);
    const fault_plan& plan() const noexcept;
    /// Adds a rule to the script, which is asked before the rates.
    void add(const disk_fault_rule& rule);
    /// Forgets the script, and the kinds that fail permanently; latent sectors stay.
    void forget_faults();
    /// Answers what is stuck, and returns how many operations that were.
    std::size_t release_stuck();
    std::size_t stuck() const noexcept;
    /// A block has been given up, a read sees what was there before, and no flush has failed yet.
    bool has_untold_loss() const noexcept;

    // Faults of the medium.

    void make_unreadable(std::uint64_t block);
    bool is_unreadable(std::uint64_t block) const;
    /// Flips a bit, in the cache as well.
    void rot(std::uint64_t offset_bytes, unsigned bit = 0);
    /// Overwrites without a trace in any cache or statistic, as another machine would. What it
    /// overwrites can be read again.
    void scribble(std::uint64_t offset_bytes, std::span<const std::byte> content);

    // Events. Each ends every open device: its operations end with std::errc::no_such_device, as
    // do all that are submitted to it later. A device opened afterwards works.

    /// The power goes, for this disk alone; simulated_machine does it for several at one instant.
    void power_loss(const power_loss_options& options);
    /// The process dies; the cache is kept, and operations in flight may become zombies.
    void process_kill(const process_kill_options& options);
    /// The disk is pulled out, which is a power loss for it. open() fails until come_back().
    void vanish(const power_loss_options& options = {});
    void come_back();
    bool present() const noexcept;
    /// The same disk with an older content, or with that of a backup.
    ///
    /// @pre  the image's block size is the disk's.
    void come_back_as(const sparse_image& image);
    /// A new disk in the place of the old one: zeros, under another identity.
    void come_back_blank(const std::string& identity);
    void resize(std::uint64_t size_bytes);
    /// Exchanges media and identities: the cables were swapped.
    friend CIMREP_API void swap_media(simulated_disk& a, simulated_disk& b);

    // Looking at it.

    /// What reads would return now, without faults; shares memory with the disk until written.
    sparse_image image() const;
    /// What a power loss that loses the whole cache would leave.
    sparse_image durable_image() const;
    std::size_t cached_blocks() const noexcept;
    std::size_t in_flight() const noexcept;
    /// Operations of killed processes that may still reach the medium. They do so some time after
    /// the next open().
    std::size_t zombies() const noexcept;
    /// Lets all of them reach the medium now.
    void land_zombies();
    const disk_statistics& statistics() const noexcept;
    /// One sentence for each write whose memory was changed in flight, the first hundred.
    const std::vector<std::string>& violations() const noexcept;

private:
    friend class simulated_device;
    friend class simulated_machine;

    std::unique_ptr<disk_core> core_;
};

/// An open simulated_disk: a block_device on a simulated_loop.
///
/// Cancel:     an operation whose effect has not happened yet ends soon, half of the times; a
///             cancelled write may have written some of its blocks.
/// Threads:    that of the loop.
/// Allocates:  requests, which the disk keeps.
class CIMREP_API simulated_device final : public block_device, private simulation_part {
public:
    /// @pre  nothing is in flight.
    ~simulated_device() override;

    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return loop_; }
    void submit(io_op& op) noexcept override;
    void cancel(io_op& op) noexcept override;
    result<> data_extents(const std::function<void(byte_extent)>& report) const override;

    /// False after an event that has ended it.
    bool alive() const noexcept { return alive_; }
    std::size_t in_flight() const noexcept { return in_flight_; }

private:
    friend class disk_core;
    friend class simulated_disk;

    simulated_device(disk_core& core, simulated_loop& loop);
    std::string describe_waiting() const override;

    disk_core& core_;
    simulated_loop& loop_;
    geometry shape_;
    std::size_t in_flight_ = 0;
    bool alive_ = true;
};

}  // namespace cimrep::inline v0
