// test/support/loop_device.hpp -- a real block device over a file, for tests that run as root.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace cimrep::test {

/// A loop device with direct I/O (where the backing file can) and a sector size of one's choice.
///
/// Lifetime:  attached by the constructor, detached by the destructor; its file outlives it.
class loop_device {
public:
    /// What this machine lacks for loop devices: the text for CIMREP_SKIP, or empty.
    static std::string missing()
    {
        if (::geteuid() != 0) return "loop devices need root";
        const int control = ::open("/dev/loop-control", O_RDWR | O_CLOEXEC);
        if (control < 0) return std::string("loop devices: /dev/loop-control: ") + why(errno);
        ::close(control);
        return {};
    }

    explicit loop_device(const std::filesystem::path& backing, std::uint32_t sector_bytes = 512)
    {
        const int file = ::open(backing.c_str(), O_RDWR | O_CLOEXEC);
        if (file < 0)
            throw std::runtime_error("cannot open " + backing.string() + ": " + why(errno));
        const int error = attach(file, sector_bytes);
        ::close(file);
        if (error != 0) throw std::runtime_error("cannot attach a loop device: " + why(error));
    }
    loop_device(const loop_device&) = delete;
    loop_device& operator=(const loop_device&) = delete;
    ~loop_device()
    {
        detach();
        if (made_node_) ::unlink(path_.c_str());
    }

    /// The device's node: /dev/loopN.
    const std::filesystem::path& path() const noexcept { return path_; }

    /// Detaches now, or as soon as the last of those who have the device open closes it.
    void detach() noexcept
    {
        if (device_ < 0) return;
        ::ioctl(device_, LOOP_CLR_FD, 0);
        ::close(device_);
        device_ = -1;
    }

private:
    static std::string why(int error) { return std::strerror(error); }

    // Another process may take the free number between the two calls, so the pair is repeated.
    int attach(int file, std::uint32_t sector_bytes)
    {
        const int control = ::open("/dev/loop-control", O_RDWR | O_CLOEXEC);
        if (control < 0) return errno;
        int error = EBUSY;
        for (int attempt = 0; attempt < 200 && error == EBUSY; ++attempt) {
            const int number = ::ioctl(control, LOOP_CTL_GET_FREE);
            error = number < 0 ? errno : attach_to(number, file, sector_bytes);
            if (error == EBUSY) ::usleep(1000);
        }
        ::close(control);
        return error;
    }

    int attach_to(int number, int file, std::uint32_t sector_bytes)
    {
        path_ = "/dev/loop" + std::to_string(number);
        // A container's /dev does not follow the kernel's.
        made_node_ = ::mknod(path_.c_str(), S_IFBLK | 0600,
                             ::makedev(7, static_cast<unsigned>(number))) == 0;
        device_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
        loop_config config{};
        config.fd = static_cast<std::uint32_t>(file);
        config.block_size = sector_bytes;
        // Goes by itself, should the program be killed.
        config.info.lo_flags = LO_FLAGS_DIRECT_IO | LO_FLAGS_AUTOCLEAR;
        if (device_ >= 0 && ::ioctl(device_, LOOP_CONFIGURE, &config) == 0) return 0;
        const int error = errno;
        if (device_ >= 0) ::close(device_);
        device_ = -1;
        if (made_node_) ::unlink(path_.c_str());
        made_node_ = false;
        return error;
    }

    std::filesystem::path path_;
    int device_ = -1;
    bool made_node_ = false;
};

}  // namespace cimrep::test
