// examples/cimrepctl/compare_command.cpp -- compare: plain reads; verify: the online comparison.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/device_guard.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "claim_wait.hpp"
#include "commands.hpp"
#include "interrupt.hpp"
#include "kept_mirror.hpp"
#include "online_compare.hpp"
#include "plain_read.hpp"
#include "progress.hpp"
#include "session.hpp"
#include <algorithm>
#include <chrono>

namespace cimrepctl {

namespace {

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

/// `total_bytes`: of all runs, those that are not shown too.
std::string runs_text(const std::vector<byte_extent>& runs, std::uint64_t total_bytes)
{
    std::string text;
    for (const byte_extent run : runs) {
        text += fmt::format("\n  at byte {}: {}", run.offset_bytes, bytes_text(run.length_bytes));
        total_bytes -= run.length_bytes;
    }
    return total_bytes == 0 ? text : text + "\n  ... and " + bytes_text(total_bytes) + " elsewhere";
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
        else if (first.size() < shown_runs_max)
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
    auto ended = compare_plainly(
        a, b, length, 1, [&](byte_extent run) { found.add(run); },
        [&](std::uint64_t done) {
            display.show({done, length, now() - begun}, now());
            return !interrupted();
        });
    ended ? display.finish({length, length, now() - begun}) : display.end();
    CIMREP_TRY(std::move(ended));
    const bool same_size = a.size_bytes() == b.size_bytes();
    const bool equal = same_size && found.different_bytes == 0;
    std::string text =
        found.different_bytes == 0
            ? fmt::format("{}: {}", same_size ? "equal" : "equal as far as both go",
                          bytes_text(length))
            : fmt::format("different: {} of {}{}", found.different_bytes, bytes_text(length),
                          runs_text(found.first, found.different_bytes));
    if (!same_size)
        text += fmt::format("\n  the sizes differ: {} and {}", a.size_bytes(),
                            bytes_text(b.size_bytes()));
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

/// What copies what is known to differ in a pair that is kept.
std::string mirror_text(const pair_request& asked)
{
    return fmt::format("`cimrepctl mirror --source {} --target {} --repository {}`", asked.first,
                       asked.second, fmt::join(split_names(asked.repository), ","));
}

std::string verified_text(const pair_request& asked, const waited_verify& op, std::uint64_t left)
{
    if (op.different_bytes == 0)
        return fmt::format("{} equals {}: {} compared", asked.second, asked.first,
                           bytes_text(op.compared_bytes));
    const std::string differing =
        fmt::format("{} of {}", op.different_bytes, bytes_text(op.compared_bytes));
    const std::string where = runs_text(op.differences, op.different_bytes);
    if (op.repaired_bytes == 0)
        return fmt::format(
            "{} differs from {} in {}; nothing was written{}\n{}", asked.second, asked.first,
            differing, where,
            asked.repair ? "the repair was not possible: mirror again"
            : asked.repository.empty()
                ? "verify --repair writes these from the source again"
                : "it is known to differ there now, and Unsynchronized: " + mirror_text(asked) +
                      " copies these from the source again; no other verify is "
                      "possible before");
    return fmt::format("{} differed from {} in {}; repaired: {} written again from {}{}\n{}",
                       asked.second, asked.first, differing, bytes_text(op.repaired_bytes),
                       asked.first, where,
                       left == 0 ? "compared once more after that: equal"
                                 : fmt::format("compared once more after that: {} DIFFER STILL; "
                                               "see whether the target keeps what is written",
                                               bytes_text(left)));
}

exit_status tell(console& out, const pair_request& asked, waited_verify& op, std::uint64_t left)
{
    op.differences = put_together(std::move(op.differences));
    out.say("verified",
            {{"equal", left == 0},
             {"compared_bytes", op.compared_bytes},
             {"different_bytes", op.different_bytes},
             {"repaired_bytes", op.repaired_bytes},
             {"still_different_bytes", left},
             {"differences", to_json_list(op.differences)}},
            verified_text(asked, op, left));
    return left == 0 ? all_well : went_wrong;
}

// A target with other content than a copy of the source was meant by mistake.
outcome<> check_repairable(const pair_request& asked)
{
    if (!asked.repair || asked.overwrite) return success();
    CIMREP_TRY(const auto source, find_signature(asked.first));
    CIMREP_TRY(const auto target, find_signature(asked.second));
    if (target.empty() || target == source) return success();
    return fail(errc::foreign_signature,
                fmt::format("{} carries {}, and {} {}", asked.second, target, asked.first,
                            source.empty() ? "does not" : "carries " + source),
                "give the source first, or --overwrite: what the target carries is then LOST");
}

outcome<exit_status> verify(console& out, const pair_request& asked)
{
    CIMREP_TRY(check_repairable(asked));
    CIMREP_TRY(const auto loop, make_loop());
    file_elements files(*loop);
    patient_elements elements(out, files);
    CIMREP_TRY(const element_pair pair, add_pair(out, files, asked.first, asked.second));
    CIMREP_TRY(const auto over, session::open(*loop, elements));
    // Whether they are equal is what is to be found out: here a check could only refuse to look.
    CIMREP_TRY(over->create_identical(pair, true, identity_check::none));
    waited_verify op;
    op.repair = asked.repair;
    CIMREP_TRY(const std::uint64_t left, compare_and_repair(out, *over, op));
    CIMREP_TRY(over->flush());
    CIMREP_TRY(over->modify(operation::detach));
    CIMREP_TRY(over->close());
    return tell(out, asked, op, left);
}

/// The pair as a repository keeps it: what is still to be copied there does not count as equal.
outcome<exit_status> verify_kept(console& out, const pair_request& asked)
{
    CIMREP_TRY(check_repairable(asked));
    const copy_names names = split_names(asked.repository);
    CIMREP_TRY(const auto kept,
               kept_session::open(out, asked.first, asked.second, names, {.command = "verify"}));
    session& over = kept->over();
    if (!kept->is_known())
        return fail(errc::stale_reference,
                    fmt::format("{} keeps no relationship of {} and {}", names_text(names),
                                asked.first, asked.second),
                    "leave out --repository, or mirror them with it first");
    if (over.info().copy_state != copy_state::synchronized)
        return fail(
            errc::element_not_accessible,
            fmt::format("{} is no copy of {}: CopyState {}, {} % copied", asked.second, asked.first,
                        to_name(over.info().copy_state), over.info().percent_synced),
            mirror_text(asked) +
                (over.info().copy_state == copy_state::broken
                     ? " says what there is against going on with the copy"
                     : " copies what differs or was not copied yet; verify, with --repair or "
                       "without it, is for a pair that is Synchronized"));
    waited_verify op;
    op.repair = asked.repair;
    CIMREP_TRY(const std::uint64_t left, compare_and_repair(out, over, op));
    CIMREP_TRY(over.flush());
    CIMREP_TRY(kept->close());
    return tell(out, asked, op, left);
}

}  // namespace

exit_status run_compare(console& out, const pair_request& asked)
{
    const auto ended = compare(out, asked);
    return ended ? ended.value() : out.complain(ended.error());
}

exit_status run_verify(console& out, const pair_request& asked)
{
    const auto ended = asked.repository.empty() ? verify(out, asked) : verify_kept(out, asked);
    return ended ? ended.value() : out.complain(ended.error());
}

}  // namespace cimrepctl
