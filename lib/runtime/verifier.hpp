// lib/runtime/verifier.hpp -- compares a leg with the volume's content while the host goes on.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/control_op.hpp>
#include <cimrep/runtime/relationship.hpp>

#include "volume_core.hpp"
#include <functional>
#include <vector>

namespace cimrep::inline v0 {

/// One comparison, chunk after chunk, each under the lock of its range.
///
/// What is already known to differ is not compared. With `repair` a chunk that differs is written
/// again from the source before its range is given back, once a flush of the source has vouched for
/// what was read there.
class verification {
public:
    /// @pre `which` is not fenced; `chunks` are whole blocks of the volume.
    verification(volume_core& volume, leg& which, verify_op& op, std::vector<byte_extent> chunks);
    ~verification() { CIMREP_ASSERT(out_ == 0); }

    /// Calls `over` once, from the loop, after the last buffer has come back.
    void start(std::function<void()> over);
    void stop(error_code why) noexcept;

    /// The chunks of `range`, each at most a copy window long.
    static std::vector<byte_extent> all_of(byte_extent range);
    /// What is compared of legs that are declared identical.
    static std::vector<byte_extent> chosen_by(identity_check check, const volume_core& volume);
    /// The first, the last and `count` random chunks of 64 KiB.
    static std::vector<byte_extent> sample(event_loop& loop, const geometry& shape,
                                           std::size_t count);
    static constexpr std::uint64_t chunk_bytes = 256 * kib;

private:
    struct lane : range_lock::node {
        verification* owner = nullptr;
        std::vector<std::byte> memory;
        std::byte* ours = nullptr;
        std::byte* theirs = nullptr;
        io_segment our_segment{}, their_segment{};
        const_io_segment repair_segment{};
        leg_op our_read, their_read, vouch, repair;
        std::uint32_t pending = 0;
        enum class stage : std::uint8_t { comparing, vouching, repairing } at = stage::comparing;
        bool may_repair = false;  ///< it is the source that was read
        bool locked = false;
        error_code error{};
    };
    static constexpr std::size_t lanes_max = volume_core::verify_lanes_max;

    void next(lane& l) noexcept;
    void locked(lane& l) noexcept;
    void gave_up(lane& l) noexcept;
    void op_returned(lane& l) noexcept;
    void compare(lane& l) noexcept;
    void vouch(lane& l) noexcept;
    void repair(lane& l) noexcept;
    void stays_different(lane& l) noexcept;
    void report(byte_extent run);
    void end_chunk(lane& l) noexcept;
    void maybe_over() noexcept;

    volume_core* volume_;
    leg* leg_;
    verify_op* op_;
    std::vector<byte_extent> chunks_;
    std::size_t at_ = 0;
    std::size_t out_ = 0;  ///< lanes with a range
    error_code why_{};
    std::vector<lane> lanes_;
    std::function<void()> over_;
    struct ending : loop_task {
        verification* self = nullptr;
    } ending_;
};

}  // namespace cimrep::inline v0
