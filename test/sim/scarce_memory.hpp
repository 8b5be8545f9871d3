// test/sim/scarce_memory.hpp -- allocations of the library fail, and those of nobody else.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>

#include <cstdint>
#include <memory>

namespace cimrep::test {

/// Whose code runs: only while it is the library's an allocation may fail. Scopes nest: a call into
/// the library opens one, and what the library calls of its users opens the other in there.
class library_scope {
public:
    library_scope() noexcept : library_scope(true) {}
    library_scope(const library_scope&) = delete;
    library_scope& operator=(const library_scope&) = delete;
    ~library_scope();

protected:
    explicit library_scope(bool inside) noexcept;

private:
    bool before_;
};

/// The library has called its user.
class user_scope : public library_scope {
public:
    user_scope() noexcept : library_scope(false) {}
};

/// Where the global operator new is replaced, which is on Linux; nothing fails elsewhere.
bool memory_can_fail() noexcept;

namespace scarce_memory {

/// Of the library's allocations `count` fail, after `after` that succeed.
void fail(std::uint64_t after, std::uint64_t count = 1) noexcept;
/// They fail at random, by `seed`, each time after some hundreds.
void fail_at_random(std::uint64_t seed) noexcept;
void suffice() noexcept;
/// Since the last call of one of the first two.
std::uint64_t failures() noexcept;

}  // namespace scarce_memory

/// `below`, by which the library runs when an operation ends.
std::unique_ptr<block_device> in_scarce_memory(std::unique_ptr<block_device> below);

}  // namespace cimrep::test
