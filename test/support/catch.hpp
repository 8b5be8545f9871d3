// test/support/catch.hpp -- Catch2 2.13 or 3.x, whichever the distribution has.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#    include <catch2/catch_all.hpp>
#else
#    include <catch2/catch.hpp>
namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& text)
{
    return Contains(text);
}
}  // namespace Catch::Matchers
#endif

#include <cstdio>

/// Ends a test case that this machine cannot run, and says on stderr what is missing.
#define CIMREP_SKIP(why)                                                 \
    do {                                                                 \
        std::fprintf(stderr, "skipped: %s\n", std::string(why).c_str()); \
        return;                                                          \
    } while (false)
