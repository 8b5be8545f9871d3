// lib/store/judgement.cpp -- set, generation and history decide; neither order nor path does.
// SPDX-License-Identifier: BSL-1.0
#include "judgement.hpp"

#include <cimrep/base/mutant.hpp>

#include <boost/uuid/uuid_io.hpp>
#include <fmt/format.h>

#include "../base/mark.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

namespace {

using findings_list = std::span<const copy_findings* const>;

std::string text(const boost::uuids::uuid& id)
{
    return boost::uuids::to_string(id);
}

/// No device has a valid superblock: the best explanation.
failure no_repository(findings_list found)
{
    error_code why = errc::repository_absent;
    std::size_t which = 0;
    for (std::size_t i = found.size(); i-- > 0;) {
        const error_code error = found[i]->superblock_error();
        if (error == errc::repository_absent) continue;
        why = error;
        which = i;
    }
    if (why == errc::repository_absent)
        return fail(why, "none of the devices given has a superblock",
                    "check the names of the devices, or format a new repository");
    return fail(why, fmt::format("device {} of those given has no valid superblock", which),
                "check the devices with `cimrepctl check`, or give an intact copy");
}

outcome<> check_set(findings_list found, const repository_open_options& options)
{
    const superblock* first = nullptr;
    for (const copy_findings* each : found) {
        for (const error_code& error : each->superblock_errors)
            if (error == errc::repository_version)
                return fail(error, "a superblock has a version or features that are not known",
                            "open it with the version of the library that has written it");
        const superblock* block = each->newest();
        if (block == nullptr) continue;
        if (first == nullptr) first = block;
        if (block->set != first->set)
            return fail(errc::foreign_signature,
                        fmt::format("the devices are copies of {} and of {}", text(first->set),
                                    text(block->set)),
                        "give the copies of one repository");
    }
    if (first == nullptr) return no_repository(found);
    if (options.expected_set && first->set != *options.expected_set)
        return fail(errc::foreign_signature,
                    fmt::format("the devices carry repository {}, {} is expected", text(first->set),
                                text(*options.expected_set)),
                    "give the copies of the expected repository");
    return success();
}

std::string copy_and_generation(const superblock& block)
{
    return fmt::format("copy {} (generation {})", block.copy_index, block.generation.number);
}

failure diverged(const superblock& a, const superblock& b)
{
    return fail(errc::repository_diverged,
                fmt::format("{} and {} were changed without each other", copy_and_generation(a),
                            copy_and_generation(b)),
                "decide which one is true, open it alone accepting that the other is missing, "
                "and resilver the other");
}

/// What `older` has was known to `newer`, or nobody can tell any more.
enum class descent : std::uint8_t { same, ancestor, too_old, diverged };
descent relate(const superblock& newer, const superblock& older)
{
    if (older.generation == newer.generation) return descent::same;
    for (const repository_generation& each : newer.history) {
        if (each == older.generation) return descent::ancestor;
        if (each.number <= older.generation.number) return descent::diverged;
    }
    return newer.history.size() < superblock::history_max ? descent::diverged : descent::too_old;
}

/// Of the highest generation; a copy that is being filled knows the generation of the others, and
/// says of itself that it is stale.
const superblock& best_of(findings_list found)
{
    const superblock* best = nullptr;
    const auto rank = [](const superblock& block) {
        return std::pair(block.generation.number, !block.stale(block.copy_index));
    };
    for (const copy_findings* each : found) {
        const superblock* block = each->newest();
        if (block != nullptr && (best == nullptr || rank(*block) > rank(*best))) best = block;
    }
    return *best;
}

/// Gives a device its place among the copies.
outcome<> place(known_copies& known, const copy_findings& found, int device)
{
    const superblock* block = found.newest();
    if (block == nullptr) {
        CIMREP_MARK(copy_without_superblock);
        known.remarks.push_back(fmt::format("device {} of those given has no valid superblock: {}",
                                            device, found.superblock_error().message()));
        return success();
    }
    const superblock& best = known.best;
    switch (relate(best, *block)) {
    case descent::same:
        if (block->stale_copies != best.stale_copies || block->layout != best.layout ||
            block->copy_count != best.copy_count || block->features != best.features)
            return fail(errc::repository_damaged,
                        fmt::format("copies {} and {} of generation {} contradict each other",
                                    best.copy_index, block->copy_index, best.generation.number),
                        "check the devices with `cimrepctl check`");
        break;
    case descent::ancestor: break;
    case descent::too_old:
        CIMREP_MARK(copy_too_old_to_judge);
        known.remarks.push_back(fmt::format("copy {} is of generation {}, too old to be judged",
                                            block->copy_index, block->generation.number));
        return success();
    case descent::diverged:
        if (!CIMREP_MUTANT(diverged_copies_believed)) return diverged(best, *block);
        break;
    }
    if (block->copy_index >= best.copy_count)
        return fail(errc::repository_damaged,
                    fmt::format("there is a copy {} of {}", block->copy_index, best.copy_count),
                    "check the devices with `cimrepctl check`");
    int& slot = known.device[block->copy_index];
    if (slot != known_copies::none)
        return fail(errc::repository_diverged,
                    fmt::format("devices {} and {} of those given are both copy {}", slot, device,
                                block->copy_index),
                    "give only the one that belongs to the repository");
    slot = device;
    if (found.superblock_errors[0] || found.superblock_errors[1]) {
        CIMREP_MARK(one_superblock_damaged);
        known.remarks.push_back(
            fmt::format("copy {}: one of its superblocks is damaged", block->copy_index));
    }
    return success();
}

/// A generation goes to one superblock of each copy, and only then to the other of any. A copy with
/// both of them may be of a generation that was answered in.
std::optional<repository_generation> generation_before(const known_copies& known,
                                                       findings_list found)
{
    std::optional<repository_generation> before;
    for (unsigned copy = 0; copy < known.best.copy_count; ++copy) {
        if (!known.used(copy)) continue;
        const copy_findings& each = *found[static_cast<std::size_t>(known.device[copy])];
        if (each.newest()->generation != known.best.generation) continue;
        const auto& other = each.slots[each.newest_slot() ^ 1u];
        if (!other || other->generation == known.best.generation) return std::nullopt;
        if (before && *before != other->generation) return std::nullopt;
        before = other->generation;
    }
    return before;
}

}  // namespace

bool known_copies::knows_all(const copy_findings& found) const noexcept
{
    if (!found.whole()) return false;
    const superblock& its = *found.newest();
    if (its.generation == best.generation) return true;
    return before && its.generation == *before && !its.stale(its.copy_index);
}

bool is_better(const copy_findings& one, const copy_findings& other) noexcept
{
    const auto rank = [](const copy_findings& each) {
        return std::pair(each.newest()->generation.number, each.log.last_sequence);
    };
    return rank(one) > rank(other);
}

/// A device that is given and not believed may be one of the missing copies, and the one that knows
/// most: whoever accepts that they are missing must hear of it first.
failure missing(const known_copies& known, findings_list found)
{
    std::string names, doubtful;
    for (unsigned copy = 0; copy < known.best.copy_count; ++copy)
        if (known.missing.has(copy)) names += fmt::format("{}{}", names.empty() ? "" : ", ", copy);
    for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i]->newest() == nullptr &&
            found[i]->superblock_error() != errc::repository_absent)
            doubtful += fmt::format("; device {} of those given has no valid superblock ({})", i,
                                    found[i]->superblock_error().message());
    return fail(
        errc::repository_incomplete,
        fmt::format("copy {} of {} is missing, and may know more than those given{}", names,
                    known.best.copy_count, doubtful),
        doubtful.empty()
            ? "give it too, or, if it is lost for good, open accepting that it is missing"
            : "check that device with `cimrepctl check`; only if what it carries is lost for "
              "good, open accepting that it is missing");
}

outcome<known_copies> identify(findings_list found, const repository_open_options& options)
{
    CIMREP_TRY(check_set(found, options));
    known_copies known;
    known.best = best_of(found);
    known.stale = copy_mask(known.best.stale_copies);
    for (std::size_t i = 0; i < found.size(); ++i) {
        CIMREP_TRY(place(known, *found[i], static_cast<int>(i)));
    }
    if (known.stale.has(known.best.copy_index))
        return fail(
            errc::repository_incomplete,
            fmt::format("only stale copies are there, the best is copy {}", known.best.copy_index),
            "give a current copy");
    known.before = generation_before(known, found);
    for (unsigned copy = 0; copy < known.best.copy_count; ++copy)
        if (!known.stale.has(copy) && !known.given(copy)) known.missing.add(copy);
    if (known.missing.empty() || options.accept_missing) return known;
    return missing(known, found);
}

outcome<unsigned> choose(known_copies& known, findings_list found)
{
    const auto at = [&](unsigned copy) -> const copy_findings& {
        return *found[static_cast<std::size_t>(known.device[copy])];
    };
    std::optional<unsigned> chosen;
    std::uint64_t newest = 0;
    std::string problems;
    for (unsigned copy = 0; copy < known.best.copy_count; ++copy) {
        if (!known.used(copy)) continue;
        const copy_findings& each = at(copy);
        const superblock& block = *each.newest();
        newest = std::max({newest, each.log.last_sequence, each.log.newest_sequence,
                           block.replay_sequence - 1, block.clean ? block.last_sequence : 0});
        if (!each.whole()) {
            problems +=
                fmt::format("{}copy {}: {}", problems.empty() ? "" : "; ", copy, each.problem);
            CIMREP_MARK(copy_without_content);
            known.remarks.push_back(fmt::format("copy {}: {}", copy, each.problem));
        } else if (known.knows_all(each) && (!chosen || is_better(each, at(*chosen)))) {
            chosen = copy;
        }
        if (each.whole() && each.unreadable_log_blocks != 0) {
            CIMREP_MARK(log_read_around);
            known.remarks.push_back(
                fmt::format("copy {}: {} blocks of its log cannot be read, and "
                            "seem to hold nothing that counts",
                            copy, each.unreadable_log_blocks));
        }
    }
    if (!chosen)
        return fail(errc::repository_damaged, problems,
                    "give another copy if there is one; what depends on the repository must be "
                    "taken as unknown");
    const std::uint64_t last = at(*chosen).log.last_sequence;
    if (newest > last + 1)
        return fail(errc::repository_damaged,
                    fmt::format("{}; copy {} ends with log record {}, but {} was written", problems,
                                *chosen, last, newest),
                    "give another copy if there is one");
    for (unsigned copy = 0; copy < known.best.copy_count; ++copy)
        if (known.used(copy) && at(copy).whole() && at(copy).log.last_sequence + 1 < last)
            known.remarks.push_back(fmt::format("copy {} ends with log record {}, copy {} with {}",
                                                copy, at(copy).log.last_sequence, *chosen, last));
    return *chosen;
}

}  // namespace cimrep::inline v0
