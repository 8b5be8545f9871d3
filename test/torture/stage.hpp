// torture/stage.hpp -- the devices of a torture: who claims them, and what lies on them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "loop_device.hpp"
#include "temporary_directory.hpp"
#include "volatile_disks.hpp"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::test {

/// True if the device could be claimed now, or the file locked. Asks the system, not the library.
bool claim_is_free(const std::string& path);

/// The content of a device or a file, past every cache but the device's own.
std::vector<std::byte> content_of(const std::string& path, std::uint64_t size_bytes);

/// Files in memory, each behind a loop device if wanted; or files that a power loss robs of what
/// was not flushed.
///
/// Lifetime:  files and devices are gone with the object.
class stage {
public:
    explicit stage(bool loop_devices, bool volatile_cache = false);

    /// A new one of zeros; its path.
    std::string add(const std::string& name, std::uint64_t size_bytes);

    /// Null where nothing is lost.
    volatile_disks* cache() const noexcept { return cache_.get(); }

    /// The power is back, and the kernel remembers nothing of the devices.
    void power_on();

private:
    std::unique_ptr<temporary_directory> directory_;  // of what no cache loses
    std::unique_ptr<volatile_disks> cache_;           // outlives what lies on its files
    std::vector<std::unique_ptr<loop_device>> disks_;
    bool loop_devices_;
};

}  // namespace cimrep::test
