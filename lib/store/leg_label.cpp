// lib/store/leg_label.cpp -- the label as bytes, and back with every doubt.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/leg_label.hpp>

#include "bytes.hpp"
#include "checksum.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t label_magic = 0x424c'7065'726d'6963;  // "cimrepLB"
constexpr std::uint32_t label_version = 1;
constexpr std::size_t label_checksum_offset = store_block_bytes - sizeof(std::uint32_t);

}  // namespace

void encode(const leg_label& from, std::span<std::byte> block) noexcept
{
    CIMREP_ASSERT(block.size() == store_block_bytes);
    byte_writer to(block);
    to.put(label_magic).put(label_version).put(std::uint32_t{store_block_bytes}).put_uuid(from.set);
    to.put(from.slot).put(from.generation).put(from.incarnation).put(from.place_bytes);
    to.put_zeros(to.room() - sizeof(std::uint32_t));
    to.put(checksum().add(block.first(label_checksum_offset)).value());
}

label_finding decode_leg_label(std::span<const std::byte> block, std::uint64_t place_bytes,
                               leg_label& to) noexcept
{
    CIMREP_ASSERT(block.size() == store_block_bytes);
    if (std::all_of(block.begin(), block.end(), [](std::byte each) { return each == std::byte{}; }))
        return label_finding::blank;
    byte_reader from(block);
    if (from.take<std::uint64_t>() != label_magic || from.take<std::uint32_t>() != label_version ||
        from.take<std::uint32_t>() != store_block_bytes)
        return label_finding::foreign;
    byte_reader at_end(block.subspan(label_checksum_offset));
    if (at_end.take<std::uint32_t>() != checksum().add(block.first(label_checksum_offset)).value())
        return label_finding::foreign;
    to.set = from.take_uuid();
    to.slot = from.take<std::uint64_t>();
    to.generation = from.take<std::uint64_t>();
    to.incarnation = from.take<std::uint64_t>();
    to.place_bytes = from.take<std::uint64_t>();
    return to.place_bytes == place_bytes ? label_finding::label : label_finding::foreign;
}

}  // namespace cimrep::inline v0
