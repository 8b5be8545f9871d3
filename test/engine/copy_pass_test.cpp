// test/engine/copy_pass_test.cpp -- a copy never says that it is done before it is, and durable.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/engine/copy_pass.hpp>

#include "catch.hpp"
#include <random>
#include <vector>

using namespace cimrep;
using action = copy_pass::action;

namespace {

constexpr std::uint64_t region = 4 * kib, size = 64 * region;

}  // namespace

TEST_CASE("a pass is done only when nothing differs and a flush covers every copy",
          "[engine][copy_pass]")
{
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        region_map map(size, region, std::pmr::get_default_resource());
        for (unsigned i = 0; i < 20; ++i) map.differs({random() % 64 * region, region});
        copy_pass pass(map, 4 * region);
        std::vector<byte_extent> out;
        bool flushing = false, stopped = false;
        unsigned copied_since_flush = 0;
        const std::uint64_t trouble = random() % 2 == 0 ? 10000 : random() % 30;
        bool flushed = false;
        for (unsigned step = 0;; ++step) {
            REQUIRE(step < 10000);
            if (step % 5 == 0 && step < 100 && !flushing)
                map.differs({random() % 64 * region, 512});
            const action what = pass.next();
            if (what == action::done) {
                CHECK((map.different().none() && map.unflushed().none()));
                CHECK((flushed && copied_since_flush == 0 && out.empty() && !flushing && !stopped));
                break;
            }
            if (what == action::stopped) {
                CHECK((stopped && out.empty() && !flushing));
                break;
            }
            if (what == action::copy) {
                REQUIRE(pass.window().length_bytes <= 4 * region);
                for (const byte_extent& other : out) REQUIRE_FALSE(other.overlaps(pass.window()));
                if (random() % 8 == 0)
                    pass.window_not_started();
                else
                    out.push_back(pass.window());
            }
            if (what == action::flush) flushing = true;
            const bool fails = step >= trouble;
            if (flushing && (what == action::wait || random() % 2 == 0)) {
                flushing = false;
                flushed = !fails;
                stopped |= fails;
                if (fails && copied_since_flush > 0) CHECK_FALSE(map.unflushed().none());
                pass.flush_done(!fails);
                if (fails) CHECK(map.unflushed().none());
                copied_since_flush = 0;
            }
            if (out.empty() || (what != action::wait && random() % 2 == 0)) continue;
            const byte_extent ended = out.back();
            out.pop_back();
            if (fails) {
                pass.window_failed();
                stopped = true;
                CHECK(map.different().any(ended));
            } else if (random() % 8 == 0) {
                pass.window_superseded();
                CHECK(map.different().any(ended));
            } else {
                pass.window_copied(ended);
                ++copied_since_flush;
            }
        }
    }
}

TEST_CASE("a leg that differs nowhere is flushed before it is called in sync",
          "[engine][copy_pass]")
{
    region_map map(size, region, std::pmr::get_default_resource());
    copy_pass pass(map, region);
    CHECK(pass.next() == action::flush);
    CHECK(pass.next() == action::wait);
    pass.flush_done(true);
    CHECK(pass.next() == action::done);
}

TEST_CASE("a pass that is stopped waits for what is in flight and flushes what was copied",
          "[engine][copy_pass]")
{
    region_map map(size, region, std::pmr::get_default_resource());
    map.differs({0, region});
    copy_pass pass(map, region);
    REQUIRE(pass.next() == action::copy);
    pass.stop();
    CHECK(pass.next() == action::wait);
    pass.window_copied(pass.window());
    CHECK(pass.next() == action::flush);
    CHECK(pass.next() == action::wait);
    pass.flush_done(true);
    CHECK(map.unflushed().none());
    CHECK(pass.next() == action::stopped);
}

TEST_CASE("a pass that fails does not flush", "[engine][copy_pass]")
{
    region_map map(size, region, std::pmr::get_default_resource());
    map.differs({0, 2 * region});
    copy_pass pass(map, region);
    REQUIRE(pass.next() == action::copy);
    const byte_extent first = pass.window();
    REQUIRE(pass.next() == action::copy);
    pass.window_copied(first);
    pass.window_failed();
    CHECK(pass.next() == action::stopped);
}

TEST_CASE("a long copy flushes on its way", "[engine][copy_pass]")
{
    constexpr std::uint64_t window = 64 * mib;
    // Each as much as it may be: the shortest stretch, a part of the leg, the longest.
    const auto [all, limit, expected] = GENERATE(
        table<std::uint64_t, std::uint64_t, unsigned>({{2 * 64 * mib + window, 64 * mib, 3},
                                                       {32 * gib + window, 9 * 64 * mib, 57},
                                                       {128 * gib + window, 1 * gib, 129}}));
    region_map map(all, mib, std::pmr::get_default_resource());
    map.differs_everywhere();
    copy_pass pass(map, window);
    std::uint64_t copied = 0, flushes = 0;
    for (auto what = pass.next(); what != action::done; what = pass.next()) {
        if (what == action::copy) {
            copied += pass.window().length_bytes;
            pass.window_copied(pass.window());
            continue;
        }
        REQUIRE(what == action::flush);
        CHECK(map.unflushed().marked_bytes() <= limit);
        pass.flush_done(true);
        ++flushes;
    }
    CHECK(copied == all);
    CHECK(flushes == expected);
}
