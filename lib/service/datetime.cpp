// service/datetime.cpp -- the two forms of a CIM datetime.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/datetime.hpp>

#include <chrono>

namespace cimrep::inline v0 {

namespace {

void append_digits(std::string& text, std::int64_t value, std::size_t width)
{
    const auto digits = std::to_string(value);
    if (digits.size() < width) text.append(width - digits.size(), '0');
    text += digits;
}

void append_time_of_day(std::string& text, std::int64_t microseconds)
{
    const auto whole = microseconds / 1'000'000;
    append_digits(text, whole / 3600, 2);
    append_digits(text, whole / 60 % 60, 2);
    append_digits(text, whole % 60, 2);
    text += '.';
    append_digits(text, microseconds % 1'000'000, 6);
}

constexpr std::int64_t day_microseconds = std::int64_t{86'400} * 1'000'000;

}  // namespace

std::string to_datetime(wall_time when)
{
    if (!when.is_set()) return {};
    using namespace std::chrono;
    const auto since_epoch = floor<microseconds>(nanoseconds{when.nanoseconds});
    const auto day = floor<days>(since_epoch);
    const year_month_day date{sys_days{day}};
    std::string text;
    append_digits(text, static_cast<int>(date.year()), 4);
    append_digits(text, static_cast<unsigned>(date.month()), 2);
    append_digits(text, static_cast<unsigned>(date.day()), 2);
    append_time_of_day(text, (since_epoch - microseconds{day}).count());
    return text + "+000";
}

std::string to_interval(duration span)
{
    const auto microseconds = std::max<std::int64_t>(span.nanoseconds, 0) / 1000;
    std::string text;
    append_digits(text, microseconds / day_microseconds, 8);
    append_time_of_day(text, microseconds % day_microseconds);
    return text + ":000";
}

}  // namespace cimrep::inline v0
