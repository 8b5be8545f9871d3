// store/content_checksum.hpp -- a few bytes that stand for many.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace cimrep::inline v0 {

/// CRC32C of `content`. It tells accidents, not forgeries. Threads: any. Allocates: never.
CIMREP_API std::uint32_t content_checksum(std::span<const std::byte> content) noexcept;

}  // namespace cimrep::inline v0
