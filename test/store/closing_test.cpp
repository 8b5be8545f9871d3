// test/store/closing_test.cpp -- a close meets everything else that may be under way.
// SPDX-License-Identifier: BSL-1.0
#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// So many deliveries, or fewer if it is over before.
void run_turns(store_rig& r, unsigned turns, const bool& over)
{
    for (unsigned i = 0; i < turns && !over; ++i) r.run_once({});
}

}  // namespace

TEST_CASE("a close at any turn of a commit waits for it, and for the one behind it",
          "[store][closing]")
{
    bool over = false;
    unsigned turns = 0;
    for (; !over; ++turns) {
        CAPTURE(turns);
        store_rig r;
        r.begin();
        owned_commit& first = r.commit().set(key_of(1), 10, 1);
        first.start(*r.store);
        run_turns(r, turns, first.over);
        over = first.over;
        owned_commit& second = r.commit().set(key_of(2), 10, 2);
        second.start(*r.store);
        REQUIRE_FALSE(r.close());
        CHECK_FALSE(first.error);
        CHECK_FALSE(second.error);
        REQUIRE_FALSE(r.open());
        CHECK(r.report.closed_clean);
        CHECK(r.content().size() == 2);
    }
    CHECK(turns > 3);
}

TEST_CASE("a close waits for commits that wait for room in the log", "[store][closing]")
{
    store_rig r;
    r.begin();
    bool held = true;
    r.disks[0]->held = [&](const io_op& op) {
        return held && op.kind == io_kind::write &&
               op.offset_bytes >= repository_layout::log_offset_bytes + smallest_log.log_bytes;
    };
    // No checkpoint ends, so the log fills; a value takes more than half of a record.
    for (unsigned i = 0; i < 8; ++i) r.commit().set(key_of(i % 3), 2500, i).start(*r.store);
    run_turns(r, 100, false);
    REQUIRE(r.store->statistics().waits_for_room == 1);
    waited_close end;
    r.store->close(end);
    run_turns(r, 100, end.over);
    CHECK_FALSE(end.over);
    held = false;
    r.run_until([&] { return end.over; });
    CHECK_FALSE(end.error);
    for (const owned_commit& each : r.commits) CHECK((each.over && !each.error));
    r.store.reset();
    r.disks[0]->held = {};
    REQUIRE_FALSE(r.open());
    CHECK(r.report.closed_clean);
    r.verified_content();
}

TEST_CASE("a resilver that is asked for at any turn of a close, or behind it, is refused",
          "[store][closing]")
{
    bool over = false;
    unsigned turns = 0;
    for (; !over; ++turns) {
        CAPTURE(turns);
        store_rig r;
        r.begin();
        waited_close end;
        r.store->close(end);
        run_turns(r, turns, end.over);
        over = end.over;
        waited_resilver late(0);
        r.store->resilver(late);
        r.run_until([&] { return end.over && late.over; });
        CHECK_FALSE(end.error);
        REQUIRE(late.error);
        CHECK(late.error->code == errc::closed);
        r.store.reset();
        REQUIRE_FALSE(r.open());
        CHECK(r.report.closed_clean);
    }
    CHECK(turns > 3);
}

TEST_CASE("a close that is told answers nothing more behind it", "[store][closing]")
{
    struct asking : io_op {
        store_rig* rig = nullptr;
        waited_resilver late{0};
    };
    struct close_beside : waited_close {
        asking ask;
        bool all_answered = false;
    };
    // In the delivery that tells of a superblock, just before it.
    for (const unsigned nth : {1u, 2u}) {
        CAPTURE(nth);
        store_rig r;
        r.begin();
        close_beside end;
        end.ask.rig = &r;
        end.ask.done = [](io_op& op, error_code) noexcept {
            auto& self = static_cast<asking&>(op);
            self.rig->store->resilver(self.late);
        };
        end.done = [](repository_close_op& op) noexcept {
            auto& self = static_cast<close_beside&>(op);
            self.over = true;
            self.all_answered = self.ask.late.over;
        };
        unsigned writes = 0;
        r.disks[0]->held = [&](const io_op&) {
            if (++writes == nth) r.loop.complete(end.ask, {});
            return false;
        };
        r.store->close(end);
        r.run_until([&] { return end.over && end.ask.late.over; });
        CHECK(writes == 2);
        CHECK(end.all_answered);
        CHECK_FALSE(end.error);
        r.store.reset();
    }
}

TEST_CASE("a resilver of a repository that is lost is told so, before a close and behind it",
          "[store][closing]")
{
    store_rig r(2);
    r.begin();
    r.disks[1]->fault = fails(io_kind::write);
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    r.disks[0]->fault = fails(io_kind::write);
    CHECK(r.put(key_of(2), 10, 2) == errc::repository_lost);
    auto error = r.resilver(1);
    REQUIRE(error);
    CHECK(error->code == errc::repository_lost);
    waited_close end;
    r.store->close(end);
    r.run_until([&] { return end.over; });
    CHECK(end.error);
    CHECK(r.store->state() == repository_state::closed);
    error = r.resilver(1);
    REQUIRE(error);
    CHECK(error->code == errc::repository_lost);
    r.store.reset();
}
