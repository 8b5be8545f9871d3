// service/job_recording.cpp -- jobs are on record before clients see them, and are found again.
// SPDX-License-Identifier: BSL-1.0
#include "../base/out_of_memory.hpp"
#include "job_keeper.hpp"
#include <type_traits>
#include <utility>

namespace cimrep::inline v0 {

void job_keeper::record(kept_job& kept)
{
    if (!store_.durable()) return recorded(kept.number, {});
    kept.record_again = kept.recording;
    if (std::exchange(kept.recording, true)) return;
    try {
        store_.write(kept.number, {kept.job.memory(), kept.wanted, kept.waiting, kept.all},
                     [this, number = kept.number](error_code error) { recorded(number, error); });
    } catch (const std::bad_alloc&) {
        kept.record_again = false;
        recorded(kept.number, no_memory());
    }
}

// An end that could not be recorded is shown all the same: the next process finds the job running,
// and judges it by its relationships again.
void job_keeper::recorded(job_number number, error_code error) noexcept
{
    kept_job* kept = find(number);
    if (kept == nullptr) return;
    kept->recording = false;
    const bool born = kept->shown.has_value();
    if (!error && std::exchange(kept->record_again, false)) return record(*kept);
    const auto waiters = std::exchange(kept->waiters, {});
    if (!error || born) try_to([&] { show(*kept); });
    // Looked for again: a subscriber that hears of a job's end may delete it.
    kept = find(number);
    if (kept != nullptr && !kept->shown.has_value()) {
        // Nobody has been told of it, nor will be.
        std::erase_if(jobs_, [&](const auto& each) { return each.get() == kept; });
        if (!error) try_to([&] { store_.erase(number); });
        if (!error) error = no_memory();
    }
    for (const auto& each : waiters) each(error);
}

void job_keeper::show(kept_job& kept)
{
    // What clients see changes as a whole: a copy in place might end half way for want of memory.
    static_assert(std::is_nothrow_move_assignable_v<concrete_job>);
    std::optional<concrete_job> copy(kept.job);
    const auto before = std::exchange(kept.shown, std::move(copy));
    if (kept.shown->finished()) plan_removal();
    auto after = instance_of(*kept.shown, loop_.now());
    if (before.has_value())
        hub_.modified(instance_of(*before, loop_.now()), std::move(after));
    else
        hub_.created(std::move(after));
}

void job_keeper::when_recorded(const object_path& path, std::function<void(error_code)> told)
{
    kept_job* kept = find(path);
    if (kept == nullptr || !kept->recording) return told({});
    try {
        kept->waiters.push_back(std::move(told));
    } catch (const std::bad_alloc&) {
        told(no_memory());
    }
}

std::size_t job_keeper::recall(const shard& over)
{
    shard_ = &over;
    std::size_t damaged = 0;
    for (auto& [number, saved] : store_.recall(damaged)) {
        concrete_job job(std::move(saved.job), now());
        jobs_.push_back(std::make_unique<kept_job>(
            kept_job{job, job, number, saved.wanted, std::move(saved.waiting), saved.all}));
    }
    for (const auto& each : jobs_)
        if (!each->job.finished()) take_up(*each, over);
    plan_removal();
    return damaged;
}

// A client that finds the job of a process that is gone is told so.
failure job_keeper::told(const kept_job& kept, failure why) const
{
    if (kept.number.service != store_.number())
        why.wrong += " (the process that had started the job has ended)";
    return why;
}

// What a job waited for goes on, is there, or will not come by itself.
void job_keeper::take_up(kept_job& kept, const shard& over)
{
    // The Abort of a termination is judged by what is on record of it.
    if (kept.job.state() == job_state::shutting_down) kept.job.resume(now());
    const auto paths = kept.waiting;
    for (const object_path& path : paths) {
        const relationship* which = over.find(path);
        const auto ahead =
            which == nullptr ? outlook::out_of_reach : look_ahead(which->state(), kept.wanted);
        if (ahead == outlook::reached) std::erase(kept.waiting, path);
        if (ahead == outlook::suspended) kept.job.suspend(now());
        if (ahead != outlook::out_of_reach) continue;
        failure why = which == nullptr
                          ? cimrep::fail(errc::job_stopped,
                                         "relationship " + to_text(path) + " is there no more",
                                         "create it again if it is wanted")
                          : out_of_reach(path, which->state(), kept.wanted);
        return change(kept,
                      [&](concrete_job& job) { job.fail(told(kept, std::move(why)), now()); });
    }
    if (kept.waiting.empty()) return change(kept, [&](concrete_job& job) { job.complete(now()); });
    show(kept);
}

}  // namespace cimrep::inline v0
