// test/runtime/several_differences_test.cpp -- what was found on one leg is right on another.
// SPDX-License-Identifier: BSL-1.0
#include "late_set_rig.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {
void compare(leg_rig& r, const char* name, byte_extent range, bool repair = false)
{
    waited_verify op;
    op.range = range;
    op.repair = repair;
    REQUIRE(r.pairs[name]->verify(op).has_value());
    r.rig.run_until([&] { return op.over; });
    REQUIRE_FALSE(op.error);
    REQUIRE(op.different_bytes != 0);
}
}  // namespace

TEST_CASE("damage does not spread by a window over two differences", "[runtime][record]")
{
    leg_rig r({}, {"t", "u"});
    REQUIRE_FALSE(r.put(0, 128 * 1024, 0x11));
    r.bytes("t", 0, 1)[0] = std::byte{0x55};
    r.bytes("u", 64 * 1024, 1)[0] = std::byte{0x66};
    compare(r, "t", {0, 64 * 1024});
    compare(r, "u", {64 * 1024, 64 * 1024});
    r.fail_next("s", io_kind::write);
    REQUIRE_FALSE(r.put(4 * mib, 4096, 0x22));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    CHECK(r.reads_as(0, 4096, 0x11));
    CHECK(r.reads_as(64 * 1024, 4096, 0x11));
    CHECK(r.reads_as(0, 128 * 1024, 0x11));
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    r.rig.wait_for(*r.pairs["u"], copy_state::synchronized);
    CHECK(r.bytes("s", 0, 1)[0] == std::byte{0x11});
}

TEST_CASE("a verification that nobody can judge leaves nothing behind", "[runtime][record]")
{
    leg_rig r({}, {"t", "u"});
    REQUIRE_FALSE(r.put(0, 4096, 0x11));
    r.bytes("t", 0, 1)[0] = std::byte{0x55};
    compare(r, "t", {0, 64 * 1024});
    r.fail_next("s", io_kind::write);
    REQUIRE_FALSE(r.put(4 * mib, 4096, 0x22));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    // Where it begins there is no judge, and elsewhere there is one, but for a host that writes.
    owned_op write(4096, 0x33);
    waited_verify op;
    r.hang("t", io_kind::write);
    r.write(write, 300 * 1024);
    REQUIRE(r.pairs["u"]->verify(op).has_value());
    r.rig.settle(64);
    r.let_go("t");
    r.rig.run_until([&] { return op.over; });
    REQUIRE(op.error);
    CHECK(op.error->code == errc::leg_failed);
    CHECK(op.different_bytes == 0);
}

TEST_CASE("what a sibling holds where zeros were known is copied over", "[runtime][record]")
{
    leg_rig r({}, {"t", "u"});
    r.fail_next("s", io_kind::write);
    REQUIRE_FALSE(r.put(0, 4096, 0x22));
    r.rig.wait_for(*r.pairs["t"], copy_state::broken);
    r.bytes("u", 5 * mib, 1)[0] = std::byte{0x55};
    compare(r, "t", {});
    r.fail_next("u", io_kind::write);
    REQUIRE_FALSE(r.put(0, 4096, 0x33));
    r.rig.settle(64);
    REQUIRE(r.current("t"));
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.settle(256);
    REQUIRE(r.rig.opened->element_returned(element_path("u")).has_value());
    r.rig.wait_for(*r.pairs["u"], copy_state::synchronized);
    CHECK(r.pairs["u"]->info().different_bytes == 0);
    CHECK(r.rig.equal("s", "u", r.size));
}
TEST_CASE("a second verification records what the first could not", "[runtime][record]")
{
    late_set_rig r;
    r.mirror_and_open_again();
    r.rig.elements["t"].memory->memory()[5 * mib + 64 * 1024] = std::byte{0x55};
    const auto verify = [&](waited_verify& op) {
        REQUIRE(r.pair().verify(op).has_value());
        r.rig.run_until([&] { return op.over; });
    };
    waited_verify first, second;
    r.set.fails = {record_kind::map_page};
    verify(first);
    REQUIRE(first.error);
    r.set.fails.clear();
    verify(second);
    CHECK_FALSE(second.error);
    r.lose_power();
    CHECK_FALSE(r.in_sync("t"));
    r.rig.settle(512);
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.pair().info().different_bytes == 0);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("a target that was found to differ is not the truth beside one that is whole",
          "[runtime][record]")
{
    const bool crash = GENERATE(false, true);
    CAPTURE(crash);
    late_set_rig r;
    r.legs = {"s", "t", "u"};
    r.rig.elements.add("u", {.size_bytes = device_bytes});
    for (const char* name : {"t", "u"})
        r.rig.wait_for(r.rig.mirror("s", name), copy_state::synchronized);
    const std::uint64_t at = 5 * mib + 64 * 1024;
    REQUIRE_FALSE(r.rig.write(r.front(), at, 4096, 0x11));
    r.open_again();
    r.rig.recover();
    std::vector<relationship*> all;
    r.rig.opened->for_each_relationship([&](relationship& each) { all.push_back(&each); });
    for (relationship* each : all) r.rig.wait_for(*each, copy_state::synchronized);
    r.rig.elements["t"].memory->memory()[at] = std::byte{0x55};
    waited_verify op;
    relationship& pt = *std::ranges::find_if(all, [](relationship* each) {
        return each->info().synced_element == element_path("t");
    })[0];
    REQUIRE(pt.verify(op).has_value());
    r.rig.run_until([&] { return op.over; });
    REQUIRE(op.different_bytes == 512);
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x22));
    r.rig.wait_for(pt, copy_state::broken);
    std::vector<std::byte> seen(4096);
    REQUIRE_FALSE(r.rig.read(r.front(), at, seen));
    REQUIRE(seen[0] == std::byte{0x11});
    r.rig.elements.faults("s").clear();
    if (crash) {
        REQUIRE_FALSE(r.rig.flush(r.front()));
        r.lose_power();
    } else {
        r.open_again();
        r.rig.recover();
    }
    r.rig.settle(2048);
    REQUIRE_FALSE(r.rig.read(r.front(), at, seen));
    CHECK(seen[0] == std::byte{0x11});
}

TEST_CASE("a read error of the source does not bring what is known to be wrong",
          "[runtime][record]")
{
    leg_rig r;
    REQUIRE_FALSE(r.put(0, 64 * 1024, 0x11));
    r.bytes("t", 0, 1)[0] = std::byte{0x55};
    compare(r, "t", {});
    r.fail_next("s", io_kind::read);
    std::vector<std::byte> data(4096);
    const error_code error = r.rig.read(*r.front, 0, data);
    CHECK(error);
    r.rig.settle(512);
    CHECK(r.current("s"));
    CHECK(r.reads_as(0, 4096, 0x11));
    CHECK(r.bytes("s", 0, 1)[0] == std::byte{0x11});
}

TEST_CASE("a verification ends once where its shard is closed before its record is",
          "[runtime][record]")
{
    late_set_rig r;
    r.mirror_and_open_again();
    r.rig.elements["t"].memory->memory()[5 * mib] = std::byte{0x55};
    static unsigned times;
    times = 0;
    verify_op op;
    op.done = [](control_op&) noexcept { ++times; };
    r.set.holds = {record_kind::map_page};
    REQUIRE(r.pair().verify(op).has_value());
    r.rig.run_until([&] { return !r.set.held.empty(); });
    r.rig.settle(64);
    CHECK(times == 0);
    // The target fails meanwhile, and the shard is closed.
    r.rig.elements.faults("t").add({.kind = io_kind::write});
    host_op write;
    std::vector<std::byte> memory(4096, std::byte{0x22});
    write.prepare_write(0, std::span<const std::byte>(memory));
    r.front().submit(write);
    r.rig.settle(64);
    waited_op closing;
    r.rig.opened->close(closing);
    r.rig.settle(64);
    CHECK(times == 0);
    CHECK_FALSE(closing.over);
    r.set.let_go();
    r.rig.run_until([&] { return closing.over; });
    CHECK(times == 1);
    r.rig.opened.reset();
}
