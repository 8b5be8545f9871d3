// io/uring/device_guard.hpp -- who uses a device, and whose data is on it, before it is opened.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>

#include <string>

namespace cimrep::inline v0 {

/// Says how a block device or a file is in use: "mounted on /mnt", "held by dm-0", "in use as
/// swap", "attached as /dev/loop3". Empty if no user is known; who opened it exclusively is not
/// seen here.
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
