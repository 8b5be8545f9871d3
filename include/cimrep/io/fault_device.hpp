// io/fault_device.hpp -- a device around another that goes wrong where a test says so.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>
#include <cimrep/io/fault_script.hpp>
#include <cimrep/io/unflushed_blocks.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cimrep::inline v0 {

/// What has passed a fault_device since it was made.
struct fault_statistics {
    static constexpr std::size_t kinds = 6;

    std::array<std::uint64_t, kinds> submitted{};  ///< by io_kind
    std::array<std::uint64_t, kinds> succeeded{};
    std::array<std::uint64_t, kinds> bytes{};  ///< of those that succeeded
    std::uint64_t struck = 0;                  ///< ops that a fault has met

    std::uint64_t submitted_of(io_kind kind) const noexcept { return submitted[index(kind)]; }
    std::uint64_t succeeded_of(io_kind kind) const noexcept { return succeeded[index(kind)]; }
    std::uint64_t bytes_of(io_kind kind) const noexcept { return bytes[index(kind)]; }
    static std::size_t index(io_kind kind) noexcept { return static_cast<std::size_t>(kind); }
};

/// How a fault_device treats writes that were not flushed.
struct fault_device_options {
    bool model_volatile_cache =
        false;  ///< true: lose_unflushed() works, at a read before each write
};

/// Passes operations on to `below`, and errors, delays and losses in between.
///
/// Invariant:  each op in flight belongs to one passage, which is with `below`, held, or delayed.
/// Threads:    that of the loop.
/// Allocates:  passages, which it keeps; with a modelled cache, with each write. For tests.
class CIMREP_API fault_device final : public block_device {
public:
    explicit fault_device(block_device& below, const fault_device_options& options = {});

    /// @pre  nothing is in flight: release() what is held, first.
    ~fault_device() override;

    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return below_.loop(); }
    void submit(io_op& op) noexcept override;
    void cancel(io_op& op) noexcept override;
    result<> data_extents(const std::function<void(byte_extent)>& report) const override
    {
        return below_.data_extents(report);
    }

    /// The faults to come: `device.faults().add({.kind = io_kind::write, .nth = 3})`.
    fault_script& faults() noexcept { return script_; }

    /// Lets everything that is held go on; returns how many ops that were.
    std::size_t release() noexcept;
    std::size_t held() const noexcept { return held_; }
    std::size_t in_flight() const noexcept { return in_flight_; }

    /// Cuts the power of the device's cache: each block that was written and is not durable gets
    /// its durable content back, unless `survives(its offset)`. Drives the loop until it is done.
    ///
    /// @pre     the cache is modelled, no op is with the device below, and no callback is running.
    /// @errors  what the device below reports.
    result<> lose_unflushed(const std::function<bool(std::uint64_t)>& survives = {});
    bool has_unflushed() const noexcept { return !unflushed_.empty(); }

    const fault_statistics& statistics() const noexcept { return statistics_; }

private:
    struct passage;
    using restored_blocks = std::vector<std::pair<std::uint64_t, std::vector<std::byte>>>;

    passage& take_passage(io_op& op);
    void adopt_shape() noexcept;
    void strike(passage& at) noexcept;
    void resume(passage& at) noexcept;
    void pass(passage& at) noexcept;
    void forward(passage& at) noexcept;
    void forwarded(passage& at, error_code error) noexcept;
    void finish(passage& at, error_code error) noexcept;
    void end_early(passage& at, error_code error) noexcept;
    void restore_next(passage& at, error_code error) noexcept;
    restored_blocks durable_blocks(const std::function<bool(std::uint64_t)>& survives) const;

    block_device& below_;
    geometry shape_;
    fault_device_options options_;
    fault_script script_;
    unflushed_blocks unflushed_;
    fault_statistics statistics_;
    std::vector<std::unique_ptr<passage>> passages_;
    std::vector<passage*> free_passages_;
    std::size_t in_flight_ = 0;
    std::size_t held_ = 0;
};

}  // namespace cimrep::inline v0
