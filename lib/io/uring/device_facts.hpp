// lib/io/uring/device_facts.hpp -- what the system knows of an opened device or file.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>

#include <cstdint>
#include <string>

namespace cimrep::inline v0::detail {

/// What open() found out.
struct device_facts {
    geometry shape;
    std::uint32_t transfer_alignment_bytes = 1;  // of each segment's length
    bool block_device = false;
    bool direct = false;
    std::string identity;
};

/// Reads geometry and identity of what `number` has open.
///
/// @errors  what the system reports.
result<device_facts> read_device_facts(int number, bool direct);

/// The directory of /sys that describes the block device with these numbers.
std::string sysfs_directory(unsigned major, unsigned minor);

/// Who has claimed a device, or locked a file, so that it cannot be opened: "claimed by fio
/// (process 17)", or that nobody can be seen who has.
std::string described_holder(const std::string& path, bool block_device);

}  // namespace cimrep::inline v0::detail
