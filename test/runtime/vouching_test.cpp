// test/runtime/vouching_test.cpp -- a device may tell of what it lost as late as its next flush.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// The source of a mirror has dropped what it was given, silently: the next flush will say so.
struct losing_rig {
    virtual_rig rig;

    losing_rig()
    {
        for (const char* name : {"s", "t", "u"})
            rig.elements.add(name, {.size_bytes = device_bytes, .volatile_cache = true});
        rig.open();
    }
    relationship& in_sync(const char* target)
    {
        relationship& pair = rig.mirror("s", target);
        rig.wait_for(pair, copy_state::synchronized);
        return pair;
    }
    std::span<std::byte> bytes(const char* name) { return rig.elements[name].memory->memory(); }
    void source_loses(byte_extent lost)
    {
        std::ranges::fill(bytes("s").subspan(lost.offset_bytes, lost.length_bytes),
                          std::byte{0xEE});
        rig.elements.faults("s").add({.kind = io_kind::flush});
    }
    const leg_info leg_of(const char* name)
    {
        for (const leg_info& each : rig.opened->volume(element_path("s")).value()->legs())
            if (each.element == element_path(name)) return each;
        FAIL("no leg " << name);
        return {};
    }
};

}  // namespace

TEST_CASE("a leg joins only after those it was copied from have flushed", "[runtime][vouch]")
{
    losing_rig r;
    relationship& pair = r.in_sync("t");
    const auto flushes = r.rig.elements["s"].device->statistics().submitted_of(io_kind::flush);
    REQUIRE(r.rig.request(pair, operation::fracture) == "");
    block_device& front = r.rig.opened->volume(element_path("s")).value()->front();
    REQUIRE_FALSE(r.rig.write(front, 0, 4096, 1));
    REQUIRE(r.rig.request(pair, operation::resync_replica) == "");
    r.rig.wait_for(pair, copy_state::synchronized);
    CHECK(r.rig.elements["s"].device->statistics().submitted_of(io_kind::flush) == flushes + 1);
}

TEST_CASE("what was copied from a leg whose next flush fails is copied again from another",
          "[runtime][vouch]")
{
    losing_rig r;
    r.in_sync("t");
    r.source_loses({0, device_bytes});
    r.rig.mirror("s", "u");
    r.rig.run_until([&] { return r.leg_of("s").role == leg_role::tracking; });
    r.rig.settle(4096);
    CHECK(r.leg_of("u").role == leg_role::current);
    CHECK(r.rig.equal("t", "u", device_bytes));
}

TEST_CASE("what was copied from a last leg whose flush fails is not called equal",
          "[runtime][vouch]")
{
    losing_rig r;
    r.source_loses({0, device_bytes});
    relationship& pair = r.rig.mirror("s", "t");
    r.rig.wait_for(pair, copy_state::broken);
    CHECK(r.rig.opened->volume(element_path("s")).value()->read_only());
    CHECK(pair.info().different_bytes == device_bytes);
}

TEST_CASE("a copy that is suspended keeps what both sides have flushed", "[runtime][vouch]")
{
    const bool lost = GENERATE(false, true);
    losing_rig r;
    std::ranges::fill(r.bytes("s"), std::byte{7});
    relationship& pair = r.rig.mirror("s", "t");
    r.rig.run_until([&] { return pair.info().different_bytes < device_bytes; });
    if (lost) r.rig.elements.faults("s").add({.kind = io_kind::flush});
    REQUIRE(r.rig.request(pair, operation::suspend) == "");
    if (lost)
        CHECK(pair.info().different_bytes == device_bytes);
    else
        CHECK(pair.info().different_bytes == device_bytes / 2);
}

TEST_CASE("a repair waits until the source has flushed what it would write", "[runtime][vouch]")
{
    const bool lost = GENERATE(false, true);
    losing_rig r;
    relationship& pair = r.in_sync("t");
    if (lost)
        r.source_loses({mib, 4096});
    else
        std::ranges::fill(r.bytes("s").subspan(mib, 4096), std::byte{0xEE});
    struct watched : verify_op {
        bool over = false;
    } watch;
    watch.repair = true;
    watch.done = [](control_op& done) noexcept { static_cast<watched&>(done).over = true; };
    REQUIRE(pair.verify(watch).has_value());
    r.rig.run_until([&] { return watch.over; });
    CHECK(watch.error.has_value() == lost);
    CHECK(r.bytes("t")[mib] == (lost ? std::byte{0} : std::byte{0xEE}));
    CHECK(r.leg_of("s").role == (lost ? leg_role::tracking : leg_role::current));
    if (!lost) return;
    // Now the target holds the content, and what was found is not forgotten.
    r.rig.elements.faults("s").clear();
    r.rig.wait_for(pair, copy_state::broken);
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.wait_for(pair, copy_state::synchronized);
    CHECK(r.bytes("s")[mib] == std::byte{0});
}

TEST_CASE("what is declared identical joins only if the source has lost nothing",
          "[runtime][vouch]")
{
    losing_rig r;
    r.in_sync("t");
    r.source_loses({0, device_bytes});
    std::ranges::fill(r.bytes("u"), std::byte{0xEE});
    waited_op op;
    REQUIRE(r.rig.opened
                ->create_mirror({.source = element_path("s"),
                                 .target = element_path("u"),
                                 .initial = initial_synchronization::identical,
                                 .check = identity_check::full},
                                op)
                .has_value());
    r.rig.run_until([&] { return op.over; });
    REQUIRE(op.error.has_value());
    CHECK(r.rig.opened->volume(element_path("s")).value()->legs().size() == 2);
}

TEST_CASE("zeros of a source that nobody has read are flushed before a target is in sync by them",
          "[runtime][vouching]")
{
    leg_rig r({}, {}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    owned_op discard;
    discard.prepare_discard(0, r.size);
    REQUIRE_FALSE(r.rig.run(*r.front, discard));
    SECTION("by a flush of the source")
    {
        const std::uint64_t flushes = r.sent("s", io_kind::flush);
        r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
        CHECK(r.sent("s", io_kind::flush) > flushes);
        CHECK(r.rig.equal("s", "t", r.size));
    }
    SECTION("and where that fails it is not in sync")
    {
        r.fail_next("s", io_kind::flush, fault_action::lose_cache);
        relationship& pair = r.rig.mirror("s", "t");
        r.advance(seconds(1));
        CHECK(pair.info().copy_state == copy_state::broken);
        CHECK(r.leg("t").statistics.different_bytes != 0);
    }
}
