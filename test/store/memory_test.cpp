// test/store/memory_test.cpp -- memory that runs out at any allocation ends what wanted it.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/repository_check.hpp>
#include <cimrep/store/repository_upgrade.hpp>

#include "../sim/scarce_memory.hpp"
#include "limited_memory.hpp"
#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Records in the checkpoint and in the log.
void live_twice(store_rig& r)
{
    REQUIRE_FALSE(r.format(smallest_log));
    for (unsigned life = 0; life < 2; ++life) {
        REQUIRE_FALSE(r.open());
        for (unsigned i = 0; i < 3; ++i) CHECK_FALSE(r.put(key_of(3 * life + i), 100, i));
        REQUIRE_FALSE(r.close());
    }
}

/// Runs `attempt`, which returns why it failed, until none of the library's allocations fails in
/// it: each time the next one does.
template <class Attempt>
void at_each_allocation(const Attempt& attempt)
{
    unsigned failures = 0;
    for (std::uint64_t count = 0;; ++count) {
        CAPTURE(count);
        REQUIRE(count < 2000);
        scarce_memory::fail(count);
        const std::optional<failure> error = attempt();
        const bool failed = scarce_memory::failures() != 0;
        scarce_memory::suffice();
        if (!failed) {
            CHECK_FALSE(error);
            break;
        }
        if (!error) continue;  // what was missing was words
        ++failures;
        CHECK(error->code == std::errc::not_enough_memory);
    }
    CHECK(failures > 3);
}

}  // namespace

TEST_CASE("an opening that runs out of memory anywhere fails, writes nothing and keeps nothing",
          "[store][memory]")
{
    store_rig r(2);
    live_twice(r);
    const auto before = r.keep_disks();
    limited_memory memory;
    for (std::uint64_t count = 0;; ++count) {
        CAPTURE(count);
        memory.left = count;
        const auto error = r.open({.memory = &memory});
        if (!error) break;
        CHECK(error->code == std::errc::not_enough_memory);
        CHECK(memory.given == 0);
        CHECK(r.keep_disks() == before);
        REQUIRE(count < 1000);
    }
    r.verified_content();
    r.shut();
    CHECK(memory.given == 0);
}

TEST_CASE("a check that runs out of memory anywhere calls no copy damaged", "[store][memory]")
{
    store_rig r(2);
    live_twice(r);
    limited_memory memory;
    for (std::uint64_t count = 0;; ++count) {
        CAPTURE(count);
        memory.left = count;
        const auto report = r.check({.memory = &memory});
        CHECK(memory.given == 0);
        if (!report.refused) break;
        CHECK(report.refused->code == std::errc::not_enough_memory);
        for (const copy_report& each : report.copies) CHECK(each.verdict != copy_verdict::damaged);
        REQUIRE(count < 1000);
    }
    memory.left = 1000;
    CHECK(r.check({.memory = &memory}).good());
}

TEST_CASE("a commit that runs out of memory anywhere changes nothing", "[store][memory]")
{
    store_rig r;
    live_twice(r);
    limited_memory memory;
    memory.left = 1000;
    REQUIRE_FALSE(r.open({.memory = &memory}));
    const content_map before = r.content();
    for (std::uint64_t count = 0;; ++count) {
        CAPTURE(count);
        memory.left = count;
        owned_commit& one = r.commit().set(key_of(1), 900, 9).erase(key_of(2)).erase(key_of(77));
        one.set(key_of(50), 40, 1).set(key_of(51), 40, 1);
        const error_code error = r.put(one);
        if (!error) break;
        CHECK(error == std::errc::not_enough_memory);
        CHECK(r.content() == before);
        REQUIRE(count < 100);
    }
    CHECK(r.content().size() == before.size() + 1);
    r.shut();
}

TEST_CASE("an upgrade takes its memory where it is told to", "[store][memory]")
{
    store_rig r;
    REQUIRE_FALSE(r.format({.log_bytes = 16 * kib, .features = {}}));
    limited_memory memory;
    const auto upgrade = [&](std::uint64_t left) {
        static bool over;
        over = false;
        repository_upgrade_op op;
        op.copies = r.devices();
        op.options.memory = &memory;
        op.done = [](repository_upgrade_op&) noexcept { over = true; };
        memory.left = left;
        upgrade_repository(op);
        r.run_until([&] { return over; });
        return op.error;
    };
    const auto error = upgrade(0);
    REQUIRE(error);
    CHECK(error->code == std::errc::not_enough_memory);
    CHECK_FALSE(upgrade(1000));
    CHECK(memory.given == 0);
    CHECK(r.check().copies[0].newest->features == newest_features);
}

TEST_CASE("an opening for which the system has no memory is told so, and writes nothing",
          "[store][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    store_rig r(2);
    live_twice(r);
    const auto before = r.keep_disks();
    at_each_allocation([&] {
        r.bring_back(before);
        const auto error = r.open();
        scarce_memory::suffice();
        if (error) {
            CHECK_FALSE(r.store);
            CHECK(r.keep_disks() == before);
        } else {
            CHECK(r.report.remarks.empty());
            r.verified_content();
            REQUIRE_FALSE(r.close());
        }
        return error;
    });
}

TEST_CASE("a check for which the system has no memory calls no copy damaged", "[store][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    store_rig r(2);
    live_twice(r);
    at_each_allocation([&] {
        const auto report = r.check();
        scarce_memory::suffice();
        CHECK(report.good() != report.refused.has_value());
        for (const copy_report& each : report.copies) CHECK(each.verdict != copy_verdict::damaged);
        return report.refused;
    });
}

TEST_CASE("a format for which the system has no memory is told so, and writes nothing",
          "[store][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    store_rig r(2);
    const auto before = r.keep_disks();
    at_each_allocation([&] {
        r.bring_back(before);
        const auto error = r.format(smallest_log);
        scarce_memory::suffice();
        CHECK((r.keep_disks() == before) == error.has_value());
        return error;
    });
}

TEST_CASE(
    "a resilver for which the system has no memory leaves the copy stale, and can be repeated",
    "[store][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    store_rig r(2);
    r.begin();
    r.disks[1]->fault = fails();
    CHECK_FALSE(r.put(key_of(1), 100, 1));
    r.disks[1]->fault = {};
    const unsigned copy = GENERATE(0u, 1u, 7u);
    const auto stale = r.store->condition(copy);
    for (std::uint64_t count = 0;; ++count) {
        CAPTURE(copy, count);
        scarce_memory::fail(count);
        const auto error = r.resilver(copy);
        const bool failed = scarce_memory::failures() != 0;
        scarce_memory::suffice();
        // One that cannot be is refused all the same, if need be without words.
        if (copy != 1) {
            REQUIRE(error);
            CHECK(error->code == errc::invalid_argument);
        } else if (error) {
            CHECK(error->code == std::errc::not_enough_memory);
        }
        CHECK(r.store->condition(copy) == (error ? stale : copy_condition::current));
        CHECK_FALSE(r.put(key_of(2), 100, static_cast<unsigned>(count)));
        if (!failed) break;
        CHECK(error);
    }
    REQUIRE_FALSE(r.close());
    CHECK(r.check().good() == (copy == 1));
}

TEST_CASE("a close of which the last copy fails is told so, if need be without words",
          "[store][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    for (std::uint64_t count = 0;; ++count) {
        CAPTURE(count);
        store_rig r(2);
        r.begin();
        CHECK_FALSE(r.put(key_of(1), 100, 1));
        for (const auto& disk : r.disks) disk->fault = fails();
        scarce_memory::fail(count);
        const auto error = r.close();
        const bool failed = scarce_memory::failures() != 0;
        scarce_memory::suffice();
        REQUIRE(error);
        CHECK(error->code == errc::repository_lost);
        if (!failed) break;
    }
}

TEST_CASE("a format of which a copy fails is told so, if need be without words", "[store][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    for (std::uint64_t count = 0;; ++count) {
        CAPTURE(count);
        store_rig r(2);
        r.disks[1]->fault = fails_but_for_reads();
        scarce_memory::fail(count);
        const auto error = r.format(smallest_log);
        const bool failed = scarce_memory::failures() != 0;
        scarce_memory::suffice();
        REQUIRE(error);
        if (!failed) break;
    }
}
