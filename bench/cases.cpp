// bench/cases.cpp -- the cases: the library beside a bare loop, and figures that are counted.
// SPDX-License-Identifier: BSL-1.0
#include "cases.hpp"

#include "bare_ring.hpp"
#include "pairs.hpp"
#include "product.hpp"
#include "scratch_devices.hpp"
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace bench {

namespace {

using cimrep::copy_state;
using cimrep::initial_synchronization;
using cimrep::operation;

/// The devices of a case: those that were given, or scratch devices.
struct two_devices {
    explicit two_devices(const setup& how)
    {
        if (how.source.empty()) {
            scratch =
                std::make_unique<scratch_devices>(how.folder, 2, how.size_bytes, how.loop_devices);
            paths = scratch->paths();
        } else {
            paths = {how.source, how.target.empty() ? how.source : how.target};
        }
    }
    std::unique_ptr<scratch_devices> scratch;
    std::vector<std::string> paths;
};

random_load load_of(const setup& how, bool writes)
{
    return {.writes = writes,
            .depth = how.depth,
            .size_bytes = how.size_bytes,
            .operations = how.size_bytes / 4096};
}

/// Every block of both devices holds data, so that later writes allocate nothing.
void fill(bare_ring& ring, const setup& how, unsigned devices, const page_buffer& memory)
{
    const std::uint64_t block = mib;
    random_load load{.block_bytes = static_cast<std::uint32_t>(block),
                     .depth = std::max(1u, how.depth / 8),
                     .size_bytes = how.size_bytes,
                     .operations = how.size_bytes / block * 4};
    ring.random(load, devices, memory);
}

bool compare_random(const setup& how, const char* name, bool writes, bool mirrored, double bound)
{
    const two_devices devices(how);
    const unsigned count = mirrored ? 2 : 1;
    const std::size_t buffer_bytes = std::max<std::size_t>(how.depth * 4096, how.depth / 8 * mib);
    const page_buffer memory(std::max<std::size_t>(buffer_bytes, mib));
    product library(devices.paths[0]);
    bare_ring bare(devices.paths, how.depth * count);
    fill(bare, how, 2, memory);
    if (mirrored) {
        auto& pair = library.mirror(devices.paths[1], initial_synchronization::copy);
        library.wait_for(pair, copy_state::synchronized);
    }
    if (how.registered_buffers) {
        library.register_buffer(memory.all());
        bare.register_buffer(memory.all());
    }
    random_load load = load_of(how, writes);
    load.operations = 2000;
    const double speed = 2000 / bare.random(load, count, memory);
    load.operations = std::max<std::uint64_t>(200, static_cast<std::uint64_t>(speed * how.seconds));
    const auto rate = [&](double took) { return static_cast<double>(load.operations) / took; };
    return run_pairs({.name = name,
                      .unit = "IOPS",
                      .library_rate = [&] { return rate(library.random(load, memory)); },
                      .bare_rate =
                          [&] {
                              ++load.seed;
                              return rate(bare.random(load, count, memory));
                          },
                      .bound = bound},
                     how.pairs);
}

bool passthrough(const setup& how)
{
    return compare_random(how, "passthrough", true, false, 0.95);
}
bool read(const setup& how)
{
    return compare_random(how, "read", false, false, 0.95);
}
bool mirror(const setup& how)
{
    return compare_random(how, "mirror", true, true, 0.85);
}

bool copy(const setup& how)
{
    const two_devices devices(how);
    copy_load load{.size_bytes = how.size_bytes};
    const page_buffer memory(load.block_bytes * load.depth);
    cimrep::shard_options options;
    options.window_bytes = load.block_bytes;
    options.windows_max = load.depth;
    product library(devices.paths[0], options);
    bare_ring bare(devices.paths, load.depth * 2);
    fill(bare, how, 2, memory);
    const double size_mib = static_cast<double>(how.size_bytes) / mib;
    return run_pairs(
        {.name = "copy",
         .unit = "MiB/s",
         .library_rate = [&] { return size_mib / library.initial_copy(devices.paths[1]); },
         .bare_rate = [&] { return size_mib / bare.copy(load, memory); },
         .bound = 0.90},
        how.pairs);
}

/// One block in each of 1 % of the regions is written while the pair is fractured.
bool resync(const setup& how)
{
    const two_devices devices(how);
    const page_buffer memory(how.depth * mib);
    product library(devices.paths[0]);
    {
        bare_ring bare(devices.paths, how.depth);
        fill(bare, how, 2, memory);
    }
    auto& pair = library.mirror(devices.paths[1], initial_synchronization::copy);
    library.wait_for(pair, copy_state::synchronized);
    library.request(pair, operation::fracture);
    library.write_regions(how.size_bytes, 64 * kib, 100, memory);
    const std::uint64_t before = library.written_bytes(1);
    library.request(pair, operation::resync_replica);
    library.wait_for(pair, copy_state::synchronized);
    const auto moved = static_cast<double>(library.written_bytes(1) - before);
    return report_count("resync", "% of the bytes moved",
                        100 * moved / static_cast<double>(how.size_bytes), 1.5);
}

/// Sparse files: the maps are as large as for any other volume of that size.
bool memory(const setup& how)
{
    const scratch_devices devices(how.folder, 2, tib, false);
    product library(devices.paths()[0]);
    library.mirror(devices.paths()[1], initial_synchronization::none);
    const auto bytes = static_cast<double>(library.volume().statistics().tracking_memory_bytes);
    return report_count("memory", "MiB for a mirrored volume of 1 TiB", bytes / mib, 24);
}

/// The same work each time, for a tool that counts instructions: docs/performance.md.
bool observer(const setup& how)
{
    const scratch_devices devices(how.folder, 3, 16 * mib, false);
    const page_buffer memory(how.depth * 4096);
    cimrep::observer null;
    cimrep::shard_options options;
    if (how.observed) options.watcher = &null;
    product library(devices.paths()[0], options, how.durable ? devices.paths()[2] : "");
    auto& pair = library.mirror(devices.paths()[1], initial_synchronization::copy);
    library.wait_for(pair, copy_state::synchronized);
    const random_load load{
        .depth = how.depth, .size_bytes = 16 * mib, .operations = how.operations};
    library.random(load, memory);
    return true;
}

}  // namespace

const std::vector<bench_case>& all_cases()
{
    static const std::vector<bench_case> cases{
        {"passthrough", "4 KiB random writes to a volume of one leg", true, passthrough},
        {"read", "4 KiB random reads from a volume of one leg", true, read},
        {"mirror", "4 KiB random writes to a volume of two legs", true, mirror},
        {"copy", "the initial copy of a mirror", true, copy},
        {"resync", "bytes moved after 1 % of the regions changed", true, resync},
        {"observer", "fixed work, to be run under callgrind", false, observer},
        {"memory", "tracking memory of a mirrored volume of 1 TiB", true, memory},
        {"redirtied", "4 KiB random writes to a mirror, with a repository and without", true,
         redirtied},
        {"cold", "4 KiB random writes to a mirror of 1 TiB, each to an extent without a mark", true,
         cold},
        {"first_overwrite", "4 KiB random writes, each the first to its block since a point", true,
         first_overwrite},
        {"sixteen_points", "the same with 16 points in time, and with one", true, sixteen_points},
        {"rewrite", "4 KiB random writes beside a point, of blocks that are kept already", true,
         rewrite},
        {"recovery", "a volume of 1 TiB after a crash, until a host can write", true, recovery},
    };
    return cases;
}

}  // namespace bench
