// test/runtime/room_mark_test.cpp -- a write that has waited for room is marked before it is sent.
// SPDX-License-Identifier: BSL-1.0
#include "room_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a write that has waited for room waits for its mark as well", "[runtime][hot][record]")
{
    constexpr std::uint64_t extent = room_rig::extent;
    constexpr unsigned room = room_rig::room;
    owned_op write(room_rig::length, 0xAA), wide(3 * extent, 0xBB);
    room_rig r;
    r.fill();
    unsigned changes = 0, early = 0;
    r.taps.shown = [&](const std::string&, const io_op& op) {
        if (!op.changes()) return;
        ++changes;
        if (!r.store.has_marked(op.extent())) ++early;
    };
    r.store.marked.clear();
    r.store.holds = {record_kind::hot_extents};
    r.write(write, room * extent);
    r.write(wide, (room + 2) * extent + room_rig::length);
    r.rig.settle();
    CHECK(r.store.held() == 1);
    CHECK(changes == 0);
    CHECK_FALSE(write.over);
    r.store.let_go();
    r.rig.run_until([&] { return write.over && wide.over; });
    CHECK(changes == 4);
    CHECK(early == 0);
    CHECK(r.in_sync());
    r.taps.shown = nullptr;
}
