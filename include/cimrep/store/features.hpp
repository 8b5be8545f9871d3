// store/features.hpp -- what a repository uses beyond its format version.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace cimrep::inline v0 {

/// An incompatible feature: records tell which content each leg must have, and every writer keeps
/// them up to date. One that does not know them would go on writing and make them lie.
///
/// Values are part of the format of a repository: append only.
inline constexpr std::uint64_t feature_leg_evidence = 1;

/// An incompatible feature: a volume may have points in time. One that does not know them would
/// overwrite what they need.
///
/// Values are part of the format of a repository: append only.
inline constexpr std::uint64_t feature_points_in_time = 2;

/// What a copy uses beyond its format version. A bit that a reader does not know means:
struct repository_features {
    std::uint64_t compatible = 0;            ///< go on, and keep the bit
    std::uint64_t read_only_compatible = 0;  ///< read, but do not write
    std::uint64_t incompatible = 0;          ///< do not even read

    constexpr bool has_leg_evidence() const noexcept
    {
        return (incompatible & feature_leg_evidence) != 0;
    }
    constexpr bool has_points_in_time() const noexcept
    {
        return (incompatible & feature_points_in_time) != 0;
    }
    /// True if nothing of `other` is missing here.
    constexpr bool contain(const repository_features& other) const noexcept
    {
        return (other.compatible & ~compatible) == 0 &&
               (other.read_only_compatible & ~read_only_compatible) == 0 &&
               (other.incompatible & ~incompatible) == 0;
    }
    friend constexpr repository_features operator|(const repository_features& a,
                                                   const repository_features& b) noexcept
    {
        return {a.compatible | b.compatible, a.read_only_compatible | b.read_only_compatible,
                a.incompatible | b.incompatible};
    }
    friend bool operator==(const repository_features&, const repository_features&) = default;
};

/// All that this version of the library knows. A new repository uses it.
inline constexpr repository_features newest_features{.incompatible = feature_leg_evidence |
                                                                     feature_points_in_time};

}  // namespace cimrep::inline v0
