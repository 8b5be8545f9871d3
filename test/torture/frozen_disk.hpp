// torture/frozen_disk.hpp -- a file system that lets no write end while it is frozen.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "loop_device.hpp"
#include "temporary_directory.hpp"
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

namespace cimrep::test {

/// An ext4 file system of its own, in memory. What is written to its files while it is frozen stays
/// in flight until it thaws, whoever has asked for it.
///
/// Lifetime:  thawed and gone with the object.
class frozen_disk {
public:
    frozen_disk() : point_(directory_.path() / "mounted")
    {
        std::filesystem::create_directory(point_);
        const std::string make = "mkfs.ext4 -q " + disk_.path().string() + " >/dev/null 2>&1";
        if (std::system(make.c_str()) != 0) missing_ = "mkfs.ext4";
        if (missing_.empty() && ::mount(disk_.path().c_str(), point_.c_str(), "ext4", 0, "") != 0)
            missing_ = "mounting an ext4 file system";
        if (missing_.empty()) root_ = ::open(point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    frozen_disk(const frozen_disk&) = delete;
    frozen_disk& operator=(const frozen_disk&) = delete;
    ~frozen_disk()
    {
        if (root_ < 0) return;
        thaw();
        ::close(root_);
        // What has just been let go of may be in use for a moment yet.
        for (int i = 0; i < 1000 && ::umount(point_.c_str()) != 0; ++i) ::usleep(10000);
    }

    /// What this machine lacks for it; or empty.
    const std::string& missing() const noexcept { return missing_; }

    std::string file(const std::string& name, std::uint64_t size_bytes) const
    {
        const std::filesystem::path path = point_ / name;
        const std::string zeros(static_cast<std::size_t>(size_bytes), '\0');
        std::ofstream(path, std::ios::binary) << zeros;
        return path;
    }
    bool freeze() noexcept { return ::ioctl(root_, FIFREEZE, 0) == 0; }
    void thaw() noexcept { ::ioctl(root_, FITHAW, 0); }

private:
    temporary_directory directory_{storage::memory};
    loop_device disk_{directory_.file("image", 64ull * 1024 * 1024)};
    std::filesystem::path point_;
    std::string missing_;
    int root_ = -1;
};

}  // namespace cimrep::test
