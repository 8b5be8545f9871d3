// service/replication_service.cpp -- the doors of the service.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/assert.hpp>
#include <cimrep/service/replication_service.hpp>

#include "../base/out_of_memory.hpp"
#include "create_run.hpp"
#include "job_run.hpp"
#include "list_run.hpp"
#include "modify_run.hpp"
#include "query_run.hpp"
#include "service_core.hpp"

namespace cimrep::inline v0 {

namespace {

// Percentages move without events: they are read off the relationships when somebody looks.
void refresh(const service_core& core, kept_job& kept) noexcept
{
    if (kept.job.finished() || kept.waiting.empty()) return;
    const auto* slowest = core.over().find(kept.waiting.front());
    if (slowest == nullptr) return;
    try {
        core.jobs().show_progress(kept, slowest->info(), kept.all - kept.waiting.size());
    } catch (const std::bad_alloc&) {
        // The percentage that was shown last stays.
    }
}

failure no_job(const object_path& path)
{
    return fail(errc::stale_reference, "no job is called " + to_text(path),
                "list the jobs and give the path of one of them");
}

}  // namespace

replication_service::replication_service(shard& over, service_options options)
    : parts_(std::make_unique<implementation>(over, std::move(options)))
{
}

replication_service::~replication_service() = default;

void replication_service::start(method_op<create_element_replica>& op)
{
    parts_->launch<create_element_replica_run>(op);
}
void replication_service::start(method_op<create_synchronization_aspect>& op)
{
    parts_->launch<query_run<create_synchronization_aspect>>(op);
}
void replication_service::start(method_op<modify_replica_synchronization>& op)
{
    parts_->launch<modify_run>(op);
}
void replication_service::start(method_op<modify_list_synchronization>& op)
{
    parts_->launch<list_run>(op);
}
void replication_service::start(method_op<modify_settings_define_state>& op)
{
    parts_->launch<query_run<modify_settings_define_state>>(op);
}
void replication_service::start(method_op<get_available_target_elements>& op)
{
    parts_->launch<query_run<get_available_target_elements>>(op);
}
void replication_service::start(method_op<get_replication_relationships>& op)
{
    parts_->launch<query_run<get_replication_relationships>>(op);
}
void replication_service::start(method_op<get_replication_relationship_instances>& op)
{
    parts_->launch<query_run<get_replication_relationship_instances>>(op);
}
void replication_service::start(method_op<get_supported_copy_states>& op)
{
    parts_->launch<query_run<get_supported_copy_states>>(op);
}
void replication_service::start(method_op<get_supported_wait_for_copy_states>& op)
{
    parts_->launch<query_run<get_supported_wait_for_copy_states>>(op);
}
void replication_service::start(method_op<get_supported_operations>& op)
{
    parts_->launch<query_run<get_supported_operations>>(op);
}
void replication_service::start(method_op<get_supported_operations_for_synchronization>& op)
{
    parts_->launch<query_run<get_supported_operations_for_synchronization>>(op);
}
void replication_service::start(method_op<attach_or_modify_replica>& op)
{
    parts_->launch<attach_or_modify_run>(op);
}
void replication_service::start(method_op<modify_synchronization>& op)
{
    parts_->launch<legacy_modify_run>(op);
}
void replication_service::start(method_op<request_state_change>& op)
{
    parts_->launch<job_run>(op);
}
void replication_service::start(method_op<get_errors>& op)
{
    parts_->launch<query_run<get_errors>>(op);
}

job_state replication_service::run_job(const object_path& job)
{
    struct watch {
        const job_keeper* jobs;
        const object_path* path;
    };
    watch watched{&parts_->jobs(), &job};
    drive_until(
        [](void* context) {
            const auto& of = *static_cast<watch*>(context);
            const auto* kept = of.jobs->find(*of.path);
            return kept == nullptr || kept->shown->finished();
        },
        &watched);
    const auto* kept = parts_->jobs().find(job);
    return kept == nullptr ? job_state::killed : kept->shown->state();
}

const concrete_job* replication_service::find_job(const object_path& path) const
{
    auto* kept = parts_->jobs().find(path);
    if (kept == nullptr) return nullptr;
    refresh(*parts_, *kept);
    return &*kept->shown;
}

void replication_service::for_each_job(const std::function<void(const concrete_job&)>& visit) const
{
    for (const auto& kept : parts_->jobs().all()) {
        if (!kept->shown.has_value()) continue;
        refresh(*parts_, *kept);
        visit(*kept->shown);
    }
}

outcome<> replication_service::delete_job(const object_path& path)
{
    return within_memory([&]() -> outcome<> {
        auto* kept = parts_->jobs().find(path);
        if (kept == nullptr) return no_job(path);
        if (!kept->shown->finished()) {
            return fail(errc::element_in_use, "job " + kept->job.instance_id() + " is running",
                        "terminate it, or wait until it has ended");
        }
        parts_->jobs().remove(*kept);
        return success();
    });
}

outcome<> replication_service::keep_job(const object_path& path, bool delete_on_completion,
                                        duration time_before_removal)
{
    return within_memory([&]() -> outcome<> {
        auto* kept = parts_->jobs().find(path);
        if (kept == nullptr) return no_job(path);
        if (time_before_removal.nanoseconds < 0) {
            return fail(errc::invalid_argument, "TimeBeforeRemoval is negative",
                        "give an interval of zero or more");
        }
        parts_->jobs().keep(*kept, delete_on_completion, time_before_removal);
        return success();
    });
}

const std::vector<synchronization_aspect>& replication_service::synchronization_aspects()
    const noexcept
{
    return parts_->aspects().aspects();
}

const std::vector<settings_define_state>& replication_service::settings_define_states()
    const noexcept
{
    return parts_->aspects().associations();
}

outcome<instance> replication_service::get_instance(const object_path& path) const
{
    return within_memory([&]() -> outcome<instance> {
        for (auto& each : instances())
            if (each.path == path) return std::move(each);
        return fail(errc::stale_reference, "no instance is called " + to_text(path),
                    "list the instances and give the path of one of them");
    });
}

std::vector<instance> replication_service::instances() const
{
    std::vector<instance> all;
    over().for_each_relationship(
        [&](relationship& each) { all.push_back(instance_of(each.info())); });
    for (const auto& each : synchronization_aspects()) all.push_back(instance_of(each));
    for (const auto& each : settings_define_states()) all.push_back(instance_of(each));
    for_each_job(
        [&](const concrete_job& job) { all.push_back(instance_of(job, over().loop().now())); });
    return all;
}

void replication_service::subscribe(indication_listener& listener) noexcept
{
    parts_->hub().subscribe(listener);
}

shard& replication_service::over() const noexcept
{
    return parts_->over();
}

void replication_service::drive_until(bool (*finished)(void* context), void* context)
{
    parts_->drive_until(finished, context);
}

}  // namespace cimrep::inline v0
