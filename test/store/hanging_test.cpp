// test/store/hanging_test.cpp -- a device keeps an operation, while what it belongs to has failed.
// SPDX-License-Identifier: BSL-1.0
#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t long_log_bytes = 64 * kib;
constexpr std::uint64_t disk_bytes = 512 * kib;

enum class disk_area : std::uint8_t { superblocks, log, checkpoint };

disk_area area_of(const io_op& op)
{
    if (op.offset_bytes < repository_layout::log_offset_bytes) return disk_area::superblocks;
    return op.offset_bytes < repository_layout::log_offset_bytes + long_log_bytes
               ? disk_area::log
               : disk_area::checkpoint;
}

/// From the next checkpoint on a disk keeps what is written to one of its areas, and fails what is
/// written to another. It may not see the end before the beginning is set free.
struct hanging_disk {
    crash_disk& disk;
    disk_area kept;
    bool checkpointed = false, hangs = false, free = false;

    hanging_disk(crash_disk& which, disk_area hanging) : disk(which), kept(hanging)
    {
        disk.held = [this](const io_op& op) {
            if (op.kind != io_kind::write) return false;
            checkpointed = checkpointed || area_of(op) == disk_area::checkpoint;
            if (!checkpointed || area_of(op) != kept) return false;
            hangs = true;
            return !free;
        };
        const disk_area failing = kept == disk_area::log ? disk_area::checkpoint : disk_area::log;
        disk.fault = [this, failing](const io_op& op, std::uint64_t) {
            return injected_if(op.kind == io_kind::write && area_of(op) == failing &&
                               (hangs || kept == disk_area::log));
        };
    }
    hanging_disk(const hanging_disk&) = delete;
    ~hanging_disk() { disk.held = {}; }
};

/// Commits one after the other without waiting for any, until `ended`.
template <class Condition>
void commit_until(store_rig& r, const Condition& ended)
{
    for (unsigned i = 0; !ended(); ++i) {
        REQUIRE(i < 200);
        r.commit().set(key_of(i % 3), 1000, i).start(*r.store);
        r.run_once({});
    }
}

void run_for_long(store_rig& r)
{
    for (unsigned turns = 0; turns < 50; ++turns) r.run_once({});
}

}  // namespace

TEST_CASE("a repository that is lost ends when nothing of it is with a device any more",
          "[store][hanging]")
{
    const disk_area kept = GENERATE(disk_area::superblocks, disk_area::log, disk_area::checkpoint);
    CAPTURE(static_cast<int>(kept));
    store_rig r(1, disk_bytes);
    r.begin({.log_bytes = long_log_bytes});
    {
        hanging_disk slow(*r.disks[0], kept);
        commit_until(r, [&] { return slow.hangs && r.store->state() == repository_state::lost; });
        waited_close op;
        r.store->close(op);
        run_for_long(r);
        CHECK_FALSE(op.over);
        slow.free = true;
        r.run_until([&] { return op.over; });
        REQUIRE(op.error);
        CHECK(op.error->code == errc::repository_lost);
        for (const owned_commit& each : r.commits) CHECK(each.over);
        r.store.reset();
    }
    r.disks[0]->fault = {};
    REQUIRE_FALSE(r.open());
    r.check_content();
}

TEST_CASE("a resilver waits for what the failed device still has of the repository",
          "[store][hanging]")
{
    const disk_area kept = GENERATE(disk_area::superblocks, disk_area::log, disk_area::checkpoint);
    CAPTURE(static_cast<int>(kept));
    store_rig r(2, disk_bytes);
    r.begin({.log_bytes = long_log_bytes});
    hanging_disk slow(*r.disks[1], kept);
    commit_until(r, [&] { return slow.hangs && r.store->condition(1) == copy_condition::stale; });
    r.disks[1]->fault = {};
    waited_resilver op(1);
    r.store->resilver(op);
    run_for_long(r);
    CHECK_FALSE(op.over);
    CHECK(r.store->condition(1) == copy_condition::stale);
    slow.free = true;
    r.run_until([&] { return op.over; });
    CHECK_FALSE(op.error);
    CHECK(r.store->condition(1) == copy_condition::current);
    REQUIRE_FALSE(r.close());
    CHECK(r.check().good());
    REQUIRE_FALSE(r.open());
    r.verified_content();
}

TEST_CASE("a resilver that reads when the last copy fails is told so when it has read",
          "[store][hanging]")
{
    store_rig r(2, disk_bytes);
    r.begin({.log_bytes = long_log_bytes});
    r.disks[1]->fault = fails_but_for_reads();
    CHECK_FALSE(r.put(key_of(1), 100, 1));
    r.disks[1]->fault = {};
    bool free = false, hangs = false;
    r.disks[1]->held = [&](const io_op&) {
        hangs = true;
        return !free;
    };
    waited_resilver op(1);
    r.store->resilver(op);
    r.run_until([&] { return hangs; });
    r.disks[0]->fault = fails(io_kind::write);
    CHECK(r.put(key_of(2), 100, 2) == errc::repository_lost);
    waited_close end;
    r.store->close(end);
    run_for_long(r);
    CHECK_FALSE(op.over);
    CHECK_FALSE(end.over);
    free = true;
    r.run_until([&] { return op.over && end.over; });
    REQUIRE(op.error);
    CHECK(op.error->code == errc::repository_lost);
    CHECK(end.error);
    r.store.reset();
    r.disks[1]->held = {};
    r.disks[0]->fault = {};
    REQUIRE_FALSE(r.open());
    r.check_content();
    CHECK(r.report.copies[1] == copy_condition::stale);
}
