// examples/cimrepctl/progress.cpp -- percent, MiB/s and the time that is left.
// SPDX-License-Identifier: BSL-1.0
#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace cimrepctl {

namespace {

constexpr std::size_t bar_cells = 30;
constexpr std::size_t bar_cells_min = 5;
constexpr duration between_rewrites = milliseconds(100);
constexpr duration between_lines = seconds(1);

double bytes_per_second(const progress_sample& sample)
{
    if (sample.took.nanoseconds <= 0) return 0;
    return static_cast<double>(sample.done_bytes) * 1e9 /
           static_cast<double>(sample.took.nanoseconds);
}

double seconds_left(const progress_sample& sample)
{
    const double rate = bytes_per_second(sample);
    if (rate <= 0 || sample.done_bytes >= sample.total_bytes) return 0;
    return static_cast<double>(sample.total_bytes - sample.done_bytes) / rate;
}

std::string rate_text(const progress_sample& sample)
{
    return fmt::format("{:.0f} MiB/s", bytes_per_second(sample) / static_cast<double>(mib));
}

std::string left_text(const progress_sample& sample)
{
    if (sample.total_bytes != 0 && sample.done_bytes >= sample.total_bytes) return "0:00 left";
    if (bytes_per_second(sample) <= 0) return "-:-- left";
    const auto whole = static_cast<std::uint64_t>(seconds_left(sample) + 0.5);
    if (whole >= 3600)
        return fmt::format("{}:{:02}:{:02} left", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02} left", whole / 60, whole % 60);
}

}  // namespace

unsigned percent_of(const progress_sample& sample) noexcept
{
    if (sample.total_bytes == 0) return 0;
    return static_cast<unsigned>(std::min(sample.done_bytes, sample.total_bytes) * 100 /
                                 sample.total_bytes);
}

progress_sample sample_of(const relationship_info& info) noexcept
{
    return {info.copied_bytes, info.copy_total_bytes, info.copy_took};
}

std::string size_text(std::uint64_t bytes)
{
    if (bytes < kib) return bytes_text(bytes);
    constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes) / static_cast<double>(kib);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
    return bytes % kib == 0 && value == static_cast<double>(static_cast<std::uint64_t>(value))
               ? fmt::format("{:.0f} {}", value, units[unit])
               : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string bytes_text(std::uint64_t bytes)
{
    return fmt::format("{} {}", bytes, bytes == 1 ? "byte" : "bytes");
}

std::string progress_bar(const std::string& what, const progress_sample& sample,
                         std::size_t columns)
{
    const std::string percent = fmt::format("{:3} %", percent_of(sample));
    const std::string rate = fmt::format("{:>10}", rate_text(sample));
    const std::string left = fmt::format("{:>12}", left_text(sample));
    const std::string figures = fmt::format("{} {} {}", percent, rate, left);
    const std::size_t taken = what.size() + figures.size() + std::string_view(" [] ").size();
    if (taken + bar_cells_min <= columns) {
        const std::size_t cells = std::min(bar_cells, columns - taken);
        const std::size_t filled = percent_of(sample) * cells / 100;
        return fmt::format("{} [{:#>{}}{:.>{}}] {}", what, "", filled, "", cells - filled, figures);
    }
    for (const std::string& shorter :
         {what + ' ' + figures, what + ' ' + percent + ' ' + rate, what + ' ' + percent})
        if (shorter.size() <= columns) return shorter;
    return percent.substr(0, columns);
}

std::string progress_line(const progress_sample& sample)
{
    return fmt::format("{} % of {}, {}, {}", percent_of(sample), size_text(sample.total_bytes),
                       rate_text(sample), left_text(sample));
}

void progress_display::show(const progress_sample& sample, monotonic_time now)
{
    if (begun_ && now < due_) return;
    const bool first = !std::exchange(begun_, true);
    const bool rewrites = out_->can_rewrite();
    due_ = now + (rewrites ? between_rewrites : between_lines);
    // A terminal would begin a new line after its last column.
    if (rewrites) return out_->rewrite(progress_bar(what_, sample, out_->columns() - 1));
    // A copy that is over at once needs no line of its own.
    if (first) return;
    out_->say("progress",
              {{"of", what_},
               {"percent", percent_of(sample)},
               {"done_bytes", sample.done_bytes},
               {"total_bytes", sample.total_bytes},
               {"mib_per_second", bytes_per_second(sample) / static_cast<double>(mib)},
               {"seconds_left", seconds_left(sample)}},
              what_ + ": " + progress_line(sample));
}

void progress_display::finish(progress_sample sample)
{
    sample.total_bytes = std::max<std::uint64_t>(sample.total_bytes, 1);
    sample.done_bytes = sample.total_bytes;
    if (out_->can_rewrite()) out_->rewrite(progress_bar(what_, sample, out_->columns() - 1));
    out_->end_line();
}

}  // namespace cimrepctl
