// lib/store/copy_reader.cpp -- superblocks, checkpoint, log: each believed after its proof only.
// SPDX-License-Identifier: BSL-1.0
#include "copy_reader.hpp"

#include <cimrep/base/mutant.hpp>
#include <cimrep/io/event_loop.hpp>

#include <fmt/format.h>

#include "../base/out_of_memory.hpp"
#include "checksum.hpp"
#include <algorithm>
#include <new>

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t part_bytes = 256 * kib;
/// More of them, in all or in a row, and the device is taken to be gone: each may take long.
constexpr std::size_t unreadable_blocks_max = 64;
constexpr unsigned unreadable_in_a_row_max = 8;

}  // namespace

unsigned copy_findings::newest_slot() const noexcept
{
    return slots[1] && (!slots[0] || slots[1]->sequence > slots[0]->sequence) ? 1 : 0;
}

const superblock* copy_findings::newest() const noexcept
{
    const auto& found = slots[newest_slot()];
    return found ? &*found : nullptr;
}

error_code copy_findings::superblock_error() const noexcept
{
    // A later version explains more than damage, and damage more than absence.
    for (const errc each : {errc::repository_version, errc::repository_damaged})
        for (const error_code& why : superblock_errors)
            if (why == each) return why;
    for (const error_code& why : superblock_errors)
        if (why != errc::repository_absent) return why;
    return superblock_errors[0];
}

void copy_reader::guarded(step what, error_code error) noexcept
{
    try {
        (this->*what)(error);
    } catch (const std::bad_alloc&) {
        finish(no_memory());
    }
}

/// Reads the first block of what is wanted. However that ends, it is told in a turn of its own.
void copy_reader::start(std::uint64_t offset, step then) noexcept
{
    try {
        read(offset, store_block_bytes, then);
    } catch (const std::bad_alloc&) {
        op_.done = [](io_op& op, error_code error) noexcept {
            static_cast<read_op&>(op).self->finish(error);
        };
        device_->loop().complete(op_, no_memory());
    }
}

/// Fills memory_ part by part, then goes on with `then`.
void copy_reader::read(std::uint64_t offset, std::uint64_t bytes, step then)
{
    op_.self = this;
    memory_.resize(static_cast<std::size_t>(bytes));
    offset_ = offset;
    read_bytes_ = 0;
    single_blocks_end_ = 0;
    then_ = then;
    op_.done = [](io_op& op, error_code error) noexcept {
        static_cast<read_op&>(op).self->part_read(error);
    };
    read_next_part();
}

void copy_reader::part_read(error_code error) noexcept
{
    const bool gone = unreadable_.size() == unreadable_blocks_max ||
                      unreadable_in_a_row_ == unreadable_in_a_row_max;
    if (!error) unreadable_in_a_row_ = 0;
    if (error && reads_around_ && !gone) {
        if (op_.length_bytes > store_block_bytes) {
            single_blocks_end_ = read_bytes_ + op_.length_bytes;
            findings_.log_read_in_blocks = true;
            return read_next_part();
        }
        const auto block = std::span(memory_).subspan(static_cast<std::size_t>(read_bytes_));
        std::fill_n(block.begin(), store_block_bytes, std::byte{});
        unreadable_.push_back(op_.offset_bytes);
        ++unreadable_in_a_row_;
        findings_.log_read_in_blocks = true;
        error = {};
    }
    read_bytes_ += op_.length_bytes;
    if (!error && read_bytes_ < memory_.size()) return read_next_part();
    guarded(then_, error);
}

void copy_reader::read_next_part()
{
    const std::uint64_t limit = device_->shape().maximum_transfer_bytes;
    const bool single = read_bytes_ < single_blocks_end_;
    std::uint64_t bytes =
        std::min(single ? store_block_bytes : part_bytes, memory_.size() - read_bytes_);
    if (limit != 0) bytes = std::min(bytes, limit / store_block_bytes * store_block_bytes);
    const auto part = std::span(memory_).subspan(static_cast<std::size_t>(read_bytes_),
                                                 static_cast<std::size_t>(bytes));
    op_.prepare_read(offset_ + read_bytes_, part);
    device_->submit(op_);
}

void copy_reader::finish(error_code error, std::string problem) noexcept
{
    findings_.error = error;
    findings_.problem = std::move(problem);
    memory_ = {};
    done_(*this);
}

void copy_reader::read_superblocks(block_device& device, completion done, void* with)
{
    device_ = &device;
    done_ = done;
    context = with;
    reads_around_ = false;
    unreadable_.clear();
    unreadable_in_a_row_ = 0;
    findings_ = {};
    findings_.blank = true;
    slot_ = 0;
    start(0, &copy_reader::have_slot);
}

void copy_reader::have_slot(error_code error)
{
    auto& findings = findings_;
    findings.superblock_errors[slot_] = error;
    findings.blank &= !error && std::all_of(memory_.begin(), memory_.end(),
                                            [](std::byte each) { return each == std::byte{}; });
    if (!error) {
        auto decoded = decode_superblock(memory_, slot_ * store_block_bytes);
        if (decoded)
            findings.slots[slot_] = std::move(decoded).value();
        else
            findings.superblock_errors[slot_] = decoded.error();
    }
    if (++slot_ == repository_layout::superblock_count) return finish();
    read(slot_ * store_block_bytes, store_block_bytes, &copy_reader::have_slot);
}

void copy_reader::load(record_map& records, completion done)
{
    records_ = &records;
    done_ = done;
    findings_.loaded = true;
    const superblock& block = *findings_.newest();
    if (device_->shape().size_bytes < block.layout.size_bytes()) {
        // Asynchronous as every other end.
        return start(0, &copy_reader::have_checkpoint_header);
    }
    start(block.layout.checkpoint(block.checkpoint_area).offset_bytes,
          &copy_reader::have_checkpoint_header);
}

void copy_reader::have_checkpoint_header(error_code error)
{
    const superblock& block = *findings_.newest();
    const std::uint64_t size = device_->shape().size_bytes;
    if (size < block.layout.size_bytes())
        return finish(errc::repository_damaged,
                      fmt::format("the device has shrunk to {} bytes, the copy has {}", size,
                                  block.layout.size_bytes()));
    if (error) return lose_content(error, "the head of the checkpoint cannot be read");
    const byte_extent area = block.layout.checkpoint(block.checkpoint_area);
    const auto header = decode_checkpoint_header(memory_, area.offset_bytes);
    if (!header)
        return lose_content(errc::repository_damaged, "the head of the checkpoint is damaged");
    findings_.checkpoint = header.value();
    const checkpoint_header& at = findings_.checkpoint;
    if (at.set != block.set || at.number != block.checkpoint_number)
        return lose_content(
            errc::repository_damaged,
            fmt::format("checkpoint {} is expected, {} of {} is there", block.checkpoint_number,
                        at.number, at.set == block.set ? "this repository" : "another repository"));
    if (at.payload_bytes > area.length_bytes - store_block_bytes)
        return lose_content(errc::repository_damaged, "the checkpoint is longer than its area");
    const std::uint64_t blocks = (at.payload_bytes + store_block_bytes - 1) / store_block_bytes;
    if (blocks == 0) return have_checkpoint({});
    read(area.offset_bytes + store_block_bytes, blocks * store_block_bytes,
         &copy_reader::have_checkpoint);
}

void copy_reader::have_checkpoint(error_code error)
{
    if (error) return lose_content(error, "the checkpoint cannot be read");
    if (findings_.checkpoint.payload_bytes == 0) memory_.clear();
    memory_.resize(static_cast<std::size_t>(findings_.checkpoint.payload_bytes));
    const bool intact = checksum().add(memory_).value() == findings_.checkpoint.payload_checksum;
    if (!intact && !CIMREP_MUTANT(damaged_checkpoint_believed))
        return lose_content(errc::repository_damaged, "the checksum of the checkpoint is wrong");
    if (const auto taken = take_records(); !taken) {
        if (taken.error() == std::errc::not_enough_memory)
            return finish(taken.error(), "the records do not fit into memory");
        return lose_content(taken.error(), "the records of the checkpoint are malformed");
    }
    read_log();
}

/// What the log says of the records that there were holds without a checkpoint, too.
void copy_reader::lose_content(error_code error, std::string problem)
{
    findings_.error = error;
    findings_.problem = std::move(problem);
    read_log();
}

void copy_reader::read_log()
{
    const byte_extent log = findings_.newest()->layout.log();
    reads_around_ = true;
    unreadable_.reserve(unreadable_blocks_max);
    read(log.offset_bytes, log.length_bytes, &copy_reader::have_log);
}

result<> copy_reader::take_records()
{
    change_reader changes(memory_);
    std::optional<record_key> before;
    std::uint64_t count = 0;
    for (;;) {
        CIMREP_TRY(const auto change, changes.next());
        if (!change) break;
        if (change->erase || (before && change->key <= *before)) return errc::repository_damaged;
        before = change->key;
        ++count;
        CIMREP_TRY(records_->put(*change));
    }
    if (count != findings_.checkpoint.records) return errc::repository_damaged;
    return success();
}

void copy_reader::have_log(error_code error)
{
    const bool lost = static_cast<bool>(findings_.error);
    if (error && lost) return finish(findings_.error, std::move(findings_.problem));
    if (error)
        return finish(error, fmt::format("the log cannot be read, after {} blocks that cannot: {}",
                                         unreadable_.size(), error.message()));
    const superblock& block = *findings_.newest();
    const auto found = scan_log(memory_, block, [&](const log_entry& record) -> result<> {
        if (lost) return success();
        change_reader changes(record.payload);
        std::uint32_t count = 0;
        for (;;) {
            CIMREP_TRY(const auto change, changes.next());
            if (!change) break;
            ++count;
            CIMREP_TRY(records_->put(*change));
        }
        if (count != record.header.changes) return errc::repository_damaged;
        return success();
    });
    if (!found) return finish(found.error(), "a record of the log is malformed");
    findings_.log = found.value();
    if (lost) return finish(findings_.error, std::move(findings_.problem));
    judge_log();
}

void copy_reader::judge_log()
{
    const superblock& block = *findings_.newest();
    const log_findings& log = findings_.log;
    findings_.unreadable_log_blocks = unreadable_.size();
    const bool ended = block.clean && log.last_sequence == block.last_sequence;
    for (const std::uint64_t position : unreadable_)
        if (!ended && log.may_go_on(position))
            return finish(errc::repository_damaged,
                          fmt::format("the log cannot be read at {}, where it may go on after "
                                      "record {}",
                                      position, log.last_sequence));
    if (log.hole())
        return finish(errc::repository_damaged,
                      fmt::format("log record {} is missing, although {} is there",
                                  log.last_sequence + 1, log.newest_sequence));
    if (block.clean && log.last_sequence != block.last_sequence)
        return finish(errc::repository_damaged,
                      fmt::format("the log ends with record {}, it was closed after {}",
                                  log.last_sequence, block.last_sequence));
    finish();
}

}  // namespace cimrep::inline v0
