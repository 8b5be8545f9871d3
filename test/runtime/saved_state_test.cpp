// test/runtime/saved_state_test.cpp -- what a repository tells of relationships without a shard.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/runtime/saved_state.hpp>

#include "point_rig.hpp"
#include <algorithm>
#include <string>

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t extent_bytes = 4 * mib;

void commit(virtual_rig& rig, repository& store, const record_change& change)
{
    struct waited : commit_op {
        bool over = false;
    } op;
    op.changes = {&change, 1};
    op.done = [](commit_op& which, error_code) noexcept {
        static_cast<waited&>(which).over = true;
    };
    store.commit(op);
    rig.run_until([&] { return op.over; });
}

/// The repository opened without a shard.
std::unique_ptr<device_repository> open_alone(durable_rig& r)
{
    waited_store_op<repository_open_op> op;
    op.copies = {&r.disk};
    device_repository::open(op);
    r.rig.run_until([&] { return op.over; });
    REQUIRE_FALSE(op.error);
    return std::move(op.opened);
}

void close_alone(durable_rig& r, device_repository& store)
{
    waited_store_op<repository_close_op> op;
    store.close(op);
    r.rig.run_until([&] { return op.over; });
}

/// As `look` sees it after an orderly close; the rig is open again afterwards.
template <class Look>
void between_shards(durable_rig& r, const Look& look)
{
    r.close();
    auto store = open_alone(r);
    look(*store);
    close_alone(r, *store);
    r.open();
    r.rig.recover();
}

saved_relationship only_one(const repository& store)
{
    const auto all = saved_relationships(store);
    REQUIRE(all);
    REQUIRE(all.value().size() == 1);
    return all.value().front();
}

}  // namespace

TEST_CASE("an empty repository needs no elements", "[runtime][saved]")
{
    durable_rig r;
    between_shards(r, [](const repository& store) {
        CHECK(saved_elements(store).value().empty());
        CHECK(saved_relationships(store).value().empty());
    });
}

TEST_CASE("a repository names the elements that a shard will open", "[runtime][saved]")
{
    durable_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    const auto identity = [&](const char* name) {
        return r.rig.elements.describe(element_path(name)).value().identity;
    };
    const std::vector<saved_element> expected{
        {element_path("s"), identity("s"), saved_role::source, device_bytes, 512},
        {element_path("t"), identity("t"), saved_role::target, device_bytes, 512}};
    between_shards(
        r, [&](const repository& store) { CHECK(saved_elements(store).value() == expected); });
    // A relationship that was let go of needs nothing any more.
    REQUIRE(r.rig.request(r.pair(), operation::detach).empty());
    between_shards(r,
                   [](const repository& store) { CHECK(saved_elements(store).value().empty()); });
}

TEST_CASE("a repository tells how far its relationships are", "[runtime][saved]")
{
    durable_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    between_shards(r, [](const repository& store) {
        const saved_relationship found = only_one(store);
        CHECK(found.source == element_path("s"));
        CHECK(found.target == element_path("t"));
        CHECK(found.copy_state == copy_state::synchronized);
        CHECK(found.source_role == leg_role::current);
        CHECK(found.target_role == leg_role::current);
        CHECK(found.size_bytes == device_bytes);
        CHECK(found.different_bytes == 0);
        CHECK(found.percent_synced() == 100);
        CHECK(found.when_synchronized.nanoseconds != 0);
    });
    REQUIRE(r.rig.request(r.pair(), operation::fracture).empty());
    REQUIRE_FALSE(r.rig.write(r.front(), mib, 4096, 0x11));
    between_shards(r, [](const repository& store) {
        const saved_relationship found = only_one(store);
        CHECK(found.copy_state == copy_state::fractured);
        CHECK(found.target_role == leg_role::tracking);
        CHECK(found.different_bytes == 64 * kib);
        CHECK(found.unsettled_bytes == 0);
        CHECK(found.percent_synced() == 99);
    });
}

TEST_CASE("what was being written when a shard was killed may differ", "[runtime][saved]")
{
    durable_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x11));
    const std::span<std::byte> disk = r.disk.memory();
    const std::vector<std::byte> killed(disk.begin(), disk.end());
    r.close();
    std::ranges::copy(killed, disk.begin());
    const auto store = open_alone(r);
    const saved_relationship found = only_one(*store);
    CHECK(found.copy_state == copy_state::unsynchronized);
    CHECK(found.requested_copy_state == copy_state::synchronized);
    CHECK(found.different_bytes == extent_bytes);
    CHECK(found.unsettled_bytes == extent_bytes);
    CHECK(found.percent_synced() == 50);
    close_alone(r, *store);
    r.open();
    // As a shard finds it.
    CHECK(r.pair().info().different_bytes == extent_bytes);
    CHECK(r.pair().info().copy_state == found.copy_state);
    CHECK(r.pair().info().progress_status == found.progress_status);
    CHECK(r.pair().info().requested_copy_state == found.requested_copy_state);
}

TEST_CASE("a record that is none is named, not believed", "[runtime][saved]")
{
    durable_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    r.close();
    const auto store = open_alone(r);
    std::uint64_t owner = 0;
    std::vector<std::byte> kept;
    store->for_each(record_kind::volume_state, [&](const record_key& key, auto value) {
        owner = key.owner;
        kept.assign(value.begin(), value.end());
    });
    const auto put = [&](const std::string& text) {
        commit(r.rig, *store,
               {{record_kind::volume_state, owner, 0}, std::as_bytes(std::span(text))});
    };
    std::string text(reinterpret_cast<const char*>(kept.data()), kept.size());
    const auto at = text.find("\"size_bytes\":");
    REQUIRE(at != std::string::npos);
    put("{}");
    CHECK(saved_elements(*store).error().code == errc::repository_damaged);
    CHECK(saved_relationships(*store).error().code == errc::repository_damaged);
    // A size that nobody has memory for.
    std::string huge = text;
    huge.insert(at + std::string("\"size_bytes\":").size(), "9999999999");
    put(huge);
    CHECK(saved_relationships(*store).error().code == errc::over_budget);
    std::string odd = text;
    odd.replace(odd.find("\"region_bytes\":65536"), 20, "\"region_bytes\":65535");
    put(odd);
    CHECK(saved_relationships(*store).error().code == errc::repository_damaged);
    put(text);
    CHECK(saved_relationships(*store));
    close_alone(r, *store);
    r.open();
}

TEST_CASE("a mark or a page of a map of the wrong length is no clean one", "[runtime][saved]")
{
    durable_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    r.close();
    r.open_store();
    std::uint64_t owner = 0;
    r.store->for_each(record_kind::volume_state,
                      [&](const record_key& key, auto) { owner = key.owner; });
    r.rig.options.repository = r.store.get();
    const std::vector<std::byte> odd(7);
    for (const record_kind kind : {record_kind::hot_extents, record_kind::map_page}) {
        commit(r.rig, *r.store, {{kind, owner, 1}, odd});
        const auto saved = saved_relationships(*r.store);
        REQUIRE_FALSE(saved);
        CHECK(saved.error().code == errc::repository_damaged);
        const auto opened = shard::open(r.rig.loop, r.rig.options);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == errc::repository_damaged);
        commit(r.rig, *r.store, {{kind, owner, 1}, {}, true});
        CHECK(saved_relationships(*r.store));
    }
}

TEST_CASE("a record that is nested as deeply as it is long is an error", "[runtime][saved]")
{
    durable_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    const std::string half(8000, '[');
    const std::string text = "{\"unreplaced\":" + half + std::string(half.size(), ']') + "}";
    commit(r.rig, *r.store,
           {{record_kind::relationship_state, 1, 1}, std::as_bytes(std::span(text))});
    const auto all = saved_relationships(*r.store);
    REQUIRE_FALSE(all.has_value());
    CHECK(all.error().code == errc::repository_damaged);
}

TEST_CASE("a repository names the pool of its points in time", "[runtime][saved][point]")
{
    point_rig r;
    (void)r.take();
    r.r.close();
    r.r.open_store();
    const auto known = r.rig.elements.describe(element_path("p")).value();
    CHECK(saved_elements(*r.r.store).value().back() ==
          saved_element{element_path("p"), known.identity, saved_role::pool, known.size_bytes, 0});
    r.r.close();
    r.r.open();
    r.drop(1);
    r.r.close();
    r.r.open_store();
    CHECK(saved_elements(*r.r.store).value().empty());
}
