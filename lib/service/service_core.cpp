// service/service_core.cpp -- names, indications and the end of methods.
// SPDX-License-Identifier: BSL-1.0
#include "service_core.hpp"

#include <cimrep/base/assert.hpp>
#include <cimrep/cim/object_path_parse.hpp>

#include <array>

namespace cimrep::inline v0 {

namespace {

std::string random_text(event_loop& loop)
{
    std::array<std::byte, 8> bytes{};
    loop.random_bytes(bytes);
    std::string text;
    for (const auto each : bytes)
        for (const auto digit :
             {std::to_integer<unsigned>(each) >> 4, std::to_integer<unsigned>(each) & 15U})
            text += "0123456789abcdef"[digit];
    return text;
}

}  // namespace

service_core::service_core(shard& over, service_options options)
    : over_(over),
      options_(std::move(options)),
      incarnation_(random_text(over.loop())),
      jobs_(over.loop(), hub_, over.options().repository)
{
    listener_.owner = this;
    listener_.changed = [](relationship_listener& self, relationship_event event,
                           const relationship& which, const relationship_info& previous) noexcept {
        static_cast<listener&>(self).owner->relationship_changed(event, which, previous);
    };
    refusal_.owner = this;
    refusal_.run = [](loop_task& task) noexcept {
        static_cast<refusal_task&>(task).owner->refuse_all();
    };
    over_.listen(listener_);
    const std::size_t damaged = jobs_.recall(over_);
    if (observer* watcher = over_.options().watcher; watcher != nullptr && damaged != 0) {
        const log_field field{"jobs", damaged};
        watcher->log({log_level::warning,
                      log_event::safety_warning,
                      "records of jobs",
                      errc::repository_damaged,
                      {&field, 1}});
    }
}

service_core::~service_core()
{
    CIMREP_ASSERT(runs_.empty() && refused_.empty());
}

std::string service_core::mint()
{
    // The number is never given again once a job was told of, whatever a generator repeats.
    return options_.organization + ':' + incarnation_ + '-' +
           std::to_string(jobs_.service_number()) + '-' + std::to_string(++minted_);
}

object_path service_core::make_path(std::string_view suffix, std::vector<key_binding> keys) const
{
    const auto& names = over_.options();
    object_path_parts parts;
    parts.name_space = names.name_space;
    parts.class_name = names.class_prefix + '_' + std::string{suffix};
    parts.keys = std::move(keys);
    auto made = make_object_path(std::move(parts));
    CIMREP_ASSERT(made.has_value());  // the shard has checked its prefix and its namespace
    return std::move(made).value();
}

void service_core::refuse_later(method_call& call) noexcept
{
    refused_.push(call);
    if (!refusal_.queued) loop().defer(refusal_);
}

void service_core::refuse_all() noexcept
{
    auto refused = std::move(refused_);
    ++completing_;
    while (method_call* call = refused.pop()) {
        static_cast<method_answer&>(*call) = {};
        call->return_code = return_code::failed;
        call->error = out_of_memory();
        if (call->done != nullptr) call->done(*call);
    }
    --completing_;
}

void service_core::finish(method_run& run, method_call& call) noexcept
{
    std::erase_if(runs_, [&](const auto& each) { return each.get() == &run; });
    ++completing_;
    if (call.done != nullptr) call.done(call);
    --completing_;
}

void service_core::drive_until(bool (*finished)(void* context), void* context)
{
    CIMREP_ASSERT(completing_ == 0 && !hub_.busy() && !driving_);
    driving_ = true;
    while (!finished(context)) loop().run_once();
    driving_ = false;
}

// Where there is no memory for an indication its subscribers miss it; jobs are looked at again.
void service_core::relationship_changed(relationship_event event, const relationship& which,
                                        const relationship_info& previous) noexcept
{
    const bool leaves_aspect =
        event == relationship_event::deleted && aspects_.leave(which.path(), loop().wall_now());
    try {
        // The aspect first: there is no moment without a trace of the source.
        if (leaves_aspect) tell_of_aspect();
        tell_of(event, which, previous);
    } catch (const std::bad_alloc&) {
    }
    if (event == relationship_event::modified) jobs_.relationship_changed(which);
    if (event == relationship_event::deleted) jobs_.relationship_deleted(which.path());
}

void service_core::tell_of(relationship_event event, const relationship& which,
                           const relationship_info& previous)
{
    // There was no memory to know what it was.
    if (previous.path.empty() && event != relationship_event::created) return;
    switch (event) {
    case relationship_event::created: hub_.created(instance_of(which.info())); break;
    case relationship_event::modified:
        hub_.modified(instance_of(previous), instance_of(which.info()));
        break;
    case relationship_event::deleted: hub_.deleted(instance_of(previous)); break;
    }
}

void service_core::tell_of_aspect()
{
    auto aspect = instance_of(aspects_.aspects().back());
    auto association = instance_of(aspects_.associations().back());
    hub_.created(std::move(aspect));
    hub_.created(std::move(association));
}

void service_core::expect_aspect(const relationship_info& of)
{
    synchronization_aspect aspect;
    aspect.instance_id = mint();
    aspect.path = make_path("SynchronizationAspect", {{"InstanceID", aspect.instance_id}});
    aspect.element_name = to_text(of.synced_element);
    aspect.source_element = of.system_element;
    settings_define_state association;
    association.managed_element = of.system_element;
    association.setting_data = aspect.path;
    association.path =
        make_path("SettingsDefineState", {{"ManagedElement", to_text(association.managed_element)},
                                          {"SettingData", to_text(association.setting_data)}});
    aspects_.expect(of.path, std::move(aspect), std::move(association));
}

outcome<relationship*> find_relationship(const service_core& core, std::string_view parameter,
                                         const object_path& path)
{
    if (auto* found = core.over().find(path)) return found;
    return fail(errc::stale_reference,
                "parameter " + std::string{parameter} + " is " + to_text(path),
                "list the relationships and give the path of one of them");
}

}  // namespace cimrep::inline v0
