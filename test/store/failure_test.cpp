// test/store/failure_test.cpp -- a device that fails at any operation of a repository's life.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/repository_check.hpp>
#include <cimrep/store/repository_upgrade.hpp>

#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Runs `life(rig, disk, at, once)` for each operation of each disk, until it has no more of them.
template <class Life>
void at_each_operation(unsigned disks, const Life& life)
{
    std::uint64_t strikes = 0;
    for (unsigned disk = 0; disk < disks; ++disk)
        for (const bool once : {false, true})
            for (std::uint64_t at = 0;; ++at, ++strikes) {
                CAPTURE(disk, once, at);
                if (!life(disk, at, once)) break;
            }
    CHECK(strikes > 8 * disks);
}

template <class Op, class Start>
Op waited_for(store_rig& r, Op op, const Start& start)
{
    static bool over;
    over = false;
    op.done = [](Op&) noexcept { over = true; };
    start(op);
    r.run_until([&] { return over; });
    return op;
}

std::optional<failure> repair_all(store_rig& r)
{
    repository_repair_op op;
    op.copies = r.devices();
    return waited_for(r, std::move(op), repair_repository).error;
}

std::optional<failure> upgrade_all(store_rig& r)
{
    repository_upgrade_op op;
    op.copies = r.devices();
    return waited_for(r, std::move(op), upgrade_repository).error;
}

void heal(store_rig& r)
{
    for (const auto& each : r.disks) each->fault = {};
}

/// Two copies, the second one stale, with records that only the first has.
store_rig::images with_a_stale_copy(store_rig& r, repository_format_options options)
{
    r.begin(options);
    for (unsigned i = 0; i < 3; ++i) CHECK_FALSE(r.put(key_of(i), 100, i));
    strike_at(*r.disks[1], 0, false);
    CHECK_FALSE(r.put(key_of(7), 100, 7));
    heal(r);
    REQUIRE_FALSE(r.close());
    return r.keep_disks();
}

void check_whole(store_rig& r)
{
    CHECK(r.check().good());
    REQUIRE_FALSE(r.open());
    r.verified_content();
    r.shut();
}

}  // namespace

TEST_CASE("an error of one copy at any operation costs that copy, and no commit",
          "[store][failure]")
{
    at_each_operation(2, [](unsigned disk, std::uint64_t at, bool once) {
        store_rig r(2, 96 * kib, at + 1);
        r.begin();
        for (unsigned i = 0; i < 5; ++i) CHECK_FALSE(r.put(key_of(i), 300, i));
        REQUIRE_FALSE(r.close());
        const auto struck = strike_at(*r.disks[disk], at, once);
        if (const auto refused = r.open()) {
            // Neither superblock could be read: then it may be the newer copy.
            CHECK(refused->code == errc::repository_incomplete);
            CHECK(struck->met);
            heal(r);
        } else {
            for (unsigned i = 0; i < 6; ++i) CHECK_FALSE(r.put(key_of(i), 900, 10 + i));
            const bool was_stale = r.store->condition(disk) == copy_condition::stale;
            if (was_stale) CHECK(struck->met);
            const auto resilvered = r.resilver(disk);
            CHECK(resilvered.has_value() == (!was_stale || !once));
            for (unsigned i = 0; i < 3; ++i) CHECK_FALSE(r.put(key_of(i), 900, 20 + i));
            REQUIRE_FALSE(r.close());
            heal(r);
            CHECK(r.check().records == 6);
        }
        REQUIRE_FALSE(r.open());
        r.check_content();
        return struck->met;
    });
}

TEST_CASE("an error of the only copy at any operation ends the repository, not its content",
          "[store][failure]")
{
    at_each_operation(1, [](unsigned, std::uint64_t at, bool once) {
        store_rig r(1, 96 * kib, at + 1);
        r.begin();
        for (unsigned i = 0; i < 5; ++i) CHECK_FALSE(r.put(key_of(i), 300, i));
        REQUIRE_FALSE(r.close());
        const auto struck = strike_at(*r.disks[0], at, once);
        if (r.open()) {
            CHECK(struck->met);
        } else {
            for (unsigned i = 0; i < 9; ++i) {
                const error_code error = r.put(key_of(i % 6), 900, 10 + i);
                CHECK((error == errc::repository_lost || !error));
            }
            const bool lost = r.store->state() == repository_state::lost;
            const auto closed = r.close();
            if (lost) CHECK(closed);
            if (closed) {
                CHECK(closed->code == errc::repository_lost);
                CHECK(closed->wrong.find(make_error_code(errc::injected).message()) !=
                      std::string::npos);
            }
        }
        heal(r);
        REQUIRE_FALSE(r.open());
        r.check_content();
        return struck->met;
    });
}

TEST_CASE("a resilver that an error of either copy ends at any operation can be done again",
          "[store][failure]")
{
    store_rig r(2, 96 * kib);
    const auto images = with_a_stale_copy(r, smallest_log);
    at_each_operation(2, [&](unsigned disk, std::uint64_t at, bool once) {
        r.bring_back(images);
        REQUIRE_FALSE(r.open());
        const auto struck = strike_at(*r.disks[disk], at, once);
        owned_commit& beside = r.commit().set(key_of(1), 200, static_cast<unsigned>(at));
        beside.start(*r.store);
        const auto error = r.resilver(1);
        r.run_until([&] { return beside.over; });
        if (error) CHECK(struck->met);
        if (disk == 1) CHECK_FALSE(beside.error);
        if (error && disk == 0) CHECK(error->code == errc::repository_lost);
        r.shut();
        heal(r);
        REQUIRE_FALSE(r.open());
        r.verified_content();
        // Also the one that failed when the other had everything already.
        for (unsigned copy = 0; copy < 2; ++copy)
            if (r.store->condition(copy) == copy_condition::stale) REQUIRE_FALSE(r.resilver(copy));
        REQUIRE_FALSE(r.close());
        check_whole(r);
        r.commits.pop_back();
        return struck->met;
    });
}

TEST_CASE("a format that an error ends at any operation is told so, and can be done again",
          "[store][failure]")
{
    const bool both = GENERATE(false, true);
    at_each_operation(both ? 1 : 2, [&](unsigned disk, std::uint64_t at, bool once) {
        store_rig r(2, 96 * kib);
        const auto struck = strike_at(*r.disks[disk], at, once);
        if (both) strike_at(*r.disks[1], at, once);
        const auto error = r.format(smallest_log);
        CHECK(error.has_value() == struck->met);
        heal(r);
        r.begin({.log_bytes = 16 * kib, .overwrite = true});
        CHECK(r.content().empty());
        return struck->met;
    });
}

TEST_CASE("a check that cannot read a copy says so, and judges by the other", "[store][failure]")
{
    store_rig r(2, 96 * kib);
    const auto images = with_a_stale_copy(r, smallest_log);
    REQUIRE_FALSE(repair_all(r));
    const auto whole = r.keep_disks();
    at_each_operation(2, [&](unsigned disk, std::uint64_t at, bool once) {
        const auto struck = strike_at(*r.disks[disk], at, once);
        const auto report = r.check();
        CHECK(report.good() != struck->met);
        if (struck->met) CHECK_FALSE(report.copies[disk].problems.empty());
        CHECK(report.copies[1 - disk].verdict >= copy_verdict::foreign);
        CHECK(report.copies[1 - disk].problems.empty());
        heal(r);
        CHECK(r.keep_disks() == whole);
        return struck->met || at < 9;
    });
}

TEST_CASE("a repair that an error ends at any operation loses nothing, and can be done again",
          "[store][failure]")
{
    store_rig r(2, 96 * kib);
    const auto images = with_a_stale_copy(r, smallest_log);
    at_each_operation(2, [&](unsigned disk, std::uint64_t at, bool once) {
        r.bring_back(images);
        const auto struck = strike_at(*r.disks[disk], at, once);
        const auto error = repair_all(r);
        if (error) CHECK(struck->met);
        heal(r);
        if (!error) CHECK(r.check().copies[0].verdict == copy_verdict::whole);
        REQUIRE_FALSE(repair_all(r));
        check_whole(r);
        return struck->met;
    });
}

TEST_CASE("an upgrade that an error ends at any operation loses nothing, and can be done again",
          "[store][failure]")
{
    const unsigned copies = GENERATE(1u, 2u);
    store_rig r(copies, 96 * kib);
    r.begin({.log_bytes = 16 * kib, .features = {}});
    for (unsigned i = 0; i < 5; ++i) CHECK_FALSE(r.put(key_of(i), 300, i));
    REQUIRE_FALSE(r.close());
    const auto images = r.keep_disks();
    at_each_operation(copies, [&](unsigned disk, std::uint64_t at, bool once) {
        r.bring_back(images);
        const auto struck = strike_at(*r.disks[disk], at, once);
        const auto error = upgrade_all(r);
        if (error) CHECK(struck->met);
        heal(r);
        REQUIRE_FALSE(repair_all(r));
        REQUIRE_FALSE(upgrade_all(r));
        for (const copy_report& each : r.check().copies)
            CHECK(each.newest->features == newest_features);
        check_whole(r);
        return struck->met;
    });
}

TEST_CASE("a close refuses a resilver that has not begun, and waits for one that has",
          "[store][failure]")
{
    store_rig r(2, 96 * kib);
    with_a_stale_copy(r, smallest_log);
    REQUIRE_FALSE(r.open());
    {
        waited_resilver late(1);
        waited_close end;
        r.store->resilver(late);
        r.store->close(end);
        r.run_until([&] { return late.over && end.over; });
        REQUIRE(late.error);
        CHECK(late.error->code == errc::closed);
        CHECK_FALSE(end.error);
        r.store.reset();
    }
    REQUIRE_FALSE(r.open());
    waited_resilver begun(1);
    waited_close end;
    r.store->resilver(begun);
    r.run_until([&] { return r.store->condition(1) == copy_condition::filling; });
    r.store->close(end);
    r.run_until([&] { return end.over; });
    CHECK(begun.over);
    CHECK_FALSE(begun.error);
    CHECK_FALSE(end.error);
    r.store.reset();
    check_whole(r);
}
