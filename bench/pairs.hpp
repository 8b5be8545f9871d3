// bench/pairs.hpp -- two sides measured in turns, and what the ratios of the turns say.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// The middle of a sample, and an interval that holds the true median in 90 of 100 cases.
struct median_interval {
    double median = 0, low = 0, high = 0;
};

/// From the order statistics: nothing is assumed of the distribution.
///
/// @pre  the sample is not empty.
median_interval median_of(std::vector<double> sample);

/// One thing done by the library and by the yardstick.
struct comparison {
    std::string name;
    std::string unit;                      ///< of the rates
    std::function<double()> library_rate;  ///< does it once; so much a second
    std::function<double()> bare_rate;
    double bound = 0;  ///< the least ratio that is good enough
};

/// Measures library, bare, library, bare ... and prints a JSON line a pair and one for the whole.
///
/// Returns: whether the upper end of the interval reaches the bound.
bool run_pairs(const comparison& what, std::size_t pairs);

/// Prints a figure that is counted, not timed. Returns whether it is within `bound`.
bool report_count(const std::string& name, const std::string& unit, double value, double bound);

}  // namespace bench
