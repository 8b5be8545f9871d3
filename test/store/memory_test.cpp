// test/store/memory_test.cpp -- memory that runs out at any allocation ends what wanted it.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/repository_check.hpp>
#include <cimrep/store/repository_upgrade.hpp>

#include "store_rig.hpp"
#include <memory_resource>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Has so many allocations left, and none after them.
struct scarce_memory final : std::pmr::memory_resource {
    std::uint64_t left = 0;
    std::uint64_t given = 0;

    void* do_allocate(std::size_t bytes, std::size_t alignment) override
    {
        if (left == 0) throw std::bad_alloc();
        --left;
        ++given;
        return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* at, std::size_t bytes, std::size_t alignment) override
    {
        --given;
        std::pmr::new_delete_resource()->deallocate(at, bytes, alignment);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override
    {
        return this == &other;
    }
};

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

}  // namespace

TEST_CASE("an opening that runs out of memory anywhere fails, writes nothing and keeps nothing",
          "[store][memory]")
{
    store_rig r(2);
    live_twice(r);
    const auto before = r.keep_disks();
    scarce_memory memory;
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
    scarce_memory memory;
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
    scarce_memory memory;
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
    scarce_memory memory;
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
