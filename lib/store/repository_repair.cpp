// lib/store/repository_repair.cpp -- check, open, resilver what is stale, close.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/repository_check.hpp>

#include <fmt/format.h>

#include "offline_steps.hpp"

namespace cimrep::inline v0 {

namespace {

/// Opening repairs what is current and not whole.
class repairer : public offline_steps<repairer, repository_repair_op> {
public:
    explicit repairer(repository_repair_op& op) : offline_steps(op)
    {
        fill_.self = this;
        fill_.done = [](repository_resilver_op& base) noexcept {
            static_cast<filling&>(base).self->filled();
        };
    }

    void checked()
    {
        if (check_.report.refused) return fail_with(*check_.report.refused);
        device_repository::open(open_);
    }

    void opened()
    {
        if (open_.error) return fail_with(std::move(*open_.error));
        for (const std::string& each : open_.report.remarks)
            op_->repaired.push_back("seen when it was opened, and settled: " + each);
        fill_next();
    }

    void closed()
    {
        device_repository& store = *open_.opened;
        for (unsigned copy = 0; copy < store.copy_count(); ++copy)
            if (!op_->error && store.condition(copy) == copy_condition::stale)
                op_->error = fail(errc::repository_incomplete,
                                  fmt::format("copy {} failed meanwhile: {}", copy,
                                              store.copy_error(copy).message()),
                                  "repair or replace its device, then repair again");
        if (close_.error) op_->error = std::move(close_.error);
        end();
    }

private:
    struct filling : repository_resilver_op {
        repairer* self = nullptr;
    };

    /// The device for a copy: its own, or one that is nobody's.
    block_device* device_for(unsigned copy)
    {
        if (open_.opened->condition(copy) == copy_condition::stale) return nullptr;
        for (; unknown_ < op_->copies.size(); ++unknown_)
            if (check_.report.copies[unknown_].verdict == copy_verdict::unknown)
                return op_->copies[unknown_++];
        return nullptr;
    }

    void fill_next()
    {
        for (; copy_ < open_.opened->copy_count(); ++copy_) {
            const copy_condition now = open_.opened->condition(copy_);
            if (now == copy_condition::current) continue;
            fill_.device = device_for(copy_);
            const bool absent = now == copy_condition::absent;
            if (absent && (fill_.device == nullptr || !op_->rebuild_unknown)) continue;
            fill_.copy = copy_;
            fill_.overwrite = absent;
            return open_.opened->resilver(fill_);
        }
        close();
    }

    void filled()
    {
        if (fill_.error)
            op_->error = fill_.error;
        else
            op_->repaired.push_back(fmt::format("copy {} was written anew", copy_));
        ++copy_;
        fill_next();
    }

    filling fill_;
    unsigned copy_ = 0;
    std::size_t unknown_ = 0;
};

}  // namespace

void repair_repository(repository_repair_op& op)
{
    op.error.reset();
    op.repaired.clear();
    repairer::start(op);
}

}  // namespace cimrep::inline v0
