// io/uring/device_guard.hpp -- who uses a device, and whose data is on it, before it is opened.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>

#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// A process that has a device or a file open.
struct device_opener {
    int process_id = 0;
    std::string program;  ///< its name as the kernel has it, of 15 bytes at most; empty: unknown
    bool locks = false;   ///< holds a lock, as an exclusive uring_device does on files and devices
};

/// The processes that have a block device (a partition of it, or the disk that it is a part of) or
/// a file open at this moment. Taken from the kernel alone: what a process has written down about
/// itself may be older than the process.
///
/// Those that this user may not look into, and those of other containers, are missing. Who holds a
/// claim and is missing may also have been killed: a claim lasts until the last request has ended.
///
/// Blocks:  for reads of /proc, of every process.
/// @errors  what the system says to looking at `path`.
CIMREP_API outcome<std::vector<device_opener>> find_device_openers(const std::string& path);

/// Says how a block device or a file is in use: "mounted on /mnt", "held by dm-0", "in use as
/// swap", "attached as /dev/loop3". Empty if no user is known; who opened it exclusively is not
/// seen here but by find_device_openers().
///
/// Looks at the partitions of a disk too.
/// Blocks:  for reads of /proc and /sys.
/// @errors  what the system says to the opening of `path`.
CIMREP_API outcome<std::string> find_device_user(const std::string& path);

/// Says what data a device or a file carries: "an ext4 filesystem 'label'", "a gpt partition
/// table". Empty if no signature is known.
///
/// Blocks:  for reads of the first and last blocks.
/// @errors  what the system says to opening and reading.
CIMREP_API outcome<std::string> find_signature(const std::string& path);

}  // namespace cimrep::inline v0
