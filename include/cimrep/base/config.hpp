// base/config.hpp -- the namespace of the library, and what its symbols look like to a linker.
// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Everything lives in `cimrep`; the inline namespace changes when the ABI does.
namespace cimrep::inline v0 {
}

/// Marks what another shared object may see. Everything else is hidden.
#if defined(_WIN32)
#    if defined(CIMREP_BUILDING_SHARED)
#        define CIMREP_API __declspec(dllexport)
#    elif defined(CIMREP_USING_SHARED)
#        define CIMREP_API __declspec(dllimport)
#    else
#        define CIMREP_API
#    endif
#else
#    define CIMREP_API __attribute__((visibility("default")))
#endif
