// test/runtime/found_on_record_test.cpp -- what was found is known while a set is being recorded.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A mirror with a damaged target, and records that may be late.
struct lonely_rig : late_set_rig {
    static constexpr std::uint64_t bytes = 24 * mib;
    static constexpr std::uint64_t damaged_at = 5 * mib;
    waited_verify op;

    explicit lonely_rig(bool cached, std::size_t hot_extents = 0) : late_set_rig(bytes)
    {
        if (cached) {
            close();
            for (const char* name : {"s", "t"})
                rig.elements.add(name, {.size_bytes = bytes, .volatile_cache = true});
            if (hot_extents != 0) rig.options.hot_extents_max = hot_extents;
            open_below();
        }
        mirror_and_open_again();
    }
    void damage(std::uint64_t at = damaged_at)
    {
        rig.elements["t"].memory->memory()[at] ^= std::byte{0x55};
    }
    void begin_to_verify(byte_extent range = {})
    {
        op.over = false;
        op.range = range;
        REQUIRE(pair().verify(op).has_value());
    }
    void verify()
    {
        begin_to_verify();
        rig.run_until([&] { return op.over; });
        REQUIRE_FALSE(op.error);
        REQUIRE(op.different_bytes != 0);
    }
    /// Its comparison waits for the target until let_legs_go().
    void hold_verification(byte_extent range)
    {
        rig.elements.faults("t").add({.kind = io_kind::read,
                                      .extent = {damaged_at, 4096},
                                      .action = fault_action::hold_done});
        begin_to_verify(range);
        rig.settle(512);
        REQUIRE_FALSE(op.over);
    }
    void fail_next_write_to_source() { rig.elements.faults("s").add({.kind = io_kind::write}); }
    void begin_to_write(owned_op& write, std::uint64_t offset)
    {
        write.prepare_write(offset, std::span<const std::byte>(write.data));
        front().submit(write);
    }
    void begin_to_flush(owned_op& flush)
    {
        flush.prepare_flush();
        front().submit(flush);
        rig.settle(256);
    }
    void lose_power_and_settle()
    {
        lose_power();
        for (int i = 0; i < 100; ++i) rig.settle(64);
    }
    void check_equal()
    {
        CHECK(pair().info().copy_state == copy_state::synchronized);
        CHECK(pair().info().different_bytes == 0);
        CHECK(rig.equal("s", "t", bytes));
    }
};

}  // namespace

TEST_CASE("a difference found on the last leg is on record when its comparison ends",
          "[runtime][record]")
{
    lonely_rig r(false);
    r.damage();
    r.hold_verification({lonely_rig::damaged_at, 64 * kib});
    r.fail_next_write_to_source();
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x33));
    r.rig.wait_for(r.pair(), copy_state::broken);
    r.let_legs_go();
    r.rig.run_until([&] { return r.op.over; });
    r.lose_power_and_settle();
    r.check_equal();
}

TEST_CASE("a difference found while a loss is being recorded is on record with it",
          "[runtime][record]")
{
    lonely_rig r(false);
    r.damage();
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x12));
    r.hold_verification({lonely_rig::damaged_at, 64 * kib});
    r.fail_next_write_to_source();
    r.set.holds = {record_kind::leg_state};
    owned_op write(4096, 0x13);
    r.begin_to_write(write, 0);
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.rig.elements.faults("t").clear();
    while (r.rig.elements["t"].device->release() != 0) r.rig.settle(4);
    r.rig.run_until([&] { return r.op.over; });
    CHECK(r.op.different_bytes == 512);
    r.lose_power_and_settle();
    r.check_equal();
}

TEST_CASE("a flush beside the record of a loss forgets nothing that was found", "[runtime][record]")
{
    lonely_rig r(true);
    r.damage();
    r.verify();
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x12));
    REQUIRE_FALSE(r.rig.flush(r.front()));
    // A pass of the maps is under way: that of a second comparison.
    r.damage(9 * mib);
    r.set.holds = {record_kind::map_page};
    r.begin_to_verify();
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.fail_next_write_to_source();
    owned_op write(4096, 0x13), flush;
    r.begin_to_write(write, 0);
    r.rig.settle(256);
    r.begin_to_flush(flush);
    r.rig.elements.faults("s").clear();
    r.set.let_go({record_kind::leg_state});
    r.rig.settle(1024);
    REQUIRE(!r.set.held.empty());
    CHECK_FALSE(write.over);
    CHECK_FALSE(flush.over);
    const bool absent = GENERATE(false, true);
    CAPTURE(absent);
    r.rig.elements["s"].refuse = absent;
    r.lose_power_and_settle();
    if (absent)
        CHECK(r.in_sync("t"));
    else
        r.check_equal();
}

TEST_CASE("a flush beside the record of a loss does not make the last leg a stranger",
          "[runtime][record]")
{
    lonely_rig r(true, 4);
    REQUIRE_FALSE(r.rig.write(r.front(), lonely_rig::damaged_at + 32 * kib, 4096, 0x22));
    r.open_again();
    r.rig.recover();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    r.damage();
    r.hold_verification({});
    r.fail_next_write_to_source();
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x33));
    r.rig.wait_for(r.pair(), copy_state::broken);
    r.rig.elements["s"].refuse = true;
    for (const std::uint64_t at : {9 * mib, 13 * mib, 17 * mib})
        REQUIRE_FALSE(r.rig.write(r.front(), at, 4096, 0x33));
    // An extent leaves: the maps are saved.
    r.set.holds = {record_kind::map_page};
    owned_op write(4096, 0x13), flush;
    r.begin_to_write(write, 21 * mib);
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.let_legs_go();
    r.rig.settle(256);
    r.begin_to_flush(flush);
    r.set.let_go({record_kind::leg_state});
    r.rig.settle(1024);
    REQUIRE(!r.set.held.empty());
    r.lose_power_and_settle();
    CHECK(r.in_sync("t"));
    for (const leg_info& each : r.rig.opened->volume(element_path("s")).value()->legs())
        if (each.element == element_path("t")) {
            CHECK(each.remark.empty());
            CHECK_FALSE(each.error);
        }
}

TEST_CASE("a flush while a loss cannot be recorded forgets nothing that was found",
          "[runtime][record]")
{
    lonely_rig r(true);
    r.damage();
    r.verify();
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x12));
    REQUIRE_FALSE(r.rig.flush(r.front()));
    r.set.fails = {record_kind::leg_state};
    r.fail_next_write_to_source();
    CHECK(r.rig.write(r.front(), 0, 4096, 0x13));
    for (int i = 0; i < 2; ++i) {
        CHECK(r.rig.flush(r.front()));
        r.rig.settle(256);
    }
    r.lose_power();
    r.set.fails.clear();
    for (int i = 0; i < 100; ++i) r.rig.settle(64);
    r.check_equal();
}

TEST_CASE("one that is opened alone, and flushed before that is on record, forgets nothing",
          "[runtime][record]")
{
    lonely_rig r(true);
    r.damage();
    r.verify();
    r.close();
    r.rig.elements["s"].refuse = true;
    r.set.fails = {record_kind::leg_state};
    r.open_below();
    r.rig.recover();
    r.rig.settle(256);
    REQUIRE(r.in_sync("t"));
    for (int i = 0; i < 2; ++i) (void)r.rig.flush(r.front());
    r.rig.settle(256);
    r.rig.elements["s"].refuse = false;
    r.lose_power();
    r.set.fails.clear();
    for (int i = 0; i < 100; ++i) r.rig.settle(64);
    r.check_equal();
}
