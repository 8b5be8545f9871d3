// service/list_run.cpp -- ModifyListSynchronization.
// SPDX-License-Identifier: BSL-1.0
#include "list_run.hpp"

#include <cimrep/cim/list_operation.hpp>

#include "../base/out_of_memory.hpp"
#include "modification.hpp"
#include "service_core.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

namespace {

std::string entry_name(std::size_t index)
{
    return "Synchronization[" + std::to_string(index) + ']';
}

}  // namespace

bool list_run::goes_on_after_error() const noexcept
{
    const auto& settings = op_.in.replication_setting_data;
    return settings.has_value() &&
           settings->on_group_or_list_error == on_group_or_list_error::continue_;
}

outcome<> list_run::check() const
{
    const auto& in = op_.in;
    parameter_check check;
    check.required_value("Operation", in.operation)
        .value("WaitForCopyState", in.wait_for_copy_state)
        .settings(in.replication_setting_data);
    if (in.operation.has_value() && !list_operation::allows(*in.operation) &&
        classify<operation>(to_number(*in.operation)) == value_kind::named) {
        check.invalid(
            errc::unknown_value,
            "parameter Operation is " + numbered(*in.operation) + ", which a list does not take",
            "give an operation other than 3, 5, 6 and 13");
    }
    const auto& list = in.synchronization;
    if (list.empty()) {
        check.invalid(errc::invalid_argument, "parameter Synchronization is missing",
                      "give a list of one path or more");
    }
    for (auto at = list.begin(); at != list.end(); ++at) {
        if (std::find(list.begin(), at, *at) == at) continue;
        check.invalid(errc::invalid_argument,
                      "parameter Synchronization has " + to_text(*at) + " twice",
                      "give each relationship once");
    }
    if (check.refused()) return *check.verdict();
    return check_entries();
}

outcome<> list_run::check_entries() const
{
    const auto& in = op_.in;
    const relationship_state* first = nullptr;
    for (std::size_t i = 0; i < in.synchronization.size(); ++i) {
        CIMREP_TRY(auto* found, find_relationship(core(), entry_name(i), in.synchronization[i]));
        const auto& kind = found->state().kind;
        if (first == nullptr) first = &found->state();
        const bool same_class = compare_names(in.synchronization[i].class_name(),
                                              in.synchronization[0].class_name()) == 0;
        if (!same_class || kind.sync != first->kind.sync || kind.mode != first->kind.mode) {
            return fail(errc::invalid_argument,
                        entry_name(i) + " is a " + numbered(kind.sync) + " in Mode " +
                            numbered(kind.mode) + ", " + entry_name(0) + " a " +
                            numbered(first->kind.sync) + " in Mode " + numbered(first->kind.mode),
                        "give relationships of one class, SyncType and Mode");
        }
        parameter_check check;
        check_unchanged(check, found->info(), in.replication_setting_data);
        if (check.refused()) return *check.verdict();
    }
    CIMREP_TRY(check_wait(first->kind, request_of(*in.operation), in.wait_for_copy_state));
    if (goes_on_after_error()) return success();
    // The default stops at the first failure: what can be known of it is known before the first.
    for (std::size_t i = 0; i < in.synchronization.size(); ++i) {
        CIMREP_TRY(auto* found, find_relationship(core(), entry_name(i), in.synchronization[i]));
        auto admitted = admit(*found, *in.operation, in.force);
        if (admitted.has_error()) {
            auto why = std::move(admitted).error();
            why.wrong = entry_name(i) + ": " + why.wrong;
            return why;
        }
    }
    return success();
}

void list_run::begin()
{
    op_.out = {};
    if (auto checked = check(); checked.has_error())
        return answer_later(std::move(checked).error());
    // All that takes memory comes before the requests: what they have begun is not undone.
    const std::size_t entries = op_.in.synchronization.size();
    op_.out.entry_errors.resize(entries);
    affected_.reserve(2 * entries);
    if (*op_.in.operation == operation::dissolve) op_.out.settings_state.reserve(entries);
    // Nothing could be asked: the answer is known, but comes from the loop.
    if (ask_rest()) answer_later(summary());
}

outcome<> list_run::ask(std::size_t index)
{
    const auto& in = op_.in;
    const auto& path = in.synchronization[index];
    CIMREP_TRY(auto* found, find_relationship(core(), entry_name(index), path));
    CIMREP_TRY(admit(*found, *in.operation, in.force));
    affected_job_element pair{path, element_effect::other};
    affected_job_element target{found->info().synced_element, element_effect::element_integrity};
    const bool dissolves = *in.operation == operation::dissolve;
    if (dissolves) core().expect_aspect(found->info());
    auto asked = found->request(*in.operation, in.force, control());
    if (asked.has_error()) {
        if (dissolves) (void)core().aspects().take(path);
        return asked;
    }
    affected_.push_back(std::move(pair));
    affected_.push_back(std::move(target));
    return asked;
}

bool list_run::ask_rest()
{
    while (next_ < op_.in.synchronization.size()) {
        const auto index = next_++;
        auto asked = within_memory([&] { return ask(index); });
        if (asked.has_value()) return false;
        entry_failed(index, std::move(asked).error());
    }
    return true;
}

void list_run::entry_failed(std::size_t index, failure why)
{
    op_.out.entry_errors[index] = std::move(why);
    if (!goes_on_after_error()) next_ = op_.in.synchronization.size();
}

void list_run::settled(std::optional<failure> error)
{
    const auto index = next_ - 1;
    if (*op_.in.operation == operation::dissolve) {
        if (auto left = core().aspects().take(op_.in.synchronization[index]))
            op_.out.settings_state.push_back(*std::move(left));
    }
    if (error.has_value()) entry_failed(index, *std::move(error));
    if (ask_rest()) finish_list();
}

std::optional<failure> list_run::summary() const noexcept
{
    const auto& errors = op_.out.entry_errors;
    const auto failed = [](const auto& each) { return each.has_value(); };
    const auto first = std::find_if(errors.begin(), errors.end(), failed);
    if (first == errors.end()) return std::nullopt;
    try {
        failure why = **first;
        why.wrong = std::to_string(std::count_if(errors.begin(), errors.end(), failed)) + " of " +
                    std::to_string(errors.size()) + " failed, the first: " +
                    entry_name(static_cast<std::size_t>(first - errors.begin())) + ": " + why.wrong;
        return why;
    } catch (const std::bad_alloc&) {
        // As short as out_of_memory(): the entries have their own words.
        return failure{(*first)->code, "entries failed", "see each entry"};
    }
}

void list_run::finish_list()
{
    // With a failure there is nothing to wait for: the list as a whole will not get there.
    if (auto why = summary()) return end(*std::move(why));
    conclude(op_.in.synchronization, op_.in.wait_for_copy_state, std::move(affected_));
}

}  // namespace cimrep::inline v0
