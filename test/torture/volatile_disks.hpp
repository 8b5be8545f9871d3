// torture/volatile_disks.hpp -- disks with a cache that a power loss empties, on a stock kernel.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sys/types.h>

#include "../volatile_disk/wire.hpp"
#include "temporary_directory.hpp"
#include <cstdint>
#include <filesystem>
#include <string>

namespace cimrep::test {

/// Files of a FUSE file system that a process of its own serves, test_volatile_disk. It outlives
/// who is killed, as a disk does; what was written and not flushed is in its memory alone. With a
/// loop device over such a file the kernel has a block device with a volatile cache.
///
/// Lifetime:  gone with the object, whose files nobody may have open then; should this process be
///            killed, the other one unmounts and ends.
class volatile_disks {
public:
    /// What this machine lacks for it: the text for CIMREP_SKIP, or empty.
    static std::string missing();

    volatile_disks();
    volatile_disks(const volatile_disks&) = delete;
    volatile_disks& operator=(const volatile_disks&) = delete;
    ~volatile_disks();

    /// A new one of zeros; the path of the file.
    std::filesystem::path file(const std::string& name, std::uint64_t size_bytes);

    /// Whoever writes or flushes from now on is not answered: nobody sees the power fail. Who would
    /// see it is killed before lose().
    void hold();

    /// The power goes. Of the writes that no flush had covered some survive, on all disks.
    ///
    /// @param survive  so many of 256; others are lost, or torn by sectors if it is not 0.
    disk_answer lose(std::uint32_t survive, std::uint64_t seed);

    /// The power is back.
    void power_on();

private:
    disk_answer tell(const disk_request& order);

    temporary_directory directory_{storage::memory};
    std::filesystem::path point_;
    int socket_ = -1;
    pid_t server_ = -1;
};

}  // namespace cimrep::test
