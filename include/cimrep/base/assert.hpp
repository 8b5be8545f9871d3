// base/assert.hpp -- programmer errors end the program, in release too, through one handler.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace cimrep::inline v0 {

/// Called with the broken condition and its place. If it returns, the program aborts.
using assert_handler = void (*)(const char* condition, const char* file, int line) noexcept;

namespace detail {

CIMREP_API inline std::atomic<assert_handler>& installed_assert_handler() noexcept
{
    static std::atomic<assert_handler> handler{nullptr};
    return handler;
}

[[noreturn]] inline void assertion_failed(const char* condition, const char* file,
                                          int line) noexcept
{
    if (const auto handler = installed_assert_handler().load()) handler(condition, file, line);
    std::fprintf(stderr, "cimrep: assertion failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace detail

/// Installs what runs before the abort, for example to write a log; returns the one before.
///
/// Threads:  any.
inline assert_handler set_assert_handler(assert_handler handler) noexcept
{
    return detail::installed_assert_handler().exchange(handler);
}

}  // namespace cimrep::inline v0

/// Ends the program when `condition` is false: a bug of ours or of our caller, never of a device.
#define CIMREP_ASSERT(condition)  \
    (static_cast<bool>(condition) \
         ? static_cast<void>(0)   \
         : ::cimrep::detail::assertion_failed(#condition, __FILE__, __LINE__))
