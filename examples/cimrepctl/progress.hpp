// examples/cimrepctl/progress.hpp -- how far a copy is: a bar on a terminal, plain lines elsewhere.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>
#include <cimrep/runtime/relationship.hpp>

#include "console.hpp"
#include <cstdint>
#include <string>

namespace cimrepctl {

/// A moment of a copy or a comparison.
struct progress_sample {
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;
    duration took{};
};

/// How far the copy of a relationship is.
progress_sample sample_of(const relationship_info& info) noexcept;

/// "copying [#####.....]  50 %  812 MiB/s  0:02 left", at most `columns` long: first the bar gets
/// shorter, then one figure after the other is left out.
std::string progress_bar(const std::string& what, const progress_sample& sample,
                         std::size_t columns);
/// 0..100; 0 while nobody knows how much there is.
unsigned percent_of(const progress_sample& sample) noexcept;
/// "50 % of 256 MiB, 812 MiB/s, 0:02 left".
std::string progress_line(const progress_sample& sample);
/// "1.5 MiB", "17 bytes".
std::string size_text(std::uint64_t bytes);
/// "12345 bytes", "1 byte".
std::string bytes_text(std::uint64_t bytes);

/// Shows samples as they come, no more often than a reader can use them.
class progress_display {
public:
    progress_display(console& out, std::string what) : out_(&out), what_(std::move(what)) {}
    void show(const progress_sample& sample, monotonic_time now);
    /// All of it is done: the bar says so, whatever was shown last.
    void finish(progress_sample sample);
    /// It ended before.
    void end() { out_->end_line(); }

private:
    console* out_;
    std::string what_;
    monotonic_time due_{};
    bool begun_ = false;
};

}  // namespace cimrepctl
