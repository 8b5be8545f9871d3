// test/runtime/untold_failure_test.cpp -- no write is answered between a leg's end and its state.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a write after a read has cost a leg waits for the state that tells of it",
          "[runtime][record]")
{
    leg_rig r;
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    owned_op first(block_bytes), refused(block_bytes), write(block_bytes, 0x22);
    r.hang("s", io_kind::read);
    r.read(first, 0);
    r.fail_next("t", io_kind::read);
    r.read(refused, 0);
    r.rig.settle();
    r.store.takes = milliseconds(1);
    r.store.holds = {record_kind::relationship_state};
    r.let_go("s");
    r.advance(milliseconds(10));
    REQUIRE(refused.over);
    REQUIRE_FALSE(r.current("t"));
    REQUIRE(r.store.held() == 1);
    r.write(write, 0);
    r.advance(milliseconds(10));
    CHECK(r.state("t") == copy_state::synchronized);
    CHECK_FALSE(write.over);
    r.store.let_go();
    r.rig.run_until([&] { return write.over; });
    CHECK_FALSE(write.error);
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.resync("t"));
}
