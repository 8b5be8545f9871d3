// test/package/two_units_other.cpp -- the other of two translation units that include everything.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cimrep.hpp>

const void* other_category();
const void* other_category()
{
    return &cimrep::error_category();
}
