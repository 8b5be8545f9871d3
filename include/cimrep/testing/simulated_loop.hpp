// testing/simulated_loop.hpp -- a loop in virtual time whose seed determines all that happens.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>
#include <cimrep/testing/seeded_random.hpp>
#include <cimrep/testing/simulation_trace.hpp>

#include <boost/intrusive/set.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// How a simulated_loop begins, and where its patience ends.
struct simulated_loop_options {
    std::uint64_t seed = 1;
    monotonic_time start{1'000'000'000};              ///< of now()
    wall_time wall_start{1'700'000'000'000'000'000};  ///< of wall_now(), at `start`

    /// So many turns may pass at one instant; each further one takes `turn_cost`. So neither a
    /// task that defers itself in each turn nor a caller that only polls can stop the clock.
    std::uint32_t turns_per_instant_max = 100;
    duration turn_cost{1'000};

    /// So many turns in a row in which nothing but tasks ran, and no device did anything, end
    /// run_until() with run_end::spinning.
    std::uint64_t spinning_turns_max = 1'000'000;
};

/// How run_until() ended.
enum class run_end : std::uint8_t {
    reached,      ///< the predicate holds
    out_of_time,  ///< the limit of virtual time has passed
    idle,         ///< nothing is queued, armed or in flight: nothing can change any more
    spinning,     ///< tasks run for ever and nothing else happens
    halted,       ///< the loop was halted, as by a crash of the simulated machine
};

/// The result of run_until().
struct run_report {
    run_end end = run_end::reached;
    std::uint64_t turns = 0;
    std::string queued;  ///< unless reached: a sentence that says what waits, for a failing test

    explicit operator bool() const noexcept { return end == run_end::reached; }
};

/// Something of a simulated device that happens at a moment. In its owner's memory.
///
/// Lifetime:  stays valid while scheduled. Happens once.
struct simulated_event
    : boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
    void (*happen)(simulated_event& which) noexcept = nullptr;
    monotonic_time due{};
    std::uint64_t order = 0;  // among events of one moment, drawn by the loop
    friend bool operator<(const simulated_event& a, const simulated_event& b) noexcept
    {
        return a.due != b.due ? a.due < b.due : a.order < b.order;
    }
};

/// Says what waits inside a part of the simulation, for run_report::queued.
struct simulation_part
    : boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
    virtual std::string describe_waiting() const = 0;
    std::uint64_t number = 0;  // the loop's: parts are asked in the order of their arrival
    friend bool operator<(const simulation_part& a, const simulation_part& b) noexcept
    {
        return a.number < b.number;
    }

protected:
    ~simulation_part() = default;
};

/// Runs what is put on it the same way each time: its clock is virtual, its randomness seeded.
///
/// The clock moves when nothing can be delivered: to the next timer, or to the next event of a
/// device. Events of devices that fall on one moment happen in seeded order and are spread over
/// several turns, so that they mix with tasks and timers in every way that is possible. Tasks keep
/// the order in which they were deferred, and so do posted ones.
///
/// Threads:    one. post() may be called from any, but what a second thread does is not repeatable.
/// Allocates:  never, after construction; the report of run_until() that did not reach its end.
class CIMREP_API simulated_loop final : public event_loop {
public:
    simulated_loop() : simulated_loop(simulated_loop_options{}) {}
    explicit simulated_loop(const simulated_loop_options& options);

    /// @pre  nothing is in flight, queued or armed.
    ~simulated_loop() override;

    /// Delivers what can be, after moving the clock by at most `wait_max` to it, and returns how
    /// many callbacks ran and events of devices happened. With nothing to wait for, `forever`
    /// returns at once: no thread sleeps here.
    std::size_t run_once(duration wait_max = forever) noexcept override;
    std::size_t poll() noexcept override { return run_once(duration{}); }
    std::intptr_t wait_handle() const noexcept override { return -1; }
    std::optional<monotonic_time> next_deadline() const noexcept override;
    monotonic_time now() const noexcept override { return now_; }
    wall_time wall_now() const noexcept override
    {
        return {wall_offset_nanoseconds_ + now_.nanoseconds};
    }
    void random_bytes(std::span<std::byte> to) noexcept override { bytes_.fill(to); }
    void post(loop_task& task) noexcept override;

    /// Turns until `reached()`, at most for `limit` of virtual time.
    ///
    /// @return  why it ended; converts to true if `reached()`. When it did not, `queued` names
    ///          what waits: operations by device, events, timers, tasks.
    run_report run_until(const std::function<bool()>& reached, duration limit = seconds(3600));

    /// As run_until(), until virtual time has passed, whatever happens meanwhile.
    void run_for(duration time);

    /// Moves the wall clock, as an operator or NTP does; now() is not affected.
    void step_wall_clock(duration by) noexcept { wall_offset_nanoseconds_ += by.nanoseconds; }

    /// Delivers nothing any more until resume(): the process that stood on it is dead.
    void halt() noexcept { halted_ = true; }
    /// Delivers again, so that what is left of a dead process can be taken apart.
    void resume() noexcept { halted_ = false; }
    bool halted() const noexcept { return halted_; }

    // For devices.

    /// Lets `event` happen at `due`, or now if that has passed; moves it if it is scheduled.
    void schedule(simulated_event& event, monotonic_time due) noexcept;
    void unschedule(simulated_event& event) noexcept;
    void enter(simulation_part& part) noexcept;
    void leave(simulation_part& part) noexcept;

    simulation_trace& trace() noexcept { return trace_; }
    /// The hash of all that was delivered so far: kind, time, device, offset, length, outcome.
    std::uint64_t trace_hash() const noexcept { return trace_.hash(); }

    /// For the choices of a device or a test; apart from random_bytes() and from the order.
    seeded_random& random() noexcept { return choices_; }

private:
    void take_posted() noexcept;
    std::size_t let_events_happen() noexcept;
    std::optional<monotonic_time> next_moment() const noexcept;
    void end_turn(std::size_t delivered) noexcept;
    std::string describe_queue() const;

    simulated_loop_options options_;
    monotonic_time now_;
    std::int64_t wall_offset_nanoseconds_;
    seeded_random order_;
    seeded_random bytes_;
    seeded_random choices_;
    boost::intrusive::multiset<simulated_event> events_;
    boost::intrusive::set<simulation_part> parts_;
    std::uint64_t parts_entered_ = 0;
    std::atomic<loop_task*> posted_{nullptr};  // newest first
    simulation_trace trace_;
    std::uint32_t turns_at_instant_ = 0;
    std::uint64_t turns_without_event_ = 0;
    std::uint64_t turns_ = 0;
    bool halted_ = false;
};

}  // namespace cimrep::inline v0
