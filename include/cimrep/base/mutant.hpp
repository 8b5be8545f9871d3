// base/mutant.hpp -- where a build of the tests can break the library, to see that they notice.
// SPDX-License-Identifier: BSL-1.0
#pragma once

/// False: in the library nothing is left of a mutant. One build of the tests defines this before,
/// so that the mutant that an environment variable names is true: docs/verification.md.
#if !defined(CIMREP_MUTANT)
#    define CIMREP_MUTANT(name) false
#endif
