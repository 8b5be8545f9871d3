// bench/points.cpp -- what points in time cost the host: the first overwrite, and all later ones.
// SPDX-License-Identifier: BSL-1.0
#include "bare_ring.hpp"
#include "cases.hpp"
#include "pairs.hpp"
#include "product.hpp"
#include "scratch_devices.hpp"
#include <algorithm>

namespace bench {

namespace {

constexpr std::uint64_t operations = 8192;

// Every exception of a block alone, in as many rounds as there are points.
cimrep::shard_options options(std::size_t points)
{
    return {.memory_budget_bytes = 2 * gib, .exceptions_max = (points + 1) * operations};
}

/// A volume of which all has been written, and its points in time: as many as it is told.
struct pointed {
    product library;
    std::string pool;
    std::size_t count;
    std::vector<std::uint64_t> points{};

    pointed(const std::string& device, const std::string& kept_in, const std::string& repository,
            std::size_t how_many)
        : library(device, options(how_many), repository), pool(kept_in), count(how_many)
    {
        while (points.size() < count) points.push_back(library.take_point(pool));
    }
    /// Of the writes to come each is the first to its block again.
    void renew()
    {
        library.drop_point(points.front());
        points.erase(points.begin());
        points.push_back(library.take_point(pool));
    }
    double rate(const random_load& load, const page_buffer& memory)
    {
        renew();
        const double took = library.random(load, memory);
        if (library.has_broken_point()) die("a point in time has broken");
        return static_cast<double>(load.operations) / took;
    }
};

/// Room for what all points need, each of which keeps its own round.
std::uint64_t pool_bytes(std::size_t points)
{
    return mib + (points + 1) * operations * 4096;
}

std::size_t memory_bytes(const setup& how)
{
    return std::max<std::size_t>(how.depth * 4096, how.depth / 8 * mib);
}

// What was never written is a hole, which costs each side something else.
void write_all(const std::vector<std::string>& paths, unsigned count, const setup& how,
               const page_buffer& memory)
{
    bare_ring ring(paths, how.depth * 4);
    ring.random({.block_bytes = mib,
                 .depth = std::max(1u, how.depth / 8),
                 .size_bytes = how.size_bytes,
                 .operations = how.size_bytes / mib * 4},
                count, memory);
}

}  // namespace

/// 4 KiB random writes of which nearly each is the first to its block since a point was taken.
bool first_overwrite(const setup& how)
{
    const scratch_devices devices(how.folder, 3, how.size_bytes, how.loop_devices);
    const scratch_devices pools(how.folder, 1, pool_bytes(1), how.loop_devices);
    const auto& d = devices.paths();
    const page_buffer memory(memory_bytes(how));
    write_all(d, 1, how, memory);
    const std::string& pool = pools.paths()[0];
    pointed volume(d[0], pool, d[1], 1);
    bare_ring bare({d[0], pool, d[2]}, how.depth * 4);
    random_load load{.depth = how.depth, .size_bytes = how.size_bytes, .operations = operations};
    (void)volume.rate(load, memory);  // so that no extent is without its mark
    const std::uint64_t commits = volume.library.commits();
    std::uint64_t rounds = 0;
    const bool reached = run_pairs(
        {.name = "first_overwrite",
         .unit = "IOPS",
         .library_rate =
             [&] {
                 ++load.seed;
                 ++rounds;
                 return volume.rate(load, memory);
             },
         .bare_rate =
             [&] { return static_cast<double>(load.operations) / bare.preserve(load, memory); },
         .bound = 0.80},
        how.pairs);
    const auto made = static_cast<double>(volume.library.commits() - commits);
    const auto overwritten = static_cast<double>(rounds * operations);
    return report_count("first_overwrite", "commits an overwrite", made / overwritten, 1.0 / 8) &&
           reached;
}

/// The same beside many points in time, and beside one.
bool sixteen_points(const setup& how)
{
    const std::size_t many = how.pairs == 1 ? 2 : 16;
    const scratch_devices devices(how.folder, 4, how.size_bytes, how.loop_devices);
    const scratch_devices pools(how.folder, 2, pool_bytes(many), how.loop_devices);
    const auto& d = devices.paths();
    const page_buffer memory(memory_bytes(how));
    write_all(d, 2, how, memory);
    pointed sixteen(d[0], pools.paths()[0], d[2], many), one(d[1], pools.paths()[1], d[3], 1);
    random_load load{.depth = how.depth, .size_bytes = how.size_bytes, .operations = operations};
    for (std::size_t i = 0; i < many; ++i, ++load.seed) (void)sixteen.rate(load, memory);
    (void)one.rate(load, memory);
    return run_pairs({.name = "sixteen_points",
                      .unit = "IOPS",
                      .library_rate =
                          [&] {
                              ++load.seed;
                              return sixteen.rate(load, memory);
                          },
                      .bare_rate = [&] { return one.rate(load, memory); },
                      .bound = 0.95},
                     how.pairs);
}

/// The same blocks again: what they held when the point was taken is kept already.
bool rewrite(const setup& how)
{
    const scratch_devices devices(how.folder, 3, how.size_bytes, how.loop_devices);
    const scratch_devices pools(how.folder, 1, pool_bytes(1), how.loop_devices);
    const auto& d = devices.paths();
    const page_buffer memory(memory_bytes(how));
    write_all(d, 2, how, memory);
    pointed volume(d[0], pools.paths()[0], d[2], 1);
    product plain(d[1]);
    random_load load{.depth = how.depth, .size_bytes = 16 * mib, .operations = 4 * operations};
    // Until there is no block of the part that is not kept.
    (void)volume.library.random(load, memory);
    (void)volume.library.random(load, memory);
    const double speed = static_cast<double>(load.operations) / plain.random(load, memory);
    load.operations =
        std::max<std::uint64_t>(2000, static_cast<std::uint64_t>(speed * how.seconds));
    const auto rate = [&](product& which) {
        return static_cast<double>(load.operations) / which.random(load, memory);
    };
    return run_pairs({.name = "rewrite",
                      .unit = "IOPS",
                      .library_rate = [&] { return rate(volume.library); },
                      .bare_rate = [&] { return rate(plain); },
                      .bound = 0.95},
                     how.pairs);
}

}  // namespace bench
