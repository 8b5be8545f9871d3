// test/runtime/mirror_test.cpp -- a mirror from its creation to its end, over memory devices.
// SPDX-License-Identifier: BSL-1.0
#include "runtime_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

struct mirror_rig : runtime_rig {
    block_device* front = nullptr;
    explicit mirror_rig(shard_options wanted = {}) : runtime_rig(std::move(wanted))
    {
        elements.add("s", {.size_bytes = device_bytes});
        elements.add("t", {.size_bytes = device_bytes});
        auto bytes = elements["s"].memory->memory();
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::byte>((i * 2654435761u) >> 13);
        open();
        front = &opened->volume(element_path("s")).value()->front();
    }
};

}  // namespace

TEST_CASE("an initial copy makes the target equal while the host writes", "[runtime][mirror]")
{
    mirror_rig rig;
    relationship& pair = rig.mirror("s", "t");
    CHECK(pair.info().copy_state == copy_state::unsynchronized);
    for (unsigned i = 0; i < 64; ++i)
        REQUIRE_FALSE(
            rig.write(*rig.front, i * 128 * kib + 4096, 8192, static_cast<unsigned char>(i)));
    rig.wait_for(pair, copy_state::synchronized);
    CHECK(rig.equal("s", "t", device_bytes));
    CHECK(pair.info().percent_synced == 100);
    REQUIRE_FALSE(rig.write(*rig.front, 0, 4096, 0xAB));
    CHECK(rig.equal("s", "t", device_bytes));
}

TEST_CASE("a resync after a fracture moves only what changed on either side", "[runtime][mirror]")
{
    mirror_rig rig;
    relationship& pair = rig.mirror("s", "t");
    rig.wait_for(pair, copy_state::synchronized);
    REQUIRE(rig.request(pair, operation::fracture) == "");
    CHECK(pair.info().copy_state == copy_state::fractured);
    REQUIRE_FALSE(rig.write(*rig.front, 1 * mib, 4096, 1));
    block_device* target = rig.opened->front(element_path("t")).value();
    REQUIRE_FALSE(rig.write(*target, 2 * mib, 4096, 2));
    CHECK_FALSE(rig.equal("s", "t", device_bytes));
    CHECK(pair.info().different_bytes == 128 * kib);
    const auto plan = pair.dry_run(operation::resync_replica);
    REQUIRE(plan.has_value());
    CHECK(plan.value().to == element_path("t"));
    CHECK(plan.value().overwritten_bytes == 128 * kib);
    REQUIRE(rig.request(pair, operation::resync_replica) == "");
    rig.wait_for(pair, copy_state::synchronized);
    CHECK(rig.equal("s", "t", device_bytes));
    CHECK(pair.info().copied_bytes == 128 * kib);
    CHECK(rig.write(*target, 0, 512, 9) == errc::element_not_accessible);
}

TEST_CASE("a restore makes the replica's content the volume's at once", "[runtime][mirror]")
{
    mirror_rig rig;
    relationship& pair = rig.mirror("s", "t");
    rig.wait_for(pair, copy_state::synchronized);
    REQUIRE_FALSE(rig.write(*rig.front, 3 * mib, 4096, 0x11));
    REQUIRE(rig.request(pair, operation::split) == "");
    CHECK(pair.info().copy_state == copy_state::split);
    REQUIRE_FALSE(rig.write(*rig.front, 3 * mib, 4096, 0x22));
    CHECK(rig.request(pair, operation::restore_from_replica) != "");
    REQUIRE(rig.request(pair, operation::restore_from_replica, true) == "");
    std::vector<std::byte> data(4096);
    REQUIRE_FALSE(rig.read(*rig.front, 3 * mib, data));
    CHECK(data == std::vector<std::byte>(4096, std::byte{0x11}));
    rig.wait_for(pair, copy_state::synchronized);
    CHECK(rig.equal("s", "t", device_bytes));
}

TEST_CASE("a lost leg is Broken, the host goes on, and a resync brings it back",
          "[runtime][mirror]")
{
    mirror_rig rig;
    relationship& pair = rig.mirror("s", "t");
    rig.wait_for(pair, copy_state::synchronized);
    rig.elements.faults("t").add({.kind = io_kind::write, .error = errc::injected});
    REQUIRE_FALSE(rig.write(*rig.front, 0, 4096, 0x33));
    rig.wait_for(pair, copy_state::broken);
    rig.elements.faults("t").clear();
    REQUIRE_FALSE(rig.write(*rig.front, 4 * mib, 4096, 0x44));
    REQUIRE(rig.request(pair, operation::resync_replica) == "");
    rig.wait_for(pair, copy_state::synchronized);
    CHECK(rig.equal("s", "t", device_bytes));
}

TEST_CASE("detach ends the association and leaves two equal elements", "[runtime][mirror]")
{
    mirror_rig rig;
    relationship& pair = rig.mirror("s", "t");
    const object_path path = pair.path();
    rig.wait_for(pair, copy_state::synchronized);
    REQUIRE(rig.request(pair, operation::detach) == "");
    CHECK(rig.opened->find(path) == nullptr);
    CHECK(rig.equal("s", "t", device_bytes));
    REQUIRE_FALSE(rig.write(*rig.front, 0, 512, 0x55));
    CHECK_FALSE(rig.equal("s", "t", device_bytes));
}

TEST_CASE("a refusal marks what would be legal and is not built", "[runtime][mirror]")
{
    mirror_rig rig;
    relationship& pair = rig.mirror("s", "t");
    rig.wait_for(pair, copy_state::synchronized);
    const std::string refused = rig.request(pair, operation::resume);
    CHECK(refused.find("Detach, ") != std::string::npos);
    CHECK(refused.find("Reset To Async (not built)") != std::string::npos);
}
