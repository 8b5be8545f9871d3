// testing/recorder_device.hpp -- a device around another that logs all that is written to it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/testing/write_log.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace cimrep::inline v0 {

/// The clock of a power domain: the recorders that share one can be cut at one instant.
///
/// Threads:  one.
class power_domain {
public:
    std::uint64_t tick() noexcept { return ++moment_; }
    std::uint64_t moment() const noexcept { return moment_; }

private:
    std::uint64_t moment_ = 0;
};

/// Passes every operation on, and logs writes, flushes, discards and marks in the order of
/// write_log. Zeros are logged as the data that they are.
///
/// Writes that overlap and are in flight together stand in the order of their completion, although
/// the device may have done them in the other one.
///
/// A write that fails is logged like one that was in flight: it may have been done. A flush is
/// logged if it succeeds.
///
/// Invariant:  a write is in flight, completed and waiting for a flush, or in the log.
/// Threads:    that of the loop.
/// Allocates:  with each write: a copy of its data.
class CIMREP_API recorder_device final : public block_device {
public:
    /// Lifetime:  `below` and `domain` outlive the recorder.
    recorder_device(block_device& below, power_domain& domain);

    /// @pre  nothing is in flight.
    ~recorder_device() override;

    const geometry& shape() const noexcept override { return below_.shape(); }
    event_loop& loop() const noexcept override { return below_.loop(); }
    void submit(io_op& op) noexcept override;
    void cancel(io_op& op) noexcept override;
    result<> data_extents(const std::function<void(byte_extent)>& report) const override
    {
        return below_.data_extents(report);
    }

    /// Logs a text, to be found again by write_log::find_mark().
    ///
    /// @pre  at most 480 bytes.
    void mark(std::string_view text);

    /// Logs what was written and not flushed yet, and what is in flight; then the log is whole.
    void finish();
    const write_log& log() const noexcept { return log_; }

private:
    struct passage;

    passage& take(io_op& op);
    void ended(passage& at, error_code error);
    void append(log_entry entry);
    void log_flush(passage& at);
    void supersede(byte_extent by);

    block_device& below_;
    power_domain& domain_;
    write_log log_;
    std::vector<std::unique_ptr<passage>> passages_;
    std::vector<passage*> idle_;
    std::vector<log_entry> unflushed_;  ///< completed, in that order
    std::vector<passage*> flushes_;     ///< in flight, in the order of submission
    std::size_t in_flight_ = 0;
};

}  // namespace cimrep::inline v0
