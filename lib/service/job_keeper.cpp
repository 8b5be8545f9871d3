// service/job_keeper.cpp -- jobs follow their relationships.
// SPDX-License-Identifier: BSL-1.0
#include "job_keeper.hpp"

#include <cimrep/base/assert.hpp>
#include <cimrep/base/mutant.hpp>
#include <cimrep/service/conformance.hpp>
#include <cimrep/state/refusal.hpp>

#include <algorithm>

namespace cimrep::inline v0 {

outlook look_ahead(const relationship_state& state, copy_state wanted) noexcept
{
    if (state.copy_state == wanted) return outlook::reached;
    // Judged when it has settled: until then it may still fail.
    if (state.pending != request::none) return outlook::under_way;
    if (state.requested == wanted) return outlook::under_way;
    return state.copy_state == copy_state::suspended ? outlook::suspended : outlook::out_of_reach;
}

failure out_of_reach(const object_path& path, const relationship_state& state, copy_state wanted)
{
    const auto code = state.copy_state == copy_state::broken ? errc::leg_failed : errc::job_stopped;
    const auto legal = legal_requests_text(state, &is_built_for);
    return fail(code,
                "relationship " + to_text(path) + " became " +
                    std::string{to_name(state.copy_state)} + " while " +
                    std::string{to_name(wanted)} + " was waited for",
                legal.empty() ? "nothing is legal there" : "legal there: " + legal);
}

job_keeper::job_keeper(event_loop& loop, indication_hub& hub, repository* below)
    : loop_(loop), hub_(hub), store_(below)
{
    removal_.owner = again_.owner = this;
    removal_.fired = [](timer& which) noexcept {
        auto& self = *static_cast<owned_timer&>(which).owner;
        self.armed_ = false;
        self.try_to([&] { self.remove_due(); });
    };
    again_.fired = [](timer& which) noexcept {
        static_cast<owned_timer&>(which).owner->look_again();
    };
}

job_keeper::~job_keeper()
{
    if (armed_) loop_.disarm(removal_);
    if (again_.is_linked()) loop_.disarm(again_);
}

void job_keeper::add(job_birth birth, job_number number, copy_state wanted,
                     std::vector<object_path> waiting, std::function<void(error_code)> added)
{
    const auto all = waiting.size();
    auto made = std::make_unique<kept_job>(kept_job{
        concrete_job{std::move(birth), now()}, {}, number, wanted, std::move(waiting), all});
    made->waiters.push_back(std::move(added));
    jobs_.push_back(std::move(made));
    record(*jobs_.back());
}

kept_job* job_keeper::find(const object_path& path) const noexcept
{
    for (const auto& kept : jobs_)
        if (kept->shown.has_value() && kept->job.path() == path) return kept.get();
    return nullptr;
}

kept_job* job_keeper::find(job_number number) const noexcept
{
    for (const auto& kept : jobs_)
        if (kept->number == number) return kept.get();
    return nullptr;
}

void job_keeper::leave(kept_job& kept, const object_path& path)
{
    std::erase(kept.waiting, path);
    if (kept.waiting.empty() && !CIMREP_MUTANT(job_outlives_its_copy)) end_with_all(kept);
}

void job_keeper::end_with_all(kept_job& kept)
{
    if (kept.terminating) return terminate(kept);
    change(kept, [&](concrete_job& job) { job.complete(now()); });
}

void job_keeper::judge(kept_job& kept, const object_path& path, const relationship_state& state)
{
    const auto ahead = look_ahead(state, kept.wanted);
    if (kept.terminating) {
        if (state.pending == request::none && ahead != outlook::under_way) leave(kept, path);
        return;
    }
    switch (ahead) {
    case outlook::reached: return leave(kept, path);
    case outlook::under_way:
        return change(kept, [&](concrete_job& job) {
            if (state.pending == request::none) job.resume(now());
        });
    case outlook::suspended: return change(kept, [&](concrete_job& job) { job.suspend(now()); });
    case outlook::out_of_reach:
        return change(kept, [&](concrete_job& job) {
            job.fail(told(kept, out_of_reach(path, state, kept.wanted)), now());
        });
    }
}

void job_keeper::relationship_changed(const relationship& which) noexcept
{
    try_to([&] {
        // By index: a subscriber may start a method that adds a job.
        const auto path = which.path();
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            auto& kept = *jobs_[i];
            if (std::find(kept.waiting.begin(), kept.waiting.end(), path) != kept.waiting.end())
                judge(kept, path, which.state());
        }
    });
}

void job_keeper::relationship_deleted(const object_path& path) noexcept
{
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
        auto& kept = *jobs_[i];
        if (std::find(kept.waiting.begin(), kept.waiting.end(), path) != kept.waiting.end())
            try_to([&] { lose(kept, path); });
    }
}

void job_keeper::lose(kept_job& kept, const object_path& path)
{
    if (kept.terminating) return leave(kept, path);
    failure why = told(kept, fail(errc::job_stopped,
                                  "relationship " + to_text(path) + " was removed while " +
                                      std::string{to_name(kept.wanted)} + " was waited for",
                                  "create it again if it is wanted"));
    change(kept, [&](concrete_job& job) { job.fail(std::move(why), now()); });
}

// There was no memory for a fact that came, or to show what had come of it.
void job_keeper::look_again() noexcept
{
    for (std::size_t i = 0; i < jobs_.size(); ++i) try_to([&] { look_again_at(*jobs_[i]); });
    try_to([&] { remove_due(); });
}

void job_keeper::look_again_at(kept_job& kept)
{
    if (kept.job.finished()) {
        if (!kept.recording && (!kept.shown || !kept.shown->finished())) record(kept);
        return;
    }
    // The last had left already when there was no memory to end with.
    if (kept.waiting.empty()) return end_with_all(kept);
    const auto number = kept.number;
    const auto paths = kept.waiting;
    for (const object_path& path : paths) {
        // A subscriber that hears of its end may delete it.
        if (find(number) != &kept || kept.job.finished()) break;
        const relationship* which = shard_ != nullptr ? shard_->find(path) : nullptr;
        which != nullptr ? judge(kept, path, which->state()) : lose(kept, path);
    }
}

void job_keeper::show_progress(kept_job& kept, const relationship_info& info,
                               std::size_t reached) const
{
    const auto sum = std::uint64_t{info.percent_synced} + 100 * reached;
    const auto percent = static_cast<std::uint16_t>(sum / std::max<std::size_t>(kept.all, 1));
    kept.job.progress(percent);
    kept.shown->progress(percent);
}

void job_keeper::begin_termination(kept_job& kept) noexcept
{
    if (kept.terminating || kept.job.finished()) return;
    kept.terminating = true;
    try_to([&] { change(kept, [&](concrete_job& job) { job.shut_down(now()); }); });
}

// What has left meanwhile may be where it was to go, or out of reach: all are judged anew.
void job_keeper::take_termination_back(kept_job& kept, std::vector<object_path> waiting) noexcept
{
    if (!kept.terminating || kept.job.finished()) return;
    kept.terminating = false;
    kept.waiting = std::move(waiting);
    kept.job.resume(now());
    try_to([&] { look_again_at(kept); });
}

void job_keeper::terminate(kept_job& kept)
{
    change(kept, [&](concrete_job& job) {
        job.terminate(
            cimrep::fail(errc::job_stopped, "job " + job.instance_id() + " was terminated",
                         "start the operation again if it is wanted"),
            now());
    });
}

void job_keeper::kill(kept_job& kept)
{
    change(kept, [&](concrete_job& job) {
        job.kill(fail(errc::job_stopped, "job " + job.instance_id() + " was killed",
                      "look at the state of its relationships"),
                 now());
    });
}

void job_keeper::remove(kept_job& kept)
{
    CIMREP_ASSERT(kept.shown.has_value() && kept.shown->finished());
    auto last = instance_of(*kept.shown, loop_.now());
    store_.erase(kept.number);
    std::erase_if(jobs_, [&](const auto& each) { return each.get() == &kept; });
    try_to([&] { hub_.deleted(std::move(last)); });
}

void job_keeper::keep(kept_job& kept, bool delete_on_completion, duration time_before_removal)
{
    kept.job.set_delete_on_completion(delete_on_completion);
    kept.job.set_time_before_removal(time_before_removal);
    record(kept);
}

void job_keeper::plan_removal() noexcept
{
    std::optional<monotonic_time> first;
    for (const auto& kept : jobs_) {
        const auto due = kept->shown ? kept->shown->removal_due() : std::nullopt;
        if (due.has_value() && (!first.has_value() || *due < *first)) first = due;
    }
    if (first.has_value()) {
        loop_.arm(removal_, *first);
        armed_ = true;
    } else if (armed_) {
        loop_.disarm(removal_);
        armed_ = false;
    }
}

void job_keeper::remove_due()
{
    const auto is_due = [this](const std::unique_ptr<kept_job>& kept) {
        const auto due = kept->shown ? kept->shown->removal_due() : std::nullopt;
        return due.has_value() && *due <= loop_.now();
    };
    // From the front each time: a subscriber may delete jobs.
    for (auto at = std::find_if(jobs_.begin(), jobs_.end(), is_due); at != jobs_.end();
         at = std::find_if(jobs_.begin(), jobs_.end(), is_due))
        remove(**at);
    plan_removal();
}

}  // namespace cimrep::inline v0
