// bench/durability.cpp -- what it costs that a mirror's writes are marked where they outlive it.
// SPDX-License-Identifier: BSL-1.0
#include "bare_ring.hpp"
#include "cases.hpp"
#include "pairs.hpp"
#include "product.hpp"
#include "scratch_devices.hpp"
#include <algorithm>

namespace bench {

namespace {

using cimrep::copy_state;
using cimrep::initial_synchronization;

constexpr std::uint64_t hot_extents_max = 4096;  // the default of shard_options

void mirror_up(product& library, const std::string& target, initial_synchronization how)
{
    library.wait_for(library.mirror(target, how), copy_state::synchronized);
}

}  // namespace

/// The same mirror twice, once with a repository on a device and once with one in memory, where
/// marks cost nothing: all writes go to extents that are marked already.
bool redirtied(const setup& how)
{
    const scratch_devices devices(how.folder, 5, how.size_bytes, how.loop_devices);
    const auto& paths = devices.paths();
    const page_buffer memory(std::max<std::size_t>(how.depth * 4096, how.depth / 8 * mib));
    {
        bare_ring ring({paths[0], paths[1], paths[2], paths[3]}, how.depth * 4);
        ring.random({.block_bytes = mib,
                     .depth = std::max(1u, how.depth / 8),
                     .size_bytes = how.size_bytes,
                     .operations = how.size_bytes / mib * 4},
                    4, memory);
    }
    product marked(paths[0], {}, paths[4]);
    product unmarked(paths[2]);
    mirror_up(marked, paths[1], initial_synchronization::copy);
    mirror_up(unmarked, paths[3], initial_synchronization::copy);
    random_load load{.depth = how.depth, .size_bytes = how.size_bytes, .operations = 20000};
    const double speed = 20000 / marked.random(load, memory);
    load.operations =
        std::max<std::uint64_t>(2000, static_cast<std::uint64_t>(speed * how.seconds));
    const std::uint64_t commits = marked.commits();
    const auto rate = [&](product& which) {
        return static_cast<double>(load.operations) / which.random(load, memory);
    };
    const bool reached = run_pairs({.name = "redirtied",
                                    .unit = "IOPS",
                                    .library_rate = [&] { return rate(marked); },
                                    .bare_rate = [&] { return rate(unmarked); },
                                    .bound = 0.95},
                                   how.pairs);
    return report_count("redirtied", "commits while measured",
                        static_cast<double>(marked.commits() - commits), 0) &&
           reached;
}

/// Random writes over so large a volume that nearly each is the first of its extent.
bool cold(const setup& how)
{
    const scratch_devices devices(how.folder, 4, tib, how.loop_devices);
    const scratch_devices& d = devices;
    const page_buffer memory(how.depth * 4096);
    product library(d.paths()[0], {}, d.paths()[3]);
    // Both read zeros: declared, for a copy would read all of them.
    mirror_up(library, d.paths()[1], initial_synchronization::identical);
    const std::vector<std::string> bare_paths{d.paths()[0], d.paths()[1], d.paths()[2]};
    bare_ring bare(bare_paths, how.depth * 2 + 8);
    random_load load{.depth = how.depth, .size_bytes = tib, .operations = hot_extents_max};
    const bool quick = how.pairs == 1;
    const double speed = static_cast<double>(load.operations) / library.random(load, memory);
    // At least one round of the set.
    if (!quick)
        load.operations = std::max<std::uint64_t>(hot_extents_max * 2,
                                                  static_cast<std::uint64_t>(speed * how.seconds));
    const std::uint64_t commits = library.commits();
    const std::uint64_t marks = library.volume().statistics().hot_marks;
    const auto rate = [&](double took) { return static_cast<double>(load.operations) / took; };
    const auto library_rate = [&] {
        ++load.seed;
        devices.make_sparse(2);
        return rate(library.random(load, memory));
    };
    const bool reached = run_pairs({.name = "cold",
                                    .unit = "IOPS",
                                    .library_rate = library_rate,
                                    .bare_rate =
                                        [&] {
                                            devices.make_sparse(2);
                                            return rate(bare.cold(load, hot_extents_max, memory));
                                        },
                                    .bound = 0.80},
                                   how.pairs);
    const auto marked = static_cast<double>(library.volume().statistics().hot_marks - marks);
    const auto committed = static_cast<double>(library.commits() - commits);
    // What marks cost at all, for which there is no bound: they are what a crash is survived by.
    run_pairs({.name = "cold_fan_out",
               .unit = "IOPS",
               .library_rate = library_rate,
               .bare_rate =
                   [&] {
                       devices.make_sparse(2);
                       return rate(bare.random(load, 2, memory));
                   },
               .bound = 0},
              how.pairs);
    return report_count("cold", "commits a mark", committed / marked, 1.0 / 8) && reached;
}

}  // namespace bench
