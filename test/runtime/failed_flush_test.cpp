// test/runtime/failed_flush_test.cpp -- a leg whose flush failed is out, and its losses are known.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Each leg with a volatile cache. Half of the volume is durable, the other not, on any of them.
struct flush_rig : leg_rig {
    explicit flush_rig(std::initializer_list<const char*> targets = {"t"})
        : leg_rig({}, targets, true)
    {
        REQUIRE_FALSE(put(0, block_bytes, 0x11));
        REQUIRE_FALSE(put(hot_extent_bytes, block_bytes, 0x11));
        REQUIRE_FALSE(flush());
        REQUIRE_FALSE(put(hot_extent_bytes, block_bytes, 0x22));
    }
    std::uint64_t flushes(const char* name) { return sent(name, io_kind::flush); }
};

}  // namespace

TEST_CASE("a source that fails a flush is replaced, marked, and asked no more", "[runtime][flush]")
{
    flush_rig r;
    const std::uint64_t before = r.flushes("s");
    r.fail_next("s", io_kind::flush, fault_action::lose_cache);
    CHECK_FALSE(r.flush());
    CHECK(r.state("t") == copy_state::broken);
    CHECK_FALSE(r.current("s"));
    CHECK(r.current("t"));
    CHECK_FALSE(r.opened->read_only());
    CHECK(r.holds("s", hot_extent_bytes, block_bytes, 0x11));
    const std::uint64_t reads = r.sent("s", io_kind::read);
    CHECK(r.reads_as(hot_extent_bytes, block_bytes, 0x22));
    CHECK(r.sent("s", io_kind::read) == reads);
    CHECK(r.leg("s").statistics.different_bytes == hot_extent_bytes);
    CHECK(r.leg("t").statistics.different_bytes == 0);

    const std::uint64_t writes = r.sent("s", io_kind::write);
    CHECK_FALSE(r.put(0, block_bytes, 0x33));
    CHECK_FALSE(r.flush());
    CHECK(r.sent("s", io_kind::write) == writes);
    CHECK(r.flushes("s") == before + 1);
    CHECK(r.restore("t"));
    CHECK(r.holds("s", 0, block_bytes, 0x33));
    CHECK(r.holds("s", hot_extent_bytes, block_bytes, 0x22));
}

TEST_CASE("a target that fails a flush is Broken, marked, and asked no more", "[runtime][flush]")
{
    flush_rig r;
    const std::uint64_t before = r.flushes("t");
    r.fail_next("t", io_kind::flush, fault_action::lose_cache);
    CHECK_FALSE(r.flush());
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.leg("t").error == errc::injected);
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x11));
    CHECK(r.leg("t").statistics.different_bytes == hot_extent_bytes);
    CHECK_FALSE(r.put(0, block_bytes, 0x33));
    CHECK_FALSE(r.flush());
    CHECK_FALSE(r.flush());
    CHECK(r.flushes("t") == before + 1);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x22));
}

TEST_CASE("those that waited for a flush share the next, and its failure", "[runtime][flush]")
{
    owned_op first, second, third;
    flush_rig r;
    const std::uint64_t before = r.flushes("t");
    r.rig.elements.faults("t").add(
        {.kind = io_kind::flush, .action = fault_action::delay_done, .delay = milliseconds(5)});
    r.rig.elements.faults("t").add(
        {.kind = io_kind::flush, .nth = 2, .action = fault_action::lose_cache});
    for (owned_op* each : {&first, &second, &third}) {
        each->prepare_flush();
        r.front->submit(*each);
        REQUIRE_FALSE(r.put(hot_extent_bytes, block_bytes, 0x33));
    }
    r.advance(milliseconds(4));
    CHECK(r.flushes("t") == before + 1);
    r.advance(milliseconds(4));
    CHECK(r.flushes("t") == before + 2);
    for (owned_op* each : {&first, &second, &third}) {
        CHECK(each->over);
        CHECK_FALSE(each->error);
    }
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x22));
    CHECK(r.leg("t").statistics.different_bytes == hot_extent_bytes);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x33));
}

TEST_CASE("flushes beside one that fails fail with it", "[runtime][flush]")
{
    owned_op first, second, third;
    flush_rig r;
    const std::uint64_t before = r.flushes("t");
    r.rig.elements.faults("t").add(
        {.kind = io_kind::flush, .times = fault::always, .action = fault_action::fail_late});
    for (owned_op* each : {&first, &second, &third}) {
        each->prepare_flush();
        r.front->submit(*each);
    }
    r.advance(milliseconds(1));
    for (owned_op* each : {&first, &second, &third}) CHECK_FALSE(each->error);
    CHECK(r.flushes("t") == before + 1);
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.leg("t").statistics.different_bytes == hot_extent_bytes);
}

TEST_CASE("source and target fail the same flush, and a third leg serves", "[runtime][flush]")
{
    flush_rig r({"t", "u"});
    r.fail_next("s", io_kind::flush, fault_action::lose_cache);
    r.fail_next("t", io_kind::flush, fault_action::lose_cache);
    CHECK_FALSE(r.flush());
    CHECK(r.current("u"));
    CHECK_FALSE(r.current("s"));
    CHECK_FALSE(r.current("t"));
    CHECK(r.reads_as(hot_extent_bytes, block_bytes, 0x22));
    CHECK(r.leg("s").statistics.different_bytes == hot_extent_bytes);
    CHECK(r.leg("t").statistics.different_bytes == hot_extent_bytes);
    CHECK(r.restore("u"));
    CHECK(r.resync("t", true));
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x22));
}

TEST_CASE("a target that fails the flush of a split is Broken and not split", "[runtime][flush]")
{
    flush_rig r;
    const operation how = GENERATE(operation::split, operation::fracture);
    CAPTURE(static_cast<int>(how));
    r.fail_next("t", io_kind::flush, fault_action::lose_cache);
    CHECK(r.rig.request(*r.pairs["t"], how) != "");
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.leg("t").statistics.different_bytes == hot_extent_bytes);
    CHECK_FALSE(r.put(0, block_bytes, 0x33));
    CHECK(r.resync("t"));
    CHECK(r.holds("t", hot_extent_bytes, block_bytes, 0x22));
}
