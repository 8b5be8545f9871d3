// lib/store/repository_repair.cpp -- check, open, resilver what is stale, close.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/event_loop.hpp>
#include <cimrep/store/repository_check.hpp>

#include <fmt/format.h>

namespace cimrep::inline v0 {

namespace {

/// One step after the other, each an op of its own. Opening repairs what is current and not whole.
class repairer {
public:
    explicit repairer(repository_repair_op& op) : op_(&op)
    {
        end_.self = this;
        end_.run = [](loop_task& task) noexcept { static_cast<end_task&>(task).self->end(); };
    }

    void start()
    {
        check_.self = this;
        check_.copies = op_->copies;
        check_.options = op_->options;
        check_.done = [](repository_check_op& op) noexcept {
            static_cast<checking&>(op).self->checked();
        };
        check_repository(check_);
    }

private:
    struct checking : repository_check_op {
        repairer* self = nullptr;
    };
    struct opening : repository_open_op {
        repairer* self = nullptr;
    };
    struct filling : repository_resilver_op {
        repairer* self = nullptr;
    };
    struct closing : repository_close_op {
        repairer* self = nullptr;
    };
    struct end_task : loop_task {
        repairer* self = nullptr;
    };

    void checked()
    {
        if (check_.report.refused) {
            op_->error = check_.report.refused;
            return op_->copies.front()->loop().defer(end_);
        }
        open_.self = this;
        open_.copies = op_->copies;
        open_.options = op_->options;
        open_.done = [](repository_open_op& op) noexcept {
            static_cast<opening&>(op).self->opened();
        };
        device_repository::open(open_);
    }

    void opened()
    {
        if (open_.error) {
            op_->error = std::move(open_.error);
            return op_->copies.front()->loop().defer(end_);
        }
        for (const std::string& each : open_.report.remarks)
            op_->repaired.push_back("seen when it was opened, and settled: " + each);
        fill_next();
    }

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
            fill_.self = this;
            fill_.copy = copy_;
            fill_.overwrite = absent;
            fill_.done = [](repository_resilver_op& op) noexcept {
                static_cast<filling&>(op).self->filled();
            };
            return open_.opened->resilver(fill_);
        }
        close_.self = this;
        close_.done = [](repository_close_op& op) noexcept {
            static_cast<closing&>(op).self->closed();
        };
        open_.opened->close(close_);
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
        op_->copies.front()->loop().defer(end_);
    }

    void end() noexcept
    {
        open_.opened.reset();
        repository_repair_op& op = *op_;
        const auto keep = std::move(op.working);  // this; until it has told
        op.done(op);
    }

    repository_repair_op* op_;
    checking check_;
    opening open_;
    filling fill_;
    closing close_;
    end_task end_;
    unsigned copy_ = 0;
    std::size_t unknown_ = 0;
};

}  // namespace

void repair_repository(repository_repair_op& op)
{
    CIMREP_ASSERT(op.done != nullptr);
    op.error.reset();
    op.repaired.clear();
    const auto made = std::make_shared<repairer>(op);
    op.working = made;
    made->start();
}

}  // namespace cimrep::inline v0
