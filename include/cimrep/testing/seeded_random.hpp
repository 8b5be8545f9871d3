// testing/seeded_random.hpp -- random numbers that a seed determines, the same on every system.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <utility>

namespace cimrep::inline v0 {

/// A stream of random numbers. Equal seeds give equal streams, on every compiler and library: the
/// distributions of the standard library are not used, since each library draws them differently.
///
/// Allocates:  never.
class seeded_random {
public:
    using result_type = std::uint64_t;

    explicit seeded_random(std::uint64_t seed) noexcept : engine_(seed) {}

    std::uint64_t next() noexcept { return engine_(); }

    /// A number of [0, bound).
    ///
    /// @pre  bound > 0.
    std::uint64_t below(std::uint64_t bound) noexcept
    {
        CIMREP_ASSERT(bound > 0);
        return next() % bound;
    }
    /// A number of [least, greatest].
    std::uint64_t between(std::uint64_t least, std::uint64_t greatest) noexcept
    {
        CIMREP_ASSERT(least <= greatest && greatest - least < UINT64_MAX);
        return least + below(greatest - least + 1);
    }
    /// True with this probability; draws nothing where the answer is certain.
    bool chance(double probability) noexcept
    {
        if (probability <= 0.0) return false;
        if (probability >= 1.0) return true;
        return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
    }
    void fill(std::span<std::byte> to) noexcept
    {
        while (!to.empty()) {
            const std::uint64_t value = next();
            const std::size_t count = to.size() < sizeof value ? to.size() : sizeof value;
            std::memcpy(to.data(), &value, count);
            to = to.subspan(count);
        }
    }
    template <class T>
    void shuffle(std::span<T> what) noexcept
    {
        for (std::size_t i = what.size(); i > 1; --i)
            std::swap(what[i - 1], what[static_cast<std::size_t>(below(i))]);
    }

    // As a generator of the standard library.
    static constexpr std::uint64_t min() noexcept { return 0; }
    static constexpr std::uint64_t max() noexcept
    {
        return std::numeric_limits<std::uint64_t>::max();
    }
    std::uint64_t operator()() noexcept { return next(); }

private:
    std::mt19937_64 engine_;
};

/// A seed for a part of a simulation, so that what one part draws does not change another.
constexpr std::uint64_t seed_of_part(std::uint64_t seed, std::uint64_t part) noexcept
{
    // The finalizer of splitmix64: neighbouring seeds and parts lead far apart.
    std::uint64_t mixed = seed + (part + 1) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

}  // namespace cimrep::inline v0
