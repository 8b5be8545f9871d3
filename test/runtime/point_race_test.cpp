// test/runtime/point_race_test.cpp -- points in time taken while the host writes, and what fails.
// SPDX-License-Identifier: BSL-1.0
#include "point_rig.hpp"
#include <algorithm>
#include <list>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A write with memory of its own, alone in its range while it is under way.
struct one_write : host_op {
    std::uint64_t offset = 0;
    std::vector<std::byte> data;
    bool submitted_before = false;  ///< the point that is being taken
};

/// A point and, of what was written while it was taken, what it may have.
struct taken_point {
    std::uint64_t number = 0;
    std::vector<std::byte> before;  ///< without those
    std::list<one_write> beside;
};

/// Writes that do not overlap, many at a time; takes and drops points beside them.
struct racing_points {
    std::mt19937_64 random;
    point_rig r;
    std::list<one_write> writes;
    std::list<taken_point> points;

    explicit racing_points(std::uint64_t seed, bool mirrored)
        : random(seed), r(512 * kib, 8 * mib, random() % 2 == 0)
    {
        if (mirrored) r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    }
    std::uint64_t below(std::uint64_t end) { return random() % end; }

    void submit(bool before)
    {
        const std::uint64_t block = below(3) == 0 ? 512 : 4096;
        const std::uint64_t offset = below(r.size / block) * block;
        const std::uint64_t length =
            (1 + below(std::min<std::uint64_t>(40, (r.size - offset) / block))) * block;
        for (const one_write& each : writes)
            if (byte_extent{each.offset, each.data.size()}.overlaps({offset, length})) return;
        one_write& made = writes.emplace_back();
        made.offset = offset;
        made.data.assign(length, static_cast<std::byte>(1 + below(255)));
        made.submitted_before = before;
        made.prepare_write(offset, std::span<const std::byte>(made.data));
        r.front().submit(made);
    }
    void note(const one_write& which)
    {
        std::copy(which.data.begin(), which.data.end(),
                  r.now.begin() + static_cast<std::ptrdiff_t>(which.offset));
    }
    void turn()
    {
        r.rig.loop.run_once(duration{10000});
        for (auto at = writes.begin(); at != writes.end();) {
            if (!at->over || at->submitted_before) {
                ++at;
                continue;
            }
            REQUIRE_FALSE(at->error);
            note(*at);
            at = writes.erase(at);
        }
    }
    void drain()
    {
        for (one_write& each : writes) each.submitted_before = false;
        while (!writes.empty()) turn();
    }

    void take()
    {
        for (one_write& each : writes) each.submitted_before = true;
        taken_point& made = points.emplace_back();
        made.before = r.now;
        waited_point op;
        r.start_taking(op);
        while (!op.over) {
            if (below(3) == 0) submit(true);
            turn();
        }
        REQUIRE_FALSE(op.error);
        made.number = op.number;
        // Those that were under way at either end may be in it, or not.
        for (auto at = writes.begin(); at != writes.end();) {
            if (at->over) note(*at);
            one_write& kept = made.beside.emplace_back();
            kept.offset = at->offset;
            kept.data = at->data;
            at->submitted_before = false;
            at = at->over ? writes.erase(at) : std::next(at);
        }
    }
    void check(const taken_point& which)
    {
        CAPTURE(which.number);
        auto found = r.read(r.point(which.number), 0, r.size);
        for (const one_write& each : which.beside) {
            const auto begin = static_cast<std::ptrdiff_t>(each.offset);
            const auto end = begin + static_cast<std::ptrdiff_t>(each.data.size());
            const bool in = std::equal(each.data.begin(), each.data.end(), found.begin() + begin);
            CAPTURE(each.offset, each.data.size());
            CHECK((in || std::equal(found.begin() + begin, found.begin() + end,
                                    which.before.begin() + begin)));
            std::copy(which.before.begin() + begin, which.before.begin() + end,
                      found.begin() + begin);
        }
        CHECK((found == which.before));
    }
    void drop(std::list<taken_point>::iterator which)
    {
        r.drop(which->number);
        points.erase(which);
    }
    void step()
    {
        const std::uint64_t what = below(40);
        if (what == 0 && points.size() < 5) return take();
        if (what == 1 && !points.empty())
            return drop(
                std::next(points.begin(), static_cast<std::ptrdiff_t>(below(points.size()))));
        if (what == 2 && !points.empty()) return check(points.back());
        if (writes.size() < 24) submit(false);
        if (below(2) == 0) turn();
    }
};

}  // namespace

TEST_CASE("what is written while a point is taken is in it wholly or not at all",
          "[runtime][point]")
{
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        racing_points all(seed, seed % 2 == 0);
        for (unsigned step = 0; step < 300; ++step) {
            CAPTURE(step);
            all.step();
        }
        all.drain();
        for (const taken_point& each : all.points) all.check(each);
        if (seed % 4 == 0) {
            all.r.reopen();
            for (const taken_point& each : all.points) all.check(each);
        }
        CHECK(all.r.holds(all.r.front(), all.r.now, 0, all.r.size));
        while (!all.points.empty()) all.drop(all.points.begin());
        CHECK(all.r.used_bytes() == 0);
    }
}

TEST_CASE("what is taken or dropped while points break is on record as it is shown",
          "[runtime][point]")
{
    for (const bool drops : {false, true})
        for (unsigned turns = 0; turns < 40; ++turns) {
            CAPTURE(drops, turns);
            point_rig r;
            r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
            REQUIRE_FALSE(r.put(0, 512 * kib, 0x11));
            waited_point op;
            op.number = r.take();
            (void)r.take();
            r.rig.elements.faults("p").add({.kind = io_kind::write});
            one_write write;
            write.data.resize(4 * kib);
            write.prepare_write(0, std::span<const std::byte>(write.data));
            r.front().submit(write);
            for (unsigned i = 0; i < turns; ++i) r.rig.loop.run_once(duration{1000});
            if (drops)
                REQUIRE(r.rig.opened->drop_point(element_path("s"), op).has_value());
            else
                r.start_taking(op);
            r.rig.run_until([&] { return op.over && write.over; });
            CHECK_FALSE(write.error);
            const auto shown = r.rig.opened->points(element_path("s"));
            r.reopen();
            CHECK(r.rig.opened->points(element_path("s")) == shown);
        }
}
