// test/io/contract.hpp -- runs one test over every device, on every loop, driven in every way.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>

#include "catch.hpp"
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace cimrep::test {

/// A device under test, its loop, and what keeps them.
struct rig {
    virtual ~rig() = default;
    virtual event_loop& loop() = 0;
    virtual block_device& device() = 0;
};

/// Makes a rig with a device of `size_bytes` zeros, or says what this machine lacks for it.
struct rig_maker {
    static constexpr std::uint64_t size_bytes = 4 * mib;
    std::string name;
    std::unique_ptr<rig> (*make)(std::string& missing);
};

/// A way to let a loop work until `until()`.
struct driver {
    std::string name;
    bool (*can_drive)(event_loop& loop);
    void (*drive)(event_loop& loop, const std::function<bool()>& until);
};

/// All that this platform has; filled before main() by the files that know them.
inline std::vector<rig_maker>& rig_makers()
{
    static std::vector<rig_maker> makers;
    return makers;
}
inline std::vector<driver>& drivers()
{
    static std::vector<driver> all;
    return all;
}

/// Says once what is left out.
inline void say_skipped(const std::string& what)
{
    static std::set<std::string> said;
    if (said.insert(what).second) std::fprintf(stderr, "skipped: %s\n", what.c_str());
}

/// An op that counts how often it ended.
struct tracked_op : io_op {
    tracked_op()
    {
        done = [](io_op& op, error_code result) noexcept {
            auto& self = static_cast<tracked_op&>(op);
            ++self.ended;
            self.error = result;
        };
    }
    int ended = 0;
    error_code error;
};

/// What a test of the contract works with.
struct contract_case {
    event_loop& loop;
    block_device& device;
    const driver& how;

    const geometry& shape() const { return device.shape(); }
    std::uint64_t block() const { return device.shape().logical_block_bytes; }

    void drive(const std::function<bool()>& until) const
    {
        const monotonic_time limit = loop.now() + seconds(60);
        how.drive(loop, [&] { return until() || loop.now() > limit; });
        REQUIRE(until());
    }

    /// Submits a prepared op and drives the loop until it has ended.
    error_code run(tracked_op& op) const
    {
        op.ended = 0;
        device.submit(op);
        REQUIRE(op.ended == 0);
        drive([&] { return op.ended > 0; });
        REQUIRE(op.ended == 1);
        return op.error;
    }

    std::vector<std::byte> read(std::uint64_t offset_bytes, std::uint64_t length_bytes) const
    {
        std::vector<std::byte> memory(length_bytes, std::byte{0xee});
        tracked_op op;
        op.prepare_read(offset_bytes, std::span<std::byte>(memory));
        REQUIRE(run(op) == error_code{});
        return memory;
    }

    void write(std::uint64_t offset_bytes, std::span<const std::byte> memory) const
    {
        tracked_op op;
        op.prepare_write(offset_bytes, memory);
        REQUIRE(run(op) == error_code{});
    }
};

/// Bytes that are the same in each run, and differ with the seed.
inline std::vector<std::byte> pattern(std::uint64_t length_bytes, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<std::byte> bytes(length_bytes);
    for (std::byte& one : bytes) one = static_cast<std::byte>(random() | 1);
    return bytes;
}

/// Runs `test` over every rig and driver. Each rig is made once and used by all drivers in turn.
inline void over_all_devices(const std::function<void(const contract_case&)>& test)
{
    REQUIRE_FALSE(rig_makers().empty());
    for (const rig_maker& maker : rig_makers()) {
        INFO("device: " << maker.name);
        std::string missing;
        const auto made = maker.make(missing);
        if (made == nullptr) {
            REQUIRE_FALSE(missing.empty());
            say_skipped(maker.name + ": " + missing);
            continue;
        }
        for (const driver& how : drivers()) {
            INFO("driven: " << how.name);
            if (!how.can_drive(made->loop())) {
                say_skipped(maker.name + ": not " + how.name + ": the loop has no wait handle");
                continue;
            }
            test({made->loop(), made->device(), how});
        }
    }
}

}  // namespace cimrep::test
