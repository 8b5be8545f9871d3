// test/store/crash_test.cpp -- the power goes off at every operation of a life and a recovery.
// SPDX-License-Identifier: BSL-1.0
#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t log_bytes = 16 * kib;

/// Commits of all kinds, three at a time, so that records are shared, sizes differ and keys go.
void run_commits(store_rig& r, unsigned count, unsigned salt)
{
    std::vector<owned_commit*> running;
    const auto ended = [&] {
        std::erase_if(running, [](const owned_commit* each) { return each->over; });
        return running.size() < 3;
    };
    for (unsigned i = 0; i < count && !r.mains.off; ++i) {
        owned_commit& one = r.commit();
        one.set(key_of(i % 7), 40 + i % 3, salt + i);
        if (i % 4 == 0) one.set(key_of(100 + i % 5), i % 8 == 0 ? 1800 : 600, salt + i);
        if (i % 5 == 0) one.erase(key_of((i + 3) % 7));
        running.push_back(&one);
        one.start(*r.store);
        r.run_until(ended);
    }
    r.run_until([&] { return ended() && running.empty(); });
}

void resilver_beside_commits(store_rig& r)
{
    waited_resilver op(1);
    r.store->resilver(op);
    for (unsigned i = 0; !op.over && !r.mains.off; ++i) run_commits(r, 4, 150 + i);
    r.run_until([&] { return op.over; });
}

/// Everything that a repository does in its life, until the power goes off.
void live(store_rig& r)
{
    if (r.open() || r.mains.off) return;
    run_commits(r, 60, 1);
    if (r.disks.size() > 1 && !r.mains.off) {
        r.disks[1]->fault = fails_but_for_reads();
        run_commits(r, 20, 50);
        r.disks[1]->fault = {};
        if (!r.mains.off) resilver_beside_commits(r);
    }
    if (r.mains.off) return;
    run_commits(r, 40, 100);
    if (r.mains.off) return;
    CHECK(r.store->statistics().checkpoints > 8);
    CHECK(r.store->statistics().commits_per_record_max > 1);
    // Closed with commits on their way.
    for (unsigned i = 0; i < 5; ++i) r.commit().set(key_of(i), 900, 200 + i).start(*r.store);
    r.close();
}

/// The recovery itself is cut at each of its operations; what it leaves is opened again.
std::uint64_t crash_recoveries(store_rig& r)
{
    const auto images = r.keep_disks();
    std::uint64_t crashes = 0;
    for (std::uint64_t at = 0;; ++at, ++crashes) {
        CAPTURE(at);
        r.bring_back(images);
        r.mains.off_at = at;
        auto error = r.open();
        if (!r.mains.off) {
            REQUIRE_FALSE(error);
            break;
        }
        r.power_back();
        error = r.open();
        if (error) FAIL(error->sentence());
        r.verified_content();
        r.shut();
    }
    r.mains.restore();
    return crashes;
}

void crash_everywhere(unsigned copies, survival survives, bool nested)
{
    std::uint64_t crashes = 0;
    for (std::uint64_t at = 0;; ++at) {
        CAPTURE(copies, static_cast<int>(survives), at);
        store_rig r(copies, 96 * kib, at + 1);
        REQUIRE_FALSE(r.format({.log_bytes = log_bytes}));
        r.mains.operations = 0;
        r.mains.off_at = at;
        r.mains.survives = survives;
        live(r);
        if (!r.mains.off) break;
        ++crashes;
        r.power_back();
        r.check_each_alone();
        if (nested) {
            crashes += crash_recoveries(r);
        } else {
            const auto error = r.open();
            if (error) FAIL(error->sentence());
        }
        r.check_content();
        CHECK_FALSE(r.put(key_of(1), 100, 0xee));
        REQUIRE_FALSE(r.close());
        REQUIRE_FALSE(r.open());
        r.check_content();
        CHECK(r.report.closed_clean);
    }
    CHECK(crashes > 100);
}

}  // namespace

TEST_CASE("no power cut at any operation loses or tears a commit", "[store][crash]")
{
    const unsigned copies = GENERATE(1u, 2u, 3u);
    const survival survives =
        GENERATE(survival::nothing, survival::everything, survival::random_sectors);
    crash_everywhere(copies, survives, false);
}

TEST_CASE("no power cut at any operation of a recovery loses or tears a commit", "[store][crash]")
{
    crash_everywhere(GENERATE(1u, 2u), survival::random_sectors, true);
}
