// test/runtime/mark_batch_test.cpp -- marks share a commit where more of them are about to come.
// SPDX-License-Identifier: BSL-1.0
#include "room_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Twelve writes that hang on a leg, after a commit of marks that took `commit`.
struct busy_rig : room_rig {
    static constexpr duration commit{200'000};
    std::vector<std::unique_ptr<owned_op>> busy, later;

    busy_rig()
    {
        rig.loop.run_once(duration{1});
        store.takes = commit;
        hang("t", io_kind::write);
        for (unsigned i = 0; i < 12; ++i) {
            busy.push_back(std::make_unique<owned_op>(length, 0x11));
            write(*busy.back(), i * extent);
        }
        pass(2 * commit.nanoseconds);
        store.asked.clear();
    }
    void pass(std::int64_t nanoseconds)
    {
        const monotonic_time end = rig.loop.now() + duration{nanoseconds};
        while (rig.loop.now() < end) rig.loop.run_once(end - rig.loop.now());
        rig.settle();
    }
    void write_cold(unsigned count)
    {
        for (unsigned i = 0; i < count; ++i) {
            later.push_back(std::make_unique<owned_op>(length, 0x22));
            write(*later.back(), (20 + later.size()) * extent);
        }
        rig.settle();
    }
    bool all_over() const
    {
        const auto over = [](const auto& each) { return each->over && !each->error; };
        return std::all_of(busy.begin(), busy.end(), over) &&
               std::all_of(later.begin(), later.end(), over);
    }
};

}  // namespace

TEST_CASE("a mark waits for others while many changes are with the legs", "[runtime][hot][record]")
{
    busy_rig r;
    r.write_cold(1);
    CHECK(r.store.asked.empty());
    r.write_cold(2);
    CHECK(r.store.asked.empty());
    // A quarter of what is under way.
    r.write_cold(1);
    CHECK(r.store.asked.size() == 1);
    r.pass(4 * busy_rig::commit.nanoseconds);
    CHECK(r.store.asked.size() == 1);
    r.let_go("t");
    CHECK(r.all_over());
    CHECK(r.in_sync());
}

TEST_CASE("a mark does not wait for legs that are slow beside the repository",
          "[runtime][hot][record]")
{
    busy_rig r;
    r.write_cold(1);
    r.pass(busy_rig::commit.nanoseconds);
    CHECK(r.store.asked.empty());
    r.pass(busy_rig::commit.nanoseconds);
    CHECK(r.store.asked.size() == 1);
    r.let_go("t");
    r.pass(4 * busy_rig::commit.nanoseconds);
    CHECK(r.all_over());
    CHECK(r.in_sync());
}

TEST_CASE("a mark waits no longer than there is something to wait for", "[runtime][hot][record]")
{
    busy_rig r;
    r.write_cold(1);
    CHECK(r.store.asked.empty());
    r.let_go("t");
    CHECK(r.store.asked.size() == 1);
    r.pass(4 * busy_rig::commit.nanoseconds);
    CHECK(r.all_over());
    CHECK(r.in_sync());
}
