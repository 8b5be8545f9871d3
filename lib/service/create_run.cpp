// service/create_run.cpp -- CreateElementReplica and AttachOrModifyReplica.
// SPDX-License-Identifier: BSL-1.0
#include "create_run.hpp"

#include <cimrep/service/conformance.hpp>

#include "modification.hpp"
#include "service_core.hpp"

namespace cimrep::inline v0 {

namespace {

constexpr replication_kind local_mirror{sync_type::mirror, mode::synchronous,
                                        local_or_remote::local};

struct beginning_row {
    request what;
    initial_synchronization initial;
};

// How a creation begins, by where it is to stop; the first that leads there is taken.
constexpr auto beginnings = std::to_array<beginning_row>({
    {request::create, initial_synchronization::copy},
    {request::create_initialized, initial_synchronization::none},
    {request::create_inactive, initial_synchronization::inactive},
});

outcome<initial_synchronization> beginning_for(const std::optional<copy_state>& wanted)
{
    if (!wanted.has_value()) return beginnings.front().initial;
    std::string possible;
    for (const auto& row : beginnings) {
        if (can_reach(local_mirror, row.what, *wanted)) return row.initial;
        for (const auto state : wait_for_copy_states(local_mirror, row.what))
            possible += (possible.empty() ? "" : ", ") + numbered(state);
    }
    return fail(errc::invalid_argument,
                "parameter WaitForCopyState is " + numbered(*wanted) +
                    ", to which a creation does not lead",
                "give one of " + possible);
}

// The modes that a creation takes: a part of those that a relationship can be in.
void check_mode(parameter_check& check, const std::optional<mode>& given)
{
    check.value("Mode", given);
    if (given == mode::unknown || given == mode::active) {
        check.invalid(errc::unknown_value, "parameter Mode is " + numbered(*given),
                      "give one of 2 Synchronous, 3 Asynchronous, 4 Adaptive");
    }
}

}  // namespace

outcome<object_path> create_run::make_target(const mirror_request& request, const object_path& pool,
                                             const std::string& name)
{
    auto& elements = *core().over().options().elements;
    CIMREP_TRY(auto source, elements.describe(request.source));
    target_request wish;
    wish.source = request.source;
    wish.pool = pool;
    wish.element_name = name;
    wish.size_bytes = source.size_bytes;
    wish.logical_block_bytes = source.logical_block_bytes;
    CIMREP_TRY(auto made, elements.create_target(wish));
    object_path copy;
    try {
        copy = made;
    } catch (const std::bad_alloc&) {
        (void)elements.delete_target(made);
        throw;
    }
    made_target_ = std::move(made);
    return copy;
}

void create_run::create(mirror_request request, std::optional<copy_state> wanted)
{
    request_ = std::move(request);
    wanted_ = wanted;
    auto begun = core().over().create_mirror(request_, control());
    if (begun.has_value()) {
        made_ = begun.value();
        return;
    }
    remove_made_target();
    answer_later(std::move(begun).error());
}

void create_run::settled(std::optional<failure> error)
{
    if (error.has_value()) {
        remove_made_target();
        return end(*std::move(error));
    }
    const object_path synchronization = made_->path();
    created(synchronization, request_.target);
    const auto target_effect =
        made_target_.has_value() ? element_effect::create : element_effect::exclusive_use;
    conclude({synchronization}, wanted_,
             {{synchronization, element_effect::create}, {request_.target, target_effect}});
}

void create_run::remove_made_target()
{
    if (!made_target_.has_value()) return;
    // If even this fails, the first failure is what the client has to know.
    (void)core().over().options().elements->delete_target(*made_target_);
    made_target_.reset();
}

std::optional<failure> create_element_replica_run::check() const
{
    const auto& in = op_.in;
    parameter_check check;
    check.required_value("SyncType", in.sync_type);
    check_mode(check, in.mode);
    check.required("SourceElement", in.source_element)
        .value("WaitForCopyState", in.wait_for_copy_state)
        .settings(in.replication_setting_data);
    const bool has_target = in.target_element.has_value();
    check
        .exclusive("TargetElement", has_target, "TargetSettingGoal",
                   in.target_setting_goal.has_value())
        .exclusive("TargetElement", has_target, "TargetPool", in.target_pool.has_value())
        .exclusive("ConnectivityCollection", in.connectivity_collection.has_value(),
                   "TargetAccessPoint", in.target_access_point.has_value());
    if (has_target) check.required("TargetElement", in.target_element);
    if (check.refused()) return check.verdict();

    const replication_kind kind{*in.sync_type, in.mode.value_or(mode::synchronous),
                                local_or_remote::local};
    if (!is_built(kind)) {
        check.not_supported("SyncType " + numbered(kind.sync) + " in Mode " + numbered(kind.mode),
                            "give SyncType 6 Mirror and Mode 2 Synchronous");
    }
    check.absent("SourceAccessPoint", in.source_access_point.has_value())
        .absent("TargetAccessPoint", in.target_access_point.has_value())
        .absent("TargetSettingGoal", in.target_setting_goal.has_value())
        .absent("ConnectivityCollection", in.connectivity_collection.has_value())
        .absent("Collections", !in.collections.empty());
    return check.verdict();
}

void create_element_replica_run::begin()
{
    op_.out = {};
    if (auto refused = check()) return answer_later(std::move(refused));
    const auto& in = op_.in;
    auto initial = beginning_for(in.wait_for_copy_state);
    if (initial.has_error()) return answer_later(std::move(initial).error());
    mirror_request request;
    request.source = *in.source_element;
    request.initial = initial.value();
    request.allow_overwrite = in.allow_overwrite;
    request.settings = in.replication_setting_data.value_or(replication_setting_data{});
    if (in.target_element.has_value()) {
        request.target = *in.target_element;
    } else {
        auto made = make_target(request, in.target_pool.value_or(object_path{}),
                                in.element_name.value_or(std::string{}));
        if (made.has_error()) return answer_later(std::move(made).error());
        request.target = std::move(made).value();
    }
    create(std::move(request), in.wait_for_copy_state);
}

void create_element_replica_run::created(const object_path& synchronization,
                                         const object_path& target)
{
    op_.out.synchronization = synchronization;
    op_.out.target_element = target;
}

std::optional<failure> attach_or_modify_run::check() const
{
    const auto& in = op_.in;
    parameter_check check;
    check.required("SourceElement", in.source_element)
        .required("TargetElement", in.target_element)
        .required_value("CopyType", in.copy_type);
    using kind = attach_or_modify_copy_type;
    const bool unmaintained =
        in.copy_type == kind::unsync_assoc || in.copy_type == kind::unsync_unassoc;
    if (unmaintained && in.replication_pipe.has_value()) {
        check.invalid(errc::invalid_argument,
                      "CopyType " + numbered(*in.copy_type) + " is given with a ReplicationPipe",
                      "remote mirrors take 2 Async or 3 Sync");
    }
    if (in.copy_type.has_value() && *in.copy_type != kind::sync) {
        check.not_supported("CopyType " + std::to_string(to_number(*in.copy_type)), "give 3 Sync");
    }
    check.absent("ReplicationPipe", in.replication_pipe.has_value())
        .absent("Goal", in.goal.has_value() && !in.goal->empty());
    return check.verdict();
}

std::optional<relationship_info> attach_or_modify_run::existing() const
{
    std::optional<relationship_info> found;
    core().over().for_each_relationship([&](relationship& each) {
        auto info = each.info();
        if (info.system_element == *op_.in.source_element &&
            info.synced_element == *op_.in.target_element)
            found = std::move(info);
    });
    return found;
}

void attach_or_modify_run::begin()
{
    if (auto refused = check()) return answer_later(std::move(refused));
    if (const auto found = existing()) {
        if (to_number(found->copy_type) == to_number(*op_.in.copy_type)) return answer_later();
        return answer_later(fail(errc::not_supported,
                                 "relationship " + to_text(found->path) + " has CopyType " +
                                     numbered(found->copy_type) + "; it cannot be changed",
                                 "detach it and create it again"));
    }
    mirror_request request;
    request.source = *op_.in.source_element;
    request.target = *op_.in.target_element;
    create(std::move(request), std::nullopt);
}

}  // namespace cimrep::inline v0
