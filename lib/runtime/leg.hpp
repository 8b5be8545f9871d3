// lib/runtime/leg.hpp -- one copy of a volume: its device, its map, what is in flight on it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/mutant.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/engine/region_map.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>
#include <cimrep/runtime/statistics.hpp>
#include <cimrep/runtime/volume.hpp>

#include <boost/intrusive/list.hpp>

#include <array>
#include <memory>
#include <string>

namespace cimrep::inline v0 {

class leg;

/// True if a device says that it never does what was asked of it.
inline bool unsupported(error_code error) noexcept
{
    return error == errc::not_supported || error == std::errc::operation_not_supported ||
           error == std::errc::not_supported;
}

/// An operation on a leg's device, in its owner's memory.
///
/// `settled` is called once: with the device's answer, or earlier with errc::deadline_exceeded if
/// the op is given up. Then `returned` follows when the device gives the memory back; until then
/// the op and its buffers belong to the device.
struct leg_op
    : io_op,
      boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
    void (*settled)(leg_op& op, error_code error) noexcept = nullptr;
    void (*returned)(leg_op& op) noexcept = nullptr;
    leg* on = nullptr;
    void* owner = nullptr;
    monotonic_time submitted_at{};
    bool may_be_given_up = false;  ///< its buffers are the library's, or stable until released
    bool given_up = false;
    bool canceled = false;  ///< the leg has been given up, and the device asked to end this
    byte_extent zeroing{};  ///< the leg's: the whole of a write_zeroes that goes as writes
};

/// What a leg tells its volume.
class leg_owner {
public:
    /// The oldest op on `which` has missed the deadline. True: the leg is out, give its ops up.
    virtual bool leg_missed_deadline(leg& which) noexcept = 0;
    /// Nothing is in flight on `which` any more.
    virtual void leg_is_quiet(leg& which) noexcept = 0;
    /// A flush has failed: what was read from `which` since its last good one may be what is left
    /// of what it dropped. Before the flush's owner hears of it.
    virtual void leg_lost_cache(leg& which) noexcept = 0;

protected:
    ~leg_owner() = default;
};

/// A device in a volume's set.
///
/// Invariant:  `stuck` counts the ops given up and not returned; while it is not zero the leg is
///             fenced: nothing is copied to it and it does not join.
class leg {
public:
    leg(leg_owner& owner, std::unique_ptr<block_device> opened, object_path path,
        std::uint64_t size_bytes, std::uint64_t region_bytes, std::pmr::memory_resource* memory)
        : device(std::move(opened)),
          element(std::move(path)),
          map(size_bytes, region_bytes, memory),
          block_bytes(device->shape().logical_block_bytes),
          owner_(&owner)
    {
        watchdog_.fired = [](timer& t) noexcept {
            static_cast<watchdog&>(t).self->check_deadline();
        };
        watchdog_.self = this;
    }
    ~leg() { stop_watching(); }
    leg(const leg&) = delete;
    leg& operator=(const leg&) = delete;

    /// Sends `op` to the device. @pre settled and returned are set.
    void submit(leg_op& op) noexcept;

    /// Nothing is in flight, and nobody is looking at what it holds.
    bool quiet() const noexcept { return in_flight_.empty() && !examined; }
    bool fenced() const noexcept { return stuck != 0 && !CIMREP_MUTANT(stuck_leg_not_fenced); }
    std::uint32_t outstanding() const noexcept
    {
        return static_cast<std::uint32_t>(in_flight_count_);
    }
    bool receives_writes() const noexcept { return role != leg_role::tracking; }

    /// The number of the first flush that can vouch for what has been read by now: a device that
    /// drops what it could not write may tell of it as late as in the answer to a flush.
    std::uint64_t next_flush() const noexcept { return flushes_begun_ + 1; }
    /// True if a flush with this number or a later one has succeeded, or none is needed.
    bool vouched(std::uint64_t flush) const noexcept
    {
        return flush <= flushed_through_ || !device->shape().volatile_cache;
    }

    /// Another handle of the element, or what stands for it. @pre nothing is in flight.
    void adopt(std::unique_ptr<block_device> opened) noexcept
    {
        device = std::move(opened);
        writes_zeros_ = false;
    }

    /// Gives up what may be given up and asks the device to return the rest.
    void give_up_all() noexcept;
    void stop_watching() noexcept;

    std::unique_ptr<block_device> device;
    object_path element;
    std::string element_text;  ///< of the path, for records
    std::string identity;
    region_map map;
    leg_role role = leg_role::tracking;
    error_code failed_with{};
    duration deadline{0};
    std::uint32_t stuck = 0;
    std::uint32_t block_bytes = 0;  ///< of the device when it was attached
    std::uint8_t index = 0;         ///< of its slot in the volume
    bool detaching = false;         ///< is removed when it is quiet
    bool loss_untold = false;       ///< it has failed, and its relationship hears of that later
    bool copy_held = false;         ///< its relationship lets no copy go on
    bool examined = false;          ///< nothing that it holds is believed before the end of that
    std::string remark;             ///< why it was not recognized
    struct block {
        alignas(4096) std::array<std::byte, 4096> bytes;
    };
    leg_op label_write;
    std::unique_ptr<block> label_block;
    leg_statistics counters{};
    std::uint64_t copy_total_bytes = 0;  ///< of the last copy to this leg that has ended
    std::uint64_t copy_done_bytes = 0;
    duration copy_took{};

private:
    struct watchdog : timer {
        leg* self = nullptr;
    };

    using op_queue = intrusive_queue<io_op, &io_op::next>;

    static void on_done(io_op& op, error_code error) noexcept;
    bool goes_on(leg_op& op, error_code& error) noexcept;
    void write_zeros(leg_op& op, std::uint64_t from_bytes) noexcept;
    void restart_time(leg_op& op) noexcept;
    void ended(leg_op& op, error_code error) noexcept;
    op_queue flush_ended(error_code error) noexcept;
    void begin_again(const op_queue& ops) noexcept;
    void check_deadline() noexcept;

    leg_owner* owner_;
    boost::intrusive::list<leg_op, boost::intrusive::constant_time_size<false>> in_flight_;
    std::size_t in_flight_count_ = 0;
    watchdog watchdog_;
    bool writes_zeros_ = false;  ///< the device cannot zero a range
    std::uint64_t flushes_begun_ = 0;
    std::uint64_t flushed_through_ = 0;  ///< the number of the last flush that succeeded
    leg_op* flush_running_ = nullptr;    ///< the one flush that the device has
    op_queue flush_sharing_;             ///< were there before it began, and end with it
    op_queue flush_waiting_;             ///< share the next one
};

}  // namespace cimrep::inline v0
