// test/runtime/host_io_test.cpp -- what a host asks of a volume reaches its legs as it was asked.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// What each leg was sent.
struct seen_op {
    std::string leg;
    io_kind kind;
    byte_extent extent;
    bool fua;
    std::int32_t buffer_index;
    std::vector<const std::byte*> pieces;
};

struct seeing_rig : leg_rig {
    std::vector<seen_op> seen;
    explicit seeing_rig(shard_options wanted = {}, bool cached = false)
        : leg_rig(std::move(wanted), {"t"}, cached)
    {
        taps.shown = [this](const std::string& name, const io_op& op) {
            seen_op one{name, op.kind, op.extent(), op.fua, op.buffer_index, {}};
            if (op.kind == io_kind::read)
                for (const io_segment& each : op.read_segments()) one.pieces.push_back(each.data);
            if (op.kind == io_kind::write)
                for (const const_io_segment& each : op.write_segments())
                    one.pieces.push_back(each.data);
            seen.push_back(one);
        };
    }
    ~seeing_rig() { taps.shown = nullptr; }
};

}  // namespace

TEST_CASE("a FUA write is one on every leg, and durable on each when it is acknowledged",
          "[runtime][host]")
{
    const bool bounced = GENERATE(false, true);
    owned_op write(block_bytes, 0x11), plain(block_bytes, 0x22);
    seeing_rig r({}, true);
    REQUIRE_FALSE(r.flush());
    r.seen.clear();
    write.fua = true;
    write.unstable_buffer = bounced;
    write.prepare_write(0, std::span<const std::byte>(write.data));
    REQUIRE_FALSE(r.rig.run(*r.front, write));
    REQUIRE(r.seen.size() == 2);
    for (const seen_op& each : r.seen) CHECK(each.fua);
    for (const char* name : {"s", "t"}) CHECK_FALSE(r.rig.elements[name].device->has_unflushed());
    r.seen.clear();
    plain.prepare_write(0, std::span<const std::byte>(plain.data));
    REQUIRE_FALSE(r.rig.run(*r.front, plain));
    for (const seen_op& each : r.seen) CHECK_FALSE(each.fua);
    for (const char* name : {"s", "t"}) CHECK(r.rig.elements[name].device->has_unflushed());
}

TEST_CASE("a FUA write survives on every leg what a plain one does not", "[runtime][host]")
{
    owned_op write(block_bytes, 0x11);
    leg_rig r({}, {"t"}, true);
    REQUIRE_FALSE(r.put(mib, block_bytes, 0x22));
    write.fua = true;
    write.prepare_write(0, std::span<const std::byte>(write.data));
    REQUIRE_FALSE(r.rig.run(*r.front, write));
    r.rig.settle();
    for (const char* name : {"s", "t"}) {
        REQUIRE(r.rig.elements[name].device->lose_unflushed().has_value());
        CHECK(r.holds(name, 0, block_bytes, 0x11));
        CHECK(r.holds(name, mib, block_bytes, 0));
    }
}

TEST_CASE("what was answered before a flush is durable on every leg when the flush is answered",
          "[runtime][host]")
{
    leg_rig r({}, {"t", "u"}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    REQUIRE_FALSE(r.flush());
    REQUIRE_FALSE(r.put(mib, block_bytes, 0x22));
    for (const char* name : {"s", "t", "u"}) {
        CAPTURE(name);
        REQUIRE(r.rig.elements[name].device->lose_unflushed().has_value());
        CHECK(r.holds(name, 0, block_bytes, 0x11));
        CHECK(r.holds(name, mib, block_bytes, 0));
    }
}

TEST_CASE("a write gathered from several pieces is whole on every leg", "[runtime][host]")
{
    const bool bounced = GENERATE(false, true);
    const auto a = filled(512, 0x11), b = filled(3 * 512, 0x22), c = filled(2048, 0x33);
    const std::vector<const_io_segment> list{
        {a.data(), a.size()}, {b.data(), b.size()}, {nullptr, 0}, {c.data(), c.size()}};
    owned_op write;
    seeing_rig r;
    write.unstable_buffer = bounced;
    write.prepare_write(512, std::span<const const_io_segment>(list));
    REQUIRE_FALSE(r.rig.run(*r.front, write));
    CHECK(write.transferred_bytes == block_bytes);
    REQUIRE(r.seen.size() == 2);
    for (const seen_op& each : r.seen) {
        CHECK(each.extent == byte_extent{512, block_bytes});
        CHECK(each.pieces.size() == (bounced ? 1 : 4));
        CHECK((each.pieces.front() == a.data()) == !bounced);
    }
    for (const char* name : {"s", "t"}) {
        CHECK(r.holds(name, 0, 512, 0));
        CHECK(r.holds(name, 512, 512, 0x11));
        CHECK(r.holds(name, 1024, 3 * 512, 0x22));
        CHECK(r.holds(name, 2560, 2048, 0x33));
        CHECK(r.holds(name, 4608, 512, 0));
    }
    CHECK(r.opened->statistics().bounced_bytes == (bounced ? block_bytes : 0));
}

TEST_CASE("a read scattered over several pieces fills each of them and nothing beside",
          "[runtime][host]")
{
    // With a deadline and a second leg a read goes by way of the library's memory.
    const bool bounced = GENERATE(false, true);
    std::vector<std::byte> memory(4 * block_bytes, std::byte{0xEE});
    const std::vector<io_segment> list{{memory.data() + 512, 512},
                                       {memory.data() + block_bytes, 2048},
                                       {memory.data() + 3 * block_bytes, block_bytes - 2560}};
    owned_op read;
    seeing_rig r({.leg_deadline = milliseconds(bounced ? 20 : 0)});
    REQUIRE_FALSE(r.put(0, 512, 0x11));
    REQUIRE_FALSE(r.put(512, 2048, 0x22));
    REQUIRE_FALSE(r.put(2560, block_bytes - 2560, 0x33));
    r.seen.clear();
    read.prepare_read(0, std::span<const io_segment>(list));
    REQUIRE_FALSE(r.rig.run(*r.front, read));
    CHECK(read.transferred_bytes == block_bytes);
    REQUIRE(r.seen.size() == 1);
    CHECK(r.seen.front().pieces.size() == (bounced ? 1 : 3));
    const std::span all(memory);
    CHECK(all_are(all.subspan(0, 512), 0xEE));
    CHECK(all_are(all.subspan(512, 512), 0x11));
    CHECK(all_are(all.subspan(1024, block_bytes - 1024), 0xEE));
    CHECK(all_are(all.subspan(block_bytes, 2048), 0x22));
    CHECK(all_are(all.subspan(block_bytes + 2048, 2 * block_bytes - 2048), 0xEE));
    CHECK(all_are(all.subspan(3 * block_bytes, block_bytes - 2560), 0x33));
    CHECK(all_are(all.subspan(4 * block_bytes - 2560), 0xEE));
}

TEST_CASE("a registered buffer's index goes with the host's memory and not with the library's",
          "[runtime][host]")
{
    const bool bounced = GENERATE(false, true);
    owned_op write(block_bytes, 0x11), read(block_bytes);
    seeing_rig r({.leg_deadline = milliseconds(bounced ? 20 : 0)});
    write.buffer_index = read.buffer_index = 7;
    write.unstable_buffer = bounced;
    write.prepare_write(0, std::span<const std::byte>(write.data));
    REQUIRE_FALSE(r.rig.run(*r.front, write));
    read.prepare_read(0, std::span<std::byte>(read.data));
    REQUIRE_FALSE(r.rig.run(*r.front, read));
    REQUIRE(r.seen.size() == 3);
    for (const seen_op& each : r.seen) CHECK(each.buffer_index == (bounced ? -1 : 7));
    // What has no memory has no index, even after an op in the same place that had one.
    owned_op zeros, flush;
    r.seen.clear();
    zeros.buffer_index = 7;
    zeros.prepare_write_zeroes(0, block_bytes);
    REQUIRE_FALSE(r.rig.run(*r.front, zeros));
    REQUIRE(r.seen.size() == 2);
    for (const seen_op& each : r.seen) CHECK(each.buffer_index == -1);
}

TEST_CASE("the second leg of a read fills the memory that the first one failed to fill",
          "[runtime][host]")
{
    owned_op read(block_bytes);
    seeing_rig r({.leg_deadline = milliseconds(20)});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.seen.clear();
    r.fail_next("s", io_kind::read);
    read.buffer_index = 7;
    read.prepare_read(0, std::span<std::byte>(read.data));
    REQUIRE_FALSE(r.rig.run(*r.front, read));
    CHECK(all_are(read.data, 0x11));
    REQUIRE(r.seen.size() == 2);
    CHECK(r.seen[0].buffer_index == -1);
    CHECK(r.seen[1].leg == "t");
    CHECK(r.seen[1].buffer_index == -1);
    CHECK(r.seen[1].pieces.front() == r.seen[0].pieces.front());
    CHECK(r.state("t") == copy_state::broken);
}
