// async/handler_test.cpp -- where handlers run, whose memory they use, and how they are cancelled.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/fault_device.hpp>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include "async_rig.hpp"
#include "catch.hpp"
#include <atomic>
#include <stdexcept>
#include <thread>

using namespace cimrep;
using namespace cimrep::test;
namespace asio = boost::asio;

namespace {

/// Counts what is allocated and not yet given back.
template <class T>
struct counting_allocator {
    using value_type = T;
    int* allocated;
    int* alive;
    counting_allocator(int* in_all, int* now) : allocated(in_all), alive(now) {}
    template <class U>
    counting_allocator(const counting_allocator<U>& other)
        : allocated(other.allocated), alive(other.alive)
    {
    }
    T* allocate(std::size_t count)
    {
        ++*allocated;
        ++*alive;
        return std::allocator<T>().allocate(count);
    }
    void deallocate(T* memory, std::size_t count)
    {
        --*alive;
        std::allocator<T>().deallocate(memory, count);
    }
    template <class U>
    bool operator==(const counting_allocator<U>& other) const
    {
        return alive == other.alive;
    }
};

/// A device that holds its first write until it is released or cancelled.
struct held_rig : memory_rig {
    fault_device held{memory};
    held_rig()
    {
        held.faults().add(
            {.kind = io_kind::write, .action = fault_action::hold, .cancelable = true});
    }
};

}  // namespace

TEST_CASE("the record comes from the handler's allocator and is back before the handler runs",
          "[async]")
{
    memory_rig rig;
    const auto data = memory_rig::pattern(1);
    int allocated = 0, alive = 0;
    int alive_in_handler = -1;
    const counting_allocator<std::byte> allocator(&allocated, &alive);
    async_write(rig.driver, rig.device(), 0, data,
                asio::bind_allocator(allocator,
                                     [&](boost::system::error_code) { alive_in_handler = alive; }));
    CHECK(allocated > 0);
    rig.run_until([&] { return alive_in_handler >= 0; });
    CHECK(alive_in_handler == 0);
    CHECK(alive == 0);
}

TEST_CASE("a handler runs on the executor it is bound to, which is kept at work until then",
          "[async]")
{
    memory_rig rig;
    const auto data = memory_rig::pattern(2);
    asio::io_context other;
    bool ran = false;
    async_write(rig.driver, rig.device(), 0, data,
                asio::bind_executor(other.get_executor(), [&](boost::system::error_code) {
                    ran = true;
                    CHECK(other.get_executor().running_in_this_thread());
                    CHECK_FALSE(rig.context.get_executor().running_in_this_thread());
                }));
    CHECK(other.poll() == 0);
    CHECK_FALSE(other.stopped());  // it has work: the handler that is to come
    for (int i = 0; i < 8; ++i) rig.context.poll();
    CHECK_FALSE(ran);
    other.run();
    CHECK(ran);
}

TEST_CASE("a cancelled operation ends with Asio's own error, once", "[async]")
{
    held_rig rig;
    const auto data = memory_rig::pattern(3);
    asio::cancellation_signal signal;
    std::vector<boost::system::error_code> errors;
    async_write(rig.driver, rig.held, 0, data,
                asio::bind_cancellation_slot(signal.slot(), [&](boost::system::error_code error) {
                    errors.push_back(error);
                }));
    rig.run_until([&] { return rig.held.held() == 1; });
    CHECK(errors.empty());
    signal.emit(asio::cancellation_type::total);
    rig.run_until([&] { return !errors.empty(); });
    CHECK(errors.size() == 1);
    CHECK(errors[0] == asio::error::operation_aborted);
    CHECK_FALSE(signal.slot().has_handler());
    signal.emit(asio::cancellation_type::total);  // there is nothing left to cancel
    for (int i = 0; i < 8; ++i) rig.context.poll();
    CHECK(errors.size() == 1);
}

TEST_CASE("a cancellation that comes too late changes nothing", "[async]")
{
    memory_rig rig;
    const auto data = memory_rig::pattern(4);
    asio::cancellation_signal signal;
    std::vector<boost::system::error_code> errors;
    async_write(rig.driver, rig.device(), 0, data,
                asio::bind_cancellation_slot(signal.slot(), [&](boost::system::error_code error) {
                    errors.push_back(error);
                }));
    rig.run_until([&] { return !errors.empty(); });
    signal.emit(asio::cancellation_type::all);
    CHECK(errors == std::vector<boost::system::error_code>(1));
}

TEST_CASE("what a handler throws comes out of run(), and the next operations go on", "[async]")
{
    memory_rig rig;
    const auto data = memory_rig::pattern(5);
    bool second = false;
    async_write(rig.driver, rig.device(), 0, data,
                [](boost::system::error_code) { throw std::runtime_error("the handler's own"); });
    async_write(rig.driver, rig.device(), 0, data, [&](boost::system::error_code error) {
        second = !error;
        rig.driver.stop();
    });
    CHECK_THROWS_AS(rig.context.run(), std::runtime_error);
    CHECK_FALSE(second);
    rig.context.run();
    CHECK(second);
}

TEST_CASE("a handler may destroy the device and the driver it was called for", "[async]")
{
    asio::io_context context;
    portable_loop loop;
    auto device = std::make_unique<memory_device>(loop);
    auto driver = std::make_unique<loop_in_io_context>(context, loop);
    const auto data = memory_rig::pattern(6);
    async_write(*driver, *device, 0, data, [&](boost::system::error_code) {
        driver.reset();
        device.reset();
    });
    context.run();  // returns, because nobody drives the loop any more
    CHECK(device == nullptr);
}

TEMPLATE_TEST_CASE("what another thread posts to the loop runs in the io_context",
                   "[async][thread]", uring_rig)
{
    TestType rig;
    struct posted : loop_task {
        std::atomic<bool> ran{false};
        TestType* rig = nullptr;
    } task;
    task.rig = &rig;
    task.run = [](loop_task& base) noexcept {
        auto& self = static_cast<posted&>(base);
        self.ran.store(true);
        self.rig->driver.stop();
    };
    std::thread other([&] { rig.loop->post(task); });
    rig.context.run();
    other.join();
    CHECK(task.ran.load());
}

TEST_CASE("timers of the loop fire in the io_context, which sleeps until then", "[async]")
{
    uring_rig rig;
    struct ringing : timer {
        loop_in_io_context* driver = nullptr;
        bool rang = false;
    } alarm;
    alarm.driver = &rig.driver;
    alarm.fired = [](timer& base) noexcept {
        auto& self = static_cast<ringing&>(base);
        self.rang = true;
        self.driver->stop();
    };
    rig.loop->arm(alarm, rig.loop->now() + milliseconds(20));
    rig.driver.wake();
    const std::size_t handlers = rig.context.run();
    CHECK(alarm.rang);
    CHECK(handlers < 16);  // not one for each moment of the wait
}

TEST_CASE("an idle loop gives the io_context nothing to run", "[async]")
{
    uring_rig rig;
    for (int i = 0; i < 8; ++i) rig.context.poll();
    CHECK(rig.context.poll() == 0);
    CHECK(rig.context.run_one_for(std::chrono::milliseconds(20)) == 0);
}

TEST_CASE("operations that are started together are submitted together", "[async]")
{
    uring_rig rig;
    const auto data = uring_rig::pattern(8);
    for (int i = 0; i < 8; ++i) rig.context.poll();
    const std::uint64_t entries = rig.loop->statistics().kernel_entries;
    unsigned ended = 0;
    asio::post(rig.context, [&] {
        for (unsigned i = 0; i < 16; ++i)
            async_write(rig.driver, rig.device(), i * 4096, data,
                        [&](boost::system::error_code error) { ended += error ? 0 : 1; });
    });
    rig.run_until([&] { return ended == 16; });
    CHECK(rig.loop->statistics().kernel_entries - entries < 16);
}
