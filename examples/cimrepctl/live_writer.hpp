// examples/cimrepctl/live_writer.hpp -- a host that writes to a file of the volume all the while.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>

#include "block_content.hpp"
#include "plain_read.hpp"
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace cimrepctl {

/// One write: what, and when on a clock that ticks at each submission and each acknowledgement.
struct write_record {
    std::uint64_t place = 0;
    std::uint64_t sequence = 0;
    std::uint64_t submitted_at = 0;
    std::uint64_t acknowledged_at = 0;  ///< 0: not yet
};

/// Writes single blocks at random places, with flushes now and then, through a volume's front.
///
/// Invariant:  at most one write to a place is in flight, so that its content is always known.
/// Threads:    the loop's.
/// Lifetime:   paused before it is destroyed; the device outlives it.
class live_writer {
public:
    /// @param offsets  where the blocks of the file are on the device.
    live_writer(block_device& front, std::vector<std::uint64_t> offsets);
    ~live_writer();
    live_writer(const live_writer&) = delete;
    live_writer& operator=(const live_writer&) = delete;

    void start();
    /// Starts no more writes. The writer is idle() once those in flight have ended.
    void pause();
    bool idle() const noexcept { return in_flight_ == 0; }

    /// Why a write or a flush failed; nothing if none has.
    const std::optional<error_code>& error() const noexcept { return error_; }
    std::uint64_t acknowledged_count() const noexcept { return acknowledged_; }

    const std::vector<std::uint64_t>& offsets() const noexcept { return offsets_; }
    /// The write that each block holds, where none is in flight.
    const std::vector<std::uint64_t>& contents() const noexcept { return contents_; }
    /// Tells that something else has replaced the contents.
    ///
    /// @pre  idle.
    void replaced(std::vector<std::uint64_t> contents) { contents_ = std::move(contents); }

    /// The writes since forget(), in the order of their submission.
    const std::vector<write_record>& history() const noexcept { return history_; }
    void forget() { history_.clear(); }
    std::uint64_t clock() const noexcept { return clock_; }

    /// A sequence that no write has had.
    std::uint64_t next_sequence() noexcept { return ++sequence_; }

private:
    struct slot;
    struct pulse : timer {
        live_writer* self = nullptr;
    };

    void tick() noexcept;
    void write(slot& at);
    void flush();
    void ended(error_code error) noexcept;

    static constexpr std::size_t slots_count = 16;
    static constexpr std::size_t writes_each_tick = 4;

    block_device* front_;
    std::vector<std::uint64_t> offsets_;
    std::vector<std::uint64_t> contents_;
    std::vector<bool> busy_;
    std::vector<write_record> history_;
    std::vector<std::unique_ptr<slot>> slots_;
    std::unique_ptr<slot> flush_;
    pulse pulse_;
    std::minstd_rand random_;
    std::optional<error_code> error_;
    std::uint64_t sequence_ = 0;
    std::uint64_t clock_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t ticks_ = 0;
    std::size_t in_flight_ = 0;
    bool running_ = false;
};

}  // namespace cimrepctl
