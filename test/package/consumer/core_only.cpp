// test/package/consumer/core_only.cpp -- a program of a user that needs no compiled part.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/failure.hpp>
#include <cimrep/cim/copy_state.hpp>

int main()
{
    return cimrep::fail(cimrep::errc::closed, "").code == cimrep::errc::closed ? 0 : 1;
}
