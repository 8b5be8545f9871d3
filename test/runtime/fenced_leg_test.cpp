// test/runtime/fenced_leg_test.cpp -- nothing is copied to a leg that still has requests of ours.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;
using Catch::Matchers::ContainsSubstring;

namespace {

std::vector<std::unique_ptr<owned_op>> hang_in(leg_rig& r, const char* name, unsigned count)
{
    std::vector<std::unique_ptr<owned_op>> writes;
    r.hang(name, io_kind::write);
    for (unsigned i = 0; i < count; ++i) {
        writes.push_back(std::make_unique<owned_op>(block_bytes, 0x11));
        writes.back()->unstable_buffer = true;
        r.write(*writes.back(), i * block_bytes);
    }
    r.advance(milliseconds(20));
    for (const auto& each : writes) REQUIRE(each->over);
    return writes;
}

}  // namespace

TEST_CASE("Resync Replica names how many requests a target has, until it has none",
          "[runtime][deadline]")
{
    leg_rig r(impatient);
    const auto writes = hang_in(r, "t", 3);
    relationship& pair = *r.pairs["t"];
    const auto sentence = [&] { return r.rig.request(pair, operation::resync_replica); };
    const std::string dump = r.rig.opened->dump();
    CHECK_THAT(sentence(), ContainsSubstring("\"t\"") && ContainsSubstring("3 requests") &&
                               ContainsSubstring("wait until they have returned"));
    CHECK(r.rig.opened->dump() == dump);
    CHECK(r.leg("t").statistics.outstanding == 3);
    CHECK(r.rig.elements["t"].device->held() == 3);
    const auto back = r.rig.opened->element_returned(element_path("t"));
    REQUIRE_FALSE(back);
    CHECK(back.error().code == errc::element_in_use);
    CHECK_THAT(back.error().wrong, ContainsSubstring("3 requests"));
    r.rig.settle();
    CHECK(r.state("t") == copy_state::broken);
    CHECK_THAT(sentence(), ContainsSubstring("3 requests"));
    r.let_go("t");
    CHECK(r.leg("t").statistics.outstanding == 0);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, 3 * block_bytes, 0x11));
}

TEST_CASE("a request that was not given up keeps a target out as well", "[runtime][deadline]")
{
    owned_op plain(block_bytes, 0x11);
    leg_rig r(impatient);
    r.hang("t", io_kind::write);
    r.write(plain, 0);
    r.advance(milliseconds(40));
    REQUIRE_FALSE(plain.over);
    REQUIRE(r.state("t") == copy_state::broken);
    CHECK_THAT(r.rig.request(*r.pairs["t"], operation::resync_replica),
               ContainsSubstring("1 requests"));
    r.let_go("t");
    CHECK(plain.over);
    CHECK(r.resync("t"));
}

TEST_CASE("a source that hangs is replaced by its target and follows it when it is back",
          "[runtime][deadline]")
{
    leg_rig r(impatient);
    REQUIRE_FALSE(r.put(0, mib, 0x44));
    const auto writes = hang_in(r, "s", 2);
    CHECK_FALSE(r.current("s"));
    CHECK(r.current("t"));
    CHECK(r.state("t") == copy_state::broken);
    CHECK(r.reads_as(0, 2 * block_bytes, 0x11));
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    relationship& pair = *r.pairs["t"];
    CHECK_THAT(r.rig.request(pair, operation::restore_from_replica, true),
               ContainsSubstring("\"s\"") && ContainsSubstring("2 requests outstanding"));
    CHECK_THAT(r.rig.request(pair, operation::resync_replica, true),
               ContainsSubstring("2 requests outstanding"));
    CHECK(r.holds("s", 0, 2 * block_bytes, 0x44));
    r.let_go("s");
    CHECK(r.holds("s", 0, 2 * block_bytes, 0x11));  // late, and marked
    CHECK(r.rig.request(pair, operation::resync_replica) != "");
    CHECK(r.restore("t"));
    CHECK(r.holds("s", 0, block_bytes, 0x22));
    CHECK(r.holds("s", block_bytes, block_bytes, 0x11));
}

TEST_CASE("a stuck target is not detached before its device has returned what it has",
          "[runtime][deadline]")
{
    leg_rig r(impatient);
    const auto writes = hang_in(r, "t", 2);
    relationship& pair = *r.pairs["t"];
    const object_path path = pair.path();
    CHECK_THAT(r.rig.request(pair, operation::detach), ContainsSubstring("2 requests"));
    r.let_go("t");
    REQUIRE(r.rig.request(pair, operation::detach) == "");
    CHECK(r.rig.opened->find(path) == nullptr);
    CHECK_FALSE(r.put(0, block_bytes, 0x22));
    CHECK(r.holds("t", 0, 2 * block_bytes, 0x11));
}

TEST_CASE("closing waits for a stuck leg, and the dump names it", "[runtime][deadline]")
{
    leg_rig r(impatient);
    const auto writes = hang_in(r, "t", 2);
    waited_op closing;
    r.rig.opened->close(closing);
    r.advance(seconds(2));
    CHECK_FALSE(closing.over);
    CHECK_THAT(r.rig.opened->dump(), ContainsSubstring("\"stuck\":2"));
    CHECK(r.rig.write(*r.front, 0, block_bytes, 0x33) == errc::closed);
    r.let_go("t");
    r.rig.run_until([&] { return closing.over; });
    CHECK_FALSE(closing.error);
    r.rig.opened.reset();
}
