// examples/cimrepctl/online_compare.cpp -- relationship::verify() with a bar.
// SPDX-License-Identifier: BSL-1.0
#include "online_compare.hpp"

#include <fmt/format.h>

#include "progress.hpp"
#include <algorithm>

namespace cimrepctl {

namespace {

/// One pass of the online comparison over all of the pair.
outcome<> compare_online(console& out, session& over, waited_verify& op, const char* what)
{
    const std::uint64_t size_bytes = over.size_bytes();
    const monotonic_time begun = over.loop().now();
    const auto sample = [&] {
        return progress_sample{op.compared_bytes, size_bytes, over.loop().now() - begun};
    };
    progress_display display(out, what);
    auto ended = over.verify(op, [&] { display.show(sample(), over.loop().now()); });
    ended ? display.finish(sample()) : display.end();
    if (ended) return ended;
    failure why = std::move(ended).error();
    if (!why.remedy.empty()) why.remedy += "; ";
    why.remedy += fmt::format("by then {} of {} were compared, {} differed, {} were repaired",
                              op.compared_bytes, bytes_text(size_bytes), op.different_bytes,
                              op.repaired_bytes);
    return why;
}

}  // namespace

outcome<std::uint64_t> compare_and_repair(console& out, session& over, waited_verify& op)
{
    CIMREP_TRY(compare_online(out, over, op, "verifying"));
    if (op.repaired_bytes == 0) return op.different_bytes;
    waited_verify again;
    CIMREP_TRY(compare_online(out, over, again, "verifying the repair"));
    return again.different_bytes + again.skipped_bytes;
}

std::vector<byte_extent> put_together(std::vector<byte_extent> runs)
{
    std::ranges::sort(runs, {}, &byte_extent::offset_bytes);
    std::vector<byte_extent> joined;
    for (const byte_extent run : runs) {
        if (!joined.empty() && joined.back().end_bytes() == run.offset_bytes)
            joined.back().length_bytes += run.length_bytes;
        else
            joined.push_back(run);
    }
    joined.resize(std::min(joined.size(), shown_runs_max));
    return joined;
}

}  // namespace cimrepctl
