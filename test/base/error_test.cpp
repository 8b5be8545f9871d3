// test/base/error_test.cpp -- errors carry a code, the values and a remedy.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/failure.hpp>
#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/base/units.hpp>

#include "catch.hpp"

using namespace cimrep;

TEST_CASE("every errc has a message of its own", "[base]")
{
    for (int a = 1; a <= static_cast<int>(errc::injected); ++a) {
        const std::error_code code = static_cast<errc>(a);
        CHECK(code.message() != "unknown error");
        for (int b = 1; b < a; ++b)
            CHECK(code.message() != std::error_code(static_cast<errc>(b)).message());
    }
    CHECK(std::error_code(static_cast<errc>(0x7fff)).message() == "unknown error");
}

TEST_CASE("a failure is one sentence with the values, the reason and the remedy", "[base]")
{
    const failure why = fail(errc::misaligned, "offset 17", "use multiples of 512");
    CHECK(why.sentence() ==
          "offset 17: offset and length must be multiples of the logical block size; "
          "use multiples of 512");
    CHECK(fail(errc::closed, "").sentence() == "the object is closed");
}

TEST_CASE("within() does not overflow", "[base]")
{
    CHECK(within(0, 10, 10));
    CHECK_FALSE(within(1, 10, 10));
    CHECK_FALSE(within(UINT64_MAX, 2, 10));
    CHECK_FALSE(within(2, UINT64_MAX, 10));
    CHECK(within(10, 0, 10));
}

namespace {
struct node {
    int value = 0;
    node* next = nullptr;
};
}  // namespace

TEST_CASE("a queue keeps its order when nodes leave its middle and its ends", "[base]")
{
    node a{1}, b{2}, c{3};
    intrusive_queue<node, &node::next> queue;
    queue.push(b);
    queue.push(c);
    queue.push_front(a);
    CHECK(queue.remove(b));
    CHECK_FALSE(queue.remove(b));
    CHECK(queue.remove(c));
    queue.push(b);
    CHECK(queue.pop() == &a);
    CHECK(queue.pop() == &b);
    CHECK(queue.pop() == nullptr);
    CHECK(queue.empty());
}
