// examples/cimrepctl/kept_mirror.cpp -- creates, finds again, goes on with, and keeps a mirror.
// SPDX-License-Identifier: BSL-1.0
#include "kept_mirror.hpp"

#include <cimrep/cim/format.hpp>

#include <fmt/format.h>

#include "interrupt.hpp"
#include "online_compare.hpp"
#include "progress.hpp"
#include <algorithm>

namespace cimrepctl {

namespace {

const char* start_over =
    "bring back what was there; or start over: give another repository, or remove this one if it "
    "keeps nothing else";

/// That an element of the pair is what the repository knows under its name.
outcome<> check_known(const file_elements& files, const std::vector<saved_element>& saved,
                      const object_path& element)
{
    const auto found = std::ranges::find(saved, element, &saved_element::path);
    if (found == saved.end()) return success();
    CIMREP_TRY(const auto now, files.describe(element));
    const std::string name = location_of(element);
    if (now.identity != found->identity)
        return fail(errc::stale_reference,
                    fmt::format("{} is not what the repository knows by that name: it was '{}', "
                                "now it is '{}'",
                                name, found->identity, now.identity),
                    start_over);
    const bool fits = found->role == saved_role::source ? now.size_bytes == found->size_bytes
                                                        : now.size_bytes >= found->size_bytes;
    if (fits) return success();
    return fail(errc::geometry_mismatch,
                fmt::format("{} has {} bytes now, the repository knows it with {}", name,
                            now.size_bytes, found->size_bytes),
                start_over);
}

/// That neither is something else in another relationship.
outcome<> check_free(const std::vector<saved_element>& saved, const element_pair& pair)
{
    for (const saved_element& each : saved) {
        const bool is_source = each.role == saved_role::source;
        if (each.path != pair.target && !(!is_source && each.path == pair.source)) continue;
        const char* const role = is_source ? "the source of another relationship"
                                 : each.role == saved_role::target
                                     ? "the target of another relationship"
                                     : "a pool of points in time";
        return fail(errc::element_in_use,
                    fmt::format("{} is {} in the repository", location_of(each.path), role),
                    "`cimrepctl status` shows them; name another element, or another repository");
    }
    return success();
}

/// A shard would take an element that it cannot open for one that is away, and not say why.
outcome<> check_free_for_use(console& out, uring_loop& loop, const element_pair& pair)
{
    claim_wait wait(out);
    for (const object_path& each : {pair.source, pair.target}) {
        const std::string path = location_of(each);
        CIMREP_TRY(wait.open(path, [&] {
            return uring_device::open(loop, path, {.signatures = signature_policy::accept});
        }));
    }
    return success();
}

struct mirror_run {
    console* out;
    const mirror_command* asked;
    std::string names;                 ///< of the repository
    std::uint64_t resumed_bytes = 0;   ///< that an earlier run has copied
    std::uint64_t copied_bytes = 0;    ///< in this run, but for what a comparison has found
    std::uint64_t compared_bytes = 0;  ///< since it was Synchronized already
    std::uint64_t repaired_bytes = 0;
    bool known = false;
};

outcome<> make(mirror_run& run, kept_session& kept)
{
    const mirror_command& asked = *run.asked;
    if (!asked.identical.empty())
        return kept.over().create_identical(
            kept.pair(), asked.overwrite,
            asked.identical == "full" ? identity_check::full : identity_check::sampled);
    progress_display display(*run.out, "copying");
    auto ended =
        kept.over().create_mirror(kept.pair(), asked.overwrite, [&](const relationship_info& info) {
            display.show(sample_of(info), kept.over().loop().now());
        });
    ended ? display.finish(sample_of(kept.over().info())) : display.end();
    if (ended) run.copied_bytes = kept.over().info().copied_bytes;
    return ended;
}

outcome<> go_on(mirror_run& run, session& over)
{
    const relationship_info begun = over.info();
    const std::uint64_t size = over.size_bytes();
    const bool is_first = begun.when_synchronized.nanoseconds == 0;
    run.resumed_bytes = size - std::min(size, begun.different_bytes);
    run.out->say("resumed",
                 {{"source", run.asked->source},
                  {"target", run.asked->target},
                  {"copied_before_bytes", run.resumed_bytes},
                  {"total_bytes", size}},
                 fmt::format("going on where an earlier run ended: {} of {} are copied already{}",
                             size_text(run.resumed_bytes), size_text(size),
                             is_first ? ", and taken to be unchanged since" : ""));
    progress_display display(*run.out, "copying");
    // Of the whole, as the bar of a copy that was never interrupted.
    const auto sample = [&](const relationship_info& info) {
        progress_sample now = sample_of(info);
        now.done_bytes = size - std::min(size, info.different_bytes);
        now.total_bytes = size;
        return now;
    };
    auto ended = over.wait_for(copy_state::synchronized, [&](const relationship_info& info) {
        display.show(sample(info), over.loop().now());
    });
    ended ? display.finish(sample(over.info())) : display.end();
    if (ended) run.copied_bytes = over.info().copied_bytes;
    return ended;
}

/// Both may have been written to since, by others: what the last run has found proves nothing.
outcome<> compare_again(mirror_run& run, session& over)
{
    run.out->say("comparing", {{"source", run.asked->source}, {"target", run.asked->target}},
                 fmt::format("{} was a copy of {} before: comparing both, and copying what differs "
                             "now",
                             run.asked->target, run.asked->source));
    waited_verify op;
    op.repair = true;
    CIMREP_TRY(const std::uint64_t left, compare_and_repair(*run.out, over, op));
    run.compared_bytes = op.compared_bytes;
    run.repaired_bytes = op.repaired_bytes;
    if (left == 0) return success();
    return fail(errc::not_identical,
                fmt::format("{} differ still after they were copied", bytes_text(left)),
                "see whether the target keeps what is written");
}

/// Nothing has to be said by force: it is the target alone that is not what it was.
bool source_is_known(session& over)
{
    const auto found = over.core().volume(over.info().system_element);
    return found && !found.value()->legs().front().error;
}

/// Why a relationship is Broken, and what its user can do.
failure broken(session& over, const mirror_command& asked)
{
    failure why = fail(errc::leg_failed,
                       fmt::format("{} and {} cannot be mirrored now", asked.source, asked.target),
                       "bring back what is away, and run the same command again");
    const auto found = over.core().volume(over.info().system_element);
    if (!found) return why;
    bool target_only = false;
    for (const leg_info& each : found.value()->legs()) {
        if (!each.error) continue;
        target_only = each.element != over.info().system_element && why.code == errc::leg_failed;
        why.code = each.error;
        why.wrong += fmt::format("; {}{}{}", location_of(each.element),
                                 each.remark.empty() ? "" : ": ", each.remark);
    }
    if (why.code == errc::leg_not_recognized && target_only)
        why.remedy = fmt::format("--overwrite copies all of {}, and what {} holds now is LOST",
                                 asked.source, asked.target);
    else if (why.code == errc::leg_not_recognized)
        why.remedy = fmt::format(
            "--force, if what {} holds now counts: all of it is copied, and "
            "what {} holds is LOST, as is what other targets of {} hold when they are copied to "
            "next: detach first whom you want to keep",
            asked.source, asked.target, asked.source);
    return why;
}

outcome<> synchronize(mirror_run& run, kept_session& kept)
{
    session& over = kept.over();
    if (!run.known) return make(run, kept);
    if (!run.asked->identical.empty())
        return fail(errc::element_in_use,
                    fmt::format("{} and {} are related already in {}", run.asked->source,
                                run.asked->target, run.names),
                    "leave out --identical");
    const relationship_info found = over.info();
    const bool accepted = run.asked->force || (run.asked->overwrite && source_is_known(over));
    if (found.copy_state == copy_state::broken && !accepted) return broken(over, *run.asked);
    over.let_copy();
    if (found.copy_state == copy_state::synchronized) return compare_again(run, over);
    if (found.copy_state == copy_state::suspended) {
        CIMREP_TRY(over.modify(operation::resume));
    } else if (found.copy_state != copy_state::unsynchronized) {
        CIMREP_TRY(over.modify(operation::resync_replica, run.asked->force));
    }
    CIMREP_TRY(go_on(run, over));
    // What was equal long ago is no part of one copy.
    if (found.when_synchronized.nanoseconds != 0) return compare_again(run, over);
    return success();
}

failure explained(failure why, const mirror_run& run, session& over)
{
    const mirror_command& asked = *run.asked;
    if (why.code == errc::foreign_signature)
        why.remedy = "give another target, or --overwrite: what it carries is then LOST";
    if (why.code == errc::not_identical && !asked.identical.empty())
        why.remedy = "nothing was written: mirror without --identical makes the copy";
    if (!over.has_mirror()) {
        if (is_interruption(why))
            why.remedy = fmt::format("nothing was written to {}", asked.target);
        return why;
    }
    const relationship_info info = over.info();
    if (info.copy_state == copy_state::synchronized || info.copy_state == copy_state::broken)
        return why;
    why.remedy += fmt::format(
        "{}{} is INCOMPLETE and no copy of {} ({} % copied): the same command goes on from there",
        why.remedy.empty() ? "" : "; ", asked.target, asked.source, info.percent_synced);
    return why;
}

std::string done_text(const mirror_run& run)
{
    const mirror_command& asked = *run.asked;
    const std::string keeps = run.names + " keeps the relationship";
    if (!asked.identical.empty())
        return fmt::format("{} is taken for a copy of {}, which was checked {}; {}", asked.target,
                           asked.source, asked.identical == "full" ? "in full" : "by samples",
                           keeps);
    if (run.compared_bytes != 0)
        return fmt::format("{} is a copy of {}: {} copied and flushed, {} compared; {}",
                           asked.target, asked.source,
                           size_text(run.copied_bytes + run.repaired_bytes),
                           size_text(run.compared_bytes), keeps);
    if (run.known)
        return fmt::format("{} is a copy of {}: {} copied and flushed, {} were before; {}",
                           asked.target, asked.source, size_text(run.copied_bytes),
                           size_text(run.resumed_bytes), keeps);
    return fmt::format("{} is a copy of {}: {} copied and flushed; {}", asked.target, asked.source,
                       size_text(run.copied_bytes), keeps);
}

void tell(const mirror_run& run, const relationship_info& info)
{
    const mirror_command& asked = *run.asked;
    run.out->say("mirrored",
                 {{"source", asked.source},
                  {"target", asked.target},
                  {"copy_state", describe(info.copy_state)},
                  {"checked", asked.identical.empty() ? json() : json(asked.identical)},
                  {"copied_bytes", run.copied_bytes + run.repaired_bytes},
                  {"copied_before_bytes", run.resumed_bytes},
                  {"compared_bytes", run.compared_bytes},
                  {"seconds", static_cast<double>(info.copy_took.nanoseconds) / 1e9},
                  {"repository", run.names}},
                 done_text(run));
}

}  // namespace

outcome<std::unique_ptr<kept_session>> kept_session::open(console& out, const std::string& source,
                                                          const std::string& target,
                                                          const copy_names& repository,
                                                          const kept_options& options)
{
    CIMREP_TRY(check_apart(repository, {source, target}));
    std::unique_ptr<kept_session> made(new kept_session);
    CIMREP_TRY(made->loop_, make_loop());
    made->files_ = std::make_unique<file_elements>(*made->loop_);
    made->elements_ = std::make_unique<patient_elements>(out, *made->files_);
    // What is mirrored first: a repository is not made for a pair that is not there.
    CIMREP_TRY(made->pair_, options.may_be_away ? name_pair(out, source, target)
                                                : add_pair(out, *made->files_, source, target));
    if (!options.may_be_away) {
        CIMREP_TRY(check_free_for_use(out, *made->loop_, made->pair_));
    }
    CIMREP_TRY(made->repository_, kept_repository::open(out, *made->loop_, repository, options));
    device_repository& store = made->repository_->store();
    CIMREP_TRY(const auto saved, register_saved(*made->files_, store));
    for (const object_path& each : {made->pair_.source, made->pair_.target}) {
        if (options.may_be_away) break;
        CIMREP_TRY(check_known(*made->files_, saved, each));
    }
    CIMREP_TRY(made->session_,
               session::open(*made->loop_, *made->elements_, {.repository = &store}));
    made->known_ = made->session_->find(made->pair_);
    if (made->known_ || options.may_be_away) return made;
    CIMREP_TRY(check_free(saved, made->pair_));
    return made;
}

outcome<> kept_session::close()
{
    auto shard_ended = session_->close();
    auto repository_ended = repository_->close();
    CIMREP_TRY(std::move(shard_ended));
    return repository_ended;
}

outcome<> keep_mirror(console& out, const mirror_command& asked)
{
    const copy_names names = split_names(asked.repository);
    CIMREP_TRY(const auto kept, kept_session::open(out, asked.source, asked.target, names,
                                                   {.command = "mirror", .create = true}));
    mirror_run run{&out, &asked, names_text(names)};
    run.known = kept->is_known();
    auto ended = synchronize(run, *kept);
    if (!ended) {
        failure why = explained(std::move(ended).error(), run, kept->over());
        (void)kept->close();
        return why;
    }
    CIMREP_TRY(kept->over().flush());
    const relationship_info info = kept->over().info();
    CIMREP_TRY(kept->close());
    tell(run, info);
    return success();
}

}  // namespace cimrepctl
