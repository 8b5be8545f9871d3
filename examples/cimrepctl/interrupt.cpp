// examples/cimrepctl/interrupt.cpp -- a flag that signals set.
// SPDX-License-Identifier: BSL-1.0
#include "interrupt.hpp"

#include <csignal>

namespace cimrepctl {

namespace {

volatile std::sig_atomic_t caught = 0;

extern "C" void remember(int number)
{
    caught = number;
}

}  // namespace

void catch_interrupts()
{
    struct sigaction action {};
    action.sa_handler = remember;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
    // A reader of our output that goes away is an error of a write, not the end of the clean-up.
    std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() noexcept
{
    return caught != 0;
}

cimrep::failure interruption()
{
    return cimrep::fail(std::make_error_code(std::errc::interrupted), "stopped by a signal");
}

bool is_interruption(const cimrep::failure& why) noexcept
{
    return why.code == std::errc::interrupted;
}

}  // namespace cimrepctl
