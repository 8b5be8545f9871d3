// test/runtime/called_off_test.cpp -- a separation that an event has ended takes nobody out.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A separation of "t" is under way when the source is lost: "t" keeps a write or a flush.
struct lost_source_rig {
    leg_rig r;
    owned_op under_way{block_bytes, 0x11}, behind{block_bytes, 0x22};
    waited_op request;

    explicit lost_source_rig(operation how, io_kind kept) : r({}, {"t", "u"}, true)
    {
        r.hang("t", kept);
        if (kept == io_kind::write) r.write(under_way, 0);
        r.rig.settle();
        REQUIRE(r.pairs["t"]->request(how, false, request).has_value());
        r.rig.settle();
        REQUIRE(r.rig.elements["t"].device->held() == 1);
        REQUIRE_FALSE(request.over);
        r.write(behind, region_bytes);
        r.rig.settle();
        REQUIRE_FALSE(behind.over);
        r.fail_next("s", io_kind::read);
        REQUIRE(r.reads_as(1 * mib, block_bytes, 0));
        REQUIRE_FALSE(r.current("s"));
        r.rig.run_until([&] { return request.over; });
        REQUIRE(request.error.has_value());
        REQUIRE(r.state("t") == copy_state::broken);
    }
    /// The source is there again, and everything comes to rest.
    void recover()
    {
        r.rig.settle();
        REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
        for (const char* name : {"t", "u"})
            r.rig.wait_for(*r.pairs[name], copy_state::synchronized);
        r.rig.settle();
        for (const char* name : {"s", "t", "u"}) CHECK(r.current(name));
        REQUIRE_FALSE(r.put(2 * mib, block_bytes, 0x33));
        CHECK(r.rig.equal("s", "t", r.size));
        CHECK(r.rig.equal("s", "u", r.size));
        CHECK(r.reads_as(region_bytes, block_bytes, 0x22));
    }
};

}  // namespace

TEST_CASE("a target that a Split was draining when the source was lost stays in the set",
          "[runtime][separate]")
{
    lost_source_rig rig(operation::split, io_kind::write);
    leg_rig& r = rig.r;
    // No write is held any more for a cut that nobody wants: this one is at the other target.
    r.rig.settle();
    CHECK(r.holds("u", region_bytes, block_bytes, 0x22));
    r.let_go("t");
    CHECK(rig.under_way.over);
    CHECK(rig.behind.over);
    CHECK(r.current("t"));
    rig.recover();
}

TEST_CASE("so does one that a Split was flushing", "[runtime][separate]")
{
    lost_source_rig rig(operation::split, io_kind::flush);
    leg_rig& r = rig.r;
    r.rig.run_until([&] { return rig.behind.over; });
    CHECK_FALSE(rig.behind.error);
    // The flush is still the target's: no second separation takes its memory.
    waited_op another;
    const auto refused = r.pairs["t"]->request(operation::detach, true, another);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::element_in_use);
    r.let_go("t");
    CHECK(r.current("t"));
    rig.recover();
}

TEST_CASE("one that a Fracture has taken out comes back, and stays", "[runtime][separate]")
{
    leg_rig r({}, {"t", "u"}, true);
    owned_op under_way{block_bytes, 0x22};
    waited_op request;
    r.hang("t", io_kind::write);
    r.write(under_way, region_bytes);
    r.rig.settle();
    REQUIRE(r.pairs["t"]->request(operation::fracture, false, request).has_value());
    r.rig.settle();
    REQUIRE_FALSE(r.current("t"));
    r.fail_next("s", io_kind::read);
    REQUIRE(r.reads_as(1 * mib, block_bytes, 0));
    r.rig.run_until([&] { return request.over; });
    CHECK(request.error.has_value());
    CHECK(r.state("t") == copy_state::broken);
    // The copy to it begins while the write that the Fracture waited for is still there.
    r.rig.settle();
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.settle();
    r.let_go("t");
    for (const char* name : {"t", "u"}) r.rig.wait_for(*r.pairs[name], copy_state::synchronized);
    r.rig.settle();
    for (const char* name : {"s", "t", "u"}) CHECK(r.current(name));
    REQUIRE_FALSE(r.put(2 * mib, block_bytes, 0x33));
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.reads_as(region_bytes, block_bytes, 0x22));
}
