// lib/store/offline_steps.hpp -- check, open, do something, close: what repair and upgrade share.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/io/event_loop.hpp>
#include <cimrep/store/device_repository.hpp>
#include <cimrep/store/repository_check.hpp>

#include <memory>
#include <utility>

namespace cimrep::inline v0 {

/// One step after the other, each an op of its own. `Self` has checked(), opened() and closed(),
/// which go on with the next step, or end it all.
template <class Self, class Op>
class offline_steps {
public:
    explicit offline_steps(Op& op) : op_(&op)
    {
        check_.self = open_.self = close_.self = end_.self = static_cast<Self*>(this);
        check_.done = [](repository_check_op& base) noexcept {
            static_cast<checking&>(base).self->checked();
        };
        open_.done = [](repository_open_op& base) noexcept {
            static_cast<opening&>(base).self->opened();
        };
        close_.done = [](repository_close_op& base) noexcept {
            static_cast<closing&>(base).self->closed();
        };
        end_.run = [](loop_task& task) noexcept { static_cast<end_task&>(task).self->tell(); };
    }

    /// `op` keeps it until it has told. @pre done is set.
    static void start(Op& op)
    {
        CIMREP_ASSERT(op.done != nullptr);
        const auto made = std::make_shared<Self>(op);
        op.working = made;
        made->check_.copies = made->open_.copies = op.copies;
        made->check_.options = made->open_.options = op.options;
        check_repository(made->check_);
    }

protected:
    void close() { open_.opened->close(close_); }
    /// The end, in a turn of its own.
    void end() { op_->copies.front()->loop().defer(end_); }
    void fail_with(failure why)
    {
        op_->error = std::move(why);
        end();
    }

    struct checking : repository_check_op {
        Self* self = nullptr;
    };
    struct opening : repository_open_op {
        Self* self = nullptr;
    };
    struct closing : repository_close_op {
        Self* self = nullptr;
    };
    struct end_task : loop_task {
        Self* self = nullptr;
    };

    Op* op_;
    checking check_;
    opening open_;
    closing close_;

private:
    void tell() noexcept
    {
        open_.opened.reset();
        Op& op = *op_;
        const auto keep = std::move(op.working);  // this; until it has told
        op.done(op);
    }

    end_task end_;
};

}  // namespace cimrep::inline v0
