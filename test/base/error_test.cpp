// test/base/error_test.cpp -- errors carry a code, the values and a remedy.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/failure.hpp>
#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/base/units.hpp>

#include "catch.hpp"
#include <cerrno>
#include <utility>

using namespace cimrep;

TEST_CASE("every errc has a message of its own", "[base]")
{
    for (int a = 1; a <= static_cast<int>(errc_last); ++a) {
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

TEST_CASE("a queue that is moved from is empty, and its nodes are in the new one", "[base]")
{
    node a{1}, b{2};
    intrusive_queue<node, &node::next> from;
    from.push(a);
    from.push(b);
    intrusive_queue<node, &node::next> to(std::move(from));
    CHECK(from.empty());
    CHECK(from.front() == nullptr);
    CHECK(to.pop() == &a);
    from.push(a);
    CHECK(from.pop() == &a);
    from = std::move(to);
    CHECK(to.empty());
    CHECK(from.pop() == &b);
    CHECK(from.pop() == nullptr);
}

TEST_CASE("CIMREP_TRY passes an error on and unpacks a value", "[base]")
{
    const auto doubled = [](result<int> given) -> result<int> {
        CIMREP_TRY(const int value, given);
        return 2 * value;
    };
    CHECK(doubled(21).value() == 42);
    CHECK(doubled(errc::closed).error() == errc::closed);
}

TEST_CASE("an error of the operating system keeps its category and its number", "[base]")
{
    const error_code code(EIO, std::system_category());
    CHECK(failure{code, "reading", {}}.code == code);
    CHECK(code != error_code(errc::leg_failed));
}
