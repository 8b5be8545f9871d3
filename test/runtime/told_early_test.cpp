// test/runtime/told_early_test.cpp -- nothing follows from a return while the legs are looked at.
// SPDX-License-Identifier: BSL-1.0
#include "durable_rig.hpp"
#include <algorithm>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("an element that is said to be back while the legs are looked at changes no record",
          "[runtime][return]")
{
    const char* told = GENERATE("s", "t");
    durable_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x11));
    r.rig.elements.faults("s").add(
        {.kind = io_kind::write, .error = std::make_error_code(std::errc::io_error)});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x22));
    r.rig.wait_for(r.pair(), copy_state::broken);
    r.close();

    r.rig.elements.faults("t").add({.kind = io_kind::read, .action = fault_action::hold});
    r.open();
    r.rig.run_until([&] { return r.rig.elements["t"].device->held() != 0; });
    const auto early = r.rig.opened->element_returned(element_path(told));
    REQUIRE_FALSE(early);
    CHECK(early.error().code == errc::element_in_use);
    r.rig.settle(256);
    CHECK(r.pair().info().copy_state == copy_state::broken);
    // What a crash at this moment would find.
    const auto now = r.disk.memory();
    const std::vector<std::byte> crash(now.begin(), now.end());
    r.rig.elements["t"].device->release();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    r.close();

    std::ranges::copy(crash, r.disk.memory().begin());
    std::ranges::fill(r.rig.elements["s"].memory->memory().first(4096), std::byte{0x11});
    r.open();
    r.rig.recover();
    std::vector<std::byte> data(4096);
    REQUIRE_FALSE(r.rig.read(r.front(), 0, data));
    CHECK(data[0] == std::byte{0x22});
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}
