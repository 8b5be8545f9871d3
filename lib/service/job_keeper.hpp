// service/job_keeper.hpp -- the jobs of a service: what they wait for, and when they go.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>
#include <cimrep/runtime/relationship.hpp>
#include <cimrep/service/job.hpp>

#include "indication_hub.hpp"
#include <memory>
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
struct kept_job {
    concrete_job job;
    copy_state wanted;
    std::vector<object_path> waiting;  ///< relationships that are not there yet
    std::size_t all = 0;               ///< how many it began with
    bool terminating = false;          ///< waits for the copies to be aborted instead
};

/// Lifetime:  disarms its timer when destroyed.
class job_keeper {
public:
    job_keeper(event_loop& loop, indication_hub& hub) noexcept;
    ~job_keeper();
    job_keeper(const job_keeper&) = delete;
    job_keeper& operator=(const job_keeper&) = delete;

    const object_path& add(job_birth birth, copy_state wanted, std::vector<object_path> waiting);
    kept_job* find(const object_path& path) const noexcept;
    const std::vector<std::unique_ptr<kept_job>>& all() const noexcept { return jobs_; }

    void relationship_changed(const relationship& which);
    void relationship_deleted(const object_path& path);
    /// Raises the percentage of a running job to what its relationships say.
    void show_progress(kept_job& kept, const relationship_info& info, std::size_t reached) const;

    /// The copies are being aborted: the job ends as Terminated once none is under way.
    void begin_termination(kept_job& kept);
    void terminate(kept_job& kept);
    void kill(kept_job& kept);
    void remove(kept_job& kept);
    void keep(kept_job& kept, bool delete_on_completion, duration time_before_removal);

    job_time now() const noexcept { return {loop_.wall_now(), loop_.now()}; }

private:
    struct removal_timer : timer {
        job_keeper* owner = nullptr;
    };

    template <class Change>
    void change(kept_job& kept, Change&& what);
    void judge(kept_job& kept, const object_path& path, const relationship_state& state);
    void leave(kept_job& kept, const object_path& path);
    void plan_removal() noexcept;
    void remove_due();

    event_loop& loop_;
    indication_hub& hub_;
    std::vector<std::unique_ptr<kept_job>> jobs_;
    removal_timer removal_;
    bool armed_ = false;
};

}  // namespace cimrep::inline v0
