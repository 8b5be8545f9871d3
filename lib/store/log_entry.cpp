// lib/store/log_entry.cpp -- log records as bytes: the checksum covers position, set and sequence.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/store/log_entry.hpp>

#include "bytes.hpp"
#include "checksum.hpp"

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t magic = 0x524c'7065'726d'6963;  // "cimrepLR"
constexpr std::size_t checksum_offset = log_header::encoded_bytes - sizeof(std::uint32_t);

std::uint32_t checksum_of(std::span<const std::byte> record) noexcept
{
    return checksum()
        .add(record.first(checksum_offset))
        .add(record.subspan(log_header::encoded_bytes))
        .value();
}

}  // namespace

void encode(const log_header& from, std::span<std::byte> record) noexcept
{
    CIMREP_ASSERT(record.size() == log_header::encoded_bytes + from.payload_bytes);
    byte_writer to(record.first(log_header::encoded_bytes));
    to.put(magic).put_uuid(from.set).put(from.position).put(from.sequence);
    to.put(from.life).put(from.payload_bytes).put(from.changes).put_zeros(4);
    to.put(checksum_of(record));
}

result<log_header> peek_log_header(std::span<const std::byte> bytes) noexcept
{
    if (bytes.size() < log_header::encoded_bytes) return errc::repository_damaged;
    byte_reader from(bytes);
    if (from.take<std::uint64_t>() != magic) return errc::repository_absent;
    log_header to;
    to.set = from.take_uuid();
    to.position = from.take<std::uint64_t>();
    to.sequence = from.take<std::uint64_t>();
    to.life = from.take<std::uint64_t>();
    to.payload_bytes = from.take<std::uint32_t>();
    to.changes = from.take<std::uint32_t>();
    return to;
}

result<log_entry> decode_log_record(std::span<const std::byte> bytes) noexcept
{
    CIMREP_TRY(const log_header header, peek_log_header(bytes));
    const auto expected = byte_reader(bytes.subspan(checksum_offset)).take<std::uint32_t>();
    if (header.payload_bytes > bytes.size() - log_header::encoded_bytes)
        return errc::repository_damaged;
    const auto record = bytes.first(log_header::encoded_bytes + header.payload_bytes);
    if (checksum_of(record) != expected && !CIMREP_MUTANT(torn_log_record_believed))
        return errc::repository_damaged;
    return log_entry{header, record.subspan(log_header::encoded_bytes)};
}

}  // namespace cimrep::inline v0
