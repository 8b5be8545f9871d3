// lib/store/fan_out.hpp -- the same operation on several copies at once.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>
#include <cimrep/store/superblock.hpp>

#include <array>
#include <cstdint>

namespace cimrep::inline v0 {

/// A set of copies, by index.
class copy_mask {
public:
    constexpr copy_mask() noexcept = default;
    constexpr explicit copy_mask(std::uint8_t bits) noexcept : bits_(bits) {}
    constexpr bool has(unsigned copy) const noexcept { return (bits_ >> copy & 1u) != 0; }
    constexpr bool empty() const noexcept { return bits_ == 0; }
    constexpr std::uint8_t bits() const noexcept { return bits_; }
    constexpr void add(unsigned copy) noexcept
    {
        bits_ = static_cast<std::uint8_t>(bits_ | 1u << copy);
    }
    constexpr void remove(unsigned copy) noexcept
    {
        bits_ = static_cast<std::uint8_t>(bits_ & ~(1u << copy));
    }

private:
    std::uint8_t bits_ = 0;
};

/// One operation for each copy of a mask; tells once, when the last of them has ended.
///
/// Invariant:  pending_ is the number of ops in flight.
/// Allocates:  never.
template <class Owner>
class fan_out {
public:
    using completion = void (Owner::*)() noexcept;

    explicit fan_out(Owner& owner) noexcept : owner_(&owner) {}

    bool busy() const noexcept { return pending_ != 0; }
    copy_mask failed() const noexcept { return failed_; }
    error_code error_of(unsigned copy) const noexcept { return errors_[copy]; }
    bool busy_with(unsigned copy) const noexcept { return in_flight_.has(copy); }

    /// Calls prepare(op, copy) and submits to device(copy), for each copy of `mask`.
    template <class Device, class Prepare>
    void start(copy_mask mask, completion then, const Device& device, const Prepare& prepare)
    {
        CIMREP_ASSERT(!busy() && !mask.empty());
        then_ = then;
        failed_ = {};
        in_flight_ = mask;
        for (unsigned copy = 0; copy < repository_copies_max; ++copy) pending_ += mask.has(copy);
        for (unsigned copy = 0; copy < repository_copies_max; ++copy) {
            if (!mask.has(copy)) continue;
            child& op = children_[copy];
            op.of = this;
            op.copy = copy;
            op.fua = false;
            op.deadline = {};
            errors_[copy] = {};
            prepare(static_cast<io_op&>(op), copy);
            op.done = [](io_op& which, error_code error) noexcept {
                auto& self = static_cast<child&>(which);
                self.of->ended(self, error);
            };
            device(copy).submit(op);
        }
    }

private:
    struct child : io_op {
        fan_out* of = nullptr;
        unsigned copy = 0;
    };

    void ended(child& op, error_code error) noexcept
    {
        if (error) {
            failed_.add(op.copy);
            errors_[op.copy] = error;
        }
        in_flight_.remove(op.copy);
        if (--pending_ == 0) (owner_->*then_)();
    }

    Owner* owner_;
    completion then_ = nullptr;
    std::array<child, repository_copies_max> children_;
    std::array<error_code, repository_copies_max> errors_{};
    copy_mask failed_;
    copy_mask in_flight_;
    unsigned pending_ = 0;
};

}  // namespace cimrep::inline v0
