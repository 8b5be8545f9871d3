// lib/runtime/target_front.hpp -- a target as its own hosts see it, where the table lets them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/state/state_property.hpp>

#include "leg.hpp"
#include "page_saver.hpp"
#include <cstddef>
#include <vector>

namespace cimrep::inline v0 {

/// Host I/O to a target. What is written is marked as differing, durably, before it is sent.
///
/// Invariant:  while in_flight() is not 0 nothing is copied to or from the target.
class target_front final : public block_device {
public:
    target_front(event_loop& loop, geometry shape, std::size_t depth, page_saver& maps);
    ~target_front() override;

    /// From now on hosts may do this much. Later operations are refused, those in flight end.
    void allow(leg* which, host_access access) noexcept
    {
        leg_ = which;
        access_ = access;
        told_ = false;
    }
    host_access access() const noexcept { return access_; }
    std::size_t in_flight() const noexcept { return in_flight_; }

    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return *loop_; }
    void submit(io_op& op) noexcept override;
    void cancel(io_op& op) noexcept override;

    void (*quiet)(void* context) noexcept = nullptr;  ///< the last op in flight has ended
    void (*written)(void* context) noexcept =
        nullptr;  ///< a host wrote, the first time since allow()
    void (*failed)(void* context, error_code error) noexcept = nullptr;  ///< a write or a flush did
    void* context = nullptr;

private:
    struct forwarded : leg_op {
        io_op* host = nullptr;
        error_code error{};
        forwarded* next_free = nullptr;
        struct map_wait : page_saver::waiter {
            forwarded* self = nullptr;
        } marked;
    };
    void forward(io_op& op) noexcept;
    bool is_late(const io_op& op) const noexcept;
    void send(forwarded& f, error_code error) noexcept;
    void ended(forwarded& f) noexcept;
    void answer(forwarded& f, error_code error) noexcept;
    void watch_deadline(const io_op& op) noexcept;
    void end_overdue() noexcept;

    event_loop* loop_;
    page_saver* maps_;
    geometry shape_;
    leg* leg_ = nullptr;
    host_access access_ = host_access::none;
    std::size_t in_flight_ = 0;
    bool told_ = false;
    std::vector<forwarded> pool_;
    intrusive_queue<forwarded, &forwarded::next_free> free_;
    intrusive_queue<io_op, &io_op::next> waiting_;  ///< for a place in the pool
    struct wait_timer : timer {
        target_front* self = nullptr;
    } wait_limit_;                                            ///< the first deadline of what waits
    intrusive_queue<forwarded, &forwarded::next_free> late_;  ///< when they were marked
    struct late_task : loop_task {
        target_front* self = nullptr;
    } answer_late_;
};

}  // namespace cimrep::inline v0
