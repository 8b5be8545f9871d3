// test/runtime/release_test.cpp -- memory that is stable until released comes back always.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

bool given_back(const owned_op& op)
{
    return op.over && op.times == 1 && op.releases == 1 && !op.released_first;
}

}  // namespace

TEST_CASE("a write that is refused gives its memory back", "[runtime][release]")
{
    owned_op outside(block_bytes), late(block_bytes), held(block_bytes), queued(block_bytes),
        read_only(block_bytes), apart(block_bytes), first(block_bytes);
    for (owned_op* op : {&outside, &late, &held, &queued, &read_only, &apart})
        op->stable_until_released = true;
    leg_rig r({.requests_max = 1}, {"t"}, true);

    r.write(outside, r.size);
    r.rig.settle();
    CHECK(outside.error == errc::out_of_bounds);
    CHECK(given_back(outside));

    r.advance(seconds(1));
    late.deadline = r.now();
    r.write(late, 0);
    r.rig.settle();
    CHECK(late.error == errc::deadline_exceeded);
    CHECK(given_back(late));

    r.hang("s", io_kind::write);
    r.write(first, 0);
    r.write(queued, mib);
    r.front->cancel(queued);
    r.rig.settle();
    CHECK(queued.error == std::errc::operation_canceled);
    CHECK(given_back(queued));
    r.let_go("s");

    block_device* target = r.rig.opened->front(element_path("t")).value();
    apart.prepare_write(0, std::span<const std::byte>(apart.data));
    target->submit(apart);
    r.rig.settle();
    CHECK(apart.error == errc::element_not_accessible);
    CHECK(given_back(apart));

    r.fail_next("t", io_kind::flush);
    r.fail_next("s", io_kind::flush);
    REQUIRE(r.flush());
    r.write(read_only, 0);
    r.rig.settle();
    CHECK(read_only.error == errc::volume_read_only);
    CHECK(given_back(read_only));
}
