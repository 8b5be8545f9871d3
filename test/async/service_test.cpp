// async/service_test.cpp -- a CIM method and the end of a shard, in the three styles.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/async/async_io.hpp>
#include <cimrep/async/async_service.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "runtime_rig.hpp"
#include <thread>

using namespace cimrep;
using namespace cimrep::test;
namespace asio = boost::asio;

namespace {

/// A service on a shard over memory devices, driven by an io_context.
struct service_in_context {
    runtime_rig rig;
    shard* over;
    std::unique_ptr<replication_service> service;
    asio::io_context context;
    loop_in_io_context driver{context, rig.loop};

    service_in_context()
    {
        rig.elements.add("s", {.size_bytes = 1 * mib});
        rig.elements.add("t", {.size_bytes = 1 * mib});
        over = &rig.open();
        service = std::make_unique<replication_service>(*over);
    }
    static create_element_replica::inputs mirror()
    {
        create_element_replica::inputs in;
        in.sync_type = sync_type::mirror;
        in.source_element = element_path("s");
        in.target_element = element_path("t");
        in.wait_for_copy_state = copy_state::synchronized;
        return in;
    }
    /// 4096: the pair is there, and a job goes on until it is Synchronized.
    static bool begun(const method_result<create_element_replica>& result)
    {
        return result.succeeded() && result.out.synchronization.has_value();
    }
};

asio::awaitable<void> create_and_close(service_in_context& in, bool& created, bool& closed)
{
    auto inputs = service_in_context::mirror();
    auto result = co_await async_call<create_element_replica>(
        in.driver, *in.service, std::move(inputs), asio::use_awaitable);
    created = service_in_context::begun(result);
    while (in.over->find(*result.out.synchronization)->info().copy_state !=
           copy_state::synchronized) {
        co_await asio::post(in.context, asio::use_awaitable);
    }
    in.service.reset();
    auto error = co_await async_close(in.driver, *in.over, asio::use_awaitable);
    closed = !error.has_value();
    in.rig.opened.reset();
    in.driver.stop();
}

}  // namespace

TEST_CASE("a method answers a callback with its code and its outputs", "[async][service]")
{
    service_in_context in;
    int called = 0;
    async_call<create_element_replica>(
        in.driver, *in.service, service_in_context::mirror(),
        [&](method_result<create_element_replica> result) {
            ++called;
            CHECK(service_in_context::begun(result));
            CHECK(in.over->find(*result.out.synchronization) != nullptr);
            in.driver.stop();
        });
    CHECK(called == 0);
    in.context.run();
    CHECK(called == 1);
    in.service.reset();
}

TEST_CASE("a refused method is a result with its failure, not an exception",
          "[async][service][thread]")
{
    service_in_context in;
    std::thread runner([&] { in.context.run(); });
    auto inputs = service_in_context::mirror();
    inputs.target_element = element_path("nothing of this name");
    const auto result = async_call<create_element_replica>(in.driver, *in.service,
                                                           std::move(inputs), asio::use_future)
                            .get();
    in.driver.stop();
    runner.join();
    CHECK_FALSE(result.succeeded());
    REQUIRE(result.error.has_value());
    CHECK(result.error->code == errc::stale_reference);
    in.service.reset();
}

TEST_CASE("a coroutine creates a mirror, sees it Synchronized and closes the shard",
          "[async][service]")
{
    service_in_context in;
    bool created = false, closed = false;
    std::exception_ptr thrown;
    asio::co_spawn(in.context, create_and_close(in, created, closed),
                   [&](std::exception_ptr error) {
                       thrown = error;
                       if (error) in.driver.stop();
                   });
    in.context.run();
    CHECK_FALSE(thrown);
    CHECK(created);
    CHECK(closed);
}
