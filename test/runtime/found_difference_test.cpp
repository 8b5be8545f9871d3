// test/runtime/found_difference_test.cpp -- a difference that was found is not forgotten.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A mirror of which "t" holds something else at 5 MiB, and a comparison has found it.
struct different_rig : late_set_rig {
    different_rig()
    {
        mirror_and_open_again();
        rig.elements["t"].memory->memory()[5 * mib] = std::byte{0x55};
        struct waited_verify : verify_op {
            bool over = false;
        } op;
        op.done = [](control_op& done) noexcept { static_cast<waited_verify&>(done).over = true; };
        REQUIRE(pair().verify(op).has_value());
        rig.run_until([&] { return op.over; });
        REQUIRE_FALSE(op.error);
        REQUIRE(op.different_bytes != 0);
    }
};

}  // namespace

TEST_CASE("where one that was found to differ is opened alone, the others lack what it holds",
          "[runtime][record]")
{
    different_rig r;
    r.close();
    r.rig.elements["s"].refuse = true;
    r.open_below();
    r.rig.recover();
    r.rig.settle(512);
    CHECK(r.in_sync("t"));
    r.close();
    r.rig.elements["s"].refuse = false;
    r.open_below();
    r.rig.recover();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("where one that was found to differ is left alone, the others lack what it holds",
          "[runtime][record]")
{
    different_rig r;
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x22));
    r.rig.wait_for(r.pair(), copy_state::broken);
    REQUIRE(r.in_sync("t"));
    r.rig.elements.faults("s").clear();
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
    CHECK(r.rig.elements["s"].memory->memory()[5 * mib] == std::byte{0x55});
}
