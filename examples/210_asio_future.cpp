// examples/210_asio_future.cpp -- a thread that waits for futures, while another runs the loop.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/async/async_io.hpp>
#include <cimrep/io/memory_device.hpp>
#include <cimrep/io/portable_loop.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <future>
#include <thread>

namespace asio = boost::asio;

int main()
{
    cimrep::portable_loop loop;
    cimrep::memory_device device(loop);
    asio::io_context context;
    cimrep::loop_in_io_context driver(context, loop);
    std::thread runner([&context] { context.run(); });

    std::array<std::byte, 4096> written{}, read{};
    written.fill(std::byte{42});
    // Started from this thread; each begins on the thread that runs the io_context.
    std::future<void> first = cimrep::async_write(driver, device, 0, written, asio::use_future);
    std::future<void> second = cimrep::async_write(driver, device, 4096, written, asio::use_future);
    bool succeeded = false;
    try {
        first.get();
        second.get();
        cimrep::async_flush(driver, device, asio::use_future).get();
        cimrep::async_read(driver, device, 4096, read, asio::use_future).get();
        succeeded = read == written;
        std::puts("future: read what was written");
    } catch (const boost::system::system_error& error) {
        std::printf("future: %s\n", error.what());
    }
    driver.stop();
    runner.join();
    return succeeded ? 0 : 1;
}
