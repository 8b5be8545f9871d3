// lib/store/superblock.cpp -- the superblock as bytes, and back with every doubt.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/store/superblock.hpp>

#include "bytes.hpp"
#include "checksum.hpp"

namespace cimrep::inline v0 {

namespace {

// In every version of the format the magic, the version, the features and the checksum, which is
// in the last four bytes, stay where they are.
constexpr std::uint64_t magic = 0x4253'7065'726d'6963;  // "cimrepSB"
constexpr std::size_t checksum_offset = store_block_bytes - sizeof(std::uint32_t);
constexpr std::uint8_t mark_clean = 1;
constexpr std::uint8_t mark_open = 2;

bool sound(const superblock& block) noexcept
{
    if (block.copy_count == 0 || block.copy_count > repository_copies_max) return false;
    if (block.copy_index >= block.copy_count) return false;
    if (block.stale_copies >> block.copy_count != 0) return false;
    if (block.checkpoint_area > 1 || !block.layout.sound()) return false;
    const std::uint64_t in_log = block.replay_position - block.layout.log().offset_bytes;
    if (in_log % store_block_bytes != 0 || in_log >= block.layout.log_bytes) return false;
    if (block.replay_sequence == 0) return false;
    if (block.clean && block.last_sequence < block.replay_sequence - 1) return false;
    if (block.set.is_nil()) return false;
    std::uint64_t above = block.generation.number;
    for (const repository_generation& each : block.history) {
        if (each.number >= above) return false;
        above = each.number;
    }
    return true;
}

}  // namespace

void encode(const superblock& from, std::span<std::byte> block) noexcept
{
    CIMREP_ASSERT(block.size() == store_block_bytes && sound(from));
    CIMREP_ASSERT(from.history.size() <= superblock::history_max);
    byte_writer to(block);
    to.put(magic).put(repository_format).put(std::uint32_t{store_block_bytes});
    to.put(from.features.compatible).put(from.features.read_only_compatible);
    to.put(from.features.incompatible).put_uuid(from.set).put(from.position).put(from.sequence);
    to.put(from.copy_index).put(from.copy_count).put(from.stale_copies);
    to.put(from.clean ? mark_clean : mark_open).put(from.checkpoint_area);
    to.put(static_cast<std::uint8_t>(from.history.size())).put_zeros(2);
    to.put(from.generation.number).put(from.generation.tag);
    to.put(from.layout.log_bytes).put(from.layout.checkpoint_bytes);
    to.put(from.life)
        .put(from.checkpoint_number)
        .put(from.replay_sequence)
        .put(from.replay_position);
    to.put(from.clean ? from.last_sequence : 0).put(from.owner.incarnation);
    to.put_text(from.owner.boot_id, repository_owner_text_max);
    to.put_text(from.owner.name, repository_owner_text_max);
    for (const repository_generation& each : from.history) to.put(each.number).put(each.tag);
    to.put_zeros(to.room() - sizeof(std::uint32_t));
    to.put(checksum().add(block.first(checksum_offset)).value());
}

result<superblock> decode_superblock(std::span<const std::byte> block, std::uint64_t position_bytes)
{
    CIMREP_ASSERT(block.size() == store_block_bytes);
    byte_reader from(block);
    if (from.take<std::uint64_t>() != magic) return errc::repository_absent;
    byte_reader tail(block.subspan(checksum_offset));
    const bool intact =
        tail.take<std::uint32_t>() == checksum().add(block.first(checksum_offset)).value();
    if (!intact && !CIMREP_MUTANT(torn_superblock_believed)) return errc::repository_damaged;
    const auto version = from.take<std::uint32_t>();
    const auto block_bytes = from.take<std::uint32_t>();
    superblock to;
    to.features = {from.take<std::uint64_t>(), from.take<std::uint64_t>(),
                   from.take<std::uint64_t>()};
    if (version > repository_format ||
        (to.features.incompatible & ~newest_features.incompatible) != 0)
        return errc::repository_version;
    if (version == 0 || block_bytes != store_block_bytes) return errc::repository_damaged;
    to.set = from.take_uuid();
    to.position = from.take<std::uint64_t>();
    to.sequence = from.take<std::uint64_t>();
    to.copy_index = from.take<std::uint8_t>();
    to.copy_count = from.take<std::uint8_t>();
    to.stale_copies = from.take<std::uint8_t>();
    const auto mark = from.take<std::uint8_t>();
    to.clean = mark == mark_clean;
    to.checkpoint_area = from.take<std::uint8_t>();
    const auto history = from.take<std::uint8_t>();
    from.take_bytes(2);
    to.generation = {from.take<std::uint64_t>(), from.take<std::uint64_t>()};
    to.layout = {from.take<std::uint64_t>(), from.take<std::uint64_t>()};
    to.life = from.take<std::uint64_t>();
    to.checkpoint_number = from.take<std::uint64_t>();
    to.replay_sequence = from.take<std::uint64_t>();
    to.replay_position = from.take<std::uint64_t>();
    to.last_sequence = from.take<std::uint64_t>();
    to.owner.incarnation = from.take<std::uint64_t>();
    const bool texts = from.take_text(to.owner.boot_id, repository_owner_text_max) &&
                       from.take_text(to.owner.name, repository_owner_text_max);
    if (!texts || history > superblock::history_max) return errc::repository_damaged;
    for (unsigned i = 0; i < history; ++i)
        to.history.push_back({from.take<std::uint64_t>(), from.take<std::uint64_t>()});
    if (mark != mark_clean && mark != mark_open) return errc::repository_damaged;
    if (to.position != position_bytes || !sound(to)) return errc::repository_damaged;
    return to;
}

}  // namespace cimrep::inline v0
