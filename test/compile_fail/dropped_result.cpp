// test/compile_fail/dropped_result.cpp -- an error that nobody looks at does not pass unseen.
// SPDX-License-Identifier: BSL-1.0
// expect: nodiscard
#include <cimrep/base/error.hpp>

using namespace cimrep;

result<int> measure();

int use()
{
#ifdef CIMREP_WRONG
    measure();
    return 0;
#else
    return measure().has_value() ? 1 : 0;
#endif
}
