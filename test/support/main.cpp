// test/support/main.cpp -- the main() of every test program.
// SPDX-License-Identifier: BSL-1.0
#define CATCH_CONFIG_RUNNER
#include "catch.hpp"

int main(int count, char** arguments)
{
    return Catch::Session().run(count, arguments);
}
