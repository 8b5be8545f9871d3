// lib/runtime/absent_device.hpp -- stands for an element that could not be opened.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>

namespace cimrep::inline v0 {

/// Has the shape that the element had, and ends every operation with the reason of its absence.
class absent_device final : public block_device {
public:
    absent_device(event_loop& loop, const geometry& shape, error_code why) noexcept
        : loop_(&loop), shape_(shape), why_(why)
    {
    }
    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return *loop_; }
    void submit(io_op& op) noexcept override
    {
        op.device = this;
        loop_->complete(op, why_);
    }
    void cancel(io_op&) noexcept override {}
    result<> data_extents(const std::function<void(byte_extent)>&) const override { return why_; }

private:
    event_loop* loop_;
    geometry shape_;
    error_code why_;
};

}  // namespace cimrep::inline v0
