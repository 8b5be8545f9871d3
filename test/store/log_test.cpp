// test/store/log_test.cpp -- group commit, room in the log and in the repository, and holes.
// SPDX-License-Identifier: BSL-1.0
#include "../../lib/store/log_space.hpp"
#include "limited_memory.hpp"
#include "samples.hpp"
#include "store_rig.hpp"
#include <set>

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("commits of one turn, and those that arrive during a write, share a record",
          "[store][log]")
{
    store_rig r;
    r.begin({.log_bytes = 32 * kib});
    std::vector<owned_commit*> all;
    const auto start = [&](unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            all.push_back(&r.commit().set(key_of(all.size()), 20, 1));
            all.back()->start(*r.store);
        }
    };
    start(5);
    r.loop.run_once();
    CHECK(r.store->statistics().log_records == 1);
    start(7);
    r.run_until(
        [&] { return std::all_of(all.begin(), all.end(), [](auto* c) { return c->over; }); });
    const auto counted = r.store->statistics();
    CHECK(counted.log_records == 2);
    CHECK(counted.commits == 12);
    CHECK(counted.commits_per_record_max == 7);
    CHECK(counted.log_bytes == 2 * store_block_bytes);
    CHECK(counted.records == 12);
    CHECK(counted.record_bytes == 12 * (20 + change_header_bytes));
}

TEST_CASE(
    "a commit is not seen before it is durable, and goes on in the next record if one is full",
    "[store][log]")
{
    store_rig r;
    r.begin();
    const std::uint64_t before = r.store->statistics().log_records;
    bool held = true;
    r.disks[0]->held = [&](const io_op&) { return held; };
    for (unsigned i = 0; i < 5; ++i) r.commit().set(key_of(i), 1500, i).start(*r.store);
    for (unsigned turns = 0; turns < 10; ++turns) r.run_once({});
    CHECK_FALSE(r.commits.front().over);
    CHECK_FALSE(r.store->find(key_of(0)));
    CHECK(r.content().empty());
    held = false;
    r.run_until([&] { return r.commits.back().over; });
    CHECK(r.content().size() == 5);
    // Two of them fit into a quarter of the log.
    CHECK(r.store->statistics().log_records == before + 3);
    r.shut();
    r.disks[0]->held = {};
}

TEST_CASE("a value that does not grow allocates nothing", "[store][log]")
{
    limited_memory memory;
    store_rig r;
    REQUIRE_FALSE(r.format(smallest_log));
    REQUIRE_FALSE(r.open({.memory = &memory}));
    for (unsigned i = 0; i < 4; ++i) CHECK_FALSE(r.put(key_of(i), 700, 1));
    const std::uint64_t before = memory.allocations;
    for (unsigned i = 0; i < 40; ++i) CHECK_FALSE(r.put(key_of(i % 4), 700 - i, i));
    CHECK(r.store->statistics().checkpoints > 4);
    CHECK(memory.allocations == before);
    r.shut();
}

TEST_CASE("without memory a commit fails and changes nothing", "[store][log]")
{
    limited_memory memory;
    store_rig r;
    REQUIRE_FALSE(r.format(smallest_log));
    REQUIRE_FALSE(r.open({.memory = &memory}));
    CHECK_FALSE(r.put(key_of(1), 100, 1));
    const content_map before = r.content();
    memory.left = 0;
    CHECK(r.put(r.commit().set(key_of(1), 100, 2).set(key_of(2), 100, 2)) ==
          std::errc::not_enough_memory);
    CHECK(r.content() == before);
    CHECK_FALSE(r.put(key_of(1), 100, 3));
    memory.left = UINT64_MAX;
    CHECK_FALSE(r.put(key_of(2), 100, 4));
    REQUIRE_FALSE(r.close());
    memory.left = 0;
    const auto error = r.open({.memory = &memory});
    REQUIRE(error);
    CHECK(error->code == std::errc::not_enough_memory);
    memory.left = UINT64_MAX;
    REQUIRE_FALSE(r.open({.memory = &memory}));
    r.check_content();
    r.shut();
}

TEST_CASE("a full repository refuses what is added, and nothing else", "[store][log]")
{
    store_rig r;
    r.begin();
    const std::uint64_t capacity = r.store->statistics().capacity_bytes;
    const std::size_t each = 1000;
    std::uint64_t count = 0;
    for (; (count + 1) * (each + change_header_bytes) <= capacity; ++count)
        CHECK_FALSE(r.put(key_of(count), each, 1));
    CHECK(r.put(key_of(count), each, 1) == errc::over_budget);
    CHECK(r.put(key_of(0), each + each, 1) == errc::over_budget);
    for (unsigned i = 0; i < 3 * count; ++i) CHECK_FALSE(r.put(key_of(i % count), each, i));
    CHECK_FALSE(r.put(r.commit().erase(key_of(0))));
    CHECK_FALSE(r.put(key_of(count), each, 1));
    CHECK(r.put(key_of(0), each, 1) == errc::over_budget);
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open());
    r.check_content();
}

TEST_CASE("a checkpoint of many parts has every record, those that change meanwhile too",
          "[store][log]")
{
    store_rig r(1, 4 * mib);
    r.begin({.log_bytes = 256 * kib});
    const auto size = [](unsigned i) { return 7000 + i * 37 % 1000; };
    for (unsigned i = 0; i < 120; ++i) CHECK_FALSE(r.put(key_of(i), size(i), i));
    const std::uint64_t before = r.store->statistics().checkpoints;
    for (unsigned i = 0; r.store->statistics().checkpoints < before + 3; ++i) {
        owned_commit& one = r.commit().set(key_of(i * 7 % 120), size(i), i);
        if (i % 3 == 0) one.erase(key_of(i * 11 % 120));
        CHECK_FALSE(r.put(one));
    }
    CHECK(r.store->statistics().record_bytes > 512 * kib);
    r.cut_power();
    REQUIRE_FALSE(r.open());
    r.check_content();
}

TEST_CASE("what is too long for a value or for the log is refused", "[store][log]")
{
    store_rig r(1, mib);
    r.begin({.log_bytes = 128 * kib});
    CHECK(r.put(key_of(1), record_value_bytes_max + 1, 1) == errc::over_budget);
    CHECK_FALSE(r.put(key_of(1), record_value_bytes_max, 1));
    owned_commit& longest = r.commit();
    std::uint64_t left = r.store->commit_bytes_max();
    for (unsigned i = 0; left > change_header_bytes; ++i) {
        const std::uint64_t size =
            std::min<std::uint64_t>(left - change_header_bytes, record_value_bytes_max);
        longest.set(key_of(i), static_cast<std::size_t>(size), i);
        left -= size + change_header_bytes;
    }
    CHECK_FALSE(r.put(longest));
    CHECK(r.put(r.commit().set(key_of(50), 0, 0)) == error_code{});
    owned_commit longer;
    longer.steps = longest.steps;
    longer.erase(key_of(77));
    longer.start(*r.store);
    r.run_until([&] { return longer.over; });
    CHECK(longer.error == errc::over_budget);
    CHECK_FALSE(r.put(r.commit()));  // nothing is a commit too
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open());
    r.check_content();
}

TEST_CASE("a commit after close() is refused, those before are kept", "[store][log]")
{
    store_rig r;
    r.begin();
    owned_commit& before = r.commit().set(key_of(1), 10, 1);
    before.start(*r.store);
    waited_close closing;
    r.store->close(closing);
    CHECK(r.store->state() == repository_state::closing);
    owned_commit after;
    after.set(key_of(2), 10, 1).start(*r.store);
    r.run_until([&] { return closing.over && after.over; });
    CHECK(r.store->state() == repository_state::closed);
    CHECK_FALSE(before.error);
    CHECK(after.error == errc::closed);
    r.store.reset();
    REQUIRE_FALSE(r.open());
    r.check_content();
    CHECK(r.content().size() == 1);
}

TEST_CASE("a later record behind a hole is reported, a torn one at the end is not", "[store][log]")
{
    store_rig r;
    r.begin({.log_bytes = 32 * kib});
    for (unsigned i = 0; i < 3; ++i) CHECK_FALSE(r.put(key_of(i), 10, 2));
    r.cut_power();
    const auto images = r.keep_disks();
    for (unsigned record = 0; record < 3; ++record) {
        CAPTURE(record);
        auto damaged = images;
        const std::size_t at = repository_layout::log_offset_bytes + record * store_block_bytes;
        damaged[0][at + 70] ^= std::byte{1};
        r.bring_back(damaged);
        const auto error = r.open();
        if (record < 2) {
            REQUIRE(error);
            CHECK(error->code == errc::repository_damaged);
            CHECK(error->wrong.find("is missing, although") != std::string::npos);
        } else {
            REQUIRE_FALSE(error);
            CHECK(r.report.torn_tail);
            CHECK(r.report.replayed_log_records == 2);
            r.shut();
        }
    }
}

TEST_CASE("after a clean close the log must end where it ended", "[store][log]")
{
    store_rig r;
    r.begin({.log_bytes = 32 * kib});
    CHECK_FALSE(r.put(key_of(1), 10, 2));
    REQUIRE_FALSE(r.close());
    auto images = r.keep_disks();
    images[0][repository_layout::log_offset_bytes + 70] ^= std::byte{1};
    r.bring_back(images);
    const auto error = r.open();
    REQUIRE(error);
    CHECK(error->code == errc::repository_damaged);
}

TEST_CASE("the ring gives out no byte that is needed, and all that are not", "[store][log]")
{
    constexpr std::uint64_t block = store_block_bytes;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        const byte_extent area{8 * block, (4 + random() % 12) * block};
        log_space ring(area, area.offset_bytes + random() % (area.length_bytes / block) * block);
        std::deque<byte_extent> needed;
        for (unsigned step = 0; step < 400; ++step) {
            if (random() % 4 == 0) {
                // As a checkpoint that began `keep` records ago.
                const std::size_t keep = needed.empty() ? 0 : random() % (needed.size() + 1);
                while (needed.size() > keep) needed.pop_front();
                ring.trim(needed.empty() ? ring.head() : needed.front().offset_bytes);
                CHECK((ring.used_bytes() == 0) == needed.empty());
            }
            const std::uint64_t bytes = (1 + random() % (area.length_bytes / block / 4)) * block;
            const auto place = ring.place(bytes);
            if (!place) {
                // None is refused while less than half is used.
                REQUIRE(ring.used_bytes() >= area.length_bytes / 2);
                continue;
            }
            const byte_extent record{*place, bytes};
            REQUIRE(area.contains(record));
            for (const byte_extent& each : needed) REQUIRE_FALSE(each.overlaps(record));
            ring.written(*place, bytes);
            needed.push_back(record);
        }
    }
}

TEST_CASE("a record that would fill the ring fits nowhere", "[store][log]")
{
    constexpr std::uint64_t block = store_block_bytes;
    const byte_extent area{2 * block, 4 * block};
    for (std::uint64_t at = 0; at < 4; ++at) {
        CAPTURE(at);
        const log_space empty(area, area.offset_bytes + at * block);
        CHECK_FALSE(empty.place(area.length_bytes));
        CHECK(empty.place(area.length_bytes - block));
    }
}
