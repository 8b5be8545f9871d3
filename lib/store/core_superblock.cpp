// lib/store/core_superblock.cpp -- who is stale, which checkpoint counts: durable on every copy.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>

#include "../base/mark.hpp"
#include "repository_core.hpp"

namespace cimrep::inline v0 {

using implementation = device_repository::implementation;

copy_mask implementation::all_of(role least) const noexcept
{
    copy_mask mask;
    for (unsigned copy = 0; copy < copies_.size(); ++copy)
        if (copies_[copy].at >= least) mask.add(copy);
    return mask;
}

/// A write that is durable when it ends, and has nothing else to wait for.
void implementation::prepare_durable_write(io_op& op, unsigned copy, std::uint64_t offset,
                                           std::span<const std::byte> bytes) noexcept
{
    op.prepare_write(offset, bytes);
    op.fua = copies_[copy].device->shape().volatile_cache;
}

void implementation::want_superblocks() noexcept
{
    ++wanted_;
    write_superblocks();
}

/// The set of stale copies is another one: a generation of its own.
void implementation::membership_changed() noexcept
{
    auto& history = wanted_block_.history;
    if (history.size() == superblock::history_max) history.pop_back();
    history.insert(history.begin(), wanted_block_.generation);
    ++wanted_block_.generation.number;
    wanted_block_.generation.tag = random_number();
    membership_ = wanted_ + 1;
    want_superblocks();
}

/// The step that is due goes to these. Whoever is being brought back comes last, so that it never
/// knows of a generation that the others do not: until they know that it is not stale any more, it
/// says itself that it is.
copy_mask implementation::superblock_targets() const noexcept
{
    copy_mask mask;
    const bool last = superblock_step_ >= repository_layout::superblock_count;
    for (unsigned copy = 0; copy < copies_.size(); ++copy) {
        const store_copy& each = copies_[copy];
        const bool filled = each.at == role::filling && resilver_phase_ == resilver_phase::joining;
        const bool comes_back = filled || each.at == role::joining;
        if (last ? comes_back : each.at == role::current) mask.add(copy);
    }
    return mask;
}

/// Both superblocks of each copy, the older first, so that a damaged one hides nothing.
void implementation::write_superblocks() noexcept
{
    if (superblocks_busy_ || lost_ || recorded_ == wanted_) return;
    // Before its first checkpoint counts, a copy keeps the superblocks of the life before.
    if (phase_ == phase::recovering && !checkpoint_.switching) return;
    superblocks_busy_ = true;
    superblock_step_ = 0;
    writing_ = wanted_;
    write_superblock_step();
}

/// Goes on with the next step that has somebody to write to.
void implementation::write_superblock_step() noexcept
{
    for (; superblock_step_ < 2 * repository_layout::superblock_count; ++superblock_step_) {
        const copy_mask mask = superblock_targets();
        if (mask.empty()) continue;
        start(superblock_fan_, mask, &implementation::superblock_step_done,
              [&](io_op& op, unsigned copy) {
                  store_copy& to = copies_[copy];
                  wanted_block_.copy_index = static_cast<std::uint8_t>(copy);
                  wanted_block_.position = to.slot * store_block_bytes;
                  wanted_block_.sequence = ++to.superblock_sequence;
                  wanted_block_.checkpoint_area = static_cast<std::uint8_t>(to.checkpoint_area);
                  encode(wanted_block_, to.superblock.span());
                  prepare_durable_write(op, copy, wanted_block_.position, to.superblock.span());
                  if (CIMREP_MUTANT(superblock_not_durable)) op.fua = false;
                  if (!CIMREP_MUTANT(one_superblock_slot)) to.slot ^= 1u;
                  ++counters_.superblocks;
              });
        return;
    }
    superblocks_busy_ = false;
    recorded_ = writing_;
    write_superblocks();
    advance();
}

void implementation::superblock_step_done() noexcept
{
    ++superblock_step_;
    const copy_mask failed = superblock_fan_.failed();
    copies_failed(superblock_fan_);
    // Who is left must learn of it before anything counts as recorded.
    if (!failed.empty()) {
        superblock_step_ = 0;
        writing_ = wanted_;
    }
    if (!lost_) return write_superblock_step();
    superblocks_busy_ = false;
    advance();
}

void implementation::copy_failed(unsigned copy, error_code error) noexcept
{
    store_copy& which = copies_[copy];
    if (!which.written()) return;  // it has failed elsewhere already
    const role was = std::exchange(which.at, role::stale);
    which.failed_with = error;
    which.in_checkpoint = false;
    ++counters_.copies_lost;
    if (was == role::filling) return;
    wanted_block_.stale_copies = static_cast<std::uint8_t>(wanted_block_.stale_copies | 1u << copy);
    if (all_of(role::current).empty()) {
        lost_ = true;
        return;
    }
    CIMREP_MARK(copy_of_repository_stale);
    membership_changed();
}

void implementation::copies_failed(const fan& of) noexcept
{
    for (unsigned copy = 0; copy < copies_.size(); ++copy)
        if (of.failed().has(copy)) copy_failed(copy, of.error_of(copy));
}

}  // namespace cimrep::inline v0
