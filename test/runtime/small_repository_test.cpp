// test/runtime/small_repository_test.cpp -- repositories whose log bears only short commits.
// SPDX-License-Identifier: BSL-1.0
#include "durable_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

void format(virtual_rig& rig, block_device& disk)
{
    waited_store_op<repository_format_op> made;
    made.copies = {&disk};
    device_repository::format(made);
    rig.run_until([&] { return made.over; });
    REQUIRE_FALSE(made.error);
}

std::unique_ptr<device_repository> open(virtual_rig& rig, block_device& disk)
{
    waited_store_op<repository_open_op> op;
    op.copies = {&disk};
    device_repository::open(op);
    rig.run_until([&] { return op.over; });
    REQUIRE_FALSE(op.error);
    return std::move(op.opened);
}

void close(virtual_rig& rig, device_repository& store)
{
    waited_store_op<repository_close_op> op;
    store.close(op);
    rig.run_until([&] { return op.over; });
    CHECK_FALSE(op.error);
}

}  // namespace

TEST_CASE("more pages than a short log bears in one commit are saved in several",
          "[runtime][small]")
{
    virtual_rig rig;
    rig.options.region_bytes = 4 * kib;
    memory_device disk(rig.loop, {.size_bytes = 256 * kib});
    format(rig, disk);
    auto store = open(rig, disk);
    rig.options.repository = store.get();
    // A page for each 128 MiB.
    constexpr std::uint64_t page_covers_bytes = 128 * mib;
    constexpr std::uint64_t size_bytes = 3 * page_covers_bytes;
    CHECK(store->commit_bytes_max() < 2 * 4096);
    for (const char* name : {"s", "t"}) rig.elements.add(name, {.size_bytes = size_bytes});
    rig.open();
    relationship& pair = rig.mirror("s", "t");
    rig.wait_for(pair, copy_state::synchronized);
    REQUIRE(rig.request(pair, operation::fracture).empty());
    rig.wait_for(pair, copy_state::fractured);
    block_device& front = rig.opened->volume(element_path("s")).value()->front();
    // Every other region of some, so that no page is all of one kind.
    for (std::uint64_t at = 0; at < size_bytes; at += page_covers_bytes)
        for (std::uint64_t i = 0; i < 4; ++i)
            REQUIRE_FALSE(rig.write(front, at + i * 8 * kib, 4096, 0x11));
    rig.close();
    close(rig, *store);
    CHECK(store->statistics().failed == 0);

    store = open(rig, disk);
    rig.options.repository = store.get();
    rig.open();
    rig.recover();
    relationship* found = nullptr;
    rig.opened->for_each_relationship([&](relationship& each) { found = &each; });
    REQUIRE(found != nullptr);
    CHECK(found->info().copy_state == copy_state::fractured);
    CHECK(found->info().different_bytes == 12 * 4 * kib);
    REQUIRE(rig.request(*found, operation::resync_replica).empty());
    rig.wait_for(*found, copy_state::synchronized);
    CHECK(rig.equal("s", "t", size_bytes));
    rig.close();
    close(rig, *store);
}

TEST_CASE("marks that a short log does not bear in one commit are made durable in several",
          "[runtime][small]")
{
    virtual_rig rig;
    memory_device disk(rig.loop, {.size_bytes = 256 * kib});
    format(rig, disk);
    auto store = open(rig, disk);
    rig.options.repository = store.get();
    constexpr std::uint64_t marked_bytes = 4 * mib;
    constexpr std::uint64_t extents = 300;
    for (const char* name : {"s", "t"})
        rig.elements.add(name, {.size_bytes = extents * marked_bytes});
    rig.options.requests_max = extents;
    rig.open();
    rig.mirror("s", "t", initial_synchronization::identical);
    block_device& front = rig.opened->volume(element_path("s")).value()->front();
    struct host_write : io_op {
        bool over = false;
        error_code error;
    };
    const std::vector<std::byte> data(4096, std::byte{0x22});
    std::vector<host_write> writes(extents);
    for (std::uint64_t i = 0; i < extents; ++i) {
        writes[i].prepare_write(i * marked_bytes, data);
        writes[i].done = [](io_op& op, error_code error) noexcept {
            static_cast<host_write&>(op).over = true;
            static_cast<host_write&>(op).error = error;
        };
        front.submit(writes[i]);
    }
    for (const host_write& each : writes) {
        rig.run_until([&] { return each.over; });
        CHECK_FALSE(each.error);
    }
    rig.close();
    CHECK(store->statistics().failed == 0);
    close(rig, *store);
}

TEST_CASE("a repository whose log does not bear a page is refused with the figures",
          "[runtime][small]")
{
    virtual_rig rig;
    memory_device disk(rig.loop, {.size_bytes = 96 * kib});
    format(rig, disk);
    const auto store = open(rig, disk);
    const auto opened =
        shard::open(rig.loop, {.elements = &rig.elements, .repository = store.get()});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == errc::over_budget);
    CHECK(opened.error().sentence().find("commits of 4032 bytes") != std::string::npos);
    close(rig, *store);
}
