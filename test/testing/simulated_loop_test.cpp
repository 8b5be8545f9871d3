// test/testing/simulated_loop_test.cpp -- virtual time, seeded order, and an end to every wait.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/simulated_loop.hpp>

#include "catch.hpp"
#include <array>
#include <deque>
#include <memory>
#include <vector>

using namespace cimrep;

namespace {

struct numbered_event : simulated_event {
    std::vector<int>* seen = nullptr;
    int number = 0;
    numbered_event()
    {
        happen = [](simulated_event& which) noexcept {
            auto& self = static_cast<numbered_event&>(which);
            self.seen->push_back(self.number);
        };
    }
};

struct numbered_task : loop_task {
    std::vector<int>* seen = nullptr;
    int number = 0;
    numbered_task()
    {
        run = [](loop_task& which) noexcept {
            auto& self = static_cast<numbered_task&>(which);
            self.seen->push_back(self.number);
        };
    }
};

struct numbered_timer : timer {
    std::vector<int>* seen = nullptr;
    int number = 0;
    monotonic_time fired_at{};
    simulated_loop* loop = nullptr;
    numbered_timer()
    {
        fired = [](timer& which) noexcept {
            auto& self = static_cast<numbered_timer&>(which);
            self.seen->push_back(self.number);
            self.fired_at = self.loop->now();
        };
    }
};

/// Defers itself in each turn.
struct spinner : loop_task {
    simulated_loop* loop = nullptr;
    std::uint64_t runs = 0;
    explicit spinner(simulated_loop& on) : loop(&on)
    {
        run = [](loop_task& which) noexcept {
            auto& self = static_cast<spinner&>(which);
            ++self.runs;
            if (self.loop != nullptr) self.loop->defer(self);
        };
        on.defer(*this);
    }
    void stop(simulated_loop& on)
    {
        loop = nullptr;
        on.poll();
    }
};

std::vector<int> order_of(std::uint64_t seed)
{
    simulated_loop loop({.seed = seed});
    std::vector<int> seen;
    std::array<numbered_event, 16> events;
    for (int i = 0; i < 16; ++i) {
        events[std::size_t(i)].seen = &seen;
        events[std::size_t(i)].number = i;
        loop.schedule(events[std::size_t(i)], loop.now() + milliseconds(1));
    }
    REQUIRE(loop.run_until([&] { return seen.size() == 16; }));
    return seen;
}

}  // namespace

TEST_CASE("the clock stands while there is work, and jumps to the next timer")
{
    simulated_loop loop;
    const monotonic_time start = loop.now();
    std::vector<int> seen;
    std::array<numbered_timer, 3> timers;
    const int after_seconds[] = {50, 10, 30};
    for (int i = 0; i < 3; ++i) {
        timers[std::size_t(i)].seen = &seen;
        timers[std::size_t(i)].loop = &loop;
        timers[std::size_t(i)].number = i;
        loop.arm(timers[std::size_t(i)], start + seconds(after_seconds[i]));
    }
    numbered_task task;
    task.seen = &seen;
    task.number = 9;
    loop.defer(task);
    REQUIRE(loop.next_deadline() == start);
    REQUIRE(loop.run_once() == 1);
    REQUIRE(loop.now() == start);
    REQUIRE(loop.next_deadline() == start + seconds(10));
    loop.disarm(timers[2]);
    while (seen.size() < 3) REQUIRE(loop.run_once() == 1);
    REQUIRE(seen == std::vector<int>{9, 1, 0});
    REQUIRE(timers[0].fired_at == start + seconds(50));
    REQUIRE(timers[1].fired_at == start + seconds(10));
    REQUIRE(loop.now() == start + seconds(50));
}

TEST_CASE("a wait ends after its time and not at a timer beyond it")
{
    simulated_loop loop;
    std::vector<int> seen;
    numbered_timer far;
    far.seen = &seen;
    far.loop = &loop;
    const monotonic_time start = loop.now();
    loop.arm(far, start + seconds(100));
    REQUIRE(loop.run_once(seconds(99)) == 0);
    REQUIRE(loop.now() == start + seconds(99));
    REQUIRE(loop.run_once(seconds(99)) == 1);
    REQUIRE(loop.now() == start + seconds(100));
    REQUIRE(loop.run_once(forever) == 0);  // nothing will ever come: no wait
    REQUIRE(loop.now() == start + seconds(100));
}

TEST_CASE("who only polls does not stop the clock, and no timer fires early")
{
    simulated_loop loop;
    std::vector<int> seen;
    numbered_timer soon;
    soon.seen = &seen;
    soon.loop = &loop;
    loop.arm(soon, loop.now() + milliseconds(1));
    std::size_t polls = 0;
    for (; seen.empty() && polls < 100'000; ++polls) loop.poll();
    REQUIRE(seen.size() == 1);
    REQUIRE(polls > 1000);
    REQUIRE(soon.fired_at >= soon.due);
}

TEST_CASE("a task that defers itself in each turn does not stop the clock either")
{
    simulated_loop loop;
    spinner task(loop);
    std::vector<int> seen;
    numbered_timer soon;
    soon.seen = &seen;
    soon.loop = &loop;
    loop.arm(soon, loop.now() + milliseconds(1));
    REQUIRE(loop.run_until([&] { return !seen.empty(); }, seconds(1)));
    REQUIRE(task.runs < 5000);
    task.stop(loop);
}

TEST_CASE("a loop that spins for ever is reported with what is queued")
{
    simulated_loop loop({.turn_cost = duration{1}, .spinning_turns_max = 1000});
    spinner task(loop);
    const run_report report = loop.run_until([] { return false; });
    REQUIRE(report.end == run_end::spinning);
    REQUIRE_FALSE(report);
    REQUIRE_THAT(report.queued, Catch::Matchers::ContainsSubstring("tasks or completions"));
    REQUIRE(report.turns > 1000);
    REQUIRE(report.turns < 1100);
    task.stop(loop);
}

TEST_CASE("a loop on which nothing can happen any more is reported as idle at once")
{
    simulated_loop loop;
    const monotonic_time start = loop.now();
    const run_report report = loop.run_until([] { return false; });
    REQUIRE(report.end == run_end::idle);
    REQUIRE(report.turns == 0);
    REQUIRE(loop.now() == start);
    REQUIRE_THAT(report.queued, Catch::Matchers::ContainsSubstring("no task"));
}

TEST_CASE("the limit of virtual time ends a run")
{
    simulated_loop loop;
    std::vector<int> seen;
    numbered_timer far;
    far.seen = &seen;
    far.loop = &loop;
    const monotonic_time start = loop.now();
    loop.arm(far, start + seconds(100));
    const run_report report = loop.run_until([&] { return !seen.empty(); }, seconds(99));
    REQUIRE(report.end == run_end::out_of_time);
    REQUIRE_THAT(report.queued, Catch::Matchers::ContainsSubstring("timer is due"));
    REQUIRE(loop.now() <= start + seconds(99) + duration{1});
    REQUIRE(loop.run_until([&] { return !seen.empty(); }, seconds(99)));
}

TEST_CASE("events of one moment happen in an order that the seed determines")
{
    REQUIRE(order_of(1) == order_of(1));
    REQUIRE(order_of(1) != order_of(2));
    REQUIRE(order_of(2) != order_of(3));
}

TEST_CASE("events of one moment mix with tasks that were deferred before them and after them")
{
    // An event may happen a turn later than another of its moment: before or after a task.
    bool before = false;
    bool after = false;
    for (std::uint64_t seed = 1; seed < 50; ++seed) {
        simulated_loop loop({.seed = seed});
        std::vector<int> seen;
        std::array<numbered_event, 2> events;
        numbered_task task;
        task.seen = &seen;
        task.number = 7;
        for (int i = 0; i < 2; ++i) {
            events[std::size_t(i)].seen = &seen;
            events[std::size_t(i)].number = i;
            loop.schedule(events[std::size_t(i)], loop.now());
        }
        loop.defer(task);
        REQUIRE(loop.run_until([&] { return seen.size() == 3; }));
        before = before || seen[2] == 7;
        after = after || seen[2] != 7;
    }
    REQUIRE(before);
    REQUIRE(after);
}

TEST_CASE("tasks and posts keep their order")
{
    simulated_loop loop;
    std::vector<int> seen;
    std::deque<numbered_task> tasks(6);
    for (int i = 0; i < 6; ++i) {
        tasks[std::size_t(i)].seen = &seen;
        tasks[std::size_t(i)].number = i;
    }
    for (int i = 0; i < 3; ++i) loop.defer(tasks[std::size_t(i)]);
    for (int i = 3; i < 6; ++i) loop.post(tasks[std::size_t(i)]);
    REQUIRE(loop.next_deadline() == loop.now());
    REQUIRE(loop.poll() == 6);
    REQUIRE(seen == std::vector<int>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("an event that is moved or withdrawn happens at its new moment, or not")
{
    simulated_loop loop;
    std::vector<int> seen;
    std::array<numbered_event, 2> events;
    const monotonic_time start = loop.now();
    for (int i = 0; i < 2; ++i) {
        events[std::size_t(i)].seen = &seen;
        events[std::size_t(i)].number = i;
        loop.schedule(events[std::size_t(i)], start + seconds(1));
    }
    loop.schedule(events[0], start + seconds(5));
    loop.unschedule(events[1]);
    REQUIRE(loop.run_until([&] { return !seen.empty(); }));
    REQUIRE(seen == std::vector<int>{0});
    REQUIRE(loop.now() == start + seconds(5));
    REQUIRE_FALSE(loop.next_deadline().has_value());
}

TEST_CASE("random bytes and the clocks come from the seed and the options alone")
{
    const auto draw = [](std::uint64_t seed) {
        simulated_loop loop({.seed = seed});
        std::array<std::byte, 33> bytes{};
        loop.random_bytes(bytes);
        return bytes;
    };
    REQUIRE(draw(5) == draw(5));
    REQUIRE(draw(5) != draw(6));
    simulated_loop loop({.start = {7'000}, .wall_start = {9'000}});
    REQUIRE(loop.now() == monotonic_time{7'000});
    REQUIRE(loop.wall_now() == wall_time{9'000});
    loop.run_for(duration{50});
    REQUIRE(loop.now() == monotonic_time{7'050});
    REQUIRE(loop.wall_now() == wall_time{9'050});
    loop.step_wall_clock(duration{-8'000});
    REQUIRE(loop.now() == monotonic_time{7'050});
    REQUIRE(loop.wall_now() == wall_time{1'050});
}

TEST_CASE("a halted loop delivers nothing until it resumes")
{
    simulated_loop loop;
    std::vector<int> seen;
    numbered_task task;
    task.seen = &seen;
    loop.defer(task);
    loop.halt();
    REQUIRE(loop.run_once() == 0);
    REQUIRE(loop.run_until([&] { return !seen.empty(); }).end == run_end::halted);
    REQUIRE(seen.empty());
    loop.resume();
    REQUIRE(loop.run_until([&] { return !seen.empty(); }));
}

TEST_CASE("what a test folds into the trace changes its hash, and its observer sees it")
{
    const auto hash_of = [](std::uint64_t what, error_code outcome) {
        simulated_loop loop;
        std::vector<trace_event> seen;
        loop.trace().observe(
            [](void* to, const trace_event& event) {
                static_cast<std::vector<trace_event>*>(to)->push_back(event);
            },
            &seen);
        loop.trace().add({.time = loop.now(), .what = what, .outcome = outcome});
        REQUIRE(seen.size() == 1);
        REQUIRE(seen[0].what == what);
        return loop.trace_hash();
    };
    REQUIRE(hash_of(1, {}) == hash_of(1, {}));
    REQUIRE(hash_of(1, {}) != hash_of(2, {}));
    REQUIRE(hash_of(1, {}) != hash_of(1, errc::injected));
    REQUIRE(hash_of(1, make_error_code(errc::closed)) !=
            hash_of(1, {static_cast<int>(errc::closed), std::generic_category()}));
}
