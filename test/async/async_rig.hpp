// async/async_rig.hpp -- an io_context that drives a loop with one device on it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/async/async_io.hpp>
#include <cimrep/io/memory_device.hpp>
#include <cimrep/io/portable_loop.hpp>
#include <cimrep/io/uring/uring_device.hpp>
#include <cimrep/io/uring/uring_loop.hpp>

#include <boost/asio/io_context.hpp>

#include "catch.hpp"
#include "temporary_directory.hpp"
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::test {

/// What both rigs do: a block of a pattern, and the io_context run until something is reached.
template <class Rig>
struct rig_base {
    static std::vector<std::byte> pattern(unsigned seed)
    {
        std::vector<std::byte> data(4096);
        for (std::size_t i = 0; i < data.size(); ++i)
            data[i] = static_cast<std::byte>(i * 31 + seed);
        return data;
    }
    template <class Reached>
    void run_until(Reached reached)
    {
        auto& context = static_cast<Rig&>(*this).context;
        for (int i = 0; i < 100000 && !reached(); ++i)
            context.run_one_for(std::chrono::milliseconds(10));
        REQUIRE(reached());
    }
};

/// A memory device on a loop without a handle.
struct memory_rig : rig_base<memory_rig> {
    portable_loop loop;
    memory_device memory{loop};
    boost::asio::io_context context;
    loop_in_io_context driver{context, loop};
    block_device& device() { return memory; }
};

/// A file in a temporary directory on a ring.
struct uring_rig : rig_base<uring_rig> {
    temporary_directory folder;
    std::unique_ptr<uring_loop> loop;
    std::unique_ptr<uring_device> file;
    boost::asio::io_context context;
    loop_in_io_context driver;

    uring_rig() : loop(make_loop()), file(open(folder.path() / "disk")), driver(context, *loop) {}
    block_device& device() { return *file; }

private:
    static std::unique_ptr<uring_loop> make_loop()
    {
        // Some tests run the io_context in a thread of its own and close the device here.
        auto made = uring_loop::create({.one_thread = false});
        if (!made) FAIL("io_uring: " + made.error().message());
        return std::move(made).value();
    }
    std::unique_ptr<uring_device> open(const std::filesystem::path& path)
    {
        std::ofstream(path).close();
        std::filesystem::resize_file(path, 1 * mib);
        auto opened = uring_device::open(*loop, path.string());
        if (!opened) FAIL(opened.error().sentence());
        return std::move(opened).value();
    }
};

}  // namespace cimrep::test
