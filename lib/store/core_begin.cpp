// lib/store/core_begin.cpp -- a repository begins with a checkpoint that all its copies have.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/store/log_entry.hpp>

#include <fmt/format.h>

#include "../base/mark.hpp"
#include "../base/out_of_memory.hpp"
#include "repository_core.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

using implementation = device_repository::implementation;

namespace {

constexpr std::uint64_t checkpoint_part_bytes = 256 * kib;
constexpr std::uint64_t transfer_bytes_min = 64 * kib;

}  // namespace

std::uint64_t implementation::random_number() noexcept
{
    std::uint64_t number = 0;
    loop_->random_bytes(std::as_writable_bytes(std::span(&number, 1)));
    return number;
}

void implementation::make_buffers()
{
    std::uint64_t transfer = checkpoint_part_bytes;
    for (const store_copy& each : copies_) {
        if (each.device == nullptr) continue;
        const std::uint64_t limit = each.device->shape().maximum_transfer_bytes;
        if (limit != 0)
            transfer = std::min(transfer, limit / store_block_bytes * store_block_bytes);
    }
    transfer = std::max(transfer, transfer_bytes_min);
    const std::uint64_t record = std::min(transfer, wanted_block_.layout.log_record_bytes_max());
    log_buffer_ = block_buffer(static_cast<std::size_t>(record), memory_);
    const std::uint64_t part =
        std::min(transfer, std::max(wanted_block_.layout.checkpoint_bytes, transfer_bytes_min));
    checkpoint_buffer_ = block_buffer(static_cast<std::size_t>(part), memory_);
    for (store_copy& each : copies_) {
        each.superblock = block_buffer(store_block_bytes, memory_);
        each.checkpoint_head = block_buffer(store_block_bytes, memory_);
    }
}

/// What a superblock that cannot be believed says may be believed by the next opening, when its
/// checkpoint is not there any more and another copy knows of a generation that it does not. So it
/// gives way to what the other one of its copy says, before anything else is written.
copy_mask implementation::encode_replacements()
{
    copy_mask replaced;
    for (unsigned copy = 0; open_op_ != nullptr && copy < wanted_block_.copy_count; ++copy) {
        if (!known_.used(copy)) continue;
        const copy_findings& found = *findings_[static_cast<std::size_t>(known_.device[copy])];
        store_copy& to = copies_[copy];
        if (found.slots[to.slot]) continue;
        superblock block = *found.newest();
        block.position = to.slot * store_block_bytes;
        block.sequence = ++to.superblock_sequence;
        encode(block, to.superblock.span());
        replaced.add(copy);
    }
    return replaced;
}

void implementation::replace_superblocks(copy_mask which) noexcept
{
    CIMREP_MARK(superblock_replaced);
    start(superblock_fan_, which, &implementation::superblocks_replaced,
          [&](io_op& op, unsigned copy) {
              store_copy& to = copies_[copy];
              prepare_durable_write(op, copy, to.slot * store_block_bytes, to.superblock.span());
              to.slot ^= 1u;
              ++counters_.superblocks;
          });
}

void implementation::superblocks_replaced() noexcept
{
    copies_failed(superblock_fan_);
    if (lost_) return advance();
    start_checkpoint();
}

/// Life, generation and owner are new; they count once the checkpoint does. Until then every copy
/// keeps what it had, so that this can fail and be done again. Checkpoints count from the life on:
/// one of another life, which lies where a disk has lost ours, does not have the number of ours.
void implementation::begin(copy_mask current)
{
    make_buffers();
    const copy_mask replaced = encode_replacements();
    readers_.clear();
    findings_.clear();
    known_ = {};
    if (!CIMREP_MUTANT(clean_mark_stays)) wanted_block_.clean = false;
    wanted_block_.life = random_number();
    if (!CIMREP_MUTANT(checkpoints_go_on_counting))
        wanted_block_.checkpoint_number = wanted_block_.life;
    phase_ = phase::recovering;
    for (unsigned copy = 0; copy < copies_.size(); ++copy)
        if (current.has(copy) && copies_[copy].at != role::joining)
            copies_[copy].at = role::current;
    if (format_op_ != nullptr)
        wanted_block_.generation = {1, random_number()};
    else
        membership_changed();
    if (replaced.empty() || CIMREP_MUTANT(unread_superblock_stays)) return start_checkpoint();
    replace_superblocks(replaced);
}

void implementation::opened() noexcept
{
    phase_ = phase::open;
    for (store_copy& each : copies_)
        if (each.at == role::joining) each.at = role::current;
    if (format_op_ != nullptr) {
        phase_ = phase::closing;
        return;
    }
    repository_open_report& report = open_op_->report;
    report.generation = wanted_block_.generation;
    for (unsigned copy = 0; copy < wanted_block_.copy_count; ++copy)
        report.copies[copy] = condition(copy);
    loop_->defer(end_task_);
}

copy_condition implementation::condition(unsigned copy) const noexcept
{
    if (copy >= wanted_block_.copy_count) return copy_condition::absent;
    const store_copy& which = copies_[copy];
    switch (which.at) {
    case role::absent: break;
    case role::stale: return copy_condition::stale;
    case role::filling:
    case role::joining: return copy_condition::filling;
    case role::current: return copy_condition::current;
    }
    return copy_condition::absent;
}

void implementation::format(repository_format_op& op)
{
    format_op_ = &op;
    read_devices(op.copies);
}

void implementation::format_checked()
{
    const repository_format_options& options = format_op_->options;
    if (!newest_features.contain(options.features))
        return fail_opening(cimrep::fail(errc::repository_version,
                                         "features are asked for that this version does not know",
                                         "ask for none but those in newest_features"));
    std::uint64_t size = options.size_bytes;
    for (std::size_t i = 0; i < given_.size(); ++i) {
        size = std::min(size, given_[i]->shape().size_bytes);
        const copy_findings& found = *findings_[i];
        for (const error_code& error : found.superblock_errors)
            if (error != errc::repository_absent && !options.overwrite)
                return fail_opening(cimrep::fail(
                    error && error != errc::repository_damaged ? error : errc::element_in_use,
                    fmt::format("device {} of those given carries a repository", i),
                    "allow to overwrite it, or give another device"));
    }
    const auto layout = repository_layout::divide(size, options.log_bytes);
    if (!layout)
        return fail_opening(cimrep::fail(layout.error(),
                                         fmt::format("a copy of {} bytes with a log of {} bytes is "
                                                     "too small",
                                                     size, options.log_bytes),
                                         "give larger devices, or a shorter log"));
    wanted_block_.layout = layout.value();
    wanted_block_.features = options.features;
    wanted_block_.copy_count = static_cast<std::uint8_t>(given_.size());
    loop_->random_bytes(std::as_writable_bytes(std::span(wanted_block_.set.data)));
    // Version 4, variant of RFC 4122: what a random UUID says of itself.
    auto& bytes = wanted_block_.set.data;
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fu) | 0x40u);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fu) | 0x80u);
    log_ = log_space(layout.value().log(), layout.value().log().offset_bytes);
    copy_mask all;
    for (unsigned copy = 0; copy < given_.size(); ++copy) {
        store_copy& each = copies_[copy];
        each.device = given_[copy];
        // Above what was there before, which is gone only when both superblocks are written.
        const superblock* before = findings_[copy]->newest();
        each.superblock_sequence = before != nullptr ? before->sequence : 0;
        each.slot = findings_[copy]->newest_slot() ^ 1u;
        all.add(copy);
    }
    begin(all);
}

void implementation::formatted(std::optional<failure> error) noexcept
{
    phase_ = phase::closed;
    for (const store_copy& each : copies_)
        if (!error && each.device != nullptr && each.at != role::current)
            error = in_words(each.failed_with, [&] {
                return cimrep::fail(each.failed_with, "a copy failed while it was formatted",
                                    "repair or replace its device, then format again");
            });
    format_op_->error = std::move(error);
    loop_->defer(end_task_);
}

}  // namespace cimrep::inline v0
