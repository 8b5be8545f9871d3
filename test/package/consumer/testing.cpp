// package/consumer/testing.cpp -- a user's test on the simulated loop.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/simulated_loop.hpp>

int main()
{
    cimrep::simulated_loop loop, other;
    return loop.now() == other.now() ? 0 : 1;
}
