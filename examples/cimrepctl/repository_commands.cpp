// examples/cimrepctl/repository_commands.cpp -- check, repair and upgrade: of closed repositories.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/device_guard.hpp>
#include <cimrep/store/repository_upgrade.hpp>

#include <fmt/format.h>

#include "commands.hpp"
#include "repository_copies.hpp"
#include "session.hpp"
#include "store_op.hpp"
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

namespace cimrepctl {

namespace {

const char* text_of(copy_verdict verdict)
{
    switch (verdict) {
    case copy_verdict::unknown: return "no copy of a repository";
    case copy_verdict::foreign: return "a copy of another repository, or one that went its own way";
    case copy_verdict::stale: return "stale";
    case copy_verdict::damaged: return "damaged";
    case copy_verdict::behind: return "behind";
    case copy_verdict::whole: return "whole";
    }
    return "unknown";
}

const char* name_of(copy_verdict verdict)
{
    switch (verdict) {
    case copy_verdict::unknown: return "unknown";
    case copy_verdict::foreign: return "foreign";
    case copy_verdict::stale: return "stale";
    case copy_verdict::damaged: return "damaged";
    case copy_verdict::behind: return "behind";
    case copy_verdict::whole: return "whole";
    }
    return "unknown";
}

std::vector<std::string> features_of(const repository_features& features)
{
    std::vector<std::string> names;
    if (features.has_leg_evidence()) names.push_back("leg_evidence");
    if (features.has_points_in_time()) names.push_back("points_in_time");
    return names;
}

std::string joined(const std::vector<std::string>& all)
{
    std::string text;
    for (const std::string& each : all) text += (text.empty() ? "" : "; ") + each;
    return text;
}

std::string features_text(const repository_features& features)
{
    const std::vector<std::string> names = features_of(features);
    return names.empty() ? "none" : joined(names);
}

/// @param hint  what its user can do with it; empty: nothing is to be done.
void say_copy(console& out, const std::string& name, const copy_report& found,
              const std::string& hint)
{
    json members{{"copy", name}, {"verdict", name_of(found.verdict)}, {"problems", found.problems}};
    std::string text = fmt::format("{}: {}", name, text_of(found.verdict));
    if (found.newest) {
        const superblock& block = *found.newest;
        members.update({{"index", block.copy_index},
                        {"of", block.copy_count},
                        {"generation", block.generation.number},
                        {"closed_in_order", block.clean},
                        {"last_opened_by", block.owner.name},
                        {"features", features_of(block.features)}});
        text += fmt::format(", copy {} of {}, {}", block.copy_index, block.copy_count,
                            block.clean ? "closed in order" : "not closed in order");
        if (!block.owner.name.empty()) text += ", last opened by " + block.owner.name;
        if (found.torn_tail && !block.clean) text += "; its last record was being written";
    }
    if (!found.problems.empty()) text += "; " + joined(found.problems);
    if (!hint.empty()) text += "\n  " + hint;
    out.say("copy", members, text);
}

/// How many bytes a copy is short of what it had.
std::uint64_t missing_bytes(const block_device& device, const copy_report& found)
{
    const std::uint64_t size = device.shape().size_bytes;
    const std::uint64_t wanted = found.newest ? found.newest->layout.size_bytes() : 0;
    return wanted - std::min(wanted, size);
}

/// What helps a copy that is too small.
std::string enlarging(const std::string& name, std::uint64_t wanted_bytes)
{
    return fmt::format(
        "make {} {} bytes large again, and repair then; or leave it out, and repair "
        "with another file or device and --replace",
        name, wanted_bytes);
}

/// Says of each copy what it is worth, and what is to be done with it.
void say_copies(console& out, const repository_copies& copies,
                const std::vector<copy_report>& shown, const copy_names& surplus, bool all)
{
    const auto devices = copies.devices();
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const std::string& name = copies.names()[i];
        if (!all && shown[i].verdict == copy_verdict::whole && shown[i].problems.empty()) continue;
        std::string hint;
        if (!shown[i].newest && std::ranges::find(surplus, name) == surplus.end())
            hint = fmt::format(
                "if it was a copy, `cimrepctl repair ANOTHER {} --replace --overwrite` writes it "
                "anew from another one; all that it carries is then LOST",
                name);
        if (missing_bytes(*devices[i], shown[i]) != 0)
            hint = enlarging(name, shown[i].newest->layout.size_bytes());
        say_copy(out, name, shown[i], hint);
    }
}

/// Opens the copies that can be opened; says which are `absent`. Whoever is in use ends it all.
outcome<repository_copies> open_present(console& out, uring_loop& loop, const copy_names& names,
                                        copy_names& absent)
{
    copy_names present;
    for (const std::string& each : names) {
        const auto one = repository_copies::open(out, loop, {each}, copy_access::read);
        if (one) {
            present.push_back(each);
            continue;
        }
        if (one.error().code == errc::element_in_use) return one.error();
        absent.push_back(each);
        out.say("copy", {{"copy", each}, {"verdict", "absent"}, {"problems", {one.error().wrong}}},
                fmt::format("{}: {}: {}", each, one.error().wrong, one.error().code.message()));
    }
    if (present.empty())
        return fail(errc::repository_absent, "none of the copies can be opened",
                    "check the names of the files or devices");
    return repository_copies::open(out, loop, present, copy_access::read);
}

std::string words_of(const copy_names& names)
{
    std::string text;
    for (const std::string& each : names) text += " " + each;
    return text;
}

/// Which copies are recorded as stale, and what brings them back.
std::string stale_text(const repository_check_report& found, const copy_names& names)
{
    const superblock& block = *found.copies[*found.believed].newest;
    std::string text;
    const auto has = [&](copy_verdict verdict, std::optional<unsigned> copy) {
        return std::ranges::any_of(found.copies, [&](const copy_report& each) {
            return each.verdict == verdict && (!copy || each.newest->copy_index == *copy);
        });
    };
    const char* place = has(copy_verdict::unknown, {}) ? "" : " NEW";
    for (unsigned copy = 0; copy < block.copy_count; ++copy) {
        if (!block.stale(copy)) continue;
        text += fmt::format("\ncopy {} of {} is recorded as stale", copy, block.copy_count);
        text += has(copy_verdict::stale, copy)
                    ? ": repair with it, or with another and --replace"
                    : fmt::format(
                          " and none of these: `cimrepctl repair{}{} --replace` makes it "
                          "anew, on a file or device that is no copy yet",
                          words_of(names), place);
    }
    return text;
}

/// What a user is to do after a check that finds that not all is well.
std::string repair_text(const repository_copies& copies, const repository_check_report& found,
                        const copy_names& surplus)
{
    std::string text;
    if (!surplus.empty())
        text += fmt::format("\n{} is no copy of it; {}", names_text(surplus), surplus_remedy);
    copy_names rest;
    bool can_be_mended = false;
    const auto devices = copies.devices();
    for (std::size_t i = 0; i < found.copies.size(); ++i) {
        const copy_report& each = found.copies[i];
        if (std::ranges::find(surplus, copies.names()[i]) != surplus.end()) continue;
        rest.push_back(copies.names()[i]);
        const bool is_well = each.verdict == copy_verdict::whole && each.problems.empty();
        // What is no copy and what is too small want more, which is said of each.
        can_be_mended |= !is_well && each.newest && missing_bytes(*devices[i], each) == 0;
    }
    if (can_be_mended) text += "\n`cimrepctl repair" + words_of(rest) + "` mends what can be";
    return text;
}

outcome<exit_status> check(console& out, const repository_command& asked)
{
    CIMREP_TRY(const auto loop, make_loop());
    copy_names absent;
    CIMREP_TRY(const auto copies, open_present(out, *loop, asked.copies, absent));
    const repository_check_report found = check_copies(*loop, copies);
    // What those that are there are to each other can be told without the one that is not.
    const bool incomplete = found.refused && found.refused->code == errc::repository_incomplete;
    const auto shown = incomplete ? check_copies(*loop, copies, true).copies : found.copies;
    const copy_names surplus = surplus_of(found, copies.names(), absent);
    say_copies(out, copies, shown, surplus, true);
    if (found.refused) return in_names(*found.refused, copies.names());
    const bool good = absent.empty() && found.good() && found.stale_copies == 0;
    const repository_features features = found.copies[*found.believed].newest->features;
    std::string text = fmt::format("{}: it has {} records, {} bytes; features: {}",
                                   good ? "all is well" : "it opens, but not all is well",
                                   found.records, found.record_bytes, features_text(features));
    text += stale_text(found, copies.names());
    if (!good) text += repair_text(copies, found, surplus);
    if (!features.contain(newest_features))
        text += "\nan earlier version has made it; `cimrepctl upgrade" + words_of(asked.copies) +
                "` adds what this one can";
    out.say("checked",
            {{"good", good},
             {"records", found.records},
             {"record_bytes", found.record_bytes},
             {"believed", copies.names()[*found.believed]},
             {"features", features_of(features)}},
            text);
    return good ? all_well : went_wrong;
}

/// Its first MiB holds nothing but zeros.
bool is_blank(const std::string& path)
{
    std::vector<char> begin(1 << 20);
    std::ifstream file(path, std::ios::binary);
    file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    return std::all_of(begin.begin(), begin.end(), [](char each) { return each == 0; });
}

/// A device that is to become a copy loses what it carries: that must be meant.
outcome<> check_replaceable(const repository_copies& copies, const repository_check_report& found,
                            const repair_command& asked)
{
    for (std::size_t i = 0; i < found.copies.size(); ++i) {
        if (found.copies[i].verdict != copy_verdict::unknown || asked.overwrite) continue;
        CIMREP_TRY(const auto signature, find_signature(copies.names()[i]));
        if (signature.empty() && is_blank(copies.names()[i])) continue;
        return fail(
            errc::foreign_signature,
            fmt::format("{} carries {}", copies.names()[i],
                        signature.empty() ? "data that is none of a repository" : signature),
            "give another, or --overwrite: what it carries is then LOST");
    }
    return success();
}

/// Makes the files that are not there, as large as the copies that are, or leaves them out; tells
/// what is there then. Refuses what the repository has no place for.
outcome<copy_names> settle_absent(console& out, uring_loop& loop, const repair_command& asked)
{
    copy_names present, absent;
    for (const std::string& each : asked.copies)
        (std::filesystem::exists(each) ? present : absent).push_back(each);
    if (present.empty()) return asked.copies;
    CIMREP_TRY(const auto copies, repository_copies::open(out, loop, present, copy_access::read));
    const repository_check_report found = check_copies(loop, copies, true);
    if (const copy_names surplus = surplus_of(found, present, absent); !surplus.empty())
        return refuse_surplus(surplus);
    if (absent.empty()) return present;
    if (!asked.replace && !asked.accept_missing)
        return fail(errc::repository_incomplete, absent.front() + " is not there",
                    "bring it back; if it is lost for good, --replace makes it anew from the other "
                    "copies, --accept-missing goes on without it");
    if (!asked.replace) return present;
    if (found.refused) return in_names(*found.refused, present);
    const superblock& block = *found.copies[*found.believed].newest;
    for (const std::string& each : absent) {
        CIMREP_TRY(make_copy_file(each, block.layout.size_bytes()));
    }
    return asked.copies;
}

/// Why nothing was repaired, with the name of what is too small.
failure explained(failure why, uring_loop& loop, const repository_copies& copies)
{
    const auto devices = copies.devices();
    const repository_check_report found = check_copies(loop, copies, true);
    for (std::size_t i = 0; i < found.copies.size() && found.believed; ++i) {
        if (why.code != errc::out_of_bounds) break;
        const std::uint64_t wanted = found.copies[*found.believed].newest->layout.size_bytes();
        const std::uint64_t size = devices[i]->shape().size_bytes;
        if (size >= wanted) continue;
        why.wrong = fmt::format("{} has {} bytes, a copy of this repository has {}",
                                copies.names()[i], size, wanted);
        why.remedy = enlarging(copies.names()[i], wanted);
        return why;
    }
    return in_names(std::move(why), copies.names());
}

outcome<exit_status> repair(console& out, const repair_command& asked)
{
    CIMREP_TRY(const auto loop, make_loop());
    CIMREP_TRY(const copy_names names, settle_absent(out, *loop, asked));
    CIMREP_TRY(const auto copies, repository_copies::open(out, *loop, names, copy_access::write));
    const bool accept = asked.accept_missing || asked.replace;
    if (asked.replace) {
        CIMREP_TRY(check_replaceable(copies, check_copies(*loop, copies, accept), asked));
    }
    waited_store_op<repository_repair_op> op;
    op.copies = copies.devices();
    op.options.accept_missing = accept;
    op.options.boot_id = boot_id();
    op.options.name = owner_name("repair");
    op.rebuild_unknown = asked.replace;
    repair_repository(op);
    op.wait(*loop);
    if (op.error) return explained(std::move(*op.error), *loop, copies);
    const repository_check_report left = check_copies(*loop, copies, accept);
    say_copies(out, copies, left.copies, {}, false);
    std::string text = op.repaired.empty() ? "there was nothing to repair" : joined(op.repaired);
    text +=
        left.good() ? "; all copies that were given are whole now" : "; NOT all copies are whole";
    if (left.believed) text += stale_text(left, names);
    out.say("repaired", {{"good", left.good()}, {"repaired", op.repaired}}, text);
    return left.good() ? all_well : went_wrong;
}

outcome<exit_status> upgrade(console& out, const upgrade_command& asked)
{
    CIMREP_TRY(const auto loop, make_loop());
    CIMREP_TRY(const auto copies,
               repository_copies::open(out, *loop, asked.copies, copy_access::write));
    waited_store_op<repository_upgrade_op> op;
    op.copies = copies.devices();
    op.options.accept_missing = asked.accept_missing;
    op.options.boot_id = boot_id();
    op.options.name = owner_name("upgrade");
    upgrade_repository(op);
    op.wait(*loop);
    if (op.error) return in_names(std::move(*op.error), asked.copies);
    out.say("upgraded",
            {{"changed", op.changed},
             {"features_before", features_of(op.before)},
             {"features", features_of(op.after)}},
            op.changed ? fmt::format("features before: {}, now: {}; earlier versions of the "
                                     "library refuse the repository from now on",
                                     features_text(op.before), features_text(op.after))
                       : fmt::format("nothing to do: it has all features of this version: {}",
                                     features_text(op.after)));
    return all_well;
}

template <class Command, class Carry>
exit_status run_on_copies(console& out, const Command& given, Carry carry_out)
{
    Command asked = given;
    asked.copies = split_names(given.copies);
    if (const auto apart = check_apart(asked.copies); !apart) return out.complain(apart.error());
    const auto ended = carry_out(out, asked);
    return ended ? ended.value() : out.complain(ended.error());
}

}  // namespace

exit_status run_check(console& out, const repository_command& asked)
{
    return run_on_copies(out, asked, &check);
}

exit_status run_repair(console& out, const repair_command& asked)
{
    return run_on_copies(out, asked, &repair);
}

exit_status run_upgrade(console& out, const upgrade_command& asked)
{
    return run_on_copies(out, asked, &upgrade);
}

}  // namespace cimrepctl
