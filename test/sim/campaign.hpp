// test/sim/campaign.hpp -- many lives, what they have seen, and the smallest one that goes wrong.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life.hpp"
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace cimrep::test {

/// Which lives a campaign lives.
struct campaign_options {
    std::uint64_t first = 1;
    std::uint64_t count = UINT64_MAX;  ///< of seeds
    std::uint64_t step = 1;            ///< from seed to seed
    double seconds = 0;                ///< 0: as long as it takes
    std::uint64_t floor = 0;           ///< so many seeds in any case
    bool older_legs = false;           ///< legs come back older, swapped, blank or foreign
    bool allocation_failures = false;  ///< in all lives
    std::string more;                  ///< is added to each life, as in its text
};

struct campaign_report {
    std::uint64_t seeds = 0;
    std::uint64_t crashed = 0;  ///< seeds with at least one crash
    double seconds = 0;
    life_report seen;
    std::string wrong;  ///< nothing, or the first violation, with the commands that show it
};

/// Ends at the first violation, which it makes as small as it can.
campaign_report run(const campaign_options& options);

/// One paragraph: seeds per second, crashes, and what else the lives have seen.
std::string summary(const campaign_report& report);

/// How often each coverage mark of the library was hit since the program began, a line each;
/// nothing where the library was built without.
std::string marks();
/// The same by name.
std::map<std::string, std::uint64_t> hits_of_marks();

/// The command that lives this life again.
std::string replay(const life_options& life);

/// A life with fewer hazards, activities, crashes and operations, of which `fails` still holds.
life_options shrink(life_options life, const std::function<bool(const life_options&)>& fails);

}  // namespace cimrep::test
