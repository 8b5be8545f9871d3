// test/io/loop_contract_test.cpp -- what every loop does, however it is driven.
// SPDX-License-Identifier: BSL-1.0
#include "contract.hpp"
#include <array>
#include <chrono>
#include <deque>
#include <thread>

using namespace cimrep;
using namespace cimrep::test;

namespace {

struct tracked_task : loop_task {
    tracked_task()
    {
        run = [](loop_task& task) noexcept {
            auto& self = static_cast<tracked_task&>(task);
            self.seen->push_back(self.number);
        };
    }
    std::vector<int>* seen = nullptr;
    int number = 0;
};

struct tracked_timer : timer {
    tracked_timer()
    {
        fired = [](timer& which) noexcept {
            auto& self = static_cast<tracked_timer&>(which);
            self.seen->push_back(self.number);
            self.fired_at = self.loop->now();
        };
    }
    std::vector<int>* seen = nullptr;
    event_loop* loop = nullptr;
    monotonic_time fired_at{};
    int number = 0;
};

}  // namespace

TEST_CASE("timers fire in the order of their moments, none early, none twice", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        std::vector<int> seen;
        std::array<tracked_timer, 4> timers;
        const monotonic_time start = c.loop.now();
        const int after_ms[] = {12, 3, 9, 6};
        for (int i = 0; i < 4; ++i) {
            timers[std::size_t(i)].seen = &seen;
            timers[std::size_t(i)].loop = &c.loop;
            timers[std::size_t(i)].number = i;
            c.loop.arm(timers[std::size_t(i)], start + milliseconds(after_ms[i]));
        }
        REQUIRE(c.loop.next_deadline().has_value());
        c.loop.disarm(timers[2]);
        c.loop.arm(timers[3], start + milliseconds(15));  // moved
        c.drive([&] { return seen.size() >= 3; });
        c.loop.poll();
        REQUIRE(seen == std::vector<int>{1, 0, 3});
        for (const int i : seen)
            REQUIRE(timers[std::size_t(i)].fired_at >= timers[std::size_t(i)].due);
    });
}

TEST_CASE("a timer that arms itself for the past fires once a turn, and starves nobody",
          "[contract]")
{
    over_all_devices([](const contract_case& c) {
        struct eager : timer {
            event_loop* loop = nullptr;
            int fired_times = 0;
        } which;
        which.loop = &c.loop;
        which.fired = [](timer& self_timer) noexcept {
            auto& self = static_cast<eager&>(self_timer);
            if (++self.fired_times < 5) self.loop->arm(self, {});
        };
        c.loop.arm(which, {});
        REQUIRE(c.loop.poll() == 1);
        REQUIRE(which.fired_times == 1);
        c.drive([&] { return which.fired_times == 5; });
    });
}

TEST_CASE("a wait with nothing to do lasts as long as was asked, and delivers nothing",
          "[contract]")
{
    over_all_devices([](const contract_case& c) {
        c.loop.poll();
        const monotonic_time start = c.loop.now();
        REQUIRE(c.loop.run_once(milliseconds(20)) == 0);
        REQUIRE(c.loop.now() >= start + milliseconds(20));
    });
}

TEST_CASE("poll delivers what is there and does not wait for a timer", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        std::vector<int> seen;
        tracked_timer far;
        far.seen = &seen;
        far.loop = &c.loop;
        c.loop.arm(far, c.loop.now() + seconds(3600));
        REQUIRE(c.loop.poll() == 0);
        REQUIRE(c.loop.now() < far.due);
        c.loop.disarm(far);
        tracked_task task;
        task.seen = &seen;
        c.loop.defer(task);
        const auto deadline = c.loop.next_deadline();
        REQUIRE(deadline.has_value());
        REQUIRE(*deadline <= c.loop.now());
        REQUIRE(c.loop.poll() == 1);
        REQUIRE(seen == std::vector<int>{0});
    });
}

TEST_CASE("tasks deferred by a task run in the next turn, not in this one", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        struct again : loop_task {
            event_loop* loop = nullptr;
            int runs = 0;
        } task;
        task.loop = &c.loop;
        task.run = [](loop_task& which) noexcept {
            auto& self = static_cast<again&>(which);
            if (++self.runs < 3) self.loop->defer(self);
        };
        c.loop.defer(task);
        REQUIRE(c.loop.poll() == 1);
        REQUIRE(task.runs == 1);
        c.drive([&] { return task.runs == 3; });
    });
}

TEST_CASE("what several threads post runs once, in each thread's order, on the loop's thread",
          "[contract][thread]")
{
    over_all_devices([](const contract_case& c) {
        constexpr int threads = 4;
        constexpr int tasks = 500;
        struct posted : loop_task {
            std::thread::id* ran_on = nullptr;
            std::vector<int>* seen = nullptr;
            int number = 0;
        };
        std::array<std::deque<posted>, threads> all;
        std::array<std::vector<int>, threads> seen;
        std::thread::id ran_on;
        for (int t = 0; t < threads; ++t) {
            for (int i = 0; i < tasks; ++i) {
                posted& task = all[std::size_t(t)].emplace_back();
                task.run = [](loop_task& which) noexcept {
                    auto& self = static_cast<posted&>(which);
                    *self.ran_on = std::this_thread::get_id();
                    self.seen->push_back(self.number);
                };
                task.ran_on = &ran_on;
                task.seen = &seen[std::size_t(t)];
                task.number = i;
            }
        }
        std::vector<std::thread> running;
        for (int t = 0; t < threads; ++t)
            running.emplace_back([&, t] {
                for (posted& task : all[std::size_t(t)]) c.loop.post(task);
            });
        c.drive([&] {
            std::size_t total = 0;
            for (const auto& each : seen) total += each.size();
            return total == std::size_t{threads} * tasks;
        });
        for (std::thread& each : running) each.join();
        REQUIRE(ran_on == std::this_thread::get_id());
        for (const auto& each : seen) {
            REQUIRE(each.size() == tasks);
            for (int i = 0; i < tasks; ++i) REQUIRE(each[std::size_t(i)] == i);
        }
    });
}

TEST_CASE("a post from another thread ends a wait without end", "[contract][thread]")
{
    over_all_devices([](const contract_case& c) {
        std::vector<int> seen;
        tracked_task task;
        task.seen = &seen;
        for (int i = 0; i < 20; ++i) {
            seen.clear();
            std::thread other([&] { c.loop.post(task); });
            while (seen.empty()) c.loop.run_once();
            other.join();
            // And the sleep of whatever drives the loop: each time, not only the first.
            seen.clear();
            std::thread later([&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                c.loop.post(task);
            });
            c.drive([&] { return !seen.empty(); });
            later.join();
        }
        REQUIRE(seen == std::vector<int>{0});
    });
}

TEST_CASE("random bytes fill what is asked for, and differ", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        std::array<std::byte, 33> first{};
        std::array<std::byte, 33> second{};
        c.loop.random_bytes(first);
        c.loop.random_bytes(second);
        REQUIRE(first != second);
        // The last byte is written too: that it is zero 20 times by chance does not happen.
        bool last_written = false;
        for (int i = 0; i < 20; ++i) {
            c.loop.random_bytes(first);
            last_written = last_written || first.back() != std::byte{};
        }
        REQUIRE(last_written);
    });
}

TEST_CASE("the clock never goes back, and the wall clock is set", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const monotonic_time first = c.loop.now();
        REQUIRE(c.loop.now() >= first);
        REQUIRE(c.loop.wall_now().is_set());
    });
}
