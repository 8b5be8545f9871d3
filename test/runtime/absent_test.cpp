// test/runtime/absent_test.cpp -- a shard is opened while elements of its relationships are away.
// SPDX-License-Identifier: BSL-1.0
#include "durable_rig.hpp"
#include <map>
#include <string>
#include <vector>

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

TEST_CASE("a target that waits for its client, in sync by a sibling's restore, serves alone",
          "[runtime][absent]")
{
    durable_rig r;
    r.rig.elements.add("u", {.size_bytes = device_bytes});
    std::map<std::string, relationship*> pairs;
    for (const char* name : {"t", "u"}) {
        pairs[name] = &r.rig.mirror_by_hand("s", name);
        r.rig.wait_for(*pairs[name], copy_state::synchronized);
    }
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x11));
    for (const auto& [name, pair] : pairs) r.rig.wait_for(*pair, copy_state::broken);
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    for (const auto& [name, pair] : pairs) r.rig.wait_for(*pair, copy_state::suspended);
    REQUIRE(r.rig.request(*pairs["t"], operation::resume) == "");
    r.rig.wait_for(*pairs["t"], copy_state::synchronized);
    REQUIRE(pairs["u"]->info().copy_state == copy_state::suspended);
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x22));
    CHECK(r.rig.elements["u"].memory->memory()[0] == std::byte{0x22});

    r.close();
    for (const char* name : {"s", "t"}) r.rig.elements[name].refuse = true;
    r.open();
    r.rig.recover();
    std::vector<std::byte> data(4096);
    REQUIRE_FALSE(r.rig.read(r.front(), 0, data));
    CHECK(data[0] == std::byte{0x22});
}
