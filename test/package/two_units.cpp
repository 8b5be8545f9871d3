// test/package/two_units.cpp -- one of two translation units that include everything.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cimrep.hpp>

const void* other_category();

int main()
{
    return other_category() == &cimrep::error_category() ? 0 : 1;
}
