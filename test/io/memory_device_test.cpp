// test/io/memory_device_test.cpp -- what only a device in memory promises.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/memory_device.hpp>
#include <cimrep/io/portable_loop.hpp>

#include "catch.hpp"
#include <vector>

using namespace cimrep;

TEST_CASE("a memory device reports the runs that are not zero, and merges neighbours")
{
    portable_loop loop;
    memory_device device(loop, {.size_bytes = 64 * kib});
    const std::uint64_t unit = memory_device::extent_unit_bytes;
    device.memory()[1 * unit + 17] = std::byte{1};
    device.memory()[2 * unit] = std::byte{1};
    device.memory()[15 * unit + unit - 1] = std::byte{1};

    std::vector<byte_extent> found;
    REQUIRE(device.data_extents([&](byte_extent run) { found.push_back(run); }));
    REQUIRE(found == std::vector<byte_extent>{{unit, 2 * unit}, {15 * unit, unit}});
}

TEST_CASE("a memory device that promises no zeros after a discard does not give them")
{
    portable_loop loop;
    memory_device device(loop, {.size_bytes = 8 * kib, .discard_reads_zeros = false});
    io_op op;
    op.done = [](io_op&, error_code error) noexcept { CIMREP_ASSERT(!error); };
    op.prepare_discard(512, 1024);
    device.submit(op);
    REQUIRE(loop.run_once() == 1);
    REQUIRE(device.memory()[511] == std::byte{0});
    REQUIRE(device.memory()[512] != std::byte{0});
    REQUIRE(device.memory()[1535] != std::byte{0});
    REQUIRE(device.memory()[1536] == std::byte{0});
}
