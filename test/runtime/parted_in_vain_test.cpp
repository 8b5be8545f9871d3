// test/runtime/parted_in_vain_test.cpp -- a target that fails before the answer is not parted.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A read that the target refuses hangs with the source: the target's failure counts at its end.
struct refused_read_rig {
    leg_rig r;
    owned_op first{block_bytes}, refused{block_bytes};
    waited_op request;

    refused_read_rig()
    {
        r.hang("s", io_kind::read);
        r.read(first, 0);
        r.fail_next("t", io_kind::read);
        r.read(refused, 0);
        r.rig.settle();
        REQUIRE(r.rig.elements["s"].device->held() == 2);
        REQUIRE(r.sent("t", io_kind::read) != 0);
        REQUIRE(r.current("t"));
    }
    void ask(operation what)
    {
        REQUIRE(r.pairs["t"]->request(what, false, request).has_value());
        r.rig.settle();
        REQUIRE_FALSE(request.over);
    }
    void finish_reads()
    {
        r.let_go("s");
        REQUIRE(refused.over);
        REQUIRE_FALSE(refused.error);
    }
};

}  // namespace

TEST_CASE("a target that fails while the state of its separation is recorded is not parted",
          "[runtime][record]")
{
    const operation how = GENERATE(operation::split, operation::fracture, operation::suspend);
    CAPTURE(to_name(how));
    refused_read_rig rig;
    leg_rig& r = rig.r;
    r.store.holds = {record_kind::relationship_state};
    rig.ask(how);
    rig.finish_reads();
    CHECK_FALSE(rig.request.over);
    r.store.let_go();
    r.rig.run_until([&] { return rig.request.over; });
    CHECK(r.state("t") == copy_state::broken);
    REQUIRE(rig.request.error.has_value());
    CHECK(rig.request.error->code == errc::injected);
    CHECK(r.resync("t"));
}

TEST_CASE("nor is one whose failure waits for the record of who is in the set", "[runtime][record]")
{
    refused_read_rig rig;
    leg_rig& r = rig.r;
    r.store.holds = {record_kind::leg_state};
    r.store.takes = milliseconds(5);
    rig.ask(operation::split);
    rig.finish_reads();
    REQUIRE_FALSE(rig.request.over);
    r.rig.run_until([&] { return rig.request.over; });
    REQUIRE(r.store.held() == 1);
    CHECK(r.state("t") == copy_state::broken);
    REQUIRE(rig.request.error.has_value());
    CHECK(rig.request.error->code == errc::injected);
    r.store.let_go();
    r.advance(milliseconds(20));
    r.store.takes = {};
    CHECK(r.resync("t"));
}

TEST_CASE("nor is one that is back before anybody has heard of its failure",
          "[runtime][record][return]")
{
    const operation how =
        GENERATE(operation::split, operation::fracture, operation::suspend, operation::deactivate);
    CAPTURE(to_name(how));
    leg_rig r;
    r.store.holds = {record_kind::leg_state};
    r.fail_next("t", io_kind::write);
    owned_op write(block_bytes, 0x11);
    r.write(write, 0);
    r.rig.settle();
    REQUIRE_FALSE(r.current("t"));
    REQUIRE(r.state("t") == copy_state::synchronized);
    // It has not been flushed since it left, and the event of that is on its way.
    const auto back = r.rig.opened->element_returned(element_path("t"));
    CHECK((!back && back.error().code == errc::element_in_use));
    r.rig.settle(64);
    CHECK(r.leg("t").error);
    waited_op request;
    REQUIRE(r.pairs["t"]->request(how, false, request).has_value());
    r.rig.run_until([&] { return request.over; });
    REQUIRE(request.error.has_value());
    CHECK(request.error->code == errc::injected);
    CHECK(r.state("t") == copy_state::broken);
    REQUIRE_FALSE(write.over);
    r.store.let_go();
    r.rig.run_until([&] { return write.over; });
    CHECK_FALSE(write.error);
    REQUIRE(r.rig.opened->element_returned(element_path("t")).has_value());
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
}

TEST_CASE("a target that has left when the source is lost has nothing that the source lacks",
          "[runtime][sibling]")
{
    const operation how = GENERATE(operation::split, operation::fracture, operation::suspend);
    CAPTURE(to_name(how));
    leg_rig r({}, {"t", "u"});
    r.hang("t", io_kind::read);
    owned_op reads[] = {owned_op{block_bytes}, owned_op{block_bytes}, owned_op{block_bytes}};
    for (owned_op& each : reads) r.read(each, 0);
    r.rig.settle();
    REQUIRE(r.rig.elements["t"].device->held() != 0);
    waited_op request;
    REQUIRE(r.pairs["t"]->request(how, false, request).has_value());
    r.rig.settle();
    REQUIRE_FALSE(request.over);
    REQUIRE_FALSE(r.current("t"));
    r.fail_next("s", io_kind::read);
    for (unsigned i = 0; i < 4 && r.current("s"); ++i)
        REQUIRE(r.reads_as(4 * mib + i * mib, block_bytes, 0));
    REQUIRE_FALSE(r.current("s"));
    r.let_go("t");
    r.rig.run_until([&] { return request.over; });
    CHECK(request.error.has_value());
    REQUIRE_FALSE(r.put(0, block_bytes, 0x33));
    CHECK(r.state("t") == copy_state::broken);
    // "u" has what both lack.
    CHECK_FALSE(r.pairs["t"]->info().copies_to_source);
    CHECK(r.rig.request(*r.pairs["t"], operation::restore_from_replica, true) != "");
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.reads_as(0, block_bytes, 0x33));
}
