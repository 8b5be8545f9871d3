// lib/store/checksum.hpp -- CRC32C, by Boost.CRC.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/crc.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace cimrep::inline v0 {

/// The checksum of bytes that are given piece by piece.
class checksum {
public:
    checksum& add(std::span<const std::byte> bytes) noexcept
    {
        crc_.process_bytes(bytes.data(), bytes.size());
        return *this;
    }
    std::uint32_t value() const noexcept { return crc_.checksum(); }

private:
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc_;
};

}  // namespace cimrep::inline v0
