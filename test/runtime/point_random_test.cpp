// test/runtime/point_random_test.cpp -- random changes, points and reads against full copies.
// SPDX-License-Identifier: BSL-1.0
#include "point_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

struct random_points {
    std::mt19937_64 random;
    point_rig r;

    explicit random_points(std::uint64_t seed)
        : random(seed),
          r(random() % 3 == 0 ? 512 * kib + 1536 : 256 * kib, 4 * mib, random() % 2 == 0)
    {
    }

    std::uint64_t below(std::uint64_t end) { return random() % end; }
    std::pair<std::uint64_t, std::uint64_t> extent()
    {
        const std::uint64_t block = below(3) == 0 ? 512 : 4096;
        const std::uint64_t blocks = r.size / block;
        const std::uint64_t first = below(blocks);
        const std::uint64_t longest = below(4) == 0 ? blocks : 8;
        return {first * block, (1 + below(std::min(longest, blocks - first))) * block};
    }
    std::uint64_t any_point()
    {
        return std::next(r.then.begin(), static_cast<std::ptrdiff_t>(below(r.then.size())))->first;
    }

    void step()
    {
        const auto [offset, length] = extent();
        switch (below(16)) {
        case 0:
            if (r.then.size() < 6) (void)r.take();
            break;
        case 1:
            if (!r.then.empty()) r.drop(any_point());
            break;
        case 2: REQUIRE_FALSE(r.zero(io_kind::write_zeroes, offset, length)); break;
        case 3: REQUIRE_FALSE(r.zero(io_kind::discard, offset, length)); break;
        case 4:
            if (below(4) == 0) r.reopen();
            break;
        case 5:
        case 6:
            if (!r.then.empty()) {
                const std::uint64_t number = any_point();
                CAPTURE(number, offset, length);
                CHECK(r.holds(r.point(number), r.then[number], offset, length));
            }
            break;
        default: REQUIRE_FALSE(r.put(offset, length, static_cast<unsigned>(1 + below(255))));
        }
    }
};

}  // namespace

TEST_CASE("points in time hold what full copies hold", "[runtime][point]")
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        random_points all(seed);
        for (unsigned step = 0; step < 60; ++step) {
            CAPTURE(step);
            all.step();
        }
        all.r.check();
        while (!all.r.then.empty()) all.r.drop(all.any_point());
        CHECK(all.r.used_bytes() == 0);
    }
}
