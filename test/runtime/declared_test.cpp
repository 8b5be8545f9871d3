// test/runtime/declared_test.cpp -- how far a client is believed that declares legs identical.
// SPDX-License-Identifier: BSL-1.0
#include "runtime_rig.hpp"
#include <algorithm>

using namespace cimrep;
using namespace cimrep::test;

namespace {

struct declared_rig {
    virtual_rig rig;

    declared_rig()
    {
        for (const char* name : {"s", "t"}) rig.elements.add(name, {.size_bytes = device_bytes});
        std::ranges::fill(bytes("s"), std::byte{0x11});
        std::ranges::fill(bytes("t"), std::byte{0x11});
        rig.open();
    }
    std::span<std::byte> bytes(const char* name) { return rig.elements[name].memory->memory(); }

    /// The relationship, or null where the declaration was not believed.
    relationship* declare(identity_check check)
    {
        waited_op op;
        const auto made = rig.opened->create_mirror({.source = element_path("s"),
                                                     .target = element_path("t"),
                                                     .initial = initial_synchronization::identical,
                                                     .check = check},
                                                    op);
        REQUIRE(made.has_value());
        rig.run_until([&] { return op.over; });
        if (!op.error) return made.value();
        CHECK(op.error->code == errc::not_identical);
        return nullptr;
    }
};

}  // namespace

TEST_CASE("legs that differ where nobody samples them are found out by the full check",
          "[runtime][declared]")
{
    declared_rig r;
    r.bytes("t")[3 * mib] = std::byte{0x22};
    CHECK(r.declare(identity_check::full) == nullptr);
    CHECK(r.bytes("t")[3 * mib] == std::byte{0x22});
}

TEST_CASE("legs whose identity is not checked can be verified and repaired", "[runtime][declared]")
{
    declared_rig r;
    r.bytes("t")[0] = r.bytes("t")[3 * mib] = std::byte{0x22};
    relationship* pair = r.declare(identity_check::none);
    REQUIRE(pair != nullptr);
    CHECK(pair->info().copy_state == copy_state::synchronized);
    CHECK(pair->info().copied_bytes == 0);
    CHECK(r.bytes("t")[3 * mib] == std::byte{0x22});
    waited_verify repair(true);
    REQUIRE(pair->verify(repair).has_value());
    r.rig.run_until([&] { return repair.over; });
    CHECK_FALSE(repair.error);
    CHECK(repair.different_bytes == 1024);
    CHECK(r.rig.equal("s", "t", device_bytes));
    waited_verify again(false);
    REQUIRE(pair->verify(again).has_value());
    r.rig.run_until([&] { return again.over; });
    CHECK(again.compared_bytes == device_bytes);
    CHECK(again.different_bytes == 0);
}
