// lib/store/core_close.cpp -- what is due when anything has ended; closing; losing the last copy.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/out_of_memory.hpp"
#include "repository_core.hpp"

namespace cimrep::inline v0 {

using implementation = device_repository::implementation;

/// Nothing is with a device.
bool implementation::idle() const noexcept
{
    return !log_fan_.busy() && !checkpoint_fan_.busy() && !superblock_fan_.busy() &&
           resilver_phase_ != resilver_phase::reading;
}

/// Called when an operation has ended, from the loop. Each part looks whether its turn has come.
void implementation::advance() noexcept
{
    if (lost_) return advance_loss();
    const bool written = log_busy_ && !log_fan_.busy();
    if (written && (recorded_ >= membership_ || CIMREP_MUTANT(commit_before_who_is_stale)))
        answer_batch();
    if (checkpoint_.switching && recorded_ >= checkpoint_.switched_at) checkpoint_done();
    advance_resilver();
    advance_close();
}

void implementation::refuse_queued(error_code why) noexcept
{
    commit_queue refused = std::move(batch_);
    while (loop_task* next = queue_.pop()) refused.push(*next);
    while (loop_task* next = refused.pop()) answer(static_cast<commit_op&>(*next), why);
}

/// The last copy has failed. What is in flight ends; everything that waits fails.
void implementation::advance_loss() noexcept
{
    if (log_fan_.busy()) return;
    log_busy_ = false;
    refuse_queued(errc::repository_lost);
    if (!idle()) return;
    checkpoint_.running = checkpoint_.switching = superblocks_busy_ = false;
    const auto lost = [this] {
        error_code why = errc::repository_lost;
        for (const store_copy& each : copies_)
            if (each.failed_with) why = each.failed_with;
        return in_words(errc::repository_lost, [why] {
            return cimrep::fail(errc::repository_lost, "the last copy failed: " + why.message(),
                                "repair the devices, then open the repository again");
        });
    };
    if (resilver_op_ != nullptr) end_resilver(lost());
    if (open_op_ != nullptr) return fail_opening(lost());
    if (format_op_ != nullptr) return formatted(lost());
    if (close_op_ == nullptr || pump_task_.queued) return;
    phase_ = phase::closed;
    repository_close_op& op = *std::exchange(close_op_, nullptr);
    op.error = lost();
    op.done(op);
}

void implementation::close(repository_close_op& op) noexcept
{
    CIMREP_ASSERT(op.done != nullptr && phase_ == phase::open && close_op_ == nullptr);
    op.error.reset();
    close_op_ = &op;
    phase_ = phase::closing;
    schedule();
}

/// The clean mark is the last thing that is written.
void implementation::advance_close() noexcept
{
    if (phase_ != phase::closing) return;
    if (closed_at_ == 0) {
        const bool busy = log_busy_ || !queue_.empty() || !batch_.empty() || checkpoint_.running ||
                          superblocks_busy_ || resilver_op_ != nullptr;
        if (busy) return;
        wanted_block_.clean = true;
        wanted_block_.last_sequence = next_sequence_ - 1;
        closed_at_ = wanted_ + 1;
        return want_superblocks();
    }
    if (recorded_ < closed_at_ || superblocks_busy_ || pump_task_.queued) return;
    phase_ = phase::closed;
    if (format_op_ != nullptr) return formatted({});
    repository_close_op& op = *std::exchange(close_op_, nullptr);
    op.done(op);
}

}  // namespace cimrep::inline v0
