// test/runtime/last_flush_test.cpp -- when the last leg fails a flush nobody writes any more.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("after a failed flush of the last leg reads go on and nothing else", "[runtime][flush]")
{
    leg_rig r({}, {}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.fail_next("s", io_kind::flush, fault_action::fail);
    CHECK(r.flush() == errc::injected);
    CHECK(r.opened->read_only());
    CHECK(r.current("s"));
    const std::uint64_t flushes = r.sent("s", io_kind::flush);
    const std::uint64_t writes = r.sent("s", io_kind::write);
    CHECK(r.put(0, block_bytes, 0x22) == errc::volume_read_only);
    CHECK(r.flush() == errc::volume_read_only);
    owned_op zeros, discard, compare;
    zeros.prepare_write_zeroes(0, block_bytes);
    CHECK(r.rig.run(*r.front, zeros) == errc::volume_read_only);
    discard.prepare_discard(0, block_bytes);
    CHECK(r.rig.run(*r.front, discard) == errc::volume_read_only);
    const auto expected = filled(block_bytes, 0x11), wanted = filled(block_bytes, 0x22);
    compare.prepare_compare_and_write(0, expected, wanted);
    CHECK(r.rig.run(*r.front, compare) == errc::volume_read_only);
    CHECK(r.reads_as(0, block_bytes, 0x11));
    CHECK(r.sent("s", io_kind::flush) == flushes);
    CHECK(r.sent("s", io_kind::write) == writes);
    CHECK(r.sent("s", io_kind::write_zeroes) + r.sent("s", io_kind::discard) == 0);

    r.opened->accept_after_failed_flush();
    CHECK_FALSE(r.opened->read_only());
    CHECK_FALSE(r.put(0, block_bytes, 0x22));
    CHECK_FALSE(r.flush());
    CHECK(r.sent("s", io_kind::flush) == flushes + 1);
    CHECK(r.reads_as(0, block_bytes, 0x22));
}

TEST_CASE("a close after the last leg failed a flush does not flush it again", "[runtime][flush]")
{
    leg_rig r({}, {}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.fail_next("s", io_kind::flush, fault_action::lose_cache);
    REQUIRE(r.flush() == errc::injected);
    const std::uint64_t flushes = r.sent("s", io_kind::flush);
    r.rig.close();
    CHECK(r.sent("s", io_kind::flush) == flushes);
}

TEST_CASE("flushes in flight with the last leg's failed one fail, and writes are not sent",
          "[runtime][flush]")
{
    owned_op first, second, write(block_bytes, 0x22), held(block_bytes, 0x33);
    leg_rig r({.requests_max = 3}, {}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.rig.elements.faults("s").add(
        {.kind = io_kind::flush, .times = fault::always, .action = fault_action::fail_late});
    r.hang("s", io_kind::write);
    const std::uint64_t flushes = r.sent("s", io_kind::flush);
    first.prepare_flush();
    second.prepare_flush();
    r.front->submit(first);
    r.front->submit(second);
    r.write(write, 0);
    r.write(held, mib);  // waits for a request
    r.advance(milliseconds(1));
    CHECK(first.error == errc::injected);
    CHECK(second.over);
    CHECK(second.error);
    CHECK(r.sent("s", io_kind::flush) == flushes + 1);
    CHECK(held.over);
    CHECK(held.error == errc::volume_read_only);
    // What had been sent is the device's to end.
    CHECK_FALSE(write.over);
    r.let_go("s");
    CHECK(write.over);
    CHECK(r.holds("s", mib, block_bytes, 0));
}

TEST_CASE("the target leaves, then the source fails its flush: the volume is read-only",
          "[runtime][flush]")
{
    leg_rig r({}, {"t"}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.fail_next("s", io_kind::flush);
    r.fail_next("t", io_kind::flush);
    CHECK(r.flush() == errc::injected);
    CHECK(r.opened->read_only());
    CHECK(r.current("s") != r.current("t"));
    CHECK(r.reads_as(0, block_bytes, 0x11));
    CHECK(r.put(0, block_bytes, 0x22) == errc::volume_read_only);
    r.opened->accept_after_failed_flush();
    CHECK_FALSE(r.put(0, block_bytes, 0x22));
    const bool forward = r.current("s");
    CHECK((forward ? r.resync("t") : r.restore("t")));
    CHECK(r.holds("s", 0, block_bytes, 0x22));
}

TEST_CASE("what the last leg may have lost is marked on a target that is apart",
          "[runtime][flush][mark]")
{
    leg_rig r({}, {"t"}, true);
    REQUIRE_FALSE(r.put(hot_extent_bytes, block_bytes, 0x11));
    REQUIRE_FALSE(r.flush());
    REQUIRE_FALSE(r.put(hot_extent_bytes, block_bytes, 0x22));
    // The target has it durably now, the source has not.
    REQUIRE(r.rig.request(*r.pairs["t"], operation::fracture) == "");
    CHECK(r.leg("t").statistics.different_bytes == 0);
    r.fail_next("s", io_kind::flush, fault_action::lose_cache);
    CHECK(r.flush() == errc::injected);
    CHECK(r.holds("s", hot_extent_bytes, block_bytes, 0x11));
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x22));
    CHECK(r.leg("t").statistics.different_bytes == hot_extent_bytes);
    r.opened->accept_after_failed_flush();
    CHECK(r.resync("t"));
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x11));
}

TEST_CASE("what the last leg may have lost is copied again to a target that is being filled",
          "[runtime][flush][mark]")
{
    leg_rig r({}, {}, true);
    REQUIRE_FALSE(r.put(hot_extent_bytes, block_bytes, 0x11));
    REQUIRE_FALSE(r.flush());
    REQUIRE_FALSE(r.put(hot_extent_bytes, block_bytes, 0x22));
    r.hang("t", io_kind::flush);
    r.pairs["t"] = &r.rig.mirror("s", "t");
    r.rig.run_until([&] { return r.rig.elements["t"].device->held() == 1; });
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x22));
    // The source has flushed for the copy; what comes later it may still lose.
    REQUIRE_FALSE(r.put(hot_extent_bytes, block_bytes, 0x33));
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x33));
    r.fail_next("s", io_kind::flush, fault_action::lose_cache);
    owned_op flush;
    flush.prepare_flush();
    r.front->submit(flush);
    r.advance(milliseconds(1));
    r.let_go("t");
    CHECK(flush.error == errc::injected);
    r.opened->accept_after_failed_flush();
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x22));
    CHECK(r.rig.equal("s", "t", r.size));
}
