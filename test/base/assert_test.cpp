// test/base/assert_test.cpp -- a broken promise of the program reaches the handler and ends it.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/assert.hpp>

#include "catch.hpp"
#include <csetjmp>
#include <cstring>

using namespace cimrep;

namespace {

std::jmp_buf after_the_assertion;
const char* seen_condition = nullptr;
const char* seen_file = nullptr;

// Leaves the assertion without returning, as an abort would.
void remember(const char* condition, const char* file, int) noexcept
{
    seen_condition = condition;
    seen_file = file;
    std::longjmp(after_the_assertion, 1);
}

struct installed_handler {
    assert_handler before = set_assert_handler(remember);
    ~installed_handler() { set_assert_handler(before); }
};

}  // namespace

TEST_CASE("a false condition reaches the handler with its text and its file", "[base]")
{
    const installed_handler handler;
    seen_condition = nullptr;
    const volatile int answer = 42;
    if (setjmp(after_the_assertion) == 0) CIMREP_ASSERT(answer == 41);
    REQUIRE(seen_condition != nullptr);
    CHECK(std::strcmp(seen_condition, "answer == 41") == 0);
    CHECK(std::strstr(seen_file, "assert_test.cpp") != nullptr);
}

TEST_CASE("a true condition is evaluated once and reaches nobody", "[base]")
{
    const installed_handler handler;
    seen_condition = nullptr;
    int evaluated = 0;
    CIMREP_ASSERT(++evaluated == 1);
    CHECK(evaluated == 1);
    CHECK(seen_condition == nullptr);
}

TEST_CASE("installing a handler returns the one before", "[base]")
{
    const assert_handler original = set_assert_handler(remember);
    CHECK(set_assert_handler(original) == remember);
    CHECK(set_assert_handler(original) == original);
}
