// test/sim/host_impatience.cpp -- a host gives up what it has in flight, and knows what follows.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/event_loop.hpp>

#include "host_op.hpp"
#include "scarce_memory.hpp"
#include <utility>

namespace cimrep::test {

namespace {

const error_code canceled = std::make_error_code(std::errc::operation_canceled);
constexpr duration soon{1000};  // later than whatever is due now
constexpr unsigned looks_max = 3;

// From a microsecond to 2^`doublings_max` of them, each magnitude as likely as another.
duration some_time(seeded_random& random, std::uint64_t doublings_max)
{
    const std::uint64_t least = std::uint64_t{1000} << random.below(doublings_max);
    return {static_cast<std::int64_t>(random.between(least, 2 * least))};
}

}  // namespace

void sim_host::hurry(host_op& op)
{
    event_loop& loop = device_.loop();
    if (habits_.hurries && impatience_.chance(0.2)) {
        op.too_late = impatience_.chance(0.05);
        op.deadline = loop.now() + (op.too_late ? duration{} : some_time(impatience_, 15));
        expect_end(op, op.deadline);
    }
    if (!habits_.cancels || !impatience_.chance(0.1)) return;
    op.to_cancel.of = &op;
    op.to_cancel.fired = [](timer& which) noexcept {
        const user_scope user;
        host_op& self = *static_cast<host_op::moment&>(which).of;
        self.owner->cancel(self);
    };
    loop.arm(op.to_cancel, loop.now() + some_time(impatience_, 16));
}

void sim_host::cancel(host_op& op)
{
    const bool waited = waits(op);
    op.cancels = true;
    {
        const library_scope library;
        const bool outer = std::exchange(calling_, true);
        device_.cancel(op);
        calling_ = outer;
    }
    if (waited) expect_end(op, device_.loop().now());
}

// From the end of another one, where the device is in the midst of something.
void sim_host::cancel_another()
{
    const std::size_t from = static_cast<std::size_t>(impatience_.below(ops_.size()));
    for (std::size_t i = 0; i < ops_.size(); ++i) {
        host_op& op = *ops_[(from + i) % ops_.size()];
        if (!op.over) return cancel(op);
    }
}

// What waits ends when it is cancelled, or late; what was sent ends when its legs do.
void sim_host::expect_end(host_op& op, monotonic_time due)
{
    op.looks = 0;
    op.to_look.of = &op;
    op.to_look.fired = [](timer& which) noexcept {
        const user_scope user;
        host_op& self = *static_cast<host_op::moment&>(which).of;
        self.owner->look_for_end(self);
    };
    device_.loop().arm(op.to_look, due + soon);
}

void sim_host::look_for_end(host_op& op)
{
    if (!judged() || !waits(op)) return;
    // It may have been taken back in this very turn.
    if (++op.looks == looks_max)
        return violate(op.cancels ? "an operation that waits was cancelled, and goes on waiting"
                                  : "an operation waits past its deadline");
    device_.loop().arm(op.to_look, device_.loop().now() + soon);
}

// A leg that is given up ends what it has with the same errors.
bool sim_host::was_taken_back(const host_op& op, error_code error) const
{
    if (habits_.legs_hurry) return false;
    if (error == errc::deadline_exceeded)
        return op.deadline.nanoseconds != 0 && op.deadline <= device_.loop().now();
    return error == canceled && op.cancels;
}

void sim_host::judge_end(const host_op& op, error_code error)
{
    if (!judged()) return;
    if (calling_) violate("an operation was answered from inside submit() or cancel()");
    if (op.too_late && !error) violate("an operation was carried out that had come too late");
    const bool tells = error == canceled || error == errc::deadline_exceeded;
    if (!tells || habits_.legs_hurry || was_taken_back(op, error)) return;
    violate(error == canceled ? "an operation was answered as cancelled, and nobody has"
                              : "an operation was answered as late, and is not");
}

void sim_host::violate(std::string text)
{
    if (!violation_) violation_ = std::move(text);
    stop();
}

}  // namespace cimrep::test
