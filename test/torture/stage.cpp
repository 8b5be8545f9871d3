// torture/stage.cpp -- claims are tried and contents read by plain system calls.
// SPDX-License-Identifier: BSL-1.0
#include "stage.hpp"

#include <cimrep/base/units.hpp>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace cimrep::test {

namespace {

/// An open file that closes itself.
struct open_file {
    int number;
    explicit open_file(int opened) : number(opened) {}
    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;
    ~open_file()
    {
        if (number >= 0) ::close(number);
    }
};

}  // namespace

bool claim_is_free(const std::string& path)
{
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) throw std::runtime_error(path + " has gone");
    const bool device = S_ISBLK(about.st_mode);
    const open_file file(::open(path.c_str(), O_RDWR | O_CLOEXEC | (device ? O_EXCL : 0)));
    if (device || file.number < 0) return file.number >= 0;
    struct flock lock {};
    lock.l_type = F_WRLCK;
    return ::fcntl(file.number, F_OFD_SETLK, &lock) == 0;
}

std::vector<std::byte> content_of(const std::string& path, std::uint64_t size_bytes)
{
    int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT);
    if (opened < 0) opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const open_file file(opened);
    constexpr std::size_t piece = mib;
    struct free_memory {
        void operator()(void* memory) const noexcept { std::free(memory); }
    };
    const std::unique_ptr<void, free_memory> buffer(std::aligned_alloc(4096, piece));
    std::vector<std::byte> content(static_cast<std::size_t>(size_bytes));
    for (std::size_t at = 0; at < content.size(); at += piece) {
        const std::size_t length = std::min(piece, content.size() - at);
        if (::pread(file.number, buffer.get(), length, static_cast<off_t>(at)) !=
            static_cast<ssize_t>(length))
            throw std::runtime_error("cannot read " + path + ": " + std::strerror(errno));
        std::memcpy(content.data() + at, buffer.get(), length);
    }
    return content;
}

stage::stage(bool loop_devices, bool volatile_cache)
    : directory_(volatile_cache ? nullptr : std::make_unique<temporary_directory>(storage::memory)),
      cache_(volatile_cache ? std::make_unique<volatile_disks>() : nullptr),
      loop_devices_(loop_devices)
{
}

std::string stage::add(const std::string& name, std::uint64_t size_bytes)
{
    const std::string file =
        cache_ ? cache_->file(name, size_bytes) : directory_->file(name, size_bytes);
    if (!loop_devices_) return file;
    disks_.push_back(std::make_unique<loop_device>(file));
    return disks_.back()->path();
}

void stage::power_on()
{
    cache_->power_on();
    for (const auto& each : disks_) {
        const open_file device(::open(each->path().c_str(), O_RDONLY | O_CLOEXEC));
        ::ioctl(device.number, BLKFLSBUF);
    }
}

}  // namespace cimrep::test
