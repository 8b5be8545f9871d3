// bench/cases.hpp -- what is measured.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "support.hpp"
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bench {

/// How everything is measured.
struct setup {
    std::size_t pairs = 21;
    double seconds = 0.2;  ///< of one side of one pair of a timed load, about
    std::uint64_t size_bytes = 256 * mib;
    std::uint32_t depth = 32;
    bool registered_buffers = true;
    bool loop_devices = true;
    bool observed = false;             ///< case observer: with an observer that overrides nothing
    bool durable = false;              ///< case observer: with a repository
    std::uint64_t operations = 50000;  ///< case observer: writes
    std::filesystem::path folder = "/dev/shm";
    std::string source, target;  ///< devices to be overwritten; empty: scratch devices
};

/// One case. Returns whether its bound was reached.
struct bench_case {
    const char* name;
    const char* what;
    bool by_default;
    bool (*run)(const setup& how);
};

const std::vector<bench_case>& all_cases();

/// After a crash, from shard::open() to the first write of the host. In recovery.cpp.
bool recovery(const setup& how);

/// What durable marks cost: where there is one already, and where there is none. In durability.cpp.
bool redirtied(const setup& how);
bool cold(const setup& how);

/// What points in time cost the host. In points.cpp.
bool first_overwrite(const setup& how);
bool sixteen_points(const setup& how);
bool rewrite(const setup& how);

}  // namespace bench
