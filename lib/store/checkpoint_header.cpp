// lib/store/checkpoint_header.cpp -- the head of a checkpoint as bytes.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/checkpoint_header.hpp>

#include "bytes.hpp"
#include "checksum.hpp"

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t magic = 0x5043'7065'726d'6963;  // "cimrepCP"
constexpr std::size_t checksum_offset = store_block_bytes - sizeof(std::uint32_t);

}  // namespace

void encode(const checkpoint_header& from, std::span<std::byte> block) noexcept
{
    CIMREP_ASSERT(block.size() == store_block_bytes);
    byte_writer to(block);
    to.put(magic).put_uuid(from.set).put(from.position).put(from.number);
    to.put(from.records).put(from.payload_bytes).put(from.payload_checksum);
    to.put_zeros(to.room() - sizeof(std::uint32_t));
    to.put(checksum().add(block.first(checksum_offset)).value());
}

result<checkpoint_header> decode_checkpoint_header(std::span<const std::byte> block,
                                                   std::uint64_t position_bytes) noexcept
{
    CIMREP_ASSERT(block.size() == store_block_bytes);
    byte_reader from(block);
    if (from.take<std::uint64_t>() != magic) return errc::repository_absent;
    byte_reader tail(block.subspan(checksum_offset));
    if (tail.take<std::uint32_t>() != checksum().add(block.first(checksum_offset)).value())
        return errc::repository_damaged;
    checkpoint_header to;
    to.set = from.take_uuid();
    to.position = from.take<std::uint64_t>();
    to.number = from.take<std::uint64_t>();
    to.records = from.take<std::uint64_t>();
    to.payload_bytes = from.take<std::uint64_t>();
    to.payload_checksum = from.take<std::uint32_t>();
    if (to.position != position_bytes) return errc::repository_damaged;
    return to;
}

}  // namespace cimrep::inline v0
