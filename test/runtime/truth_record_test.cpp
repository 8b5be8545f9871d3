// test/runtime/truth_record_test.cpp -- after a crash reads wait until the truth is on record.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A mirror that a crash leaves with a write on its target alone: the source holds 0x11 there.
struct torn_rig : late_set_rig {
    torn_rig()
    {
        mirror_and_open_again();
        rig.elements.faults("s").add({.kind = io_kind::write, .action = fault_action::hold});
        owned_op write(4 * kib, 0x22);
        write.prepare_write(0, std::span<const std::byte>(write.data));
        front().submit(write);
        const std::array all{disk.memory(), memory("s"), memory("t")};
        rig.run_until([&] { return first("t") == std::byte{0x22}; });
        std::vector<std::vector<std::byte>> left;
        for (const auto& each : all) left.emplace_back(each.begin(), each.end());
        rig.elements["s"].device->release();
        close();
        for (std::size_t i = 0; i < all.size(); ++i) std::ranges::copy(left[i], all[i].begin());
        REQUIRE(first("s") == std::byte{0x11});
    }

    std::span<std::byte> memory(const char* name) { return rig.elements[name].memory->memory(); }
    std::byte first(const char* name) { return memory(name)[0]; }
    void open_with_source(bool is_there)
    {
        rig.elements["s"].present = is_there;
        open_below();
    }
    /// The same, and the first record of the truth does not come to its end.
    void open_held(bool source_is_there)
    {
        set.holds = {record_kind::leg_state};
        open_with_source(source_is_there);
        rig.run_until([&] { return !set.held.empty(); });
    }
    void read(owned_op& op)
    {
        op.prepare_read(0, std::span<std::byte>(op.data));
        front().submit(op);
    }
    std::byte read_first()
    {
        owned_op op(4 * kib);
        op.prepare_read(0, std::span<std::byte>(op.data));
        REQUIRE_FALSE(rig.run(front(), op));
        return op.data[0];
    }
};

}  // namespace

TEST_CASE("after a crash a read is answered when it is on record who is the truth",
          "[runtime][record]")
{
    const bool source_is_there = GENERATE(false, true);
    CAPTURE(source_is_there);
    owned_op read(4 * kib);
    torn_rig r;
    r.open_held(source_is_there);
    r.read(read);
    r.rig.settle(256);
    CHECK_FALSE(read.over);
    r.set.let_go();
    r.rig.run_until([&] { return read.over; });
    CHECK_FALSE(read.error);
    CHECK(all_are(read.data, source_is_there ? 0x11 : 0x22));
}

TEST_CASE("what was read after a crash is there after the next one, whoever comes back",
          "[runtime][record]")
{
    owned_op read(4 * kib);
    torn_rig r;
    r.open_with_source(false);
    r.read(read);
    r.rig.run_until([&] { return read.over; });
    REQUIRE_FALSE(read.error);
    REQUIRE(all_are(read.data, 0x22));
    r.rig.elements["s"].present = true;
    r.lose_power();
    CHECK(r.read_first() == std::byte{0x22});
    r.rig.settle(1024);
    CHECK(r.read_first() == std::byte{0x22});
    CHECK(r.first("t") == std::byte{0x22});
}

TEST_CASE("a volume is readable and is copied where the truth cannot be put on record",
          "[runtime][record]")
{
    const bool source_is_there = GENERATE(false, true);
    CAPTURE(source_is_there);
    owned_op early(4 * kib);
    torn_rig r;
    r.set.fails = {record_kind::leg_state};
    r.open_with_source(source_is_there);
    r.read(early);
    r.rig.run_until([&] { return early.over; });
    CHECK_FALSE(early.error);
    CHECK(all_are(early.data, source_is_there ? 0x11 : 0x22));
    if (source_is_there) {
        r.set.fails.clear();
        r.rig.wait_for(r.pair(), copy_state::synchronized);
        CHECK(r.rig.equal("s", "t", device_bytes));
        return;
    }
    CHECK(r.read_first() == std::byte{0x22});
    // What depends on the set is not answered as done.
    CHECK(r.rig.write(r.front(), mib, 4 * kib, 0x33) == errc::injected);
    r.set.fails.clear();
    CHECK_FALSE(r.rig.write(r.front(), mib, 4 * kib, 0x44));
}

TEST_CASE("a read that waits for the record of the truth can be taken back", "[runtime][wait]")
{
    owned_op canceled(4 * kib), late(4 * kib), patient(4 * kib);
    torn_rig r;
    r.open_held(true);
    late.deadline = r.rig.loop.now() + milliseconds(5);
    for (owned_op* op : {&canceled, &late, &patient}) r.read(*op);
    r.rig.settle(256);
    r.front().cancel(canceled);
    CHECK_FALSE(canceled.over);
    r.rig.settle();
    CHECK(canceled.error == std::errc::operation_canceled);
    CHECK(canceled.transferred_bytes == 0);
    CHECK_FALSE(late.over);
    r.rig.run_until([&] { return late.over; });
    CHECK(late.error == errc::deadline_exceeded);
    CHECK(late.ended_at == late.deadline);
    CHECK_FALSE(patient.over);
    r.set.let_go();
    r.rig.run_until([&] { return patient.over; });
    CHECK_FALSE(patient.error);
    for (const owned_op* op : {&canceled, &late, &patient}) CHECK(op->times == 1);
}

TEST_CASE("a shard is closed with a read that waits for the record of the truth",
          "[runtime][close]")
{
    owned_op canceled(4 * kib), patient(4 * kib);
    torn_rig r;
    r.open_held(true);
    block_device& front = r.front();
    for (owned_op* op : {&canceled, &patient}) r.read(*op);
    r.rig.settle(256);
    waited_op closing;
    r.rig.opened->close(closing);
    front.cancel(canceled);
    r.rig.settle(256);
    CHECK(canceled.error == std::errc::operation_canceled);
    CHECK_FALSE(patient.over);
    CHECK_FALSE(closing.over);
    r.set.let_go();
    r.rig.run_until([&] { return closing.over; });
    CHECK(patient.over);
    CHECK_FALSE(patient.error);
    r.rig.opened.reset();
}

TEST_CASE("a read that waits for the record of a restored content can be taken back",
          "[runtime][wait]")
{
    leg_rig r;
    owned_op canceled(block_bytes), late(block_bytes), patient(block_bytes);
    waited_op restored;
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split) == "");
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    r.store.holds = {record_kind::leg_state};
    REQUIRE(r.pairs["t"]->request(operation::restore_from_replica, true, restored).has_value());
    r.rig.run_until([&] { return r.store.held() != 0; });
    late.deadline = r.now() + milliseconds(5);
    for (owned_op* op : {&canceled, &late, &patient}) r.read(*op, 0);
    r.rig.settle();
    r.front->cancel(canceled);
    r.advance(milliseconds(10));
    CHECK(canceled.error == std::errc::operation_canceled);
    CHECK(late.error == errc::deadline_exceeded);
    CHECK_FALSE(patient.over);
    r.store.let_go();
    r.rig.run_until([&] { return patient.over && restored.over; });
    CHECK_FALSE(patient.error);
    CHECK(all_are(patient.data, 0x11));
    for (const owned_op* op : {&canceled, &late, &patient}) CHECK(op->times == 1);
}

TEST_CASE("a read is not taken back while it is being answered", "[runtime][wait]")
{
    struct canceling_op : owned_op {
        host_op* other = nullptr;
        canceling_op() : owned_op(4 * kib)
        {
            done = [](io_op& op, error_code) noexcept {
                auto& self = static_cast<canceling_op&>(op);
                self.over = true;
                self.device->cancel(*self.other);
            };
        }
    };
    canceling_op first;
    owned_op second(4 * kib);
    first.other = &second;
    torn_rig r;
    r.open_held(true);
    for (owned_op* op : {static_cast<owned_op*>(&first), &second}) r.read(*op);
    r.rig.settle(256);
    r.set.let_go();
    r.rig.run_until([&] { return first.over && second.over; });
    r.rig.settle();
    CHECK_FALSE(second.error);
    CHECK(second.times == 1);
}

TEST_CASE("a write that is taken back waits for no record of the set", "[runtime][wait]")
{
    leg_rig r({.hot_extents_max = 64});
    owned_op first(block_bytes), late(block_bytes), missed(block_bytes);
    r.hang("s", io_kind::write);
    r.write(first, 0);
    late.deadline = r.now() + milliseconds(5);
    r.write(late, 0);
    r.rig.settle();
    r.store.holds = {record_kind::leg_state};
    r.fail_next("t", io_kind::read);
    // Whoever reads the target finds it failed.
    for (unsigned i = 0; i < 4; ++i) {
        owned_op read(block_bytes);
        r.read(read, 4 * mib);
        r.rig.run_until([&] { return read.over; });
    }
    REQUIRE(r.store.held() == 1);
    r.advance(milliseconds(10));
    CHECK(late.error == errc::deadline_exceeded);
    CHECK_FALSE(first.over);
    r.let_go("s");
    r.store.let_go();
    r.rig.run_until([&] { return first.over; });
}
