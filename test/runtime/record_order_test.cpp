// test/runtime/record_order_test.cpp -- what depends on who is in the set waits for its record.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("no change is acknowledged past a leg before the record that it has left",
          "[runtime][record]")
{
    owned_op op(block_bytes, 0x11), other(block_bytes, 0x22), flush, read(block_bytes);
    const std::vector<std::byte> expected(block_bytes), wanted = filled(block_bytes, 0x33);
    leg_rig r({.leg_deadline = milliseconds(20)}, {"t"}, true);
    // It fails, or it hangs and is given up.
    const bool hangs = GENERATE(false, true);
    const int kind = GENERATE(0, 1, 2, 3);
    CAPTURE(hangs, kind);
    const io_kind sent = kind == 1   ? io_kind::write_zeroes
                         : kind == 3 ? io_kind::flush
                                     : io_kind::write;
    r.rig.elements.faults("t").add(
        {.kind = sent, .action = hangs ? fault_action::hold : fault_action::fail});
    r.store.holds = {record_kind::leg_state};
    switch (kind) {
    case 0: op.prepare_write(0, std::span<const std::byte>(op.data)); break;
    case 1: op.prepare_write_zeroes(0, block_bytes); break;
    case 2: op.prepare_compare_and_write(0, expected, wanted); break;
    case 3: op.prepare_flush(); break;
    }
    op.unstable_buffer = true;
    r.front->submit(op);
    r.advance(milliseconds(20));
    REQUIRE(r.store.held() == 1);
    CHECK_FALSE(op.over);
    // Nor what came later and never met the leg; reads depend on nothing.
    r.write(other, 4 * mib);
    flush.prepare_flush();
    r.front->submit(flush);
    r.read(read, mib);
    r.advance(seconds(1));
    CHECK_FALSE(op.over);
    CHECK_FALSE(other.over);
    CHECK_FALSE(flush.over);
    CHECK(read.over);
    CHECK(r.state("t") == copy_state::synchronized);
    r.store.let_go();
    r.rig.run_until([&] { return op.over && other.over && flush.over; });
    CHECK_FALSE(op.error);
    CHECK(r.state("t") == copy_state::broken);
    r.let_go("t");
    CHECK(r.resync("t"));
}

TEST_CASE("an answer after a second departure waits for the record of that one too",
          "[runtime][record]")
{
    owned_op first(block_bytes, 0x11), second(block_bytes, 0x22);
    leg_rig r({}, {"t", "u"});
    r.fail_next("t", io_kind::write);
    r.store.holds = {record_kind::leg_state};
    r.write(first, 0);
    r.rig.settle();
    REQUIRE(r.store.held() == 1);
    r.fail_next("u", io_kind::write);
    r.write(second, mib);
    r.rig.settle();
    CHECK_FALSE(first.over);
    CHECK_FALSE(second.over);
    // The first record tells of the first leg only.
    r.store.takes = milliseconds(10);
    r.store.let_go();
    r.advance(milliseconds(15));
    CHECK_FALSE(first.over);
    CHECK_FALSE(second.over);
    // Nor before the states that follow are on record.
    r.advance(milliseconds(10));
    CHECK_FALSE(second.over);
    r.advance(milliseconds(5));
    CHECK(first.over);
    CHECK(second.over);
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.state("u") == copy_state::broken);
}

TEST_CASE("a leg that has caught up is not read before the record that it is in sync",
          "[runtime][record]")
{
    std::vector<std::unique_ptr<owned_op>> reads;
    leg_rig r({}, {});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.rig.settle();
    r.store.holds = {record_kind::leg_state};
    waited_op op;
    auto made =
        r.rig.opened->create_mirror({.source = element_path("s"), .target = element_path("t")}, op);
    REQUIRE(made.has_value());
    r.pairs["t"] = made.value();
    r.advance(milliseconds(10));
    REQUIRE(r.store.held() == 1);
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.state("t") == copy_state::unsynchronized);
    const std::uint64_t before = r.sent("t", io_kind::read);
    for (unsigned i = 0; i < 8; ++i) {
        reads.push_back(std::make_unique<owned_op>(block_bytes));
        r.read(*reads.back(), 0);
    }
    r.rig.settle();
    CHECK(r.sent("t", io_kind::read) == before);
    r.store.let_go();
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
}

TEST_CASE("a leg that is recorded in the set and is behind by then is recorded out of it again",
          "[runtime][record]")
{
    leg_rig r({}, {"t"}, true);
    r.fail_next("t", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    // The copy has ended, and that the target is in the set is being recorded, when the source
    // loses what it had not written yet.
    REQUIRE(r.rig.request(*r.pairs["t"], operation::resync_replica).empty());
    r.store.holds = {record_kind::leg_state};
    r.rig.run_until([&] { return r.store.held() != 0; });
    owned_op write(block_bytes, 0x22), flush, later(block_bytes, 0x33);
    r.write(write, 0);
    r.rig.settle();
    r.fail_next("s", io_kind::flush, fault_action::lose_cache);
    flush.prepare_flush();
    r.front->submit(flush);
    r.rig.run_until([&] { return r.opened->read_only(); });
    r.hang("s", io_kind::read);
    r.store.let_go();
    r.store.holds = {record_kind::leg_state};
    r.rig.run_until([&] { return r.store.held() != 0; });
    CHECK_FALSE(r.current("t"));

    // A crash before that is durable would make it the truth, without what is written from now on.
    r.opened->accept_after_failed_flush();
    r.write(later, 5 * mib);
    r.advance(seconds(1));
    CHECK_FALSE(later.over);
    r.store.let_go();
    r.rig.run_until([&] { return later.over && write.over && flush.over; });
    CHECK_FALSE(later.error);
    r.let_go("s");
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
}
