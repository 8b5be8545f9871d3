// runtime/control_op.hpp -- one operation of the control plane, in its caller's memory.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/base/units.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace cimrep::inline v0 {

/// Tells its caller how an operation of the control plane ended.
///
/// Invariant:  `done` is called exactly once, from the loop, never inside the call that started it,
///             and only if that call succeeded.
/// Lifetime:   stays valid until `done`.
struct control_op {
    control_op() noexcept = default;
    control_op(const control_op&) = delete;
    control_op& operator=(const control_op&) = delete;

    void (*done)(control_op& op) noexcept = nullptr;
    std::optional<failure> error;  ///< set before `done` if the operation failed

    control_op* next = nullptr;  // the library's, while in flight
};

/// An online comparison of a relationship's target with its source, while the host goes on.
struct verify_op : control_op {
    bool repair = false;  ///< differing blocks are written again from the source
    byte_extent range{};  ///< empty: the whole volume

    std::uint64_t compared_bytes = 0;   ///< grows while it runs
    std::uint64_t different_bytes = 0;  ///< in logical blocks
    std::uint64_t repaired_bytes = 0;
    std::uint64_t skipped_bytes = 0;       ///< already known to differ, so not compared
    std::vector<byte_extent> differences;  ///< the first `differences_max` runs that differ
    static constexpr std::size_t differences_max = 64;
};

}  // namespace cimrep::inline v0
