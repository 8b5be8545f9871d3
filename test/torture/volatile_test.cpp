// torture/volatile_test.cpp -- the disks that lose what was not flushed do so, and lose no more.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/units.hpp>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "catch.hpp"
#include "stage.hpp"
#include <algorithm>
#include <cstdlib>
#include <string>

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

/// A disk as its user has it: past the kernel's cache.
class user {
public:
    explicit user(const std::string& path)
        : file_(::open(path.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC)),
          memory_(static_cast<std::byte*>(std::aligned_alloc(4096, piece_bytes)))
    {
        REQUIRE(file_ >= 0);
    }
    user(const user&) = delete;
    user& operator=(const user&) = delete;
    ~user()
    {
        ::close(file_);
        std::free(memory_);
    }

    bool write(std::size_t piece, int value, int flags = 0)
    {
        std::fill_n(memory_, piece_bytes, static_cast<std::byte>(value));
        const iovec one{memory_, piece_bytes};
        return ::pwritev2(file_, &one, 1, at(piece), flags) == piece_bytes;
    }
    bool zero(std::size_t piece)
    {
        const int how = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
        return ::fallocate(file_, how, at(piece), piece_bytes) == 0;
    }
    bool flush() { return ::fdatasync(file_) == 0; }

    /// The value that fills the piece; -1: more than one.
    int read(std::size_t piece)
    {
        REQUIRE(::pread(file_, memory_, piece_bytes, at(piece)) == piece_bytes);
        const bool one = std::all_of(memory_, memory_ + piece_bytes,
                                     [&](std::byte each) { return each == memory_[0]; });
        return one ? static_cast<int>(memory_[0]) : -1;
    }

private:
    static off_t at(std::size_t piece) { return static_cast<off_t>(piece * piece_bytes); }

    int file_;
    std::byte* memory_;
};

std::string missing(bool loop_devices)
{
    const std::string cache = volatile_disks::missing();
    return cache.empty() && loop_devices ? loop_device::missing() : cache;
}

}  // namespace

TEST_CASE("a power loss takes what was not flushed, and nothing else", "[torture][volatile]")
{
    const bool loop_devices = GENERATE(false, true);
    if (const auto lacking = missing(loop_devices); !lacking.empty()) CIMREP_SKIP(lacking);
    CAPTURE(loop_devices);
    stage disks(loop_devices, true);
    const std::string path = disks.add("disk", mib);
    {
        user disk(path);
        REQUIRE(disk.write(0, 1));
        REQUIRE(disk.write(1, 1));
        REQUIRE(disk.flush());
        REQUIRE(disk.write(1, 2));
        REQUIRE(disk.write(2, 2, RWF_DSYNC));
        REQUIRE(disk.write(3, 2));
        REQUIRE(disk.zero(0));
        CHECK(disk.read(1) == 2);
        CHECK(disk.read(0) == 0);
    }
    const disk_answer met = disks.cache()->lose(0, 1);
    CHECK(met.lost == met.unflushed);
    CHECK(met.lost > 0);
    {
        user disk(path);
        CHECK_FALSE(disk.write(4, 3));
        CHECK_FALSE(disk.flush());
    }
    disks.power_on();
    user disk(path);
    CHECK(disk.read(0) == 1);
    CHECK(disk.read(2) == 2);
    CHECK(disk.read(3) == 0);
    CHECK(disk.read(4) == 0);
    // A loop device knows no FUA: the kernel flushes after the write, all there is.
    CHECK(disk.read(1) == (loop_devices ? 2 : 1));
}

TEST_CASE("of what was not flushed some survives a power loss", "[torture][volatile]")
{
    if (const auto lacking = missing(false); !lacking.empty()) CIMREP_SKIP(lacking);
    stage disks(false, true);
    const std::string path = disks.add("disk", mib);
    {
        user disk(path);
        for (std::size_t piece = 0; piece < 16; ++piece) REQUIRE(disk.write(piece, 1));
    }
    const disk_answer met = disks.cache()->lose(128, 7);
    disks.power_on();
    user disk(path);
    std::size_t there = 0, lost = 0, torn = 0;
    for (std::size_t piece = 0; piece < 16; ++piece) {
        const int found = disk.read(piece);
        ++(found == 1 ? there : found == 0 ? lost : torn);
    }
    CHECK(met.unflushed == 16);
    CHECK(lost == met.lost);
    CHECK(torn == met.torn);
    CHECK(there == met.unflushed - met.lost - met.torn);
    CHECK(there > 0);
    CHECK(lost > 0);
}
