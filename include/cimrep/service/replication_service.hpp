// service/replication_service.hpp -- the CIM methods of one shard, its jobs and its subscribers.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/shard.hpp>
#include <cimrep/service/aspect.hpp>
#include <cimrep/service/capability_methods.hpp>
#include <cimrep/service/configuration_methods.hpp>
#include <cimrep/service/indication.hpp>
#include <cimrep/service/job.hpp>
#include <cimrep/service/job_methods.hpp>
#include <cimrep/service/method_op.hpp>
#include <cimrep/service/replication_methods.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

/// How a service is made.
struct service_options {
    std::string organization = "cimrep";              ///< OrgID of the InstanceIDs that it makes
    duration job_time_before_removal = seconds(300);  ///< how long a finished job can be read
};

/// Carries out the CIM methods on one shard.
///
/// A method checks its parameters before any effect, completes once, from the loop, after its
/// result is durable, and never blocks. With WaitForCopyState it answers 4096 and a job once the
/// request has settled, if that state is still to come. Names, classes and namespaces of what it
/// makes follow the shard's options.
///
/// Lifetime:  the shard outlives it. Destroying it while a method runs asserts; its jobs end with
///            it, what they waited for goes on.
/// Threads:   the shard's loop.
class CIMREP_API replication_service {
public:
    explicit replication_service(shard& over, service_options options = {});
    ~replication_service();
    replication_service(const replication_service&) = delete;
    replication_service& operator=(const replication_service&) = delete;

    // Each starts one method; op.done is called later, from the loop. The return code and the
    // failure are in the op. Source: the classes of the same names.
    void start(method_op<create_element_replica>& op);
    void start(method_op<create_synchronization_aspect>& op);
    void start(method_op<modify_replica_synchronization>& op);
    void start(method_op<modify_list_synchronization>& op);
    void start(method_op<modify_settings_define_state>& op);
    void start(method_op<get_available_target_elements>& op);
    void start(method_op<get_replication_relationships>& op);
    void start(method_op<get_replication_relationship_instances>& op);
    void start(method_op<get_supported_copy_states>& op);
    void start(method_op<get_supported_wait_for_copy_states>& op);
    void start(method_op<get_supported_operations>& op);
    void start(method_op<get_supported_operations_for_synchronization>& op);
    void start(method_op<attach_or_modify_replica>& op);
    void start(method_op<modify_synchronization>& op);
    void start(method_op<request_state_change>& op);
    void start(method_op<get_errors>& op);

    /// Starts `Method` and calls `finished(method_result<Method>)` when it is done:
    /// `service.call<modify_replica_synchronization>({.operation = ...}, [](auto result) {...})`.
    ///
    /// Allocates:  the record that start() would have taken from its caller.
    template <class Method, class Callback>
    void call(typename Method::inputs in, Callback finished);

    /// Starts `Method` and drives the loop until it is done: for programs that own the loop.
    ///
    /// @pre  not inside a completion, an indication or another run().
    template <class Method>
    method_result<Method> run(typename Method::inputs in);

    /// Drives the loop until the job has finished; its state, or Killed if there is no such job.
    ///
    /// @pre  as run().
    job_state run_job(const object_path& job);

    /// The job of that path, or null once it was removed.
    const concrete_job* find_job(const object_path& path) const;
    void for_each_job(const std::function<void(const concrete_job&)>& visit) const;
    /// Removes a finished job: a client's DeleteInstance.
    ///
    /// @errors  errc::stale_reference; errc::element_in_use while it runs;
    ///          std::errc::not_enough_memory.
    outcome<> delete_job(const object_path& path);
    /// Lets a finished job stay until it is deleted, or go after `time_before_removal`.
    ///
    /// @errors  errc::stale_reference; errc::invalid_argument; std::errc::not_enough_memory.
    outcome<> keep_job(const object_path& path, bool delete_on_completion,
                       duration time_before_removal);

    const std::vector<synchronization_aspect>& synchronization_aspects() const noexcept;
    const std::vector<settings_define_state>& settings_define_states() const noexcept;

    /// The instance of a relationship, a job, an aspect or its association.
    ///
    /// @errors  errc::stale_reference; std::errc::not_enough_memory.
    outcome<instance> get_instance(const object_path& path) const;
    /// All instances: relationships, aspects and their associations, jobs.
    ///
    /// Allocates:  the list; throws std::bad_alloc.
    std::vector<instance> instances() const;

    void subscribe(indication_listener& listener) noexcept;

    shard& over() const noexcept;

    struct implementation;

private:
    // Nests while completions and indications run, in which nobody may drive the loop.
    void drive_until(bool (*finished)(void* context), void* context);

    std::unique_ptr<implementation> parts_;
};

template <class Method, class Callback>
void replication_service::call(typename Method::inputs in, Callback finished)
{
    struct record : method_op<Method> {
        explicit record(Callback callback) : finished(std::move(callback)) {}
        Callback finished;
    };
    auto* op = new record(std::move(finished));
    op->in = std::move(in);
    op->done = [](method_call& base) noexcept {
        const std::unique_ptr<record> self{static_cast<record*>(&base)};
        method_result<Method> result;
        static_cast<method_answer&>(result) = static_cast<const method_answer&>(*self);
        result.out = std::move(self->out);
        self->finished(std::move(result));
    };
    start(*op);
}

template <class Method>
method_result<Method> replication_service::run(typename Method::inputs in)
{
    struct record : method_op<Method> {
        bool finished = false;
    };
    record op;
    op.in = std::move(in);
    op.done = [](method_call& base) noexcept { static_cast<record&>(base).finished = true; };
    start(op);
    drive_until([](void* context) { return static_cast<record*>(context)->finished; }, &op);
    method_result<Method> result;
    static_cast<method_answer&>(result) = static_cast<const method_answer&>(op);
    result.out = std::move(op.out);
    return result;
}

}  // namespace cimrep::inline v0
