// test/runtime/zeroing_test.cpp -- a leg whose device cannot zero a range holds zeros all the same.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t zeroed_bytes = 3 * mib + block_bytes;

void cannot_zero(leg_rig& r, const char* name, error_code answer = errc::not_supported)
{
    r.rig.elements.faults(name).add(
        {.kind = io_kind::write_zeroes, .times = fault::always, .error = answer});
}

error_code zero(leg_rig& r, io_kind kind)
{
    owned_op op;
    if (kind == io_kind::discard)
        op.prepare_discard(mib, zeroed_bytes);
    else
        op.prepare_write_zeroes(mib, zeroed_bytes);
    r.front->submit(op);
    r.rig.run_until([&] { return op.over; });
    return op.error;
}

}  // namespace

TEST_CASE("a leg that cannot zero a range is sent zeros, and stays", "[runtime][zeroing]")
{
    const io_kind kind = GENERATE(io_kind::discard, io_kind::write_zeroes);
    const error_code answer = GENERATE(make_error_code(errc::not_supported),
                                       make_error_code(std::errc::operation_not_supported));
    const char* which = GENERATE("s", "t");
    leg_rig r;
    REQUIRE_FALSE(r.put(0, r.size, 0x11));
    cannot_zero(r, which, answer);
    for (unsigned round = 0; round < 3; ++round) {
        REQUIRE_FALSE(zero(r, kind));
        CHECK(r.current("s"));
        CHECK(r.current("t"));
        CHECK(r.holds(which, mib, zeroed_bytes, 0));
        CHECK(r.holds(which, 0, mib, 0x11));
        CHECK(r.holds(which, mib + zeroed_bytes, r.size - mib - zeroed_bytes, 0x11));
        CHECK(r.rig.equal("s", "t", r.size));
        REQUIRE_FALSE(r.put(mib, zeroed_bytes, 0x11));
    }
    // It is asked once.
    CHECK(r.sent(which, io_kind::write_zeroes) == 1);
}

TEST_CASE("a copy of zeros reaches a target that cannot zero a range", "[runtime][zeroing]")
{
    leg_rig r({}, {});
    std::ranges::fill(r.bytes("t", 0, r.size), std::byte{0xEE});
    REQUIRE_FALSE(r.put(mib, block_bytes, 0x11));
    cannot_zero(r, "t");
    r.pairs["t"] = &r.rig.mirror("s", "t");
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.holds("t", 2 * mib, r.size - 2 * mib, 0));
}

TEST_CASE("a leg that fails amid its zeros leaves the set", "[runtime][zeroing]")
{
    leg_rig r;
    REQUIRE_FALSE(r.put(0, r.size, 0x11));
    cannot_zero(r, "t");
    r.rig.elements.faults("t").add({.kind = io_kind::write, .nth = 2});
    REQUIRE_FALSE(zero(r, io_kind::write_zeroes));
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.holds("s", mib, zeroed_bytes, 0));
    r.let_go("t");
    CHECK(r.resync("t"));
    CHECK(r.holds("t", mib, zeroed_bytes, 0));
}

TEST_CASE("a leg has its deadline for each piece of its zeros", "[runtime][zeroing]")
{
    leg_rig r(impatient);
    REQUIRE_FALSE(r.put(0, r.size, 0x11));
    cannot_zero(r, "t");
    r.rig.elements.faults("t").add({.kind = io_kind::write,
                                    .times = fault::always,
                                    .action = fault_action::delay,
                                    .delay = milliseconds(15)});
    REQUIRE_FALSE(zero(r, io_kind::write_zeroes));
    CHECK(r.current("t"));
    CHECK(r.holds("t", mib, zeroed_bytes, 0));
}

TEST_CASE("zeros that are given up in pieces end there, and are brought later",
          "[runtime][zeroing]")
{
    leg_rig r(impatient);
    REQUIRE_FALSE(r.put(0, r.size, 0x11));
    cannot_zero(r, "t");
    r.rig.elements.faults("t").add(
        {.kind = io_kind::write, .nth = 2, .action = fault_action::hold});
    REQUIRE_FALSE(zero(r, io_kind::discard));
    CHECK_FALSE(r.current("t"));
    const std::uint64_t sent = r.sent("t", io_kind::write);
    REQUIRE_FALSE(r.put(mib, zeroed_bytes, 0x22));
    r.let_go("t");
    CHECK(r.sent("t", io_kind::write) == sent);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", mib, zeroed_bytes, 0x22));
}

TEST_CASE("a volume without a mirror is zeroed by writes too", "[runtime][zeroing]")
{
    leg_rig r({}, {});
    REQUIRE_FALSE(r.put(0, r.size, 0x11));
    cannot_zero(r, "s");
    REQUIRE_FALSE(zero(r, io_kind::write_zeroes));
    CHECK(r.holds("s", mib, zeroed_bytes, 0));
}

TEST_CASE("an element that is opened again is asked again whether it can zero",
          "[runtime][zeroing]")
{
    leg_rig r;
    REQUIRE_FALSE(r.put(0, r.size, 0x11));
    cannot_zero(r, "t");
    REQUIRE_FALSE(zero(r, io_kind::write_zeroes));
    r.let_go("t");
    r.fail_next("t", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    CHECK(r.resync("t"));
    const std::uint64_t asked = r.sent("t", io_kind::write_zeroes);
    REQUIRE_FALSE(zero(r, io_kind::write_zeroes));
    CHECK(r.sent("t", io_kind::write_zeroes) == asked + 1);
    CHECK(r.rig.equal("s", "t", r.size));
}

TEST_CASE("a host zeroes a target that is apart and cannot zero, through its own front",
          "[runtime][zeroing]")
{
    leg_rig r;
    REQUIRE_FALSE(r.put(0, r.size, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split) == "");
    cannot_zero(r, "t");
    block_device& front = *r.rig.opened->front(element_path("t")).value();
    owned_op zeros;
    zeros.buffer_index = 7;
    zeros.prepare_write_zeroes(mib, zeroed_bytes);
    REQUIRE_FALSE(r.rig.run(front, zeros));
    CHECK(r.holds("t", mib, zeroed_bytes, 0));
    CHECK(r.holds("t", 0, mib, 0x11));
    CHECK(r.resync("t", true));
}

TEST_CASE("zeros that the device was asked to end are not gone on with", "[runtime][zeroing]")
{
    leg_rig r(impatient);
    REQUIRE_FALSE(r.put(0, r.size, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split) == "");
    cannot_zero(r, "t");
    r.rig.elements.faults("t").add({.kind = io_kind::write, .action = fault_action::hold});
    block_device& front = *r.rig.opened->front(element_path("t")).value();
    owned_op zeros;
    zeros.prepare_write_zeroes(mib, zeroed_bytes);
    front.submit(zeros);
    r.advance(milliseconds(40));
    REQUIRE_FALSE(zeros.over);
    const std::uint64_t sent = r.sent("t", io_kind::write);
    r.let_go("t");
    REQUIRE(zeros.over);
    CHECK(zeros.error == std::errc::operation_canceled);
    CHECK(r.sent("t", io_kind::write) == sent);
    CHECK(r.resync("t", true));
}
