// volatile_disk/wire.hpp -- what a test tells the process that keeps its disks, and hears back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <type_traits>

namespace cimrep::test {

/// What becomes of the disks. Each order is answered when it is done.
enum class disk_order : std::uint32_t {
    add,   ///< a disk of zeros: a file in the root of the file system
    hold,  ///< from now on writes and flushes are not answered
    lose,  ///< the power goes: what was not flushed may be gone; what was held fails, and all else
    on,    ///< the power is back
};

/// One datagram to the process.
struct disk_request {
    disk_order what = disk_order::add;
    std::uint32_t survive = 0;     ///< of 256 writes, so many outlive the power loss
    std::uint64_t seed = 0;        ///< which of them
    std::uint64_t size_bytes = 0;  ///< of a new disk
    char name[40] = {};            ///< of a new disk
};

/// One datagram from it: the writes that no flush had covered, when the power went.
struct disk_answer {
    std::uint64_t unflushed = 0;
    std::uint64_t lost = 0;  ///< whole
    std::uint64_t torn = 0;  ///< some of their sectors
    std::uint64_t held = 0;  ///< of the unflushed ones, those that were not answered either
};

static_assert(std::is_trivially_copyable_v<disk_request>);
static_assert(std::is_trivially_copyable_v<disk_answer>);

}  // namespace cimrep::test
