// test/compile_fail/mixed_clocks.cpp -- an instant of one clock is not compared with another's.
// SPDX-License-Identifier: BSL-1.0
// expect: no match for 'operator<'|invalid operands
#include <cimrep/base/units.hpp>

using namespace cimrep;

bool later(monotonic_time a, monotonic_time b, wall_time c)
{
#ifdef CIMREP_WRONG
    return a < c;
#else
    return a < b && c.is_set();
#endif
}
