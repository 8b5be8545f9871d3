// service/service_core.hpp -- what all methods of a service share.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/service/replication_service.hpp>

#include "../base/out_of_memory.hpp"
#include "aspect_keeper.hpp"
#include "indication_hub.hpp"
#include "job_keeper.hpp"
#include "method_run.hpp"
#include <list>
#include <memory>
#include <string>

namespace cimrep::inline v0 {

class service_core {
public:
    service_core(shard& over, service_options options);
    ~service_core();
    service_core(const service_core&) = delete;
    service_core& operator=(const service_core&) = delete;

    shard& over() const noexcept { return over_; }
    event_loop& loop() const noexcept { return over_.loop(); }
    const service_options& options() const noexcept { return options_; }
    indication_hub& hub() noexcept { return hub_; }
    job_keeper& jobs() noexcept { return jobs_; }
    const job_keeper& jobs() const noexcept { return jobs_; }
    aspect_keeper& aspects() noexcept { return aspects_; }
    const aspect_keeper& aspects() const noexcept { return aspects_; }

    /// "<OrgID>:<LocalID>", never made before: a random part for this service, then a number.
    std::string mint();
    /// Of a job whose name was minted last.
    job_number last_minted() const noexcept { return {jobs_.service_number(), minted_}; }
    /// A path of this service's: prefix, '_' and `suffix`, in its namespace.
    object_path make_path(std::string_view suffix, std::vector<key_binding> keys) const;

    /// Makes ready for the aspect of a relationship that is about to be dissolved.
    void expect_aspect(const relationship_info& of);

    /// Whatever `begin` has begun when memory runs out it undoes first.
    template <class Run, class Op>
    void launch(Op& op)
    {
        Run* run = nullptr;
        try {
            run = static_cast<Run*>(runs_.emplace_back(std::make_unique<Run>(*this, op)).get());
            run->begin();
        } catch (const std::bad_alloc&) {
            run != nullptr ? run->answer_later(out_of_memory()) : refuse_later(op);
        }
    }
    /// Destroys the run, then tells the caller.
    void finish(method_run& run, method_call& call) noexcept;

    /// Runs the loop until `finished`. @pre not inside a completion or an indication.
    void drive_until(bool (*finished)(void* context), void* context);

private:
    struct listener : relationship_listener {
        service_core* owner = nullptr;
    };
    void relationship_changed(relationship_event event, const relationship& which,
                              const relationship_info& previous) noexcept;
    void tell_of(relationship_event event, const relationship& which,
                 const relationship_info& previous);
    void tell_of_aspect();
    void refuse_later(method_call& call) noexcept;
    void refuse_all() noexcept;

    shard& over_;
    service_options options_;
    std::string incarnation_;
    std::uint64_t minted_ = 0;
    indication_hub hub_;
    job_keeper jobs_;
    aspect_keeper aspects_;
    std::list<std::unique_ptr<method_run>> runs_;
    listener listener_;
    intrusive_queue<method_call, &method_call::next> refused_;  ///< there was no memory to run them
    struct refusal_task : loop_task {
        service_core* owner = nullptr;
    } refusal_;
    unsigned completing_ = 0;
    bool driving_ = false;
};

struct replication_service::implementation : service_core {
    using service_core::service_core;
};

/// The relationship that a parameter names.
///
/// @errors  errc::stale_reference naming the parameter and the path.
outcome<relationship*> find_relationship(const service_core& core, std::string_view parameter,
                                         const object_path& path);

}  // namespace cimrep::inline v0
