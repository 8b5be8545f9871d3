// test/fuzz/service_calls.hpp -- bytes as the parameters of every method, and what answers must be.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/return_codes.hpp>

#include "service_life.hpp"
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace cimrep::test {

template <class Method>
void service_life::called<Method>::finished(service_world& around)
{
    const method_answer& op = *this;
    trace(to_name(Method::id).data(), to_number(op.return_code),
          op.error ? op.error->wrong.c_str() : "");
    const bool has_job = op.return_code == return_code::job_started;
    const bool refused = !op.succeeded();
    demand(classify(Method::id, to_number(op.return_code)) == value_kind::named,
           "a return code is one that the method defines");
    demand(op.job.has_value() == has_job, "a job comes with 4096 and with nothing else");
    demand(op.error.has_value() == refused, "a failure comes with a bad code only");
    if (!refused) return;
    demand(op.error->code && !op.error->wrong.empty(), "a failure says what was wrong");
    // What failed half way may have left its traces; what was refused has not.
    if (op.return_code == return_code::failed || op.return_code == return_code::timeout) {
        if (op.error->code != errc::invalid_state_transition) return;
    }
    if (before.empty() || around.loop.now() != started) return;
    const std::string after = everything(around);
    if (after != before) trace(("before: " + before + "\nafter: " + after).c_str(), 0);
    demand(after == before, "a refusal changes nothing");
}

template <class Method>
void service_life::call(typename Method::inputs in)
{
    auto record = std::make_unique<called<Method>>();
    world_.rest();
    if (world_.idle()) record->before = everything(world_);
    record->started = world_.loop.now();
    record->in = std::move(in);
    record->done = [](method_call& which) noexcept {
        static_cast<called<Method>&>(which).over = true;
    };
    world_.service->start(*record);
    world_.follow(std::move(record));
}

inline std::optional<object_path> service_life::element()
{
    const unsigned which = bytes_.take();
    if (which == 0xff) return std::nullopt;
    if (which == 0xfe) return object_path{};
    if (which < 3) return fuzz_element_path(world_.elements.all[which].name);
    if (which == 0x80 && !past_.empty()) return past_.back();
    return fuzz_element_path("absent");
}

/// A relationship, a job, what was one once, or what never was.
inline std::optional<object_path> service_life::instance()
{
    const unsigned which = bytes_.take();
    const auto all = world_.relationships();
    const auto jobs = world_.jobs();
    for (const auto* list : {&all, &jobs})
        for (const object_path& each : *list)
            if (std::find(past_.begin(), past_.end(), each) == past_.end()) past_.push_back(each);
    if (which == 0xff) return std::nullopt;
    if (which >= 0xc0) return element();
    const auto& from = which < 0x40 ? all : which < 0x80 ? jobs : past_;
    if (from.empty()) return fuzz_element_path("absent");
    return from[which % 0x40 % from.size()];
}

inline std::optional<replication_setting_data> service_life::settings()
{
    const unsigned given = bytes_.take();
    if (given == 0) return std::nullopt;
    replication_setting_data setting;
    if (given & 1u) setting.copy_recovery_mode = bytes_.value<desired_copy_recovery_mode>();
    if (given & 2u) setting.copy_priority = bytes_.value<copy_priority>();
    if (given & 4u) setting.on_group_or_list_error = bytes_.value<on_group_or_list_error>();
    if (given & 8u) setting.desired_copy_methodology = bytes_.value<desired_copy_methodology>();
    if (given & 16u) setting.read_only = bytes_.value<read_only>();
    if (given & 32u) setting.multihop = static_cast<std::uint16_t>(bytes_.take());
    if (given & 64u) setting.failed_copy_stops_host_io = bytes_.flag();
    if (given & 128u) setting.desired_rpo = seconds(bytes_.take());
    return setting;
}

inline void service_life::create()
{
    create_element_replica::inputs in;
    in.sync_type = bytes_.value<sync_type>();
    in.mode = bytes_.value<mode>();
    in.source_element = element();
    in.target_element = element();
    in.wait_for_copy_state = bytes_.value<copy_state>();
    in.replication_setting_data = settings();
    in.allow_overwrite = in.replication_setting_data.has_value();
    if (in.target_element == fuzz_element_path("s")) may_change_source(true);
    call<create_element_replica>(std::move(in));
}

inline bool brings_content(std::optional<operation> what)
{
    return what == operation::restore_from_replica || what == operation::failover ||
           what == operation::failback || what == operation::reverse_roles;
}

inline void service_life::modify()
{
    modify_replica_synchronization::inputs in;
    in.operation = bytes_.value<operation>();
    in.synchronization = instance();
    in.force = bytes_.flag();
    in.wait_for_copy_state = bytes_.value<copy_state>();
    in.replication_setting_data = settings();
    may_change_source(brings_content(in.operation) || in.force);
    call<modify_replica_synchronization>(std::move(in));
}

inline void service_life::modify_list()
{
    modify_list_synchronization::inputs in;
    in.operation = bytes_.value<operation>();
    for (unsigned count = bytes_.below(4); count > 0; --count)
        if (auto each = instance()) in.synchronization.push_back(std::move(*each));
    in.force = bytes_.flag();
    in.wait_for_copy_state = bytes_.value<copy_state>();
    in.replication_setting_data = settings();
    may_change_source(brings_content(in.operation) || in.force);
    call<modify_list_synchronization>(std::move(in));
}

inline void service_life::attach()
{
    attach_or_modify_replica::inputs in;
    in.source_element = element();
    in.target_element = element();
    in.copy_type = bytes_.value<attach_or_modify_copy_type>();
    if (bytes_.flag()) in.goal = "instance of CIM_SettingData {};";
    may_change_source(in.target_element == fuzz_element_path("s"));
    call<attach_or_modify_replica>(std::move(in));
}

inline void service_life::modify_as_before()
{
    modify_synchronization::inputs in;
    in.operation = bytes_.value<legacy_operation>();
    in.synchronization = instance();
    may_change_source(in.operation == legacy_operation::restore_from_replica);
    call<modify_synchronization>(std::move(in));
}

inline void service_life::ask_job()
{
    request_state_change::inputs in;
    in.job = instance();
    in.requested_state = bytes_.value<requested_job_state>();
    if (bytes_.flag()) in.timeout_period = seconds(1);
    may_change_source(false);
    call<request_state_change>(std::move(in));
}

inline void service_life::query()
{
    switch (bytes_.below(6)) {
    case 0: return call<get_errors>({instance()});
    case 1: {
        get_available_target_elements::inputs in;
        in.source_element = element();
        in.sync_type = bytes_.value<sync_type>();
        in.mode = bytes_.value<mode>();
        return call<get_available_target_elements>(std::move(in));
    }
    case 2:
    case 3: {
        relationship_filter in;
        in.sync_type = bytes_.value<sync_type>();
        in.mode = bytes_.value<mode>();
        in.copy_state = bytes_.value<copy_state>();
        if (bytes_.flag()) return call<get_replication_relationships>(std::move(in));
        return call<get_replication_relationship_instances>(std::move(in));
    }
    case 4: {
        create_synchronization_aspect::inputs in;
        in.sync_type = bytes_.value<sync_type>();
        in.source_element = element();
        return call<create_synchronization_aspect>(std::move(in));
    }
    case 5: {
        modify_settings_define_state::inputs in;
        in.operation = bytes_.value<define_state_operation>();
        in.settings_state = instance();
        return call<modify_settings_define_state>(std::move(in));
    }
    }
}

inline void service_life::ask_capabilities()
{
    const auto kind = bytes_.value<replication_type>();
    const auto what = bytes_.value<operation>();
    switch (bytes_.below(4)) {
    case 0: return call<get_supported_operations>({kind, settings(), bytes_.value<copy_state>()});
    case 1: return call<get_supported_copy_states>({kind, settings(), what});
    case 2:
        return call<get_supported_wait_for_copy_states>(
            {kind, bytes_.value<wait_method>(), settings(), what});
    case 3: return call<get_supported_operations_for_synchronization>({instance(), settings()});
    }
}

inline void service_life::keep_or_delete()
{
    const auto job = instance();
    if (!job) return;
    const bool removes = bytes_.flag();
    const bool goes_by_itself = !removes && bytes_.flag();
    const auto time = seconds(removes ? 0 : bytes_.take());
    const auto answer = removes ? world_.service->delete_job(*job)
                                : world_.service->keep_job(*job, goes_by_itself, time);
    demand(answer.has_value() || !answer.error().wrong.empty(), "a failure says what was wrong");
    world_.rest();
}

}  // namespace cimrep::test
