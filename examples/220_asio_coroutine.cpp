// examples/220_asio_coroutine.cpp -- a coroutine creates a mirror by its CIM method and writes.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/async/async_io.hpp>
#include <cimrep/async/async_service.hpp>
#include <cimrep/cim/object_path_parse.hpp>
#include <cimrep/io/memory_device.hpp>
#include <cimrep/io/portable_loop.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace asio = boost::asio;
using namespace cimrep;

namespace {

object_path path_of(const std::string& name)
{
    return make_object_path({.name_space = "root/cimv2",
                             .class_name = "CIM_StorageVolume",
                             .keys = {{"DeviceID", name}}})
        .value();
}

/// The product's storage: any name is a new memory device.
class memory_elements final : public element_provider {
public:
    outcome<element_description> describe(const object_path& path) const override
    {
        const auto* name = path.key_as<std::string>("DeviceID");
        if (name == nullptr) return fail(errc::stale_reference, to_text(path), "name an element");
        const geometry shape;
        return element_description{path, *name, *name, 4 * mib, shape.logical_block_bytes};
    }
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path&,
                                                const element_open_request&) override
    {
        memory_device_options options;
        options.size_bytes = 4 * mib;
        return std::unique_ptr<block_device>(std::make_unique<memory_device>(loop, options));
    }
};

// With g++ 12, co_await stands alone or initializes a variable, and its arguments have names:
// docs/asio.md says why.
asio::awaitable<bool> mirror_and_write(loop_in_io_context& driver, replication_service& service)
{
    create_element_replica::inputs wanted;
    wanted.sync_type = sync_type::mirror;
    wanted.source_element = path_of("source");
    wanted.target_element = path_of("target");
    auto answer = co_await async_call<create_element_replica>(driver, service, std::move(wanted),
                                                              asio::use_awaitable);
    if (answer.error) {
        std::printf("coroutine: %s\n", answer.error->sentence().c_str());
        co_return false;
    }
    relationship* pair = service.over().find(*answer.out.synchronization);

    auto volume = service.over().volume(path_of("source"));
    block_device& front = volume.value()->front();
    std::array<std::byte, 4096> written{}, read{};
    written.fill(std::byte{42});
    co_await async_write(driver, front, 0, written, asio::use_awaitable);
    co_await async_flush(driver, front, asio::use_awaitable);
    co_await async_read(driver, front, 0, read, asio::use_awaitable);

    asio::steady_timer pause(driver.get_executor());
    while (pair->info().copy_state != copy_state::synchronized) {
        pause.expires_after(std::chrono::milliseconds(1));
        co_await pause.async_wait(asio::use_awaitable);
    }
    std::puts("coroutine: mirrored, and read what was written");
    co_return read == written;
}

asio::awaitable<bool> run(loop_in_io_context& driver, shard& set)
{
    auto service = std::make_unique<replication_service>(set);
    bool succeeded = co_await mirror_and_write(driver, *service);
    service.reset();
    auto error = co_await async_close(driver, set, asio::use_awaitable);
    co_return succeeded && !error.has_value();
}

}  // namespace

int main()
{
    portable_loop loop;
    memory_elements elements;
    shard_options options;
    options.elements = &elements;
    auto set = shard::open(loop, options);
    if (!set) return 1;

    asio::io_context context;
    loop_in_io_context driver(context, loop);
    bool succeeded = false;
    asio::co_spawn(context, run(driver, *set.value()), [&](std::exception_ptr error, bool how) {
        succeeded = !error && how;
        driver.stop();
    });
    context.run();
    return succeeded ? 0 : 1;
}
