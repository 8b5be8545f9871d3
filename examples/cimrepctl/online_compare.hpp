// examples/cimrepctl/online_compare.hpp -- has the library compare a pair, and tells how far it is.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "console.hpp"
#include "session.hpp"
#include <cstdint>
#include <vector>

namespace cimrepctl {

/// How many differences are shown.
inline constexpr std::size_t shown_runs_max = 10;

/// What differs still, after the repair if there was one: that is compared again, not assumed.
///
/// @errors  the library's; the remedy says how far it came.
outcome<std::uint64_t> compare_and_repair(console& out, session& over, waited_verify& op);

/// The first runs in their order, adjoining ones as one: several are compared at a time.
std::vector<byte_extent> put_together(std::vector<byte_extent> runs);

}  // namespace cimrepctl
