// lib/store/content_checksum.cpp -- the store's checksum, for the content of legs.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/content_checksum.hpp>

#include "checksum.hpp"

namespace cimrep::inline v0 {

std::uint32_t content_checksum(std::span<const std::byte> content) noexcept
{
    return checksum().add(content).value();
}

}  // namespace cimrep::inline v0
