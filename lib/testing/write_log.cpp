// lib/testing/write_log.cpp -- the on-disk format of dm-log-writes, version 1.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/assert.hpp>
#include <cimrep/testing/write_log.hpp>

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t log_magic = 0x6a736677736872;
constexpr std::uint64_t moments_magic = 0x676f6c7065726d69;
constexpr std::size_t head_bytes = 32;
constexpr std::size_t moments_bytes = 24;

void put(std::span<std::byte> to, std::size_t at, std::uint64_t value) noexcept
{
    boost::endian::native_to_little_inplace(value);
    std::memcpy(to.data() + at, &value, sizeof value);
}

std::uint64_t get(std::span<const std::byte> from, std::size_t at) noexcept
{
    std::uint64_t value;
    std::memcpy(&value, from.data() + at, sizeof value);
    return boost::endian::little_to_native(value);
}

bool has_inline_text(const log_entry& entry) noexcept
{
    return entry.is(log_flag::mark);
}

void encode_entry(const log_entry& entry, std::size_t sector, std::vector<std::byte>& to)
{
    const std::size_t start = to.size();
    to.resize(start + sector);
    const auto head = std::span(to).subspan(start);
    CIMREP_ASSERT(entry.extent.offset_bytes % sector == 0);
    CIMREP_ASSERT(entry.extent.length_bytes % sector == 0);
    put(head, 0, entry.extent.offset_bytes / sector);
    put(head, 8, entry.extent.length_bytes / sector);
    put(head, 16, entry.flags);
    put(head, 24, entry.data.size());
    if (has_inline_text(entry)) {
        CIMREP_ASSERT(entry.data.size() <= sector - head_bytes);
        std::ranges::copy(entry.data, head.begin() + head_bytes);
        return;
    }
    if (entry.logged != log_entry::unknown) {
        put(head, sector - moments_bytes, moments_magic);
        put(head, sector - moments_bytes + 8, entry.logged);
        put(head, sector - moments_bytes + 16, entry.submitted);
    }
    CIMREP_ASSERT(entry.data.empty() || entry.data.size() == entry.extent.length_bytes);
    to.insert(to.end(), entry.data.begin(), entry.data.end());
}

}  // namespace

std::size_t write_log::find_mark(std::string_view text, std::size_t from) const noexcept
{
    for (std::size_t i = from; i < entries.size(); ++i) {
        const log_entry& at = entries[i];
        if (!at.is(log_flag::mark) || at.data.size() != text.size()) continue;
        if (std::memcmp(at.data.data(), text.data(), text.size()) == 0) return i;
    }
    return entries.size();
}

std::vector<std::byte> encode(const write_log& log)
{
    std::vector<std::byte> bytes(log.sector_bytes);
    put(bytes, 0, log_magic);
    put(bytes, 8, 1);
    put(bytes, 16, log.entries.size());
    put(bytes, 24, log.sector_bytes);
    for (const log_entry& entry : log.entries) encode_entry(entry, log.sector_bytes, bytes);
    return bytes;
}

result<write_log> decode_write_log(std::span<const std::byte> bytes)
{
    if (bytes.size() < head_bytes || get(bytes, 0) != log_magic || get(bytes, 8) != 1)
        return errc::invalid_argument;
    const std::uint64_t count = get(bytes, 16);
    const std::uint64_t sector = get(bytes, 24) & UINT32_MAX;
    if (!std::has_single_bit(sector) || sector < 512 || sector > bytes.size())
        return errc::invalid_argument;
    write_log log{static_cast<std::uint32_t>(sector), {}};
    const auto size = static_cast<std::size_t>(sector);
    std::size_t at = size;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (bytes.size() - at < size) return errc::invalid_argument;
        const auto head = bytes.subspan(at, size);
        at += size;
        log_entry entry;
        const std::uint64_t first = get(head, 0);
        const std::uint64_t sectors = get(head, 8);
        const std::uint64_t data = get(head, 24);
        entry.flags = get(head, 16);
        if (first > UINT64_MAX / sector || sectors > UINT64_MAX / sector - first)
            return errc::invalid_argument;
        entry.extent = {first * sector, sectors * sector};
        if (has_inline_text(entry)) {
            if (data > size - head_bytes) return errc::invalid_argument;
            const auto text = head.subspan(head_bytes, static_cast<std::size_t>(data));
            entry.data.assign(text.begin(), text.end());
        } else {
            if (data != 0 && data != entry.extent.length_bytes) return errc::invalid_argument;
            if (data > bytes.size() - at) return errc::invalid_argument;
            const auto content = bytes.subspan(at, static_cast<std::size_t>(data));
            entry.data.assign(content.begin(), content.end());
            at += content.size();
            if (get(head, size - moments_bytes) == moments_magic) {
                entry.logged = get(head, size - moments_bytes + 8);
                entry.submitted = get(head, size - moments_bytes + 16);
            }
        }
        log.entries.push_back(std::move(entry));
    }
    return log;
}

}  // namespace cimrep::inline v0
