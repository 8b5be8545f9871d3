// test/store/repository_test.cpp -- what is committed is there, in order, and who had it is known.
// SPDX-License-Identifier: BSL-1.0
#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("what was committed is found after a clean close", "[store]")
{
    const unsigned copies = GENERATE(1u, 2u, 3u);
    store_rig r(copies);
    REQUIRE_FALSE(r.format({.log_bytes = 16 * kib}));
    REQUIRE_FALSE(r.open({.boot_id = "boot 1", .name = "first"}));
    CHECK(r.report.closed_clean);
    CHECK(r.report.previous_owner.incarnation == 0);
    CHECK(r.content().empty());
    CHECK_FALSE(r.put(key_of(1), 100, 0xaa));
    CHECK_FALSE(r.put(r.commit().set(key_of(2), 0, 0).set(key_of(3), 16, 7).erase(key_of(1))));
    REQUIRE(r.store->find(key_of(3)));
    CHECK(r.store->find(key_of(3))->size() == 16);
    CHECK_FALSE(r.store->find(key_of(1)));
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open({.boot_id = "boot 2", .name = "second"}));
    r.check_content();
    CHECK(r.report.closed_clean);
    CHECK(r.report.previous_owner == repository_owner{1, "boot 1", "first"});
    CHECK(r.report.remarks.empty());
    CHECK(r.content().size() == 2);
    for (unsigned i = 0; i < copies; ++i) CHECK(r.report.copies[i] == copy_condition::current);
}

TEST_CASE("records are visited by kind, by owner, and in the order of their keys", "[store]")
{
    store_rig r;
    r.begin({.log_bytes = 16 * kib});
    const record_kind unknown{700};
    for (const std::uint64_t owner : {2u, 1u, 3u})
        for (const std::uint64_t index : {9u, 0u})
            CHECK_FALSE(r.put(r.commit()
                                  .set({record_kind::hot_extents, owner, index}, 8, 1)
                                  .set({unknown, owner, index}, 8, 2)));
    std::vector<record_key> seen;
    const auto note = [&](const record_key& key, std::span<const std::byte>) {
        seen.push_back(key);
    };
    r.store->for_each(unknown, note);
    CHECK(seen.size() == 6);
    CHECK(std::is_sorted(seen.begin(), seen.end()));
    seen.clear();
    r.store->for_each(record_kind::hot_extents, 2, note);
    CHECK(seen == std::vector<record_key>{{record_kind::hot_extents, 2, 0},
                                          {record_kind::hot_extents, 2, 9}});
    seen.clear();
    r.store->for_each(record_kind::leg_state, note);
    CHECK(seen.empty());
}

TEST_CASE("changes of one key in one commit happen in their order", "[store]")
{
    store_rig r;
    r.begin();
    CHECK_FALSE(r.put(r.commit().set(key_of(1), 10, 1).erase(key_of(1))));
    CHECK_FALSE(r.store->find(key_of(1)));
    CHECK(r.store->statistics().records == 0);
    CHECK(r.store->statistics().record_bytes == 0);
    CHECK_FALSE(r.put(r.commit().erase(key_of(2)).set(key_of(2), 20, 2).set(key_of(2), 30, 3)));
    REQUIRE(r.store->find(key_of(2)));
    CHECK(r.store->find(key_of(2))->size() == 30);
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open());
    r.check_content();
    CHECK_FALSE(r.put(r.commit().erase(key_of(2)).erase(key_of(2))));
    CHECK(r.content().empty());
    r.cut_power();
    REQUIRE_FALSE(r.open());
    r.check_content();
    CHECK(r.content().empty());
}

TEST_CASE("a checkpoint is flushed where there is a cache, and nowhere else", "[store]")
{
    const bool cached = GENERATE(false, true);
    store_rig r(1, 128 * kib, 1, cached);
    r.add_disk(128 * kib, false);
    r.begin();
    for (unsigned i = 0; r.store->statistics().checkpoints < 3; ++i)
        CHECK_FALSE(r.put(key_of(i % 4), 500, i));
    CHECK((r.disks[0]->flushes > 0) == cached);
    CHECK(r.disks[1]->flushes == 0);
    r.cut_power();
    REQUIRE_FALSE(r.open());
    r.check_content();
}

TEST_CASE("a repository in memory answers every commit later, and remembers none", "[store]")
{
    virtual_loop loop;
    volatile_repository store(loop);
    owned_commit one;
    one.set(key_of(1), 10, 1).start(store);
    CHECK_FALSE(one.over);
    loop.run_once();
    CHECK(one.over);
    CHECK_FALSE(one.error);
    const repository& seam = store;
    CHECK_FALSE(seam.durable());
    CHECK(seam.commit_bytes_max() == UINT64_MAX);
    CHECK_FALSE(seam.find(key_of(1)));
    unsigned visited = 0;
    const auto count = [&](const record_key&, std::span<const std::byte>) { ++visited; };
    seam.for_each(record_kind::leg_state, count);
    seam.for_each(record_kind::leg_state, 1, count);
    CHECK(visited == 0);
}

TEST_CASE("a repository that lasts says so, and nothing of copies that it does not have", "[store]")
{
    store_rig r;
    r.begin();
    const repository& seam = *r.store;
    CHECK(seam.durable());
    CHECK(r.store->copy_count() == 1);
    CHECK(r.store->condition(0) == copy_condition::current);
    CHECK(r.store->condition(1) == copy_condition::absent);
    CHECK(r.store->condition(7) == copy_condition::absent);
}

TEST_CASE("a device or a log that is too small, or too large, is not formatted", "[store]")
{
    const auto divided = [](std::uint64_t size, std::uint64_t log) {
        return repository_layout::divide(size, log);
    };
    CHECK(divided(4096, 0).error() == errc::out_of_bounds);
    CHECK(divided(20 * kib, 16 * kib).error() == errc::out_of_bounds);
    CHECK(divided(64 * kib, 16 * kib).error() == errc::out_of_bounds);
    CHECK(divided(mib, 4 * kib).error() == errc::out_of_bounds);
    const auto largest = divided(UINT64_MAX, UINT64_MAX);
    REQUIRE(largest);
    CHECK(largest.value().log_bytes == repository_layout::log_bytes_max);
    CHECK(largest.value().size_bytes() <= repository_layout::size_bytes_max);
    CHECK(divided(gib, 0).value().log_bytes == 16 * mib);
    auto bent = largest.value();
    bent.checkpoint_bytes = repository_layout::size_bytes_max / 2 + store_block_bytes;
    CHECK_FALSE(bent.sound());
    bent.checkpoint_bytes = repository_layout::size_bytes_max / 2;
    CHECK_FALSE(bent.sound());
    bent.log_bytes += store_block_bytes;
    CHECK_FALSE(bent.sound());
    bent.log_bytes = 100;
    CHECK_FALSE(bent.sound());
    bent.log_bytes = repository_layout::log_bytes_max;
    bent.checkpoint_bytes = bent.log_bytes;
    CHECK_FALSE(bent.sound());
    bent.checkpoint_bytes += 100;
    CHECK_FALSE(bent.sound());

    store_rig r(1, 32 * kib);
    const auto error = r.format(smallest_log);
    REQUIRE(error);
    CHECK(error->code == errc::out_of_bounds);
    CHECK(error->wrong.find("32768") != std::string::npos);
}

TEST_CASE("a device that transfers little at once is read and written in parts", "[store]")
{
    store_rig r(2, 2 * mib);
    r.disks[1]->limit_transfers(64 * kib + 512);
    r.begin({.log_bytes = 256 * kib});
    for (unsigned i = 0; i < 20; ++i) CHECK_FALSE(r.put(key_of(i), 7000, i));
    REQUIRE_FALSE(r.close());
    r.disks[1]->writes = r.disks[1]->reads = 0;
    REQUIRE_FALSE(r.open({.accept_missing = true}, {r.disks[1].get()}));
    r.check_content();
    // A checkpoint in three parts at least, its head, and four superblocks; a log in four.
    CHECK(r.disks[1]->writes >= 6);
    CHECK(r.disks[1]->reads >= 7);
}

TEST_CASE("a deadline of devices goes with every transfer", "[store]")
{
    store_rig r;
    r.begin();
    CHECK_FALSE(r.put(key_of(2), 10, 2));
    REQUIRE_FALSE(r.close());
    // The one that takes its place goes with it, too.
    auto images = r.keep_disks();
    images[0][100] ^= std::byte{1};
    r.bring_back(images);
    std::uint64_t without = 0;
    r.disks[0]->fault = [&](const io_op& op, std::uint64_t) -> error_code {
        if (op.kind != io_kind::read && op.deadline == monotonic_time{}) ++without;
        return {};
    };
    REQUIRE_FALSE(r.open({.device_deadline = seconds(5)}));
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    REQUIRE_FALSE(r.close());
    CHECK(without == 0);
    r.disks[0]->fault = {};
}
