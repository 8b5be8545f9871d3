// test/compile_fail/added_instants.cpp -- two instants subtract to a duration; they do not add.
// SPDX-License-Identifier: BSL-1.0
// expect: no match for 'operator\+'|invalid operands
#include <cimrep/base/units.hpp>

using namespace cimrep;

monotonic_time later(monotonic_time a, monotonic_time b)
{
#ifdef CIMREP_WRONG
    return a + b;
#else
    return a + (a - b);
#endif
}
