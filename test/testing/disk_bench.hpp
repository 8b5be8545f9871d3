// test/testing/disk_bench.hpp -- a disk on a loop, driven one operation after the other.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/testing/simulated_disk.hpp>

#include "catch.hpp"
#include <memory>
#include <vector>

namespace cimrep::test {

inline constexpr std::uint64_t block = 512;

/// An op that remembers how it ended.
struct ended_op : io_op {
    int ended = 0;
    error_code error;
    ended_op()
    {
        done = [](io_op& op, error_code how) noexcept {
            auto& self = static_cast<ended_op&>(op);
            ++self.ended;
            self.error = how;
        };
    }
};

inline std::vector<std::byte> filled(std::uint64_t blocks, unsigned char with)
{
    return std::vector<std::byte>(blocks * block, std::byte{with});
}

inline constexpr std::errc io_error = std::errc::io_error;
inline constexpr std::errc gone = std::errc::no_such_device;

/// A disk, a loop, and one device of it after the other.
struct disk_bench {
    simulated_loop loop;
    simulated_disk disk;
    std::unique_ptr<simulated_device> device;

    explicit disk_bench(simulated_disk_options options = {.size_bytes = 64 * block},
                        std::uint64_t seed = 1)
        : loop({.seed = seed}), disk([&] {
              options.seed = seed;
              return options;
          }())
    {
        reopen();
    }
    void reopen()
    {
        device.reset();
        device = std::move(disk.open(loop)).value();
    }
    void settle()
    {
        while (loop.next_deadline()) loop.run_once();
    }

    error_code run(ended_op& op)
    {
        op.ended = 0;
        device->submit(op);
        REQUIRE(op.ended == 0);
        const run_report report = loop.run_until([&] { return op.ended > 0; });
        INFO(report.queued);
        REQUIRE(report);
        REQUIRE(op.ended == 1);
        return op.error;
    }
    error_code write(std::uint64_t at, const std::vector<std::byte>& data, bool fua = false)
    {
        ended_op op;
        op.fua = fua;
        op.prepare_write(at * block, std::span(data));
        return run(op);
    }
    error_code write(std::uint64_t at, std::uint64_t with)
    {
        return write(at, filled(1, static_cast<unsigned char>(with)));
    }
    error_code flush()
    {
        ended_op op;
        op.prepare_flush();
        return run(op);
    }
    error_code zeroes(std::uint64_t at, std::uint64_t blocks)
    {
        ended_op op;
        op.prepare_write_zeroes(at * block, blocks * block);
        return run(op);
    }
    error_code discard(std::uint64_t at, std::uint64_t blocks)
    {
        ended_op op;
        op.prepare_discard(at * block, blocks * block);
        return run(op);
    }
    error_code read(std::uint64_t at, std::vector<std::byte>& into)
    {
        ended_op op;
        op.prepare_read(at * block, std::span(into));
        return run(op);
    }
    /// The first byte of a block as a read returns it.
    unsigned char read(std::uint64_t at)
    {
        std::vector<std::byte> into(block);
        REQUIRE(read(at, into) == error_code{});
        return static_cast<unsigned char>(into[0]);
    }
    /// The first byte of a block on the medium.
    unsigned char holds(std::uint64_t at) const
    {
        return static_cast<unsigned char>(disk.image().block(at)[0]);
    }
    unsigned char durable(std::uint64_t at) const
    {
        return static_cast<unsigned char>(disk.durable_image().block(at)[0]);
    }
};

}  // namespace cimrep::test
