// lib/runtime/preservation_pool.hpp -- the space in which points in time keep what is overwritten.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/engine/pool_space.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>
#include <cimrep/runtime/element_provider.hpp>

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <utility>

namespace cimrep::inline v0 {

/// Whoever keeps something in a pool.
class pool_user : public boost::intrusive::list_base_hook<
                      boost::intrusive::link_mode<boost::intrusive::safe_link>> {
public:
    /// What was written to the pool, and not flushed since, may be gone, and what is being written.
    virtual void pool_lost_cache(error_code why) noexcept = 0;

protected:
    ~pool_user() = default;
};

/// A flush that is asked of a pool, in its owner's memory.
struct pool_flush {
    void (*done)(pool_flush& op, error_code error) noexcept = nullptr;
    pool_flush* next = nullptr;
};

/// A device, or a file, that the points in time of several volumes share.
///
/// Flushed:    by one flush at a time; those who ask meanwhile share the next one. One that fails,
///             or takes longer than `deadline`, has failed for all who have anything unflushed.
/// Unit:       places and runs in sub-blocks.
/// Allocates:  once, in the constructor.
struct preservation_pool {
    /// @param longest_wait  for a write or a flush; 0: for ever.
    preservation_pool(std::unique_ptr<block_device> opened, object_path path, std::string who,
                      std::uint64_t size_bytes, duration longest_wait,
                      std::pmr::memory_resource* memory);
    ~preservation_pool();
    preservation_pool(const preservation_pool&) = delete;
    preservation_pool& operator=(const preservation_pool&) = delete;

    void join(pool_user& user) noexcept { users_.push_back(user); }
    void leave(pool_user& user) noexcept { users_.erase(users_.iterator_to(user)); }
    bool used() const noexcept { return !users_.empty(); }

    /// `op.done` is called once, after what was written before is durable or may be lost.
    void flush(pool_flush& op) noexcept;
    /// How often what was not flushed may have been lost, and why the last time.
    std::uint64_t losses() const noexcept { return losses_; }
    error_code lost_with() const noexcept { return lost_with_; }
    bool quiet() const noexcept { return !flushing_ && waiting_.empty(); }

    /// Before the first place there is room for what tells whose pool it is.
    static constexpr std::uint64_t first_place_bytes = 64 * kib;
    static constexpr std::uint64_t places_of(std::uint64_t size_bytes) noexcept
    {
        return size_bytes < first_place_bytes ? 0
                                              : (size_bytes - first_place_bytes) / sub_block_bytes;
    }
    static constexpr std::uint64_t offset_of(std::uint64_t place) noexcept
    {
        return first_place_bytes + place * sub_block_bytes;
    }

    element_description description() const
    {
        const geometry& shape = device->shape();
        return {element, identity, {}, shape.size_bytes, shape.logical_block_bytes};
    }
    static std::uint64_t memory_bytes(std::uint64_t size_bytes) noexcept
    {
        return region_bitmap::memory_bytes(size_bytes, sub_block_bytes);
    }

    std::unique_ptr<block_device> device;
    object_path element;
    std::string element_text;
    std::string identity;
    duration deadline;
    std::uint64_t number = 0;  ///< of its record
    std::string record;        ///< goes with each point, so that the first one has it
    pool_space space;

private:
    struct device_flush : io_op {
        preservation_pool* self = nullptr;
    };
    struct watchdog : timer {
        preservation_pool* self = nullptr;
    };
    using flush_queue = intrusive_queue<pool_flush, &pool_flush::next>;

    void watch() noexcept;
    void begin_flush() noexcept;
    void flushed(error_code error) noexcept;
    void overdue() noexcept;
    void lose(error_code why) noexcept;

    boost::intrusive::list<pool_user, boost::intrusive::constant_time_size<false>> users_;
    device_flush flush_;
    watchdog watchdog_;
    flush_queue sharing_;  ///< end with the flush that the device has
    flush_queue waiting_;  ///< share the next one
    bool flushing_ = false;
    bool given_up_ = false;  ///< the device has it longer than anybody waits
    std::uint64_t losses_ = 0;
    error_code lost_with_{};
};

}  // namespace cimrep::inline v0
