// test/runtime/waiting_test.cpp -- operations that wait: their order, their deadlines, taking back.
// SPDX-License-Identifier: BSL-1.0
#include "runtime_rig.hpp"
#include <array>
#include <list>

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t large_device_bytes = 264 * mib;

struct waiting_rig {
    virtual_rig rig;
    block_device* front = nullptr;
    std::list<host_op> ops;
    std::vector<std::byte> data = std::vector<std::byte>(4096, std::byte{7});

    explicit waiting_rig(shard_options options = {}) : rig(std::move(options))
    {
        for (const char* name : {"s", "t"})
            rig.elements.add(name, {.size_bytes = large_device_bytes});
        rig.open();
        front = &rig.opened->volume(element_path("s")).value()->front();
    }
    /// The next operation of the kind hangs in the device of the source.
    void hold(io_kind kind)
    {
        rig.elements.faults("s").add({.kind = kind, .action = fault_action::hold});
    }
    void let_go()
    {
        rig.elements.faults("s").clear();
        rig.elements["s"].device->release();
    }
    host_op& write(std::uint64_t offset, duration within = {})
    {
        host_op& op = ops.emplace_back();
        op.prepare_write(offset, std::span<const std::byte>(data));
        if (within.nanoseconds != 0) op.deadline = rig.loop.now() + within;
        front->submit(op);
        return op;
    }
    void pass(duration time)
    {
        const monotonic_time until = rig.loop.now() + time;
        rig.run_until([&] { return rig.loop.now() >= until; });
    }
};

}  // namespace

TEST_CASE("a write after a long discard stays, however long the discard takes", "[runtime][wait]")
{
    waiting_rig r;
    if (GENERATE(false, true)) r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    const io_kind kind = GENERATE(io_kind::discard, io_kind::write_zeroes);
    host_op whole;
    if (kind == io_kind::discard)
        whole.prepare_discard(0, large_device_bytes);
    else
        whole.prepare_write_zeroes(0, large_device_bytes);
    r.front->submit(whole);
    host_op& late = r.write(large_device_bytes - 4096);
    host_op& early = r.write(0);
    r.rig.run_until([&] { return whole.over && late.over; });
    CHECK_FALSE(whole.error);
    CHECK_FALSE(late.error);
    CHECK(early.over);
    for (const std::uint64_t at : {std::uint64_t{0}, large_device_bytes - 4096}) {
        std::array<std::byte, 4096> back{};
        REQUIRE_FALSE(r.rig.read(*r.front, at, back));
        CHECK(back[0] == std::byte{7});
    }
}

TEST_CASE("a long discard gives back what it is done with", "[runtime][wait]")
{
    waiting_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    // Its last piece hangs.
    r.rig.elements.faults("s").add(
        {.kind = io_kind::write_zeroes, .nth = 5, .action = fault_action::hold});
    host_op whole;
    whole.prepare_write_zeroes(0, large_device_bytes);
    r.front->submit(whole);
    host_op& early = r.write(0);
    host_op& late = r.write(large_device_bytes - 4096);
    r.rig.run_until([&] { return early.over; });
    r.rig.settle();
    CHECK_FALSE(late.over);
    CHECK_FALSE(whole.over);
    r.let_go();
    r.rig.run_until([&] { return late.over; });
    CHECK(whole.over);
}

TEST_CASE("a deadline ends what waits for its range, for a request or for a cut", "[runtime][wait]")
{
    waiting_rig r({.requests_max = 2});
    r.hold(io_kind::write);
    host_op& first = r.write(0);
    host_op& range = r.write(0, milliseconds(5));
    host_op& behind = r.write(0);
    host_op& request = r.write(mib, milliseconds(7));
    r.pass(milliseconds(4));
    CHECK_FALSE(range.over);
    r.pass(milliseconds(2));
    CHECK(range.error == errc::deadline_exceeded);
    // One that waited for a request has got one: it is on its way, or done.
    r.pass(milliseconds(4));
    CHECK(request.over);
    CHECK_FALSE(first.over);
    CHECK_FALSE(behind.over);
    r.let_go();
    r.rig.run_until([&] { return first.over && behind.over; });
    CHECK_FALSE(first.error);
    CHECK_FALSE(behind.error);
    for (const host_op& each : r.ops) CHECK(each.times == 1);
}

TEST_CASE("whoever waited behind one that is taken back goes on", "[runtime][wait]")
{
    waiting_rig r;
    r.hold(io_kind::write);
    r.write(0);
    host_op wide;
    std::vector<std::byte> data(8192, std::byte{1});
    wide.prepare_write(0, std::span<const std::byte>(data));
    r.front->submit(wide);
    host_op& behind = r.write(4096);
    r.rig.settle();
    CHECK_FALSE(behind.over);
    r.front->cancel(wide);
    CHECK_FALSE(wide.over);
    r.rig.settle();
    CHECK(wide.error == std::errc::operation_canceled);
    CHECK(behind.over);
    r.let_go();
    r.rig.settle();
}

TEST_CASE("what has reached a leg is not taken back", "[runtime][wait]")
{
    waiting_rig r;
    r.hold(io_kind::write);
    host_op& sent = r.write(0, milliseconds(5));
    r.front->cancel(sent);
    r.pass(milliseconds(10));
    CHECK_FALSE(sent.over);
    r.let_go();
    r.rig.settle();
    CHECK(sent.over);
    CHECK_FALSE(sent.error);
}

TEST_CASE("a write that waits for room among the hot extents has a deadline too", "[runtime][wait]")
{
    waiting_rig r({.hot_extents_max = 64});
    r.rig.elements.faults("s").add(
        {.kind = io_kind::write, .times = fault::always, .action = fault_action::hold});
    for (std::uint64_t extent = 0; extent < 64; ++extent) r.write(extent * 4 * mib);
    host_op& one_more = r.write(256 * mib, milliseconds(5));
    r.pass(milliseconds(4));
    CHECK_FALSE(one_more.over);
    r.pass(milliseconds(2));
    CHECK(one_more.error == errc::deadline_exceeded);
    r.let_go();
    r.rig.settle();
    for (const host_op& each : r.ops) CHECK(each.times == 1);
}

TEST_CASE("who hears of a write without a leg finds that leg's relationship Broken",
          "[runtime][record]")
{
    waiting_rig r;
    relationship& pair = r.rig.mirror("s", "t");
    r.rig.wait_for(pair, copy_state::synchronized);
    r.rig.elements.faults("t").add({.kind = io_kind::write});
    struct asking_op : host_op {
        relationship* pair = nullptr;
        copy_state seen{};
    } op;
    op.pair = &pair;
    op.done = [](io_op& done, error_code) noexcept {
        auto& self = static_cast<asking_op&>(done);
        self.seen = self.pair->info().copy_state;
        self.over = true;
    };
    op.prepare_write(0, std::span<const std::byte>(r.data));
    r.front->submit(op);
    r.rig.run_until([&] { return op.over; });
    CHECK(op.seen == copy_state::broken);
}
