// test/runtime/deadline_test.cpp -- what is late ends, and is not sent.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a read of a target that is apart ends at its deadline", "[runtime][late]")
{
    owned_op read(block_bytes), passed(block_bytes);
    leg_rig r;
    REQUIRE(r.rig.request(*r.pairs["t"], operation::fracture) == "");
    block_device* target = r.rig.opened->front(element_path("t")).value();
    r.rig.elements.faults("t").add(
        {.kind = io_kind::read, .action = fault_action::hold, .cancelable = true});
    r.taps.deaf = false;
    r.advance(seconds(1));
    read.deadline = r.now() + seconds(1);
    read.prepare_read(0, std::span<std::byte>(read.data));
    target->submit(read);
    passed.deadline = r.now();
    passed.prepare_read(0, std::span<std::byte>(passed.data));
    target->submit(passed);
    r.advance(seconds(2));
    CHECK(read.over);
    CHECK(read.error == errc::deadline_exceeded);
    CHECK(passed.error == errc::deadline_exceeded);
    CHECK(r.state("t") == copy_state::fractured);
}

TEST_CASE("what waits for a place at a target that is apart ends at its deadline",
          "[runtime][late]")
{
    constexpr std::size_t places = 64;
    std::vector<std::unique_ptr<owned_op>> sent;
    owned_op later(block_bytes), late(block_bytes), patient(block_bytes);
    leg_rig r;
    REQUIRE(r.rig.request(*r.pairs["t"], operation::fracture) == "");
    block_device* target = r.rig.opened->front(element_path("t")).value();
    const auto read = [&](owned_op& op) {
        op.prepare_read(0, std::span<std::byte>(op.data));
        target->submit(op);
    };
    r.hang("t", io_kind::read);
    for (std::size_t i = 0; i < places; ++i)
        read(*sent.emplace_back(std::make_unique<owned_op>(block_bytes)));
    later.deadline = r.now() + seconds(3);
    late.deadline = r.now() + seconds(1);
    for (owned_op* each : {&later, &late, &patient}) read(*each);
    r.advance(seconds(2));
    CHECK(late.error == errc::deadline_exceeded);
    CHECK_FALSE(later.over);
    r.advance(seconds(2));
    CHECK(later.error == errc::deadline_exceeded);
    CHECK_FALSE(patient.over);
    r.let_go("t");
    r.advance(seconds(1));
    CHECK(patient.over);
    CHECK_FALSE(patient.error);
    for (const auto& each : sent) CHECK(each->times == 1);
    CHECK(late.times == 1);
}

TEST_CASE("a write that is late when its mark is durable is not sent", "[runtime][late]")
{
    owned_op late(block_bytes, 0x11), in_time(block_bytes, 0x22), patient(block_bytes, 0x33);
    leg_rig r;
    r.store.holds = {record_kind::hot_extents};
    late.deadline = r.now() + milliseconds(1);
    in_time.deadline = r.now() + seconds(1);
    r.write(late, 0);
    r.write(in_time, block_bytes);
    r.write(patient, 2 * block_bytes);
    r.advance(milliseconds(2));
    r.store.let_go();
    r.rig.run_until([&] { return late.over && in_time.over && patient.over; });
    CHECK(late.error == errc::deadline_exceeded);
    CHECK_FALSE(in_time.error);
    CHECK_FALSE(patient.error);
    for (const char* leg : {"s", "t"}) {
        CAPTURE(leg);
        CHECK(r.holds(leg, 0, block_bytes, 0));
        CHECK(r.holds(leg, block_bytes, block_bytes, 0x22));
        CHECK(r.holds(leg, 2 * block_bytes, block_bytes, 0x33));
    }
    CHECK_FALSE(r.put(0, block_bytes, 0x44));
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.state("t") == copy_state::synchronized);
}

TEST_CASE("a late write does not wait for a record of the set, nor end with its error",
          "[runtime][late]")
{
    const bool fails = GENERATE(false, true);
    CAPTURE(fails);
    owned_op late(4096, 1), missed(4096, 2);
    leg_rig r;
    r.store.holds = {record_kind::hot_extents};
    REQUIRE_FALSE([&] {
        r.store.holds.clear();
        return r.put(0, 4096, 9);
    }());
    r.store.holds = {record_kind::hot_extents, record_kind::leg_state};
    late.deadline = r.now() + milliseconds(1);
    r.write(late, 4 * mib);
    r.fail_next("t", io_kind::write);
    r.write(missed, 4096);
    r.rig.settle();
    r.advance(milliseconds(2));
    CHECK(r.store.held() == 2);
    if (fails) r.store.fails = {record_kind::leg_state};
    // Only the marks.
    r.store.holds = {record_kind::leg_state};
    r.store.let_marks_go();
    r.advance(milliseconds(2));
    CHECK(late.over);
    r.store.let_go();
    r.rig.run_until([&] { return late.over && missed.over; });
    CHECK(late.error == errc::deadline_exceeded);
    CHECK(r.holds("s", 4 * mib, 4096, 0));
}

TEST_CASE("a late write of a target is not sent when its mark is durable", "[runtime][late]")
{
    owned_op late(4096, 0x44);
    late_set_rig r;
    r.mirror_and_open_again();
    REQUIRE(r.rig.request(r.pair(), operation::split) == "");
    block_device* target = r.rig.opened->front(element_path("t")).value();
    r.set.holds = {record_kind::map_page};
    late.deadline = r.rig.loop.now() + milliseconds(1);
    late.prepare_write(mib, std::span<const std::byte>(late.data));
    target->submit(late);
    r.rig.settle();
    const auto end = r.rig.loop.now() + milliseconds(3);
    while (r.rig.loop.now() < end) r.rig.loop.run_once(end - r.rig.loop.now());
    CHECK(r.set.held.size() == 1);
    r.set.let_go();
    r.rig.run_until([&] { return late.over; });
    CHECK(late.error == errc::deadline_exceeded);
    CHECK(r.rig.elements["t"].memory->memory()[mib] == std::byte{0});
}
