// test/runtime/taken_back_test.cpp -- what is taken back is taken back on record, too.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a request that was taken back is not carried out by the next process",
          "[runtime][record]")
{
    const bool crashes = GENERATE(true, false);
    CAPTURE(crashes);
    owned_op lost(4096, 0x22);
    late_set_rig r;
    r.legs.push_back("u");
    r.rig.elements.add("u", {.size_bytes = device_bytes});
    r.open_again();
    r.rig.recover();
    const auto with = [&](const char* target) -> relationship& {
        relationship* found = nullptr;
        r.rig.opened->for_each_relationship([&](relationship& each) {
            if (each.info().synced_element == element_path(target)) found = &each;
        });
        REQUIRE(found != nullptr);
        return *found;
    };
    for (const char* name : {"t", "u"})
        r.rig.wait_for(r.rig.mirror("s", name), copy_state::synchronized);
    REQUIRE(r.rig.request(with("t"), operation::split) == "");
    block_device* target = r.rig.opened->front(element_path("t")).value();
    REQUIRE_FALSE(r.rig.write(*target, 0, 4096, 0x77));

    r.set.holds_state_of = 1;
    waited_op resync;
    REQUIRE(with("t").request(operation::resync_replica, false, resync).has_value());
    r.rig.run_until([&] { return r.set.held.size() == 1; });
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    lost.prepare_write(mib, std::span<const std::byte>(lost.data));
    r.front().submit(lost);
    r.rig.settle(512);
    CHECK(with("u").info().copy_state == copy_state::broken);
    // The first record is durable, the next one, of the lost source, is not.
    r.set.below->commit(*std::exchange(r.set.held, {}).front());
    r.rig.run_until([&] { return r.set.held.size() == 1; });
    commit_op* second = std::exchange(r.set.held, {}).front();
    r.set.holds_state_of.reset();
    second->done(*second, std::make_error_code(std::errc::not_enough_memory));
    r.rig.run_until([&] { return resync.over && lost.over; });
    CHECK_FALSE(lost.error);
    CHECK(resync.error.has_value());
    if (resync.error) UNSCOPED_INFO(resync.error->wrong);
    r.rig.settle(512);
    INFO(to_name(with("t").info().copy_state));
    CHECK(with("t").info().copy_state == copy_state::split);
    CHECK_FALSE(r.rig.write(*target, 0, 4096, 0x88));
    if (crashes)
        r.lose_power();
    else {
        r.open_again();
        r.rig.recover();
    }
    r.rig.settle(2000);
    UNSCOPED_INFO(to_name(with("t").info().copy_state));
    CHECK(r.rig.elements["t"].memory->memory()[0] == std::byte{0x88});
}
