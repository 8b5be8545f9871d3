// async/styles_test.cpp -- callback, future and coroutine, over memory and over io_uring.
// SPDX-License-Identifier: BSL-1.0
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "async_rig.hpp"
#include "catch.hpp"
#include <future>
#include <thread>

using namespace cimrep;
using namespace cimrep::test;
namespace asio = boost::asio;

TEMPLATE_TEST_CASE("a callback is called once, from the io_context, with what was written",
                   "[async]", memory_rig, uring_rig)
{
    TestType rig;
    const auto written = rig.pattern(3);
    std::vector<std::byte> read(written.size());
    int called = 0;
    async_write(rig.driver, rig.device(), 4096, written, [&](boost::system::error_code error) {
        CHECK_FALSE(error);
        CHECK(rig.context.get_executor().running_in_this_thread());
        async_flush(rig.driver, rig.device(), [&](boost::system::error_code flushed) {
            CHECK_FALSE(flushed);
            async_read(rig.driver, rig.device(), 4096, read, [&](boost::system::error_code ec) {
                CHECK_FALSE(ec);
                ++called;
                rig.driver.stop();
            });
        });
    });
    CHECK(called == 0);
    rig.context.run();
    CHECK(called == 1);
    CHECK(read == written);
}

TEMPLATE_TEST_CASE("zeroes and discards have the same door", "[async]", memory_rig, uring_rig)
{
    TestType rig;
    const auto written = rig.pattern(5);
    std::vector<std::byte> read(written.size());
    std::vector<boost::system::error_code> errors;
    const auto collect = [&](boost::system::error_code error) { errors.push_back(error); };
    async_write(rig.driver, rig.device(), 0, written, collect);
    rig.run_until([&] { return errors.size() == 1; });
    async_write_zeroes(rig.driver, rig.device(), 0, written.size(), collect);
    rig.run_until([&] { return errors.size() == 2; });
    async_read(rig.driver, rig.device(), 0, read, collect);
    rig.run_until([&] { return errors.size() == 3; });
    for (const auto& error : errors) CHECK_FALSE(error);
    CHECK(read == std::vector<std::byte>(read.size()));
    async_discard(rig.driver, rig.device(), 0, written.size(), collect);
    rig.run_until([&] { return errors.size() == 4; });
    CHECK((!errors[3] || errors[3] == make_error_code(errc::not_supported)));
}

TEMPLATE_TEST_CASE("a future is made ready while another thread runs the io_context",
                   "[async][thread]", memory_rig, uring_rig)
{
    TestType rig;
    const auto written = rig.pattern(7);
    std::vector<std::byte> read(written.size());
    std::thread runner([&] { rig.context.run(); });
    // Started from this thread: the operations begin on the loop's.
    for (unsigned i = 0; i < 8; ++i)
        async_write(rig.driver, rig.device(), i * 4096, written, asio::use_future).get();
    auto done = async_read(rig.driver, rig.device(), 7 * 4096, read, asio::use_future);
    done.get();
    CHECK(read == written);
    auto refused = async_read(rig.driver, rig.device(), 1, read, asio::use_future);
    try {
        refused.get();
        FAIL("a misaligned read succeeded");
    } catch (const boost::system::system_error& error) {
        CHECK(error.code() == boost::system::error_code(make_error_code(errc::misaligned)));
    }
    rig.driver.stop();
    runner.join();
}

namespace {

asio::awaitable<void> write_and_read(loop_in_io_context& driver, block_device& device,
                                     std::span<const std::byte> from, std::span<std::byte> into)
{
    co_await async_write(driver, device, 8192, from, asio::use_awaitable);
    co_await async_flush(driver, device, asio::use_awaitable);
    co_await async_read(driver, device, 8192, into, asio::use_awaitable);
}

asio::awaitable<bool> is_refused(loop_in_io_context& driver, block_device& device,
                                 std::span<std::byte> into)
{
    bool refused = false;
    try {
        co_await async_read(driver, device, device.shape().size_bytes, into, asio::use_awaitable);
    } catch (const boost::system::system_error& error) {
        refused = error.code() == boost::system::error_code(make_error_code(errc::out_of_bounds));
    }
    co_return refused;
}

}  // namespace

TEMPLATE_TEST_CASE("a coroutine waits for each operation in turn", "[async]", memory_rig, uring_rig)
{
    TestType rig;
    const auto written = rig.pattern(9);
    std::vector<std::byte> read(written.size());
    bool over = false;
    asio::co_spawn(rig.context, write_and_read(rig.driver, rig.device(), written, read),
                   [&](std::exception_ptr error) {
                       CHECK_FALSE(error);
                       over = true;
                       rig.driver.stop();
                   });
    rig.context.run();
    CHECK(over);
    CHECK(read == written);
}

TEMPLATE_TEST_CASE("in a coroutine an error is an exception with the library's code", "[async]",
                   memory_rig, uring_rig)
{
    TestType rig;
    std::vector<std::byte> read(4096);
    bool refused = false;
    asio::co_spawn(rig.context, is_refused(rig.driver, rig.device(), read),
                   [&](std::exception_ptr error, bool how) {
                       CHECK_FALSE(error);
                       refused = how;
                       rig.driver.stop();
                   });
    rig.context.run();
    CHECK(refused);
}
