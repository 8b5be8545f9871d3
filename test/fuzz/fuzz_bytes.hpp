// test/fuzz/fuzz_bytes.hpp -- bytes that become parameters, one after the other.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>

namespace cimrep::test {

/// Ends the program, and says why: what libFuzzer keeps the input of.
inline void demand(bool condition, const char* what)
{
    if (condition) return;
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
}

/// With CIMREP_FUZZ_TRACE in the environment: what happens, for people who read an input.
inline void trace(const char* what, unsigned long long number, const char* more = "")
{
    static const bool wanted = std::getenv("CIMREP_FUZZ_TRACE") != nullptr;
    if (wanted) std::fprintf(stderr, "%s: %llu %s\n", what, number, more);
}

/// Never runs dry: zeros follow the last byte.
class fuzz_bytes {
public:
    explicit fuzz_bytes(std::span<const std::byte> input) : left_(input) {}

    bool empty() const { return left_.empty(); }
    unsigned take()
    {
        if (left_.empty()) return 0;
        const auto first = std::to_integer<unsigned>(left_.front());
        left_ = left_.subspan(1);
        return first;
    }
    unsigned below(unsigned limit) { return take() % limit; }
    bool flag() { return (take() & 1u) != 0; }

    /// ff: no value; 80 to fe: a vendor's; others: that number, in the value map or not.
    template <class E>
    std::optional<E> value()
    {
        const unsigned number = take();
        if (number == 0xff) return std::nullopt;
        return static_cast<E>(number < 0x80 ? number : number << 8);
    }

private:
    std::span<const std::byte> left_;
};

}  // namespace cimrep::test
