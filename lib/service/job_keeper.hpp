// service/job_keeper.hpp -- the jobs of a service: what they wait for, and when they go.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>
#include <cimrep/runtime/shard.hpp>
#include <cimrep/service/job.hpp>

#include "indication_hub.hpp"
#include "job_store.hpp"
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <vector>

namespace cimrep::inline v0 {

/// How a relationship stands to the CopyState that is waited for.
enum class outlook {
    reached,
    under_way,     ///< it will get there by itself
    suspended,     ///< it will go on after Resume
    out_of_reach,  ///< it will not get there by itself
};

/// By the table alone: RequestedCopyState tells where a relationship is going.
outlook look_ahead(const relationship_state& state, copy_state wanted) noexcept;

/// Why a relationship will not reach `wanted`.
failure out_of_reach(const object_path& path, const relationship_state& state, copy_state wanted);

/// A job and what it waits for.
///
/// Invariant:  clients see `shown`, and no job before there is one: that it is there and how it
///             ended is durable then, where anything is.
struct kept_job {
    concrete_job job;
    std::optional<concrete_job> shown;
    job_number number;
    copy_state wanted;
    std::vector<object_path> waiting;  ///< relationships that are not there yet
    std::size_t all = 0;               ///< how many it began with
    bool terminating = false;          ///< waits for the copies to be aborted instead
    bool recording = false;
    bool record_again = false;  ///< it has changed since its record was sent
    /// Are told, once, when all that has happened to it is on record, or why it is not.
    std::vector<std::function<void(error_code)>> waiters;
};

/// Lifetime:  disarms its timer when destroyed.
class job_keeper {
public:
    job_keeper(event_loop& loop, indication_hub& hub, repository* below);
    ~job_keeper();
    job_keeper(const job_keeper&) = delete;
    job_keeper& operator=(const job_keeper&) = delete;

    /// Adds a job; `added` is called, perhaps at once, when it is on record and clients see it. If
    /// it cannot be recorded there is no such job.
    void add(job_birth birth, job_number number, copy_state wanted,
             std::vector<object_path> waiting, std::function<void(error_code)> added);
    /// The jobs of the services before, and what has become of them; how many cannot be read.
    std::size_t recall(const shard& over);
    /// One that clients see.
    kept_job* find(const object_path& path) const noexcept;
    /// `told` is called, perhaps at once, when all that has happened to the job is on record; at
    /// once with an error where there is no memory to wait for that.
    void when_recorded(const object_path& path, std::function<void(error_code)> told);
    std::uint64_t service_number() const noexcept { return store_.number(); }
    const std::vector<std::unique_ptr<kept_job>>& all() const noexcept { return jobs_; }

    // Where memory runs out these are made good later.
    void relationship_changed(const relationship& which) noexcept;
    void relationship_deleted(const object_path& path) noexcept;
    /// Raises the percentage of a running job to what its relationships say.
    void show_progress(kept_job& kept, const relationship_info& info, std::size_t reached) const;

    /// The copies are being aborted: the job ends as Terminated once none is under way.
    void begin_termination(kept_job& kept) noexcept;
    /// No copy was aborted: the job goes on, and waits for `waiting` again.
    void take_termination_back(kept_job& kept, std::vector<object_path> waiting) noexcept;
    void terminate(kept_job& kept);
    void kill(kept_job& kept);
    void remove(kept_job& kept);
    void keep(kept_job& kept, bool delete_on_completion, duration time_before_removal);

    job_time now() const noexcept { return {loop_.wall_now(), loop_.now()}; }

private:
    struct owned_timer : timer {
        job_keeper* owner = nullptr;
    };
    /// Whatever there was no memory for is looked at again a little later.
    template <class Work>
    void try_to(Work&& work) noexcept
    {
        try {
            work();
        } catch (const std::bad_alloc&) {
            if (!again_.is_linked()) loop_.arm(again_, loop_.now() + milliseconds(10));
        }
    }

    kept_job* find(job_number number) const noexcept;
    template <class Change>
    void change(kept_job& kept, Change&& what);
    void judge(kept_job& kept, const object_path& path, const relationship_state& state);
    void leave(kept_job& kept, const object_path& path);
    /// @pre  it waits for nothing any more.
    void end_with_all(kept_job& kept);
    void lose(kept_job& kept, const object_path& path);
    void look_again() noexcept;
    void look_again_at(kept_job& kept);
    void record(kept_job& kept);
    void recorded(job_number number, error_code error) noexcept;
    void show(kept_job& kept);
    failure told(const kept_job& kept, failure why) const;
    void take_up(kept_job& kept, const shard& over);
    void plan_removal() noexcept;
    void remove_due();

    event_loop& loop_;
    indication_hub& hub_;
    job_store store_;
    std::vector<std::unique_ptr<kept_job>> jobs_;
    const shard* shard_ = nullptr;
    owned_timer removal_;
    owned_timer again_;  ///< armed: memory had run out
    bool armed_ = false;
};

template <class Change>
void job_keeper::change(kept_job& kept, Change&& what)
{
    const bool ran = !kept.job.finished();
    what(kept.job);
    if (kept.job.finished()) kept.waiting.clear();
    // How it stands with a job that runs follows from its relationships: only its end is recorded.
    if (ran && !kept.job.finished() && !kept.recording) return show(kept);
    record(kept);
}

}  // namespace cimrep::inline v0
