// worker/wire.hpp -- what a test and the process that it may kill say to each other.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <type_traits>

namespace cimrep::test {

/// What a message is about.
enum class topic : std::uint32_t {
    // To the worker; the first two are answered by messages of the same topic.
    transfer,  ///< a host operation on the volume; back: it has ended, with `error`
    ask,       ///< an operation on a target; back: refused with `text`, or settled
    look,      ///< tell of every target, then `looked`
    close,     ///< close everything in order and end
    // From the worker.
    found,   ///< a relationship, or none, as the repository has it
    told,    ///< a relationship has changed, or was looked at
    looked,  ///< all targets were told
    ready,   ///< the volume is open; `clean`: the process before had closed
    failed,  ///< `text` says what; the worker ends
};

/// One datagram. Which fields mean something depends on the topic.
struct message {
    topic what = topic::failed;
    std::uint32_t slot = 0;    ///< of the shared memory, for a transfer
    std::uint32_t kind = 0;    ///< io_kind, or the number of a CIM operation; 0: create
    std::uint32_t target = 0;  ///< its index
    std::uint32_t state = 0;   ///< CopyState
    std::int32_t error = 0;    ///< of a transfer; 0: success
    std::uint64_t offset_bytes = 0;
    std::uint64_t length_bytes = 0;
    std::uint64_t different_bytes = 0;
    bool fua = false;
    bool force = false;
    bool exists = false;
    bool clean = false;
    char text[256] = {};

    void say(const std::string& sentence)
    {
        std::snprintf(text, sizeof text, "%s", sentence.c_str());
    }
};
static_assert(std::is_trivially_copyable_v<message>);

/// Of the memory that both processes see: a transfer has one slot.
inline constexpr std::size_t slot_bytes = 256 * 1024;
inline constexpr std::uint32_t slots_max = 16;

}  // namespace cimrep::test
