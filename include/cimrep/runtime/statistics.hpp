// runtime/statistics.hpp -- counters of a shard as plain structs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/latency_histogram.hpp>

#include <cstdint>

namespace cimrep::inline v0 {

/// Operations of one kind.
struct io_counters {
    std::uint64_t operations = 0;
    std::uint64_t bytes = 0;
    std::uint64_t errors = 0;
    latency_histogram latency{};
};

/// What has gone to and come from one leg.
struct leg_statistics {
    std::uint64_t reads = 0, read_bytes = 0;      ///< a long read may be several
    std::uint64_t writes = 0, written_bytes = 0;  ///< host writes, zeroes and discards
    std::uint64_t flushes = 0;
    std::uint64_t copied_bytes = 0;   ///< written to this leg by the copier
    std::uint64_t zeroed_bytes = 0;   ///< of those, zeros
    std::uint64_t skipped_bytes = 0;  ///< not written: known to read zeros already
    std::uint64_t errors = 0;
    std::uint64_t different_bytes = 0;
    std::uint32_t outstanding = 0;  ///< requests in flight
    std::uint32_t stuck = 0;        ///< of those, abandoned and not yet back
};

/// The counters of a host's I/O to one volume, and what the volume holds for it.
struct volume_statistics {
    io_counters read, write, flush, write_zeroes, discard, compare_and_write;
    std::uint64_t range_waits = 0;    ///< operations that waited for an overlapping one
    std::uint64_t request_waits = 0;  ///< operations that waited for a free request
    std::uint64_t bounced_bytes = 0;  ///< copied because a buffer was unstable or may be abandoned
    std::uint64_t hot_marks = 0;      ///< extents that became hot
    std::uint64_t tracking_memory_bytes = 0;
    std::uint32_t requests_in_use = 0;
};

/// What a shard holds, and what it has asked of its repository.
struct shard_statistics {
    std::uint32_t volumes = 0;
    std::uint32_t relationships = 0;
    std::uint64_t memory_bytes = 0;  ///< of the budget, charged for pools and maps
    std::uint64_t memory_budget_bytes = 0;
};

}  // namespace cimrep::inline v0
