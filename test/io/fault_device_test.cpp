// test/io/fault_device_test.cpp -- each fault strikes what it names, and nothing else.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/fault_device.hpp>
#include <cimrep/io/memory_device.hpp>
#include <cimrep/io/portable_loop.hpp>

#include "contract.hpp"
#include <deque>

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t block = 512;

struct setup {
    explicit setup(bool cache = false) : device(memory, {.model_volatile_cache = cache}) {}

    void turn(int count = 6)
    {
        for (int i = 0; i < count; ++i) loop.poll();
    }
    error_code run(tracked_op& op)
    {
        op.ended = 0;
        device.submit(op);
        turn();
        REQUIRE(op.ended == 1);
        return op.error;
    }
    error_code write(std::uint64_t at, std::uint64_t blocks, unsigned value, bool fua = false)
    {
        const std::vector<std::byte> data(blocks * block, static_cast<std::byte>(value));
        tracked_op op;
        op.fua = fua;
        op.prepare_write(at * block, std::span<const std::byte>(data));
        return run(op);
    }
    error_code flush()
    {
        tracked_op op;
        op.prepare_flush();
        return run(op);
    }
    unsigned stored(std::uint64_t at) { return static_cast<unsigned>(memory.memory()[at * block]); }

    portable_loop loop;
    memory_device memory{loop, {.size_bytes = 64 * kib}};
    fault_device device;
};

}  // namespace

TEST_CASE("the third write fails, once, and the device below does not see it")
{
    setup s;
    s.device.faults().add({.kind = io_kind::write, .nth = 3});
    REQUIRE(s.write(0, 1, 1) == error_code{});
    REQUIRE(s.flush() == error_code{});
    REQUIRE(s.write(1, 1, 1) == error_code{});
    REQUIRE(s.write(2, 1, 1) == errc::injected);
    REQUIRE(s.stored(2) == 0);
    REQUIRE(s.write(2, 1, 1) == error_code{});
    REQUIRE(s.device.statistics().submitted_of(io_kind::write) == 4);
    REQUIRE(s.device.statistics().succeeded_of(io_kind::write) == 3);
    REQUIRE(s.device.statistics().bytes_of(io_kind::write) == 3 * block);
    REQUIRE(s.device.statistics().submitted_of(io_kind::flush) == 1);
    REQUIRE(s.device.statistics().struck == 1);
}

TEST_CASE("a fault strikes as often as it says, or for ever, within its extent and kind")
{
    setup s;
    const error_code bad = std::make_error_code(std::errc::io_error);
    s.device.faults().add(
        {.kind = io_kind::write, .times = 2, .extent = {4 * block, 2 * block}, .error = bad});
    s.device.faults().add({.kind = io_kind::read,
                           .times = fault::always,
                           .extent = {8 * block, UINT64_MAX},
                           .error = bad});
    REQUIRE(s.write(3, 1, 1) == error_code{});
    REQUIRE(s.write(3, 2, 1) == bad);
    REQUIRE(s.write(6, 1, 1) == error_code{});
    REQUIRE(s.write(5, 1, 1) == bad);
    REQUIRE(s.write(5, 1, 1) == error_code{});
    std::vector<std::byte> memory(block);
    tracked_op op;
    for (int i = 0; i < 5; ++i) {
        op.prepare_read(100 * block, std::span<std::byte>(memory));
        REQUIRE(s.run(op) == bad);
    }
    op.prepare_read(7 * block, std::span<std::byte>(memory));
    REQUIRE(s.run(op) == error_code{});
    s.device.faults().clear();
    op.prepare_read(100 * block, std::span<std::byte>(memory));
    REQUIRE(s.run(op) == error_code{});
}

TEST_CASE("a write may fail and be done all the same")
{
    setup s;
    s.device.faults().add({.kind = io_kind::write, .action = fault_action::fail_late});
    REQUIRE(s.write(0, 1, 7) == errc::injected);
    REQUIRE(s.stored(0) == 7);
}

TEST_CASE("a transfer that is cut short does its first bytes and says so")
{
    setup s;
    s.device.faults().add(
        {.kind = io_kind::write, .action = fault_action::cut_short, .short_bytes = 2 * block});
    s.device.faults().add({.kind = io_kind::read, .action = fault_action::cut_short});
    REQUIRE(s.write(0, 4, 7) == errc::short_transfer);
    REQUIRE(s.stored(1) == 7);
    REQUIRE(s.stored(2) == 0);
    std::vector<std::byte> memory(block, std::byte{3});
    tracked_op op;
    op.prepare_read(0, std::span<std::byte>(memory));
    REQUIRE(s.run(op) == errc::short_transfer);
    REQUIRE(memory[0] == std::byte{3});
}

TEST_CASE("a held op waits for its release, before it is done or after")
{
    setup s;
    s.device.faults().add({.kind = io_kind::write, .nth = 1, .action = fault_action::hold});
    s.device.faults().add({.kind = io_kind::write, .nth = 2, .action = fault_action::hold_done});
    const std::vector<std::byte> data(block, std::byte{7});
    std::deque<tracked_op> ops(2);
    for (std::size_t i = 0; i < 2; ++i) {
        ops[i].prepare_write(i * block, std::span<const std::byte>(data));
        s.device.submit(ops[i]);
    }
    s.turn();
    REQUIRE((ops[0].ended == 0 && ops[1].ended == 0));
    REQUIRE(s.device.held() == 2);
    REQUIRE(s.stored(0) == 0);
    REQUIRE(s.stored(1) == 7);
    REQUIRE(s.device.release() == 2);
    s.turn();
    REQUIRE((ops[0].ended == 1 && ops[1].ended == 1));
    REQUIRE((!ops[0].error && !ops[1].error));
    REQUIRE(s.stored(0) == 7);
    REQUIRE(s.device.held() == 0);
}

TEST_CASE("a stuck op ignores cancel and deadline until it is released")
{
    setup s;
    const bool cancelable = GENERATE(false, true);
    const bool by_deadline = GENERATE(false, true);
    s.device.faults().add({.action = fault_action::hold, .cancelable = cancelable});
    const std::vector<std::byte> data(block, std::byte{7});
    tracked_op op;
    if (by_deadline) op.deadline = s.loop.now() + milliseconds(5);
    op.prepare_write(0, std::span<const std::byte>(data));
    s.device.submit(op);
    if (by_deadline) {
        const monotonic_time limit = op.deadline + milliseconds(5);
        while (s.loop.now() < limit) s.loop.run_once(milliseconds(1));
    } else {
        s.device.cancel(op);
    }
    // The deadline's end is delivered a turn after its timer, which a stalled machine fires last.
    s.turn();
    const error_code expected = by_deadline ? make_error_code(errc::deadline_exceeded)
                                            : std::make_error_code(std::errc::operation_canceled);
    REQUIRE(op.ended == (cancelable ? 1 : 0));
    REQUIRE(s.device.release() == (cancelable ? 0 : 1));
    s.turn();
    REQUIRE(op.ended == 1);
    REQUIRE(op.error == expected);
    REQUIRE(s.stored(0) == 0);
}

TEST_CASE("a delayed op is done after its delay, or done and reported after it")
{
    setup s;
    const bool done_first = GENERATE(false, true);
    s.device.faults().add({.action = done_first ? fault_action::delay_done : fault_action::delay,
                           .delay = milliseconds(5)});
    const std::vector<std::byte> data(block, std::byte{7});
    tracked_op op;
    op.prepare_write(0, std::span<const std::byte>(data));
    const monotonic_time start = s.loop.now();
    s.device.submit(op);
    s.loop.poll();
    REQUIRE(op.ended == 0);
    REQUIRE(s.stored(0) == (done_first ? 7u : 0u));
    while (op.ended == 0) s.loop.run_once(seconds(1));
    REQUIRE(s.loop.now() >= start + milliseconds(5));
    REQUIRE(s.stored(0) == 7);
}

TEST_CASE("a power cut brings back what unflushed writes overwrote, and only that")
{
    setup s(true);
    REQUIRE(s.write(0, 4, 1) == error_code{});
    REQUIRE(s.flush() == error_code{});
    REQUIRE_FALSE(s.device.has_unflushed());
    REQUIRE(s.write(1, 1, 2) == error_code{});
    REQUIRE(s.write(1, 1, 3) == error_code{});
    REQUIRE(s.write(2, 1, 4, true) == error_code{});  // fua
    tracked_op zero;
    zero.prepare_write_zeroes(3 * block, block);
    REQUIRE(s.run(zero) == error_code{});
    REQUIRE(s.stored(1) == 3);
    REQUIRE(s.device.has_unflushed());
    REQUIRE(s.device.lose_unflushed());
    REQUIRE_FALSE(s.device.has_unflushed());
    REQUIRE(s.stored(0) == 1);
    REQUIRE(s.stored(1) == 1);
    REQUIRE(s.stored(2) == 4);
    REQUIRE(s.stored(3) == 1);
}

TEST_CASE("what is flushed in between is what a power cut brings back")
{
    setup s(true);
    REQUIRE(s.write(0, 1, 1) == error_code{});
    REQUIRE(s.flush() == error_code{});
    REQUIRE(s.write(0, 1, 2) == error_code{});
    REQUIRE(s.device.lose_unflushed());
    REQUIRE(s.stored(0) == 1);
}

TEST_CASE("a flush does not cover a write that had not ended when it was submitted")
{
    setup s(true);
    const std::vector<std::byte> data(block, std::byte{7});
    tracked_op write;
    write.prepare_write(0, std::span<const std::byte>(data));
    // Held: by the time the flush is done, the write is long over.
    s.device.faults().add({.kind = io_kind::flush, .action = fault_action::hold});
    tracked_op flush;
    flush.prepare_flush();
    s.device.submit(write);
    s.device.submit(flush);
    s.turn();
    REQUIRE(write.ended == 1);
    REQUIRE(s.device.release() == 1);
    s.turn();
    REQUIRE(flush.ended == 1);
    REQUIRE(s.device.has_unflushed());
    REQUIRE(s.device.lose_unflushed());
    REQUIRE(s.stored(0) == 0);
}

TEST_CASE("blocks may survive a power cut one by one")
{
    setup s(true);
    REQUIRE(s.write(0, 3, 5) == error_code{});
    REQUIRE(s.device.lose_unflushed([](std::uint64_t offset) { return offset == block; }));
    REQUIRE(s.stored(0) == 0);
    REQUIRE(s.stored(1) == 5);
    REQUIRE(s.stored(2) == 0);
}

TEST_CASE("a failed flush may drop the cache: a second one cannot bring it back")
{
    setup s(true);
    s.device.faults().add({.kind = io_kind::flush, .action = fault_action::lose_cache});
    REQUIRE(s.write(0, 2, 5) == error_code{});
    REQUIRE(s.flush() == errc::injected);
    REQUIRE(s.flush() == error_code{});
    REQUIRE(s.stored(0) == 0);
    REQUIRE(s.stored(1) == 0);
    REQUIRE_FALSE(s.device.has_unflushed());
}
