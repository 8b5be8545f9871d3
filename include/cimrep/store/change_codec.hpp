// store/change_codec.hpp -- records and their changes as bytes, in the log and in checkpoints.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/store/record.hpp>

#include <cstddef>
#include <optional>
#include <span>

namespace cimrep::inline v0 {

/// The bytes of a change without its value.
inline constexpr std::size_t change_header_bytes = 24;

constexpr std::size_t encoded_bytes(const record_change& change) noexcept
{
    return change_header_bytes + (change.erase ? 0 : change.value.size());
}

/// Writes a change; returns the bytes after it.
///
/// @pre  `to` has encoded_bytes(change), the value is not longer than record_value_bytes_max.
CIMREP_API std::span<std::byte> encode(const record_change& change,
                                       std::span<std::byte> to) noexcept;

/// Reads one change after the other out of bytes that it does not trust.
class CIMREP_API change_reader {
public:
    explicit change_reader(std::span<const std::byte> bytes) noexcept : rest_(bytes) {}

    /// The next change, whose value lies in the bytes; nothing at their end.
    ///
    /// @errors  errc::repository_damaged: what is left is no change; nothing more can be read.
    result<std::optional<record_change>> next() noexcept;

private:
    std::span<const std::byte> rest_;
};

}  // namespace cimrep::inline v0
