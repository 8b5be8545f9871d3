// testing/simulation_trace.hpp -- what happened in a simulation, folded into one number.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/base/units.hpp>

#include <cstdint>
#include <string_view>

namespace cimrep::inline v0 {

/// The kinds of event that a trace knows.
enum class trace_kind : std::uint8_t {
    turn,          ///< the loop delivered `length` callbacks
    submitted,     ///< a device was given an operation
    applied,       ///< an operation reached its medium
    completed,     ///< an operation is about to be reported to its caller
    fault,         ///< a fault struck an operation or a disk
    device_event,  ///< a disk vanished, came back, shrank, was exchanged
    power_loss,
    process_kill,
    user,  ///< what a test has folded itself
};

/// One event of a simulation.
struct trace_event {
    trace_kind kind = trace_kind::user;
    monotonic_time time{};
    std::uint64_t device = 0;  ///< the number of the disk in its machine
    std::uint64_t what = 0;    ///< the io_kind, the disk_fault, or what the user chose
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    error_code outcome{};
};

/// Folds events into a hash. Two runs that did the same have the same hash.
///
/// Allocates:  never.
class simulation_trace {
public:
    /// Sees each event just before it is folded: print from it to find where two runs part.
    using observer = void (*)(void* context, const trace_event& event);

    void observe(observer with, void* context) noexcept
    {
        observer_ = with;
        context_ = context;
    }

    void add(const trace_event& event) noexcept
    {
        if (observer_ != nullptr) observer_(context_, event);
        ++events_;
        fold(static_cast<std::uint64_t>(event.kind) | event.what << 8 | event.device << 32);
        fold(static_cast<std::uint64_t>(event.time.nanoseconds));
        fold(event.offset);
        fold(event.length);
        if (!event.outcome) return;
        fold(static_cast<std::uint64_t>(event.outcome.value()));
        // Not the category's address, which differs between runs.
        for (const char c : std::string_view(event.outcome.category().name()))
            fold(static_cast<unsigned char>(c));
    }

    std::uint64_t hash() const noexcept { return hash_; }
    std::uint64_t events() const noexcept { return events_; }

private:
    void fold(std::uint64_t value) noexcept
    {
        hash_ = (hash_ ^ value) * 0x9fb21c651e98df25u;
        hash_ ^= hash_ >> 32;
    }

    std::uint64_t hash_ = 0xcbf29ce484222325u;
    std::uint64_t events_ = 0;
    observer observer_ = nullptr;
    void* context_ = nullptr;
};

}  // namespace cimrep::inline v0
