// service/modify_run.cpp -- ModifyReplicaSynchronization and ModifySynchronization.
// SPDX-License-Identifier: BSL-1.0
#include "modify_run.hpp"

#include <cimrep/service/conformance.hpp>
#include <cimrep/state/legacy.hpp>
#include <cimrep/state/refusal.hpp>

#include "modification.hpp"
#include "service_core.hpp"

namespace cimrep::inline v0 {

outcome<relationship*> modify_run::check() const
{
    const auto& in = op_.in;
    parameter_check check;
    check.required_value("Operation", in.operation)
        .required("Synchronization", in.synchronization)
        .value("WaitForCopyState", in.wait_for_copy_state)
        .settings(in.replication_setting_data);
    const bool takes_pairs =
        in.operation == operation::add_sync_pair || in.operation == operation::remove_sync_pair;
    if (!in.sync_pair.empty() && !takes_pairs) {
        check.invalid(errc::invalid_argument, "parameter SyncPair is given",
                      "leave it out: only 5 AddSyncPair and 13 RemoveSyncPair take it");
    }
    if (check.refused()) return *check.verdict();
    CIMREP_TRY(auto* found, find_relationship(core(), "Synchronization", *in.synchronization));
    check_unchanged(check, found->info(), in.replication_setting_data);
    if (check.refused()) return *check.verdict();
    CIMREP_TRY(check_wait(found->state().kind, request_of(*in.operation), in.wait_for_copy_state));
    CIMREP_TRY(admit(*found, *in.operation, in.force));
    return found;
}

void modify_run::begin()
{
    op_.out = {};
    auto checked = check();
    if (checked.has_error()) return answer_later(std::move(checked).error());
    auto& which = *checked.value();
    path_ = which.path();
    target_ = which.info().synced_element;
    const bool dissolves = *op_.in.operation == operation::dissolve;
    if (dissolves) core().expect_aspect(which.info());
    auto asked = which.request(*op_.in.operation, op_.in.force, control());
    if (asked.has_value()) return;
    if (dissolves) (void)core().aspects().take(path_);
    answer_later(std::move(asked).error());
}

void modify_run::settled(std::optional<failure> error)
{
    if (*op_.in.operation == operation::dissolve)
        op_.out.settings_state = core().aspects().take(path_);
    if (error.has_value()) return end(*std::move(error));
    conclude({path_}, op_.in.wait_for_copy_state,
             {{path_, element_effect::other}, {target_, element_effect::element_integrity}});
}

outcome<> legacy_modify_run::ask()
{
    const auto& in = op_.in;
    parameter_check check;
    check.required_value("Operation", in.operation).required("Synchronization", in.synchronization);
    if (check.refused()) return *check.verdict();
    CIMREP_TRY(auto* found, find_relationship(core(), "Synchronization", *in.synchronization));
    const auto& state = found->state();
    const auto asked = request_of(*in.operation, state);
    if (asked == request::none) {
        const auto legal = legal_requests_text(state, &is_built_for);
        return fail(
            errc::invalid_state_transition,
            "operation " + numbered(*in.operation) + " of a relationship with CopyType " +
                numbered(project_copy_type(state.kind)) + " and SyncState " +
                numbered(project_sync_state(state)),
            legal.empty() ? "nothing is legal there" : "legal there, in the newer words: " + legal);
    }
    // The older service has a request that the newer one cannot name.
    if (asked == request::clear_prepared) {
        return fail(errc::not_supported, "operation " + numbered(*in.operation) + " is not built",
                    "activate the relationship, or detach it");
    }
    const auto what = static_cast<operation>(to_number(asked));
    CIMREP_TRY(admit(*found, what, false));
    return found->request(what, false, control());
}

void legacy_modify_run::begin()
{
    if (auto asked = ask(); asked.has_error()) answer_later(std::move(asked).error());
}

}  // namespace cimrep::inline v0
