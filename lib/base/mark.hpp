// lib/base/mark.hpp -- a rare path of the code, which a test wants to know it has walked.
// SPDX-License-Identifier: BSL-1.0
#pragma once

/// `CIMREP_MARK(hot_set_full);` counts that it was reached, in builds for tests that define
/// CIMREP_TEST_MARKS; in all others it is nothing at all. Each name stands in one place.
#if defined(CIMREP_TEST_MARKS)

#    include <algorithm>
#    include <cstddef>
#    include <cstdint>

namespace cimrep::inline v0 {

/// How often a mark was reached, in a list of all that were compiled in.
struct coverage_mark {
    explicit coverage_mark(const char* mark) noexcept : name(mark), next(first) { first = this; }
    const char* name;
    std::uint64_t hits = 0;
    coverage_mark* next;
    static inline coverage_mark* first = nullptr;
};

namespace detail {

template <std::size_t Length>
struct mark_name {
    // NOLINTNEXTLINE: a literal converts to its name.
    constexpr mark_name(const char (&from)[Length]) { std::copy_n(from, Length, text); }
    char text[Length]{};
};

/// There whether it is reached or not.
template <mark_name Name>
inline coverage_mark mark_of{Name.text};

}  // namespace detail
}  // namespace cimrep::inline v0

#    define CIMREP_MARK(name) (++::cimrep::detail::mark_of<#    name>.hits)

#else

#    define CIMREP_MARK(name) static_cast<void>(0)

#endif
