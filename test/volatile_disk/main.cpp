// volatile_disk/main.cpp -- test_volatile_disk KERNEL TEST POINT
// SPDX-License-Identifier: BSL-1.0
#include <sys/mount.h>
#include <unistd.h>

#include "disk_server.hpp"
#include <csignal>
#include <cstdlib>
#include <filesystem>

// It outlives the test by intent: whoever waits for a disk of a test that was killed gets an
// answer, and what the test had mounted goes.
int main(int count, char** arguments)
{
    if (count != 4) return EXIT_FAILURE;
    for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) std::signal(each, SIG_IGN);
    cimrep::test::disk_server(std::atoi(arguments[1]), std::atoi(arguments[2])).run();
    ::umount2(arguments[3], MNT_DETACH);
    ::rmdir(arguments[3]);
    ::rmdir(std::filesystem::path(arguments[3]).parent_path().c_str());
    return EXIT_SUCCESS;
}
