// test/engine/points_in_time_test.cpp -- points in time by the engine, against whole copies.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/engine/exception_lookup.hpp>
#include <cimrep/engine/exception_sweep.hpp>
#include <cimrep/engine/exception_table.hpp>
#include <cimrep/engine/points_in_time.hpp>
#include <cimrep/engine/pool_space.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include "catch.hpp"
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <set>
#include <string>
#include <vector>

using namespace cimrep;

namespace {

using content = std::uint32_t;  // of a sub-block

std::pmr::memory_resource* memory()
{
    return std::pmr::get_default_resource();
}

/// The engine's parts put together over arrays in place of devices: a table of what was preserved
/// lately, and an index of what was before.
struct preserved_volume {
    preserved_volume(std::uint64_t sub_blocks, std::uint32_t chunk_size, std::uint64_t pool_size,
                     std::size_t table_size)
        : chunk(chunk_size),
          volume(sub_blocks),
          pool(pool_size),
          space(pool_size, memory()),
          table(table_size, memory())
    {
    }

    template <class Visit>
    void for_chunk(std::uint64_t which, std::uint64_t epoch_min, Visit&& visit) const
    {
        if (shows_all) epoch_min = 0;
        table.for_chunk(which, epoch_min, visit);
        const auto before = [](const exception& a, const exception& b) {
            return comes_before(a, b);
        };
        auto at = std::lower_bound(index.begin(), index.end(), exception{which, epoch_min, 0, 1, 0},
                                   before);
        for (; at != index.end() && at->chunk == which; ++at) visit(*at);
    }

    /// False if there was no room in the pool; then nothing of the volume has changed.
    bool preserve(std::uint64_t which, std::uint32_t first, std::uint32_t count)
    {
        unpreserved wanted(points.newest(), first, count);
        for_chunk(which, points.newest(), [&](const exception& each) { wanted.show(each); });
        bool fits = true;
        wanted.runs([&](std::uint32_t begin, std::uint32_t length) {
            while (fits && length != 0) {
                if (table.full()) sweep();
                const auto run = space.take(length);
                if (!run) return void(fits = false);
                for (std::uint64_t i = 0; i < run->count; ++i)
                    pool[run->place + i] = volume[which * chunk + begin + i];
                table.insert({which, points.newest(), static_cast<std::uint16_t>(begin),
                              static_cast<std::uint16_t>(run->count), run->place});
                begin += static_cast<std::uint32_t>(run->count);
                length -= static_cast<std::uint32_t>(run->count);
            }
        });
        return fits;
    }

    bool write(std::uint64_t first, std::uint64_t count, content value)
    {
        for (std::uint64_t at = first; at < first + count;) {
            const auto within = static_cast<std::uint32_t>(at % chunk);
            const auto length = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(chunk - within, first + count - at));
            if (!preserve(at / chunk, within, length)) return false;
            at += length;
        }
        std::fill_n(volume.begin() + static_cast<std::ptrdiff_t>(first), count, value);
        return true;
    }

    std::vector<content> read(std::uint64_t point) const
    {
        std::vector<content> seen(volume.size());
        for (std::uint64_t begin = 0; begin < volume.size(); begin += chunk) {
            const auto length =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(chunk, volume.size() - begin));
            read_of_point found(point, 0, length);
            for_chunk(begin / chunk, point, [&](const exception& each) { found.show(each); });
            found.pieces([&](const point_piece& piece) {
                for (std::uint32_t i = 0; i < piece.count; ++i)
                    seen[begin + piece.first + i] =
                        piece.in_pool ? pool[piece.place + i] : volume[begin + piece.first + i];
            });
        }
        return seen;
    }

    /// Everything to the index, but for what no point needs.
    void sweep()
    {
        std::vector<exception> all = index;
        table.for_each([&](const exception& each) { all.push_back(each); });
        std::sort(all.begin(), all.end(),
                  [](const exception& a, const exception& b) { return comes_before(a, b); });
        index.clear();
        exception_sweep over(points);
        const auto keep = [&](const exception& each) { index.push_back(each); };
        for (const exception& each : all)
            over.add(each, keep, [&](pool_run unneeded) { space.give(unneeded); });
        over.finish(keep);
        table.clear();
    }

    std::uint32_t chunk;
    bool shows_all = false;  ///< also what is too early to count
    std::vector<content> volume, pool;
    points_in_time points{memory()};
    pool_space space;
    exception_table table;
    std::vector<exception> index;
};

/// Whole copies. No two writes have one content, so a content is a version too.
struct copied_volume {
    std::vector<content> volume;
    std::map<std::uint64_t, std::vector<content>> points;

    /// One place for each old content that some point reads.
    std::uint64_t places_needed() const
    {
        std::uint64_t needed = 0;
        for (std::size_t i = 0; i < volume.size(); ++i) {
            std::set<content> old;
            for (const auto& [point, copy] : points) old.insert(copy[i]);
            old.erase(volume[i]);
            needed += old.size();
        }
        return needed;
    }
};

struct sequence {
    explicit sequence(std::uint64_t seed)
        : random(seed),
          engine(random.between(1, 200), std::uint32_t{4} << random.below(7),
                 random.chance(0.3) ? random.between(10, 100) : 2000,
                 static_cast<std::size_t>(random.between(1, 300)))
    {
        copies.volume.resize(engine.volume.size());
        engine.shows_all = random.chance(0.5);
    }

    void write()
    {
        const std::uint64_t size = engine.volume.size();
        const std::uint64_t first = random.below(size);
        std::uint64_t count = random.chance(0.6) ? 1 : random.between(1, size - first);
        count = std::min(count, size - first);
        // What was preserved stays so when there is no room for the rest.
        if (!engine.write(first, count, ++version)) return;
        std::fill_n(copies.volume.begin() + static_cast<std::ptrdiff_t>(first), count, version);
    }

    void drop()
    {
        if (copies.points.empty()) return;
        const auto which = std::next(
            copies.points.begin(), static_cast<std::ptrdiff_t>(random.below(copies.points.size())));
        engine.points.drop(which->first);
        copies.points.erase(which);
    }

    void step()
    {
        const std::uint64_t what = random.below(20);
        if (what == 0 && copies.points.size() < 12)
            copies.points.emplace(engine.points.take(), copies.volume);
        else if (what == 1)
            drop();
        else if (what == 2 && random.chance(0.3))
            engine.sweep();
        else
            write();
    }

    void check() const
    {
        CHECK(engine.volume == copies.volume);
        for (const auto& [point, copy] : copies.points) {
            CAPTURE(point);
            CHECK(engine.read(point) == copy);
        }
    }

    /// Each exception is one that a point reads, under its number, and as long as it can be.
    void check_index() const
    {
        const std::vector<exception>& all = engine.index;
        for (std::size_t i = 0; i < all.size(); ++i) {
            CHECK(engine.points.lives(all[i].epoch));
            if (i + 1 < all.size()) CHECK(comes_before(all[i], all[i + 1]));
            if (i + 1 < all.size()) CHECK_FALSE(continues(all[i], all[i + 1]));
        }
    }

    seeded_random random;
    preserved_volume engine;
    copied_volume copies;
    content version = 0;
};

}  // namespace

TEST_CASE("points in time read what was there, and keep no more than that", "[engine]")
{
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        CAPTURE(seed);
        sequence life(seed);
        for (int i = 0; i < 300; ++i) life.step();
        life.check();
        life.engine.sweep();
        life.check();
        life.check_index();
        // Room that was given to a write that found no more of it is given back by the next sweep
        // only where a point has been dropped since: it is preserved early, and right.
        if (life.engine.space.count() == 2000)
            CHECK(life.engine.space.used() == life.copies.places_needed());
        while (!life.copies.points.empty()) life.drop();
        life.engine.sweep();
        CHECK(life.engine.space.used() == 0);
        CHECK(life.engine.index.empty());
    }
}
