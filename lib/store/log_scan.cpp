// lib/store/log_scan.cpp -- a record counts if set, life, position and sequence are the expected.
// SPDX-License-Identifier: BSL-1.0
#include "log_scan.hpp"

#include <cimrep/base/mutant.hpp>

#include <algorithm>
#include <optional>

namespace cimrep::inline v0 {

namespace {

/// A log area in memory, asked for what lies at a position of its device.
struct log_area {
    std::span<const std::byte> bytes;
    const superblock& block;

    /// The record of this life that lies at `position`, whatever its sequence.
    std::optional<log_entry> record_at(std::uint64_t position) const noexcept
    {
        const std::uint64_t at = position - repository_layout::log_offset_bytes;
        if (at >= bytes.size()) return std::nullopt;
        const auto found = decode_log_record(bytes.subspan(static_cast<std::size_t>(at)));
        if (!found) return std::nullopt;
        const log_header& header = found.value().header;
        const bool ours = header.life == block.life || CIMREP_MUTANT(older_life_replayed);
        if (header.set != block.set || !ours || header.position != position) return std::nullopt;
        return found.value();
    }

    std::optional<log_entry> record_at(std::uint64_t position, std::uint64_t sequence) const
    {
        const auto found = record_at(position);
        return found && found->header.sequence == sequence ? found : std::nullopt;
    }

    /// What says to be the record of `sequence`, and to lie here, whole or not.
    byte_extent claim_at(std::uint64_t position, std::uint64_t sequence) const noexcept
    {
        const std::uint64_t at = position - repository_layout::log_offset_bytes;
        const auto head = peek_log_header(bytes.subspan(static_cast<std::size_t>(at)));
        if (!head) return {};
        const log_header& its = head.value();
        const bool expected = its.set == block.set && its.life == block.life &&
                              its.position == position && its.sequence == sequence;
        return expected ? byte_extent{position, its.record_bytes()} : byte_extent{};
    }

    bool blank(std::uint64_t position) const noexcept
    {
        const std::uint64_t at = position - repository_layout::log_offset_bytes;
        const auto part = bytes.subspan(static_cast<std::size_t>(at)).first(store_block_bytes);
        return std::all_of(part.begin(), part.end(), [](std::byte b) { return b == std::byte{}; });
    }
};

}  // namespace

result<log_findings> scan_log(std::span<const std::byte> log, const superblock& block,
                              const std::function<result<>(const log_entry&)>& visit)
{
    const log_area area{log, block};
    const std::uint64_t begin = repository_layout::log_offset_bytes;
    const std::uint64_t end = begin + log.size();
    log_findings found;
    found.last_sequence = block.replay_sequence - 1;
    found.next_position = block.replay_position;
    // A record that did not fit before the end of the area lies at its start.
    for (;;) {
        auto next = area.record_at(found.next_position, found.last_sequence + 1);
        if (!next) next = area.record_at(begin, found.last_sequence + 1);
        if (!next) break;
        CIMREP_TRY(visit(*next));
        ++found.records;
        ++found.last_sequence;
        found.next_position = next->header.position + next->header.record_bytes();
    }
    if (found.next_position >= end) found.next_position = begin;
    found.next_may_be_first = end - found.next_position < block.layout.log_record_bytes_max();
    found.torn = !area.record_at(found.next_position) && !area.blank(found.next_position);
    found.next_record = area.claim_at(found.next_position, found.last_sequence + 1);
    if (found.next_record.empty())
        found.next_record = area.claim_at(begin, found.last_sequence + 1);
    found.newest_sequence = found.last_sequence;
    for (std::uint64_t at = begin; at < end; at += store_block_bytes)
        if (const auto any = area.record_at(at))
            found.newest_sequence = std::max(found.newest_sequence, any->header.sequence);
    return found;
}

}  // namespace cimrep::inline v0
