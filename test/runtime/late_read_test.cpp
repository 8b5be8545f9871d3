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

TEST_CASE("a read that is too long to be bounced waits for its device", "[runtime][late]")
{
    owned_op read(2 * mib);
    leg_rig r(impatient);
    REQUIRE_FALSE(r.put(0, 2 * mib, 0x11));
    r.hang("s", io_kind::read);
    r.read(read, 0);
    r.advance(milliseconds(200));
    CHECK_FALSE(read.over);
    CHECK_FALSE(r.current("s"));
    CHECK(r.state("t") == copy_state::broken);
    // What does not touch its range goes on.
    CHECK_FALSE(r.put(4 * mib, block_bytes, 0x22));
    r.let_go("s");
    REQUIRE(read.over);
    CHECK_FALSE(read.error);
    CHECK(all_are(read.data, 0x11));
    read.poison(0xAA);
    r.rig.settle();
    CHECK(all_are(read.data, 0xAA));
}

TEST_CASE("the second leg of a read reads into the host's memory and is waited for",
          "[runtime][late]")
{
    owned_op read(block_bytes);
    leg_rig r(impatient, {"t", "u"});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.hang("s", io_kind::read);
    r.hang("t", io_kind::read);
    r.read(read, 0);
    r.advance(milliseconds(100));
    CHECK_FALSE(read.over);
    CHECK_FALSE(r.current("s"));
    CHECK_FALSE(r.current("t"));
    r.let_go("t");
    REQUIRE(read.over);
    CHECK_FALSE(read.error);
    CHECK(all_are(read.data, 0x11));
    read.poison(0xAA);
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
