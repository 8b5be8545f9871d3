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
    REQUIRE_FALSE(r.format({.log_bytes = 16 * kib}));
    REQUIRE_FALSE(r.open());
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
