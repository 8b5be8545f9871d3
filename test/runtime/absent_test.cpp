// test/runtime/absent_test.cpp -- a shard is opened while elements of its relationships are away.
// SPDX-License-Identifier: BSL-1.0
#include "durable_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("elements that were all away when the shard was opened serve again when they are back",
          "[runtime][absent]")
{
    const bool target_first = GENERATE(false, true);
    durable_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x11));
    r.close();
    for (const char* name : {"s", "t"}) r.rig.elements[name].refuse = true;
    r.open();
    r.rig.settle();
    CHECK(r.pair().info().copy_state == copy_state::broken);
    CHECK(r.rig.write(r.front(), 0, 4096, 0x22));
    CHECK_FALSE(r.rig.opened->element_returned(element_path("s")));
    CHECK_FALSE(r.rig.opened->element_returned(element_path("t")));

    for (const char* name : {"s", "t"}) r.rig.elements[name].refuse = false;
    const char* order[] = {target_first ? "t" : "s", target_first ? "s" : "t"};
    for (const char* name : order) {
        (void)r.rig.opened->element_returned(element_path(name));
        r.rig.settle();
    }
    (void)r.rig.opened->element_returned(element_path(order[0]));
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    std::vector<std::byte> data(4096);
    REQUIRE_FALSE(r.rig.read(r.front(), 0, data));
    CHECK(data[0] == std::byte{0x11});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x33));
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("a target that was away when the shard was opened comes back", "[runtime][absent]")
{
    const char* away = GENERATE("s", "t");
    durable_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x11));
    r.close();
    r.rig.elements[away].refuse = true;
    r.open();
    r.rig.settle();
    CHECK(r.pair().info().copy_state == copy_state::broken);
    REQUIRE_FALSE(r.rig.write(r.front(), mib, 4096, 0x22));
    r.rig.elements[away].refuse = false;
    REQUIRE(r.rig.opened->element_returned(element_path(away)).has_value());
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
    CHECK(r.rig.elements["s"].memory->memory()[mib] == std::byte{0x22});
}
