// test/runtime/late_read_test.cpp -- a read that comes late writes into nobody's memory.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a late read does not write into memory that the host has back", "[runtime][late]")
{
    owned_op read(block_bytes);
    leg_rig r(impatient);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.hang("s", io_kind::read);
    r.read(read, 0);
    r.advance(milliseconds(20));
    REQUIRE(read.over);
    CHECK_FALSE(read.error);
    CHECK(all_are(read.data, 0x11));
    CHECK(r.leg("s").statistics.stuck == 1);

    read.poison(0xAA);
    r.let_go("s");
    CHECK(r.leg("s").statistics.stuck == 0);
    CHECK(r.sent("s", io_kind::read) == 1);
    CHECK(all_are(read.data, 0xAA));
    CHECK(read.times == 1);
    // Its memory is used again.
    CHECK(r.restore("t"));
    CHECK(r.reads_as(0, block_bytes, 0x11));
}

TEST_CASE("a late read does not change what a later read returns", "[runtime][late]")
{
    owned_op first(block_bytes), second(block_bytes);
    leg_rig r(impatient, {"t", "u"});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.hang("s", io_kind::read);
    r.read(first, 0);
    r.advance(milliseconds(20));
    REQUIRE(first.over);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));

    // The device has filled the second read's memory and not said so when the old one comes.
    r.hang("t", io_kind::read, fault_action::hold_done);
    r.read(second, 0);
    r.rig.settle();
    REQUIRE_FALSE(second.over);
    r.let_go("s");
    r.let_go("t");
    REQUIRE(second.over);
    CHECK(all_are(second.data, 0x22));
    for (unsigned i = 0; i < 16; ++i) CHECK(r.reads_as(0, block_bytes, 0x22));
}

TEST_CASE("of many late reads none changes what is read meanwhile", "[runtime][late]")
{
    constexpr unsigned count = 8;  // as many as the volume has buffers
    std::vector<std::unique_ptr<owned_op>> late, later;
    leg_rig r(impatient, {"t", "u"});
    REQUIRE_FALSE(r.put(0, count * block_bytes, 0x11));
    r.hang("s", io_kind::read);
    r.hang("t", io_kind::read);
    r.hang("u", io_kind::read);
    for (unsigned i = 0; i < count; ++i) {
        late.push_back(std::make_unique<owned_op>(block_bytes));
        r.read(*late.back(), i * block_bytes);
    }
    r.rig.settle();
    r.let_go("t");
    r.let_go("u");
    r.advance(milliseconds(20));
    for (const auto& each : late) {
        REQUIRE(each->over);
        CHECK(all_are(each->data, 0x11));
        each->poison(0xAA);
    }
    REQUIRE_FALSE(r.current("s"));
    REQUIRE_FALSE(r.put(0, count * block_bytes, 0x22));
    r.hang("t", io_kind::read, fault_action::hold_done);
    r.hang("u", io_kind::read, fault_action::hold_done);
    for (unsigned i = 0; i < count; ++i) {
        later.push_back(std::make_unique<owned_op>(block_bytes));
        r.read(*later.back(), i * block_bytes);
    }
    r.rig.settle();
    r.let_go("s");
    r.let_go("t");
    r.let_go("u");
    for (const auto& each : later) {
        REQUIRE(each->over);
        CHECK(all_are(each->data, 0x22));
    }
    for (const auto& each : late) CHECK(all_are(each->data, 0xAA));
}

TEST_CASE("a long read goes on with another leg where the first one hangs", "[runtime][late]")
{
    constexpr std::size_t length_bytes = 3 * mib + 2 * block_bytes;
    const std::size_t hangs_at = GENERATE(std::size_t{0}, 2 * mib + block_bytes, 3 * mib);
    owned_op read(length_bytes);
    leg_rig r(impatient);
    for (std::size_t at = 0; at < length_bytes; at += block_bytes)
        REQUIRE_FALSE(r.put(at, block_bytes, static_cast<unsigned>(at / block_bytes % 251)));
    r.rig.elements.faults("s").add(
        {.kind = io_kind::read, .extent = {hangs_at, block_bytes}, .action = fault_action::hold});
    // Pieces of memory that begin and end beside those in which the volume reads.
    const std::span<std::byte> memory = read.data;
    const io_segment list[] = {{memory.data(), 512},
                               {nullptr, 0},
                               {memory.data() + 512, mib},
                               {memory.data() + 512 + mib, length_bytes - mib - 512}};
    read.prepare_read(0, list);
    r.front->submit(read);
    r.advance(milliseconds(20));
    REQUIRE(read.over);
    CHECK_FALSE(read.error);
    CHECK_FALSE(r.current("s"));
    CHECK(r.state("t") == copy_state::broken);
    CHECK(same_bytes(read.data, r.bytes("t", 0, length_bytes)));
    read.poison(0xAA);
    r.let_go("s");
    CHECK(all_are(read.data, 0xAA));
    CHECK(read.times == 1);
    CHECK(r.restore("t"));
}

TEST_CASE("a read goes on from leg to leg, and waits for the last one", "[runtime][late]")
{
    owned_op read(block_bytes);
    leg_rig r(impatient, {"t", "u"});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    for (const char* name : {"s", "t", "u"}) r.hang(name, io_kind::read);
    r.read(read, 0);
    r.advance(milliseconds(100));
    CHECK_FALSE(read.over);
    CHECK_FALSE(r.current("s"));
    CHECK_FALSE(r.current("t"));
    CHECK(r.current("u"));
    r.let_go("u");
    REQUIRE(read.over);
    CHECK_FALSE(read.error);
    CHECK(all_are(read.data, 0x11));
    read.poison(0xAA);
    r.let_go("t");
    r.let_go("s");
    CHECK(all_are(read.data, 0xAA));
}

TEST_CASE("a late read that fails in the end tells nobody any more", "[runtime][late]")
{
    owned_op read(block_bytes);
    leg_rig r(impatient);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.rig.elements.faults("s").add(
        {.kind = io_kind::read, .action = fault_action::delay_done, .delay = milliseconds(300)});
    r.taps.deaf = false;
    r.read(read, 0);
    r.advance(milliseconds(20));
    REQUIRE(read.over);
    read.poison(0xAA);
    r.advance(milliseconds(400));
    CHECK(read.times == 1);
    CHECK_FALSE(read.error);
    CHECK(all_are(read.data, 0xAA));
    CHECK(r.current("t"));
    CHECK(r.leg("s").statistics.outstanding == 0);
    CHECK(r.restore("t"));
}

TEST_CASE("memory that a leg has given back is not taken for its own again", "[runtime][late]")
{
    const bool compares = GENERATE(false, true);
    const bool hangs = GENERATE(false, true);
    const std::vector<std::byte> expected = filled(block_bytes, 0x11);
    leg_rig r(impatient, {"t", "u"});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    for (unsigned round = 0; round < 4; ++round) {
        owned_op op(block_bytes);
        // The first one comes back while the second one hangs, or before it fails.
        r.taps.deaf = hangs;
        r.rig.elements.faults("s").add({.kind = io_kind::read,
                                        .times = fault::always,
                                        .action = fault_action::hold,
                                        .cancelable = !hangs});
        if (hangs)
            r.hang("t", io_kind::read);
        else
            r.fail_next("t", io_kind::read);
        if (compares)
            op.prepare_compare_and_write(0, expected, expected);
        else
            op.prepare_read(0, std::span<std::byte>(op.data));
        r.front->submit(op);
        r.advance(milliseconds(25));
        r.let_go("s");
        r.advance(milliseconds(40));
        r.let_go("t");
        REQUIRE(op.over);
        CHECK_FALSE(op.error);
        if (!compares) CHECK(all_are(op.data, 0x11));
        const char* last = r.current("u") ? "u" : "t";
        if (!r.current("s")) CHECK(r.restore(last));
        for (const char* name : {"t", "u"})
            if (!r.current(name)) CHECK(r.resync(name, true));
    }
    // The shard closes with all of its memory, or asserts.
}

TEST_CASE("a long read is of one content, though the volume is restored amid it", "[runtime][late]")
{
    owned_op read(3 * mib);
    leg_rig r({.leg_deadline = seconds(10)}, {"t", "u"});
    REQUIRE_FALSE(r.put(0, 3 * mib, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split) == "");
    REQUIRE_FALSE(r.put(0, 3 * mib, 0x22));
    // The second part is kept while the first is read already, and the third is still to come.
    for (const char* name : {"s", "u"})
        r.rig.elements.faults(name).add(
            {.kind = io_kind::read, .extent = {mib, mib}, .action = fault_action::hold});
    r.read(read, 0);
    r.rig.settle();
    REQUIRE_FALSE(read.over);
    REQUIRE(r.rig.request(*r.pairs["t"], operation::restore_from_replica, true) == "");
    r.rig.settle();
    for (const char* name : {"s", "u"}) r.let_go(name);
    r.rig.run_until([&] { return read.over; });
    CHECK_FALSE(read.error);
    const bool first = all_are(read.data, 0x22), second = all_are(read.data, 0x11);
    CHECK((first || second));
}
