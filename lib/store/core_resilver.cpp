// lib/store/core_resilver.cpp -- a stale copy gets a checkpoint and every log record, then counts.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include <fmt/format.h>

#include "../base/mark.hpp"
#include "../base/out_of_memory.hpp"
#include "repository_core.hpp"

namespace cimrep::inline v0 {

using implementation = device_repository::implementation;

namespace {

/// A refusal with its code, and with words if there is memory for them.
template <class... Values>
failure refusal(error_code code, const char* remedy, fmt::format_string<const Values&...> wrong,
                const Values&... values) noexcept
{
    return in_words(code,
                    [&] { return cimrep::fail(code, fmt::format(wrong, values...), remedy); });
}

}  // namespace

void implementation::resilver(repository_resilver_op& op) noexcept
{
    CIMREP_ASSERT(op.done != nullptr);
    op.error.reset();
    // The second one would wait for the first without a sign.
    if (resilver_op_ != nullptr) {
        op.run = [](loop_task& task) noexcept {
            auto& self = static_cast<repository_resilver_op&>(task);
            self.error = refusal(errc::element_in_use, "wait until that has ended",
                                 "another copy is being filled");
            self.done(self);
        };
        return loop_->defer(op);
    }
    resilver_op_ = &op;
    resilver_phase_ = resilver_phase::waiting;
    schedule();
}

void implementation::end_resilver(std::optional<failure> error) noexcept
{
    resilver_phase_ = resilver_phase::none;
    repository_resilver_op& op = *std::exchange(resilver_op_, nullptr);
    op.error = std::move(error);
    op.done(op);
}

/// Why the request cannot be carried out; nothing if it can.
std::optional<failure> implementation::resilver_refused() const noexcept
{
    const repository_resilver_op& op = *resilver_op_;
    if (phase_ != phase::open)
        return refusal(errc::closed, "open it again", "the repository is being closed");
    if (op.copy >= wanted_block_.copy_count || copies_[op.copy].written())
        return refusal(errc::invalid_argument, "name a stale copy", "copy {} is not a stale one",
                       op.copy);
    const block_device* device = op.device != nullptr ? op.device : copies_[op.copy].device;
    if (device == nullptr)
        return refusal(errc::invalid_argument, "give one", "copy {} has no device", op.copy);
    const std::uint64_t size = device->shape().size_bytes;
    if (size < wanted_block_.layout.size_bytes())
        return refusal(errc::out_of_bounds, "give a device that is as large",
                       "the device has {} bytes, a copy has {}", size,
                       wanted_block_.layout.size_bytes());
    return std::nullopt;
}

void implementation::advance_resilver() noexcept
{
    if (resilver_op_ == nullptr) return;
    const unsigned copy = resilver_op_->copy;
    switch (resilver_phase_) {
    case resilver_phase::none:
    case resilver_phase::reading: return;
    case resilver_phase::waiting:
        if (auto refused = resilver_refused()) return end_resilver(std::move(refused));
        // What the failed device still has of us must have ended.
        if (log_fan_.busy_with(copy) || checkpoint_fan_.busy_with(copy) ||
            superblock_fan_.busy_with(copy))
            return;
        resilver_phase_ = resilver_phase::reading;
        if (resilver_op_->device != nullptr) copies_[copy].device = resilver_op_->device;
        return resilver_reader_.read_superblocks(
            *copies_[copy].device,
            [](copy_reader& reader) noexcept {
                static_cast<implementation*>(reader.context)->resilver_superblocks_read();
            },
            this);
    case resilver_phase::filling:
    case resilver_phase::joining: break;
    }
    store_copy& which = copies_[copy];
    if (which.at == role::stale) {
        CIMREP_MARK(copy_failed_while_filled);
        return end_resilver(
            refusal(which.failed_with, "repair or replace its device", "copy {} failed", copy));
    }
    if (resilver_phase_ != resilver_phase::joining && !CIMREP_MUTANT(resilver_ends_early)) return;
    if (which.at == role::filling && !checkpoint_.running) {
        which.at = role::joining;
        wanted_block_.stale_copies =
            static_cast<std::uint8_t>(wanted_block_.stale_copies & ~(1u << copy));
        membership_changed();
        joined_at_ = membership_;
    } else if (which.at == role::joining && recorded_ >= joined_at_) {
        CIMREP_MARK(copy_joins_again);
        which.at = role::current;
        end_resilver({});
    }
}

void implementation::resilver_superblocks_read() noexcept
{
    const copy_findings& found = resilver_reader_.findings();
    const superblock* newest = found.newest();
    const unsigned copy = resilver_op_->copy;
    const bool ours =
        newest != nullptr && newest->set == wanted_block_.set && newest->copy_index == copy;
    if (found.error || (!ours && !found.blank && !resilver_op_->overwrite)) {
        resilver_phase_ = resilver_phase::waiting;
        schedule();  // somebody may wait for the end of this
        if (found.error)
            return end_resilver(refusal(found.error, "free some memory first",
                                        "the superblocks of copy {} do not fit into memory", copy));
        const error_code error = found.superblock_error();
        if (error && error != errc::repository_absent && error != errc::repository_damaged)
            return end_resilver(refusal(error, "repair or replace it",
                                        "the device for copy {} cannot be read", copy));
        return end_resilver(refusal(errc::foreign_signature,
                                    "make sure of the device, then allow to overwrite it",
                                    "the device does not carry copy {}", copy));
    }
    if (lost_) {
        resilver_phase_ = resilver_phase::waiting;
        return advance();
    }
    store_copy& to = copies_[copy];
    to.slot = found.newest_slot() ^ 1u;
    to.superblock_sequence = newest != nullptr ? newest->sequence : 0;
    to.checkpoint_area = newest != nullptr ? newest->checkpoint_area : 1;
    to.failed_with = {};
    to.at = role::filling;
    resilver_phase_ = resilver_phase::filling;
    checkpoint_wanted_ = true;
    schedule();
}

}  // namespace cimrep::inline v0
