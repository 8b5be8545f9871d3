// base/latency_histogram.hpp -- how long operations took, in powers of two.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>

#include <array>
#include <bit>
#include <cstdint>

namespace cimrep::inline v0 {

/// How often an operation took how long: bucket i counts latencies in [2^i, 2^(i+1)) microseconds,
/// bucket 0 everything below 2 us, the last everything above.
struct latency_histogram {
    std::array<std::uint64_t, 24> buckets{};
    void add(duration took) noexcept
    {
        const auto us =
            static_cast<std::uint64_t>(took.nanoseconds < 0 ? 0 : took.nanoseconds) / 1000;
        const auto index = us < 2 ? 0u : static_cast<unsigned>(std::bit_width(us) - 1);
        ++buckets[index < buckets.size() ? index : buckets.size() - 1];
    }
};

}  // namespace cimrep::inline v0
