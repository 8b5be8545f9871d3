// test/runtime/detach_test.cpp -- the last leg stays while a sibling copies to the source.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

relationship& by_hand(leg_rig& r, const char* target)
{
    waited_op op;
    mirror_request wanted{.source = element_path("s"), .target = element_path(target)};
    wanted.settings.copy_recovery_mode = desired_copy_recovery_mode::manual;
    auto made = r.rig.opened->create_mirror(wanted, op);
    REQUIRE(made.has_value());
    r.rig.run_until([&] { return op.over; });
    r.rig.wait_for(*made.value(), copy_state::synchronized);
    return *made.value();
}

}  // namespace

TEST_CASE("a volume keeps a current leg when a sibling begins to restore the source meanwhile",
          "[runtime][detach]")
{
    leg_rig r({}, {});
    for (const char* name : {"t", "u"}) r.pairs[name] = &by_hand(r, name);
    r.fail_next("s", io_kind::write);
    for (std::uint64_t at = 0; at < r.size; at += mib) REQUIRE_FALSE(r.put(at, block_bytes, 0x11));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    r.rig.wait_for(*r.pairs["u"], copy_state::broken);
    r.fail_next("u", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    r.rig.settle();
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.wait_for(*r.pairs["t"], copy_state::suspended);
    r.rig.wait_for(*r.pairs["u"], copy_state::suspended);
    REQUIRE(r.current("t"));
    REQUIRE_FALSE(r.current("u"));

    r.store.holds = {record_kind::relationship_state};
    waited_op resume, detach;
    REQUIRE(r.pairs["u"]->request(operation::resume, false, resume).has_value());
    r.rig.settle();
    const bool taken = r.pairs["t"]->request(operation::detach, true, detach).has_value();
    r.rig.settle();
    r.store.let_go();
    r.rig.run_until([&] { return resume.over && (detach.over || !taken); });
    r.rig.settle();
    std::size_t current = 0;
    for (const leg_info& each : r.opened->legs()) current += each.role == leg_role::current;
    CHECK(current != 0);
    // By force: what the source holds is the volume.
    CHECK(r.current("s"));
    CHECK(r.reads_as(mib, block_bytes, 0));
}
