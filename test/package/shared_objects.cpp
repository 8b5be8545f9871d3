// test/package/shared_objects.cpp -- codes made in three linked objects are the same code.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/error.hpp>

#include <cstdio>

std::error_code first_code();
std::error_code second_code();

int main()
{
    const bool agree = first_code() == second_code() && first_code() == cimrep::errc::closed &&
                       second_code() == cimrep::errc::closed;
    if (!agree) std::fprintf(stderr, "each shared object has an error category of its own\n");
    return agree ? 0 : 1;
}
