// lib/io/uring/device_facts.cpp -- geometry by ioctl, statx and sysfs; identity by what lasts.
// SPDX-License-Identifier: BSL-1.0
#include "device_facts.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "descriptor.hpp"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace cimrep::inline v0::detail {

namespace {

constexpr std::uint32_t file_block_bytes = 512;

// Linux 6.9; older headers do not have it.
struct file_system_uuid {
    std::uint8_t length;
    std::uint8_t bytes[16];
};

std::string hexadecimal(const unsigned char* bytes, std::size_t count)
{
    std::string text;
    char digits[3];
    for (std::size_t i = 0; i < count; ++i) {
        std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
        text += digits;
    }
    return text;
}

/// What names the file system: its UUID, or else its number, or else where it is attached.
std::string file_system_identity(int number, const struct stat& about)
{
    const auto is_zero = [](const std::string& text) {
        return text.find_first_not_of('0') == std::string::npos;
    };
    file_system_uuid uuid{};
    if (ioctl(number, _IOR(0x15, 0, file_system_uuid), &uuid) == 0 && uuid.length <= 16) {
        const std::string text = hexadecimal(uuid.bytes, uuid.length);
        if (!is_zero(text)) return text;
    }
    struct statfs system {};
    if (fstatfs(number, &system) == 0) {
        unsigned char bytes[sizeof system.f_fsid];
        std::memcpy(bytes, &system.f_fsid, sizeof bytes);
        const std::string text = hexadecimal(bytes, sizeof bytes);
        if (!is_zero(text)) return text;
    }
    return std::to_string(major(about.st_dev)) + "." + std::to_string(minor(about.st_dev));
}

std::string file_identity(int number, const struct stat& about)
{
    return "file:" + file_system_identity(number, about) + ":" + std::to_string(about.st_ino);
}

std::string device_identity(const struct stat& about)
{
    std::string directory = sysfs_directory(major(about.st_rdev), minor(about.st_rdev));
    std::string part = first_line(directory + "/partition");
    if (!part.empty()) {
        part = ":part" + part;
        directory += "/..";
    }
    for (const char* name :
         {"/wwid", "/device/wwid", "/serial", "/device/serial", "/dm/uuid", "/md/uuid"}) {
        const std::string value = first_line(directory + name);
        if (!value.empty()) return "disk:" + value + part;
    }
    const std::string backing = first_line(directory + "/loop/backing_file");
    const descriptor file(backing.empty() ? -1 : ::open(backing.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat behind {};
    if (file.is_open() && fstat(file.number(), &behind) == 0 && S_ISREG(behind.st_mode))
        return "loop:" + file_identity(file.number(), behind) + part;
    return {};
}

/// What direct I/O asks of memory and offsets; false where it is not to be had.
bool read_direct_alignment(int number, std::uint32_t& memory, std::uint32_t& offset)
{
#ifdef STATX_DIOALIGN
    struct statx about {};
    if (statx(number, "", AT_EMPTY_PATH, STATX_DIOALIGN, &about) != 0) return true;
    if ((about.stx_mask & STATX_DIOALIGN) == 0) return true;
    if (about.stx_dio_mem_align == 0 || about.stx_dio_offset_align == 0) return false;
    memory = about.stx_dio_mem_align;
    offset = std::max(offset, about.stx_dio_offset_align);
#endif
    return true;
}

result<> read_block_device(int number, const struct stat& about, device_facts& facts)
{
    geometry& shape = facts.shape;
    int logical = 0;
    unsigned physical = 0;
    if (ioctl(number, BLKGETSIZE64, &shape.size_bytes) != 0 ||
        ioctl(number, BLKSSZGET, &logical) != 0 || ioctl(number, BLKPBSZGET, &physical) != 0)
        return last_error();
    shape.logical_block_bytes = static_cast<std::uint32_t>(logical);
    shape.physical_block_bytes = std::max(physical, shape.logical_block_bytes);
    std::string queue = sysfs_directory(major(about.st_rdev), minor(about.st_rdev));
    if (!first_line(queue + "/partition").empty()) queue += "/..";
    queue += "/queue";
    shape.volatile_cache = first_line(queue + "/write_cache") != "write through";
    const auto number_of = [&queue](const char* name) {
        return std::strtoull(first_line(queue + name).c_str(), nullptr, 10);
    };
    // Discarding is punching a hole, which the kernel does only where that reads as zeros.
    if (number_of("/discard_max_bytes") > 0)
        shape.discard_granularity_bytes =
            std::max<std::uint64_t>(number_of("/discard_granularity"), shape.logical_block_bytes);
    return success();
}

}  // namespace

std::string sysfs_directory(unsigned major, unsigned minor)
{
    return "/sys/dev/block/" + std::to_string(major) + ":" + std::to_string(minor);
}

result<device_facts> read_device_facts(int number, bool direct)
{
    device_facts facts;
    struct stat about {};
    if (fstat(number, &about) != 0) return last_error();
    geometry& shape = facts.shape;
    facts.block_device = S_ISBLK(about.st_mode);
    if (facts.block_device) {
        CIMREP_TRY(read_block_device(number, about, facts));
        facts.identity = device_identity(about);
    } else {
        const auto unit = static_cast<std::uint32_t>(std::max<long>(about.st_blksize, 512));
        shape.size_bytes = static_cast<std::uint64_t>(about.st_size);
        shape.logical_block_bytes = file_block_bytes;
        shape.physical_block_bytes = unit;
        shape.discard_granularity_bytes = unit;
        facts.identity = file_identity(number, about);
    }
    shape.discard_reads_zeros = shape.discard_granularity_bytes != 0;
    if (!direct) return facts;
    std::uint32_t memory = shape.logical_block_bytes;
    std::uint32_t offset = shape.logical_block_bytes;
    facts.direct = read_direct_alignment(number, memory, offset);
    if (!facts.direct) return facts;
    shape.memory_alignment_bytes = memory;
    shape.logical_block_bytes = offset;
    shape.physical_block_bytes = std::max(shape.physical_block_bytes, offset);
    facts.transfer_alignment_bytes = offset;
    return facts;
}

}  // namespace cimrep::inline v0::detail
