// lib/testing/simulated_loop.cpp -- moves the clock only when nothing is left to do.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/simulated_loop.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

simulated_loop::simulated_loop(const simulated_loop_options& options)
    : options_(options),
      now_(options.start),
      wall_offset_nanoseconds_(options.wall_start.nanoseconds - options.start.nanoseconds),
      order_(seed_of_part(options.seed, 1)),
      bytes_(seed_of_part(options.seed, 2)),
      choices_(seed_of_part(options.seed, 3))
{
    // A deadline of 0 means none, so no moment may be 0.
    CIMREP_ASSERT(options.start.nanoseconds > 0);
    CIMREP_ASSERT(options.turns_per_instant_max > 0 && options.turn_cost > duration{});
}

simulated_loop::~simulated_loop()
{
    CIMREP_ASSERT(events_.empty() && parts_.empty() && posted_.load() == nullptr);
}

void simulated_loop::post(loop_task& task) noexcept
{
    CIMREP_ASSERT(task.run != nullptr && !task.queued);
    task.queued = true;
    loop_task* head = posted_.load(std::memory_order_relaxed);
    do task.next = head;
    while (!posted_.compare_exchange_weak(head, &task, std::memory_order_release,
                                          std::memory_order_relaxed));
}

void simulated_loop::take_posted() noexcept
{
    loop_task* newest = posted_.exchange(nullptr, std::memory_order_acquire);
    intrusive_queue<loop_task, &loop_task::next> in_order;
    while (newest != nullptr) {
        loop_task* const older = newest->next;
        in_order.push_front(*newest);
        newest = older;
    }
    while (loop_task* task = in_order.pop()) {
        task->queued = false;
        defer(*task);
    }
}

void simulated_loop::schedule(simulated_event& event, monotonic_time due) noexcept
{
    CIMREP_ASSERT(event.happen != nullptr);
    unschedule(event);
    event.due = std::max(due, now_);
    event.order = order_.next();
    events_.insert(event);
}

void simulated_loop::unschedule(simulated_event& event) noexcept
{
    if (event.is_linked()) events_.erase(events_.iterator_to(event));
}

void simulated_loop::enter(simulation_part& part) noexcept
{
    part.number = ++parts_entered_;
    parts_.insert(part);
}

void simulated_loop::leave(simulation_part& part) noexcept
{
    if (part.is_linked()) parts_.erase(parts_.iterator_to(part));
}

/// Lets the first due event happen, and with luck more: the others wait for the next turn.
std::size_t simulated_loop::let_events_happen() noexcept
{
    std::size_t happened = 0;
    while (!events_.empty() && events_.begin()->due <= now_) {
        if (happened > 0 && (order_.next() & 1) == 0) break;
        simulated_event& event = *events_.begin();
        events_.erase(events_.begin());
        event.happen(event);
        ++happened;
    }
    if (happened > 0) turns_without_event_ = 0;
    return happened;
}

std::optional<monotonic_time> simulated_loop::next_moment() const noexcept
{
    std::optional<monotonic_time> next = event_loop::next_deadline();
    if (!events_.empty() && (!next || events_.begin()->due < *next)) next = events_.begin()->due;
    return next;
}

std::optional<monotonic_time> simulated_loop::next_deadline() const noexcept
{
    if (posted_.load(std::memory_order_relaxed) != nullptr) return now_;
    return next_moment();
}

/// Counts the turn, and lets it take time if there were too many at this instant.
void simulated_loop::end_turn(std::size_t delivered) noexcept
{
    ++turns_;
    ++turns_without_event_;
    if (delivered > 0) trace_.add({.kind = trace_kind::turn, .time = now_, .length = delivered});
    if (++turns_at_instant_ > options_.turns_per_instant_max) now_ = now_ + options_.turn_cost;
}

std::size_t simulated_loop::run_once(duration wait_max) noexcept
{
    if (halted_) return 0;
    const bool bounded = wait_max.nanoseconds < INT64_MAX - now_.nanoseconds;
    const monotonic_time limit = bounded ? now_ + wait_max : monotonic_time{INT64_MAX};
    while (true) {
        take_posted();
        const std::size_t happened = let_events_happen();
        const std::size_t delivered = happened + deliver();
        if (delivered > 0 || halted_) {
            end_turn(delivered);
            return delivered;
        }
        const auto next = next_moment();
        if (!next || *next > limit) {
            if (bounded && limit > now_) {
                now_ = limit;
                turns_at_instant_ = 0;
            }
            end_turn(0);
            return 0;
        }
        now_ = *next;
        turns_at_instant_ = 0;
        turns_without_event_ = 0;
    }
}

run_report simulated_loop::run_until(const std::function<bool()>& reached, duration limit)
{
    const monotonic_time end = now_ + limit;
    const std::uint64_t first_turn = turns_;
    turns_without_event_ = 0;
    run_report report;
    while (!reached()) {
        if (halted_)
            report.end = run_end::halted;
        else if (now_ > end)
            report.end = run_end::out_of_time;
        else if (!next_deadline())
            report.end = run_end::idle;
        else if (turns_without_event_ > options_.spinning_turns_max)
            report.end = run_end::spinning;
        if (report.end != run_end::reached) {
            report.queued = describe_queue();
            break;
        }
        run_once(end + duration{1} - now_);
    }
    report.turns = turns_ - first_turn;
    return report;
}

void simulated_loop::run_for(duration time)
{
    const monotonic_time end = now_ + time;
    while (now_ < end && !halted_) run_once(end - now_);
}

std::string simulated_loop::describe_queue() const
{
    std::string text = fmt::format("at {} ns after {} turns: ", now_.nanoseconds, turns_);
    text += has_deferred() ? "tasks or completions are queued" : "no task is queued";
    const auto timer = event_loop::next_deadline();
    if (has_timers() && timer && !has_deferred())
        text += fmt::format(", the next timer is due at {} ns", timer->nanoseconds);
    else
        text += has_timers() ? ", timers are armed" : ", no timer is armed";
    if (!events_.empty())
        text += fmt::format(", {} device events wait, the next is due at {} ns", events_.size(),
                            events_.begin()->due.nanoseconds);
    for (const simulation_part& part : parts_) {
        const std::string waiting = part.describe_waiting();
        if (!waiting.empty()) text += "; " + waiting;
    }
    return text;
}

}  // namespace cimrep::inline v0
