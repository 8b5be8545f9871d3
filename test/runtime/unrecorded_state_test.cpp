// test/runtime/unrecorded_state_test.cpp -- nothing is answered that rests on no record.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

std::ptrdiff_t states_asked(const leg_rig& r)
{
    return std::ranges::count(r.store.asked, record_kind::relationship_state);
}

}  // namespace

TEST_CASE("no write is answered while the state that tells of a lost leg cannot be recorded",
          "[runtime][record]")
{
    leg_rig r;
    r.fail_next("t", io_kind::write);
    r.store.fails = {record_kind::relationship_state};
    CHECK(r.put(0, block_bytes, 0x11) == errc::injected);
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.put(0, block_bytes, 0x22) == errc::injected);
    r.store.fails.clear();
    CHECK_FALSE(r.put(0, block_bytes, 0x33));
    const auto asked = states_asked(r);
    CHECK_FALSE(r.put(0, block_bytes, 0x44));
    CHECK(states_asked(r) == asked);
    CHECK(r.resync("t"));
}

TEST_CASE("a leg that is lost in a request is recorded when there is memory again",
          "[runtime][record]")
{
    const operation how = GENERATE(operation::split, operation::fracture, operation::suspend);
    CAPTURE(to_name(how));
    leg_rig r;
    owned_op first(block_bytes), refused(block_bytes);
    waited_op request;
    // A read that the target refuses hangs with the source: the failure counts at its end.
    r.hang("s", io_kind::read);
    r.read(first, 0);
    r.fail_next("t", io_kind::read);
    r.read(refused, 0);
    r.rig.settle();
    r.store.holds = {record_kind::relationship_state};
    REQUIRE(r.pairs["t"]->request(how, false, request).has_value());
    r.rig.settle();
    r.let_go("s");
    REQUIRE(refused.over);
    r.store.fails = {record_kind::relationship_state};
    r.store.fails_with = std::make_error_code(std::errc::not_enough_memory);
    r.store.let_go();
    r.advance(milliseconds(100));
    CHECK_FALSE(request.over);
    CHECK(r.state("t") != copy_state::broken);
    r.store.fails.clear();
    r.rig.run_until([&] { return request.over; });
    CHECK(request.error.has_value());
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.resync("t"));
}

TEST_CASE("no read is answered from a content whose record has failed", "[runtime][record]")
{
    leg_rig r;
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    REQUIRE(r.rig.request(*r.pairs["t"], operation::split) == "");
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    r.store.fails = {record_kind::leg_state};
    CHECK(r.rig.request(*r.pairs["t"], operation::restore_from_replica, true) != "");
    owned_op read(block_bytes);
    r.read(read, 0);
    r.rig.run_until([&] { return read.over; });
    CHECK(read.error == errc::injected);
    r.store.fails.clear();
    CHECK(r.reads_as(0, block_bytes, 0x11));
    r.advance(seconds(1));
    CHECK(r.restore("t"));
}
