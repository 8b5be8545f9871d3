// bench/scratch_devices.hpp -- devices of the benchmark's own: loop devices over files in memory.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include "loop_device.hpp"
#include "support.hpp"
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// Files in a folder of their own, each behind a loop device where that is possible and wanted.
///
/// Lifetime:  devices and files are gone with the object.
class scratch_devices {
public:
    scratch_devices(const std::filesystem::path& parent, unsigned count, std::uint64_t size_bytes,
                    bool loop_devices)
        : folder_(parent / ("cimrep_bench." + std::to_string(::getpid()) + "." + next_name()))
    {
        std::filesystem::create_directories(folder_);
        for (unsigned i = 0; i < count; ++i) {
            const auto file = folder_ / ("disk" + std::to_string(i));
            make_file(file, size_bytes);
            if (loop_devices) {
                loops_.push_back(std::make_unique<cimrep::test::loop_device>(file));
                std::filesystem::remove(file);  // the device holds it; nothing can stay behind
            }
            paths_.push_back(loop_devices ? loops_.back()->path().string() : file.string());
        }
        if (loop_devices) std::filesystem::remove(folder_);
    }
    scratch_devices(const scratch_devices&) = delete;
    scratch_devices& operator=(const scratch_devices&) = delete;
    ~scratch_devices()
    {
        loops_.clear();
        for (const int file : files_) ::close(file);
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    const std::vector<std::string>& paths() const noexcept { return paths_; }

    /// Gives back what was written to the first `count` devices, so that whoever writes next finds
    /// them as the one before did.
    void make_sparse(unsigned count) const
    {
        constexpr int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
        for (unsigned i = 0; i < count; ++i) {
            const off_t size = ::lseek(files_[i], 0, SEEK_END);
            if (::fallocate(files_[i], mode, 0, size) != 0)
                die(std::string("cannot make a hole of a scratch file: ") + std::strerror(errno));
        }
    }

private:
    static std::string next_name()
    {
        static unsigned made = 0;
        return std::to_string(++made);
    }
    void make_file(const std::filesystem::path& path, std::uint64_t size_bytes)
    {
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file < 0) die("cannot make " + path.string() + ": " + std::strerror(errno));
        const int result = ::ftruncate(file, static_cast<off_t>(size_bytes));
        files_.push_back(file);
        if (result != 0) die("cannot give " + path.string() + " its size");
    }

    std::filesystem::path folder_;
    std::vector<std::unique_ptr<cimrep::test::loop_device>> loops_;
    std::vector<std::string> paths_;
    std::vector<int> files_;
};

}  // namespace bench
