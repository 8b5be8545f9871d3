// bench/pairs.cpp -- alternating pairs, the median of their ratios, and its interval.
// SPDX-License-Identifier: BSL-1.0
#include "pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace bench {

median_interval median_of(std::vector<double> sample)
{
    std::sort(sample.begin(), sample.end());
    const std::size_t count = sample.size();
    // The median lies below the k-th smallest with the chance that a fair coin shows fewer than k
    // heads in `count` throws. The largest k for which that stays within 5 % on each side.
    std::size_t k = 0;
    double term = std::pow(0.5, static_cast<double>(count)), below = term;
    while (below <= 0.05) {
        ++k;
        term *= static_cast<double>(count - k + 1) / static_cast<double>(k);
        below += term;
    }
    const std::size_t first = k == 0 ? 0 : k - 1;
    const double median =
        count % 2 == 1 ? sample[count / 2] : (sample[count / 2 - 1] + sample[count / 2]) / 2;
    return {median, sample[first], sample[count - 1 - first]};
}

bool run_pairs(const comparison& what, std::size_t pairs)
{
    what.bare_rate();  // warms both up
    what.library_rate();
    std::vector<double> ratios, library, bare;
    for (std::size_t pair = 1; pair <= pairs; ++pair) {
        library.push_back(what.library_rate());
        bare.push_back(what.bare_rate());
        ratios.push_back(library.back() / bare.back());
        fmt::print(
            R"({{"case":"{}","pair":{},"library":{:.1f},"bare":{:.1f},"unit":"{}","ratio":{:.4f}}})"
            "\n",
            what.name, pair, library.back(), bare.back(), what.unit, ratios.back());
    }
    const median_interval ratio = median_of(ratios);
    const double library_rate = median_of(library).median, bare_rate = median_of(bare).median;
    const bool reached = ratio.high >= what.bound;
    fmt::print(R"({{"case":"{}","pairs":{},"library":{:.1f},"bare":{:.1f},"unit":"{}",)"
               R"("ratio":{:.4f},"low":{:.4f},"high":{:.4f},"bound":{:.2f},"reached":{}}})"
               "\n",
               what.name, pairs, library_rate, bare_rate, what.unit, ratio.median, ratio.low,
               ratio.high, what.bound, reached);
    std::fflush(stdout);
    fmt::print(stderr,
               "{:<12} {:>9.0f} against {:>9.0f} {}: ratio {:.3f} [{:.3f}, {:.3f}] of {} pairs, "
               "bound {:.2f}: {}\n",
               what.name, library_rate, bare_rate, what.unit, ratio.median, ratio.low, ratio.high,
               pairs, what.bound, reached ? "reached" : "MISSED");
    return reached;
}

bool report_count(const std::string& name, const std::string& unit, double value, double bound)
{
    const bool reached = value <= bound;
    fmt::print(R"({{"case":"{}","value":{:.4f},"unit":"{}","bound":{:.2f},"reached":{}}})"
               "\n",
               name, value, unit, bound, reached);
    std::fflush(stdout);
    fmt::print(stderr, "{:<12} {:.4f} {}, bound {:.2f}: {}\n", name, value, unit, bound,
               reached ? "reached" : "MISSED");
    return reached;
}

}  // namespace bench
