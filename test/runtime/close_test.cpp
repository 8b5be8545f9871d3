// test/runtime/close_test.cpp -- a shard that closes opens nothing, and says what is lost.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a shard that is closing or closed opens no volume", "[runtime][close]")
{
    leg_rig r({}, {});
    waited_op closing;
    r.rig.opened->close(closing);
    const auto refuses = [&] {
        const auto volume = r.rig.opened->volume(element_path("t"));
        REQUIRE_FALSE(volume.has_value());
        CHECK(volume.error().code == errc::closed);
        const auto front = r.rig.opened->front(element_path("t"));
        REQUIRE_FALSE(front.has_value());
        CHECK(front.error().code == errc::closed);
    };
    refuses();
    r.rig.run_until([&] { return closing.over; });
    CHECK_FALSE(closing.error);
    refuses();
    r.rig.opened.reset();
}

TEST_CASE("a close says that the last flush of a volume has failed before", "[runtime][close]")
{
    leg_rig r({}, {}, true);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.fail_next("s", io_kind::flush, fault_action::lose_cache);
    REQUIRE(r.flush() == errc::injected);
    waited_op closing;
    r.rig.opened->close(closing);
    r.rig.run_until([&] { return closing.over; });
    REQUIRE(closing.error);
    CHECK(closing.error->code == errc::volume_read_only);
    r.rig.opened.reset();
}
