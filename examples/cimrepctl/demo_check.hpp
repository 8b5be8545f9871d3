// examples/cimrepctl/demo_check.hpp -- what must be on both sides, compared with what is there.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>

#include "live_writer.hpp"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cimrepctl {

using namespace cimrep;

/// The two sides, read by other means than the library.
struct both_sides {
    std::string source;
    std::string target;
    std::uint64_t size_bytes = 0;
};

/// How the two sides came apart.
struct separation_window {
    std::uint64_t begun_at = 0;  ///< on the writer's clock: what was acknowledged before is on both
    std::uint64_t ended_at = 0;  ///< what was submitted after is on the source only
    bool one_instant = false;    ///< the target holds the volume as it was at one instant
    std::map<std::uint64_t, std::uint64_t> written_to_target;  ///< place -> sequence
};

/// What a comparison of sides that may differ has found.
struct apart_result {
    std::vector<std::uint64_t> target_contents;  ///< the write that each block of the target holds
    std::vector<std::uint64_t> different_places;
};

/// Every byte is equal, and the live file's blocks hold the last writes to them.
///
/// @pre     the writer is idle.
/// @errors  errc::not_identical, saying where; what reading reports.
outcome<> check_equal(const both_sides& sides, const live_writer& writer);

/// The sides differ in blocks of the live file only, and there exactly as `window` allows.
///
/// @pre     the writer is idle, and has forgotten its history when both sides were equal last.
/// @errors  as check_equal().
outcome<apart_result> check_apart(const both_sides& sides, const live_writer& writer,
                                  const separation_window& window);

}  // namespace cimrepctl
