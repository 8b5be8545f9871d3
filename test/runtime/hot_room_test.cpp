// test/runtime/hot_room_test.cpp -- writes that find no room among the hot extents wait for it.
// SPDX-License-Identifier: BSL-1.0
#include "room_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t extent = room_rig::extent;
constexpr std::size_t room = room_rig::room;
constexpr std::size_t length = room_rig::length;

}  // namespace

TEST_CASE("a write without room among the hot extents waits for a flush of every leg",
          "[runtime][hot]")
{
    owned_op write(length, 0xAA), hot(length, 0xBB);
    room_rig r;
    r.fill();
    const std::uint64_t source_before = r.flushes("s"), before = r.flushes("t");
    r.hang("t", io_kind::flush);
    r.write(write, room * extent);
    r.write(hot, 0);
    r.rig.settle();
    CHECK_FALSE(write.over);
    CHECK(r.flushes("s") == source_before + 1);
    CHECK(r.flushes("t") == before + 1);
    CHECK(r.elements.sparse("s").at(room * extent) == 0);
    // Where it is hot already it needs no room.
    CHECK(hot.over);
    r.let_go("t");
    CHECK(write.over);
    CHECK_FALSE(write.error);
    CHECK(r.elements.sparse("t").at(room * extent) == 0xAA);
    CHECK(r.flushes("t") == before + 1);
    CHECK(r.in_sync());
}

TEST_CASE("one flush makes room for many, and their order where they overlap stays",
          "[runtime][hot]")
{
    std::vector<std::unique_ptr<owned_op>> writes;
    room_rig r;
    r.fill();
    const std::uint64_t before = r.flushes("s");
    for (unsigned i = 0; i < 32; ++i) {
        for (const unsigned value : {0x10u, 0x20u, 0x30u}) {
            writes.push_back(std::make_unique<owned_op>(length, value));
            r.write(*writes.back(), (room + i) * extent);
        }
    }
    r.rig.settle();
    for (const auto& each : writes) {
        REQUIRE(each->over);
        CHECK_FALSE(each->error);
    }
    CHECK(r.flushes("s") - before <= 2);
    for (unsigned i = 0; i < 32; ++i) CHECK(r.elements.sparse("t").at((room + i) * extent) == 0x30);
    for (unsigned i = 0; i < room; ++i) CHECK(r.elements.sparse("t").at(i * extent) == i + 1);
    CHECK(r.in_sync());
}

TEST_CASE("a write over many extents waits until all of them have room", "[runtime][hot]")
{
    owned_op write(9 * extent, 0xAA), small(length, 0xBB);
    room_rig r;
    r.fill();
    const std::uint64_t before = r.flushes("s");
    r.write(write, 100 * extent + length);
    r.write(small, 104 * extent);  // overlaps it, and comes after it
    r.rig.settle(256);
    REQUIRE(write.over);
    CHECK_FALSE(write.error);
    REQUIRE(small.over);
    CHECK(r.flushes("s") == before + 1);
    CHECK(r.elements.sparse("t").at(100 * extent + length) == 0xAA);
    CHECK(r.elements.sparse("t").at(109 * extent) == 0xAA);
    CHECK(r.elements.sparse("t").at(104 * extent) == 0xBB);
    CHECK(r.in_sync());
}

TEST_CASE("a write longer than half of the room is refused with nothing changed", "[runtime][hot]")
{
    owned_op write(room / 2 * extent + length, 0xAA);
    room_rig r(false);
    r.write(write, 0);
    r.rig.settle();
    CHECK(write.error == errc::over_budget);
    CHECK(r.elements.device("s").statistics().submitted_of(io_kind::write) == 0);
    owned_op zeros;  // go piece by piece
    zeros.prepare_write_zeroes(0, 300 * extent);
    CHECK_FALSE(r.rig.run(*r.front, zeros));
}

TEST_CASE("the error of the flush that was to make room reaches the writes that wait",
          "[runtime][hot][flush]")
{
    owned_op first(length, 0xAA), second(length, 0xBB), hot(length, 0xCC);
    room_rig r(false);
    r.fill();
    r.elements.device("s").faults().add({.kind = io_kind::flush});
    r.write(first, room * extent);
    r.write(second, (room + 1) * extent);
    r.rig.settle();
    CHECK(first.error == errc::injected);
    CHECK(second.error == errc::injected);
    CHECK(r.opened->read_only());
    CHECK(r.elements.sparse("s").at(room * extent) == 0);
    CHECK(r.put(room * extent, 0xDD) == errc::volume_read_only);
    r.opened->accept_after_failed_flush();
    CHECK_FALSE(r.put(room * extent, 0xEE));
    CHECK(r.elements.sparse("s").at(room * extent) == 0xEE);
}

TEST_CASE("a leg that fails the flush that was to make room leaves, and the writes go on",
          "[runtime][hot][flush]")
{
    owned_op write(length, 0xAA);
    room_rig r;
    r.fill();
    r.elements.device("t").faults().add({.kind = io_kind::flush});
    r.write(write, room * extent);
    r.rig.settle();
    CHECK(write.over);
    CHECK_FALSE(write.error);
    CHECK(r.pair->info().copy_state == copy_state::broken);
    CHECK(r.pair->info().different_bytes >= room * extent);
    REQUIRE(r.rig.request(*r.pair, operation::resync_replica) == "");
    r.rig.wait_for(*r.pair, copy_state::synchronized);
    CHECK(r.in_sync());
}

TEST_CASE("while every hot extent is being written no flush is tried in vain", "[runtime][hot]")
{
    std::vector<std::unique_ptr<owned_op>> writes;
    owned_op write(length, 0xAA);
    room_rig r;
    r.hang("s", io_kind::write);
    for (unsigned i = 0; i < room; ++i) {
        writes.push_back(std::make_unique<owned_op>(length, i + 1));
        r.write(*writes.back(), i * extent);
    }
    r.rig.settle();
    const std::uint64_t before = r.flushes("s");
    r.write(write, room * extent);
    r.rig.settle(200);
    CHECK_FALSE(write.over);
    CHECK(r.flushes("s") - before <= 1);
    r.let_go("s");
    CHECK(write.over);
    CHECK_FALSE(write.error);
    for (const auto& each : writes) CHECK(each->over);
    CHECK(r.in_sync());
}

TEST_CASE("writes that wait for room are not passed by later ones for ever", "[runtime][hot]")
{
    struct greedy : owned_op {  // writes wherever there is room as soon as its flush has made it
        room_rig* r = nullptr;
        std::vector<std::unique_ptr<owned_op>> writes;
        std::uint64_t at = 100;
        unsigned rounds = 0;
    };
    owned_op patient(length, 0xAA);
    greedy flush;
    room_rig r;
    flush.r = &r;
    flush.done = [](io_op& op, error_code) noexcept {
        auto& self = static_cast<greedy&>(op);
        if (++self.rounds > 20) return;
        for (std::size_t i = 0; i < room; ++i) {
            self.writes.push_back(std::make_unique<owned_op>(length, 0xBB));
            self.r->write(*self.writes.back(), (self.at++ % 300 + 70) * extent);
        }
        self.prepare_flush();
        self.r->front->submit(self);
    };
    r.fill();
    flush.prepare_flush();
    r.front->submit(flush);
    r.write(patient, room * extent);
    for (unsigned turn = 0; turn < 400 && !patient.over; ++turn) r.rig.loop.poll();
    CHECK(patient.over);
    CHECK(flush.rounds < 20);
    r.rig.run_until([&] {
        return flush.rounds > 20 && std::all_of(flush.writes.begin(), flush.writes.end(),
                                                [](const auto& each) { return each->over; });
    });
    CHECK(r.in_sync());
}
