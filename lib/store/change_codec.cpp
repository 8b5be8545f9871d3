// lib/store/change_codec.cpp -- a change as bytes: a header of fixed size, then the value.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/store/change_codec.hpp>

#include "bytes.hpp"

namespace cimrep::inline v0 {

namespace {

constexpr std::uint16_t action_set = 0;
constexpr std::uint16_t action_erase = 1;

}  // namespace

std::span<std::byte> encode(const record_change& change, std::span<std::byte> to) noexcept
{
    CIMREP_ASSERT(change.value.size() <= record_value_bytes_max);
    byte_writer writer(to);
    writer.put(static_cast<std::uint16_t>(change.key.kind));
    writer.put(change.erase && !CIMREP_MUTANT(erasure_not_logged) ? action_erase : action_set);
    const std::size_t size = change.erase ? 0 : change.value.size();
    writer.put(static_cast<std::uint32_t>(size)).put(change.key.owner).put(change.key.index);
    if (!change.erase) writer.put_bytes(change.value);
    return writer.rest();
}

result<std::optional<record_change>> change_reader::next() noexcept
{
    if (rest_.empty()) return std::optional<record_change>{};
    if (rest_.size() < change_header_bytes) return errc::repository_damaged;
    byte_reader from(rest_);
    record_change change;
    change.key.kind = static_cast<record_kind>(from.take<std::uint16_t>());
    const auto action = from.take<std::uint16_t>();
    const std::size_t size = from.take<std::uint32_t>();
    change.key.owner = from.take<std::uint64_t>();
    change.key.index = from.take<std::uint64_t>();
    change.erase = action == action_erase;
    if (action > action_erase || (change.erase && size != 0) || size > record_value_bytes_max ||
        size > rest_.size() - change_header_bytes)
        return errc::repository_damaged;
    change.value = from.take_bytes(size);
    rest_ = rest_.subspan(change_header_bytes + size);
    return std::optional<record_change>{change};
}

}  // namespace cimrep::inline v0
