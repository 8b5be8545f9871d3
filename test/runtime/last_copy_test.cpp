// test/runtime/last_copy_test.cpp -- what a relationship tells of the copy that has just ended.
// SPDX-License-Identifier: BSL-1.0
#include "runtime_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("after a restore the last copy is the one back to the source", "[runtime][mirror]")
{
    runtime_rig rig;
    for (const char* name : {"s", "t"}) rig.elements.add(name, {.size_bytes = 8 * mib});
    for (std::uint64_t at : {0 * mib, 3 * mib, 5 * mib})
        rig.elements["s"].memory->memory()[at] = std::byte{1};
    rig.open();
    block_device& front = rig.opened->volume(element_path("s")).value()->front();
    relationship& pair = rig.mirror("s", "t");
    rig.wait_for(pair, copy_state::synchronized);
    CHECK(pair.info().copied_bytes == 3 * 64 * kib);
    // Durable on both, so that a restore has nothing to distrust.
    REQUIRE_FALSE(rig.flush(front));
    REQUIRE(rig.request(pair, operation::split) == "");
    REQUIRE_FALSE(rig.write(front, 1 * mib, 4096, 0x11));
    REQUIRE(rig.request(pair, operation::restore_from_replica, true) == "");
    rig.wait_for(pair, copy_state::synchronized);
    CHECK(pair.info().copied_bytes == 64 * kib);
    CHECK(pair.info().copy_total_bytes == 64 * kib);

    REQUIRE(rig.request(pair, operation::split) == "");
    REQUIRE_FALSE(rig.write(front, 2 * mib, 2 * 64 * kib, 0x22));
    REQUIRE(rig.request(pair, operation::resync_replica) == "");
    rig.wait_for(pair, copy_state::synchronized);
    CHECK(pair.info().copied_bytes == 2 * 64 * kib);
}
