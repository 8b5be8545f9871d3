// lib/store/repository_upgrade.cpp -- check, open with more features than before, close.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/event_loop.hpp>
#include <cimrep/store/repository_check.hpp>
#include <cimrep/store/repository_upgrade.hpp>

#include <fmt/format.h>

#include "offline_steps.hpp"
#include "repository_core.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

namespace {

/// An opening writes the superblocks of all copies anew in an order that a crash may interrupt;
/// that they say more is all that is added to it.
class upgrader : public offline_steps<upgrader, repository_upgrade_op> {
public:
    using offline_steps::offline_steps;

    void checked()
    {
        const repository_check_report& report = check_.report;
        if (report.refused) return fail_with(*report.refused);
        op_->before = op_->after = report.copies[*report.believed].newest->features;
        if (auto incomplete = missing()) return fail_with(std::move(*incomplete));
        // Closed in order, so that both superblocks of each copy say the same.
        const bool nothing_to_do =
            report.good() &&
            std::all_of(report.copies.begin(), report.copies.end(), [](const copy_report& each) {
                return each.newest->clean && each.newest->features.contain(newest_features);
            });
        if (nothing_to_do) return end();
        open();
    }

    void opened()
    {
        if (open_.error) return fail_with(std::move(*open_.error));
        op_->remarks = open_.report.remarks;
        op_->after = open_.opened->features();
        for (const copy_report& each : check_.report.copies)
            op_->changed =
                op_->changed || (each.newest && !each.newest->features.contain(newest_features));
        close();
    }

    void closed()
    {
        if (close_.error) return fail_with(std::move(*close_.error));
        if (!op_->options.accept_missing)
            for (unsigned copy = 0; copy < open_.opened->copy_count(); ++copy)
                if (open_.opened->condition(copy) != copy_condition::current)
                    return fail_with(
                        fail(errc::repository_incomplete,
                             fmt::format("copy {} failed and was not upgraded: {}", copy,
                                         open_.opened->copy_error(copy).message()),
                             "repair or replace its device, then repair the repository"));
        end();
    }

private:
    /// Why a copy would be left behind; nothing if none would, or if that is accepted.
    std::optional<failure> missing() const
    {
        if (op_->options.accept_missing) return std::nullopt;
        const superblock& best = *check_.report.copies[*check_.report.believed].newest;
        for (unsigned copy = 0; copy < best.copy_count; ++copy)
            if ((check_.report.stale_copies >> copy & 1u) != 0)
                return fail(errc::repository_incomplete,
                            fmt::format("copy {} of {} is stale and would not be upgraded", copy,
                                        best.copy_count),
                            "repair the repository first, or accept that the copy is left behind");
        return std::nullopt;
    }

    void open()
    {
        std::pmr::memory_resource* const memory =
            op_->options.memory != nullptr ? op_->options.memory : std::pmr::get_default_resource();
        auto made = std::make_unique<device_repository::implementation>(
            op_->copies.front()->loop(), memory, op_->options.device_deadline);
        made->added_features_ = newest_features;
        device_repository::implementation& core = *made;
        open_.opened = std::make_unique<device_repository>(std::move(made));
        core.open(open_);
    }
};

}  // namespace

void upgrade_repository(repository_upgrade_op& op)
{
    op.error.reset();
    op.remarks.clear();
    op.before = op.after = {};
    op.changed = false;
    upgrader::start(op);
}

}  // namespace cimrep::inline v0
