// worker/main.cpp -- test_worker SOCKET MEMORY open|format HOT COPY... -- SOURCE TARGET...
// SPDX-License-Identifier: BSL-1.0
#include <sys/prctl.h>

#include "worker.hpp"
#include <csignal>
#include <cstdlib>
#include <cstring>

int main(int count, char** arguments)
{
    // Whatever becomes of the test, nothing of it stays behind.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (count < 6) return EXIT_FAILURE;
    cimrep::test::worker_orders orders;
    orders.socket = std::atoi(arguments[1]);
    orders.memory = std::atoi(arguments[2]);
    orders.format = std::strcmp(arguments[3], "format") == 0;
    orders.hot_extents_max = static_cast<std::size_t>(std::atoi(arguments[4]));
    std::vector<std::string>* list = &orders.copies;
    for (int i = 5; i < count; ++i) {
        if (std::strcmp(arguments[i], "--") == 0)
            list = &orders.elements;
        else
            list->emplace_back(arguments[i]);
    }
    return cimrep::test::worker(std::move(orders)).run() ? EXIT_SUCCESS : EXIT_FAILURE;
}
