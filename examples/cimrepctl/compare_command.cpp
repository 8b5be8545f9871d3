// examples/cimrepctl/compare_command.cpp -- compare: plain reads; verify: the online comparison.
// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include "commands.hpp"
#include "interrupt.hpp"
#include "plain_read.hpp"
#include "progress.hpp"
#include "session.hpp"
#include <algorithm>
#include <chrono>

namespace cimrepctl {

namespace {

constexpr std::size_t shown_max = 10;

monotonic_time now()
{
    return {std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1)};
}

json to_json_list(const std::vector<byte_extent>& runs)
{
    json list = json::array();
    for (const byte_extent run : runs)
        list.push_back({{"offset_bytes", run.offset_bytes}, {"length_bytes", run.length_bytes}});
    return list;
}

std::string runs_text(const std::vector<byte_extent>& runs)
{
    std::string text;
    for (const byte_extent run : runs)
        text += fmt::format("\n  at byte {}: {} bytes", run.offset_bytes, run.length_bytes);
    return text;
}

/// What a comparison finds, put together.
struct findings {
    std::uint64_t different_bytes = 0;
    std::vector<byte_extent> first;  ///< the first runs, adjoining ones as one

    void add(byte_extent run)
    {
        different_bytes += run.length_bytes;
        if (!first.empty() && first.back().end_bytes() == run.offset_bytes)
            first.back().length_bytes += run.length_bytes;
        else if (first.size() < shown_max)
            first.push_back(run);
    }
};

outcome<exit_status> compare(console& out, const pair_request& asked)
{
    CIMREP_TRY(const auto a, plain_reader::open(asked.first));
    CIMREP_TRY(const auto b, plain_reader::open(asked.second));
    const std::uint64_t length = std::min(a.size_bytes(), b.size_bytes());
    const monotonic_time begun = now();
    progress_display display(out, "comparing");
    findings found;
    CIMREP_TRY(compare_plainly(
        a, b, length, 1, [&](byte_extent run) { found.add(run); },
        [&](std::uint64_t done) {
            display.show({done, length, now() - begun}, now());
            return !interrupted();
        }));
    display.end();
    const bool same_size = a.size_bytes() == b.size_bytes();
    const bool equal = same_size && found.different_bytes == 0;
    std::string text = found.different_bytes == 0
                           ? fmt::format("equal: {} bytes", length)
                           : fmt::format("different: {} of {} bytes{}", found.different_bytes,
                                         length, runs_text(found.first));
    if (!same_size)
        text +=
            fmt::format("\n  the sizes differ: {} and {} bytes", a.size_bytes(), b.size_bytes());
    out.say("compared",
            {{"equal", equal},
             {"compared_bytes", length},
             {"different_bytes", found.different_bytes},
             {"first_size_bytes", a.size_bytes()},
             {"second_size_bytes", b.size_bytes()},
             {"differences", to_json_list(found.first)}},
            text);
    return equal ? all_well : went_wrong;
}

outcome<exit_status> verify(console& out, const pair_request& asked)
{
    CIMREP_TRY(const auto loop, make_loop());
    file_elements files(*loop);
    CIMREP_TRY(const element_pair pair, add_pair(files, asked.first, asked.second));
    CIMREP_TRY(const auto over, session::open(*loop, files));
    CIMREP_TRY(over->create_identical(pair, true, identity_check::sampled));
    CIMREP_TRY(const auto source, files.describe(pair.source));
    waited_verify op;
    op.repair = asked.repair;
    const monotonic_time begun = loop->now();
    progress_display display(out, "verifying");
    CIMREP_TRY(over->verify(op, [&] {
        display.show({op.compared_bytes, source.size_bytes, loop->now() - begun}, loop->now());
    }));
    display.end();
    CIMREP_TRY(over->flush());
    CIMREP_TRY(over->modify(operation::detach));
    CIMREP_TRY(over->close());
    const std::uint64_t left = op.different_bytes - std::min(op.different_bytes, op.repaired_bytes);
    std::string text =
        fmt::format("{} bytes compared, {} differ", op.compared_bytes, op.different_bytes);
    if (op.repaired_bytes != 0) text += fmt::format(", {} repaired", op.repaired_bytes);
    op.differences.resize(std::min(op.differences.size(), shown_max));
    out.say("verified",
            {{"equal", left == 0},
             {"compared_bytes", op.compared_bytes},
             {"different_bytes", op.different_bytes},
             {"repaired_bytes", op.repaired_bytes},
             {"differences", to_json_list(op.differences)}},
            text + runs_text(op.differences));
    return left == 0 ? all_well : went_wrong;
}

}  // namespace

exit_status run_compare(console& out, const pair_request& asked)
{
    const auto ended = compare(out, asked);
    return ended ? ended.value() : out.complain(ended.error());
}

exit_status run_verify(console& out, const pair_request& asked)
{
    const auto ended = verify(out, asked);
    return ended ? ended.value() : out.complain(ended.error());
}

}  // namespace cimrepctl
