// test/compile_fail/failure_for_error_code.cpp -- the control path's error is not the data path's.
// SPDX-License-Identifier: BSL-1.0
// expect: could not convert|no viable conversion
#include <cimrep/base/failure.hpp>

using namespace cimrep;

#ifdef CIMREP_WRONG
result<int> open()
#else
outcome<int> open()
#endif
{
    return fail(errc::closed, "the shard", "open it again");
}
