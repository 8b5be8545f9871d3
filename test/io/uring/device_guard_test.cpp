// test/io/uring/device_guard_test.cpp -- what is in use, foreign or unfit is refused by its name.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/device_guard.hpp>
#include <cimrep/io/uring/uring_device.hpp>
#include <cimrep/io/uring/uring_loop.hpp>

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/swap.h>

#include "../contract.hpp"
#include "loop_device.hpp"
#include "temporary_directory.hpp"
#include <cstdlib>
#include <fstream>

using namespace cimrep;
using namespace cimrep::test;
using Catch::Matchers::Contains;

namespace {

constexpr std::uint64_t image_bytes = 16 * mib;

/// A command without its output; true if it succeeded.
bool command(const std::string& line)
{
    return std::system((line + " >/dev/null 2>&1").c_str()) == 0;
}

/// What opening `path` was refused with; an empty code if it was not.
failure refusal(const std::string& path, const uring_device_options& options = {})
{
    auto loop = uring_loop::create();
    REQUIRE(loop);
    auto opened = uring_device::open(*loop.value(), path, options);
    return opened ? failure{} : opened.error();
}

struct mounted {
    mounted(const std::string& device, const std::string& where) : point(where)
    {
        std::filesystem::create_directory(where);
        works = ::mount(device.c_str(), where.c_str(), "ext4", 0, "") == 0;
    }
    ~mounted()
    {
        if (works) ::umount(point.c_str());
    }
    std::string point;
    bool works = false;
};

/// Says in /sys, while it lives, that `holder` is built on the loop device.
struct said_to_be_held {
    said_to_be_held(const loop_device& disk, const std::string& entries, const char* holder)
        : point("/sys/block/" + disk.path().filename().string() + "/holders")
    {
        std::filesystem::create_directories(entries + "/" + holder);
        works = ::mount(entries.c_str(), point.c_str(), "", MS_BIND, "") == 0;
    }
    ~said_to_be_held()
    {
        if (works) ::umount(point.c_str());
    }
    std::string point;
    bool works = false;
};

}  // namespace

TEST_CASE("a file with a file system is refused as a target, by the name of what it carries")
{
    temporary_directory directory;
    const std::string path = directory.file("image", image_bytes);
    REQUIRE(refusal(path).code == error_code{});
    if (!command("mkfs.ext4 -q -L precious " + path)) CIMREP_SKIP("mkfs.ext4");
    const failure refused = refusal(path);
    REQUIRE(refused.code == errc::foreign_signature);
    REQUIRE_THAT(refused.wrong, Contains(path + " carries an ext4 filesystem 'precious'"));
    REQUIRE_FALSE(refused.remedy.empty());
    REQUIRE(refusal(path, {.signatures = signature_policy::accept}).code == error_code{});
}

TEST_CASE("swap areas and partition tables are signatures too")
{
    temporary_directory directory;
    const std::string path = directory.file("image", image_bytes);
    if (!command("mkswap " + path)) CIMREP_SKIP("mkswap");
    REQUIRE_THAT(refusal(path).wrong, Contains("a swap area"));
    const std::string disk = directory.file("disk", image_bytes);
    // One Linux partition, from sector 2048 on, of 1024 sectors.
    const char entry[] = "\x00\x00\x00\x00\x83\x00\x00\x00\x00\x08\x00\x00\x00\x04\x00\x00";
    std::fstream table(disk, std::ios::in | std::ios::out | std::ios::binary);
    table.seekp(446).write(entry, 16);
    table.seekp(510).write("\x55\xaa", 2);
    table.close();
    REQUIRE_THAT(refusal(disk).wrong, Contains("a dos partition table"));
}

TEST_CASE("a file that another handle has open is refused, and free when that is closed")
{
    temporary_directory directory;
    const std::string path = directory.file("image", image_bytes);
    auto loop = uring_loop::create();
    REQUIRE(loop);
    auto first = uring_device::open(*loop.value(), path);
    REQUIRE(first);
    const failure refused = refusal(path);
    REQUIRE(refused.code == errc::element_in_use);
    REQUIRE_THAT(refused.wrong, Contains(path + " is locked by this program"));
    REQUIRE(refusal(path, {.read_only = true}).code == errc::element_in_use);
    // Only to look, and without a claim, everyone may.
    REQUIRE(refusal(path, {.read_only = true, .exclusive = false}).code == error_code{});
    first.value().reset();
    REQUIRE(refusal(path).code == error_code{});
}

TEST_CASE("what does not fit is refused with the numbers")
{
    temporary_directory directory;
    const std::string path = directory.file("image", image_bytes);
    failure refused = refusal(path, {.size_bytes_min = image_bytes + 1});
    REQUIRE(refused.code == errc::geometry_mismatch);
    REQUIRE_THAT(refused.wrong, Contains("16777216") && Contains("16777217"));
    REQUIRE(refusal(path, {.size_bytes = image_bytes + 512}).code == errc::geometry_mismatch);
    refused = refusal(path, {.direct = false, .size_bytes = 4096 + 1});
    REQUIRE(refused.code == errc::geometry_mismatch);
    REQUIRE_THAT(refused.wrong, Contains("size_bytes 4097") && Contains("blocks of 512 bytes"));
    REQUIRE(refused.remedy == "give 4096 or 4608");
    REQUIRE(refusal(path, {.logical_block_bytes = 1000}).code == errc::geometry_mismatch);
    REQUIRE(refusal(path, {.maximum_transfer_bytes = 1000}).code == errc::invalid_argument);
    REQUIRE(refusal(directory.file("empty", 0)).code == errc::geometry_mismatch);
    refused = refusal(directory.file("odd", 1000), {.direct = false});
    REQUIRE(refused.code == errc::geometry_mismatch);
    REQUIRE_THAT(refused.wrong,
                 Contains("1000 bytes, no multiple of its blocks of 512 bytes: 488 remain"));
    REQUIRE(refused.remedy == "make it 512 or 1024 bytes long, or use only 512 by size_bytes");
    refused = refusal(directory.file("tiny", 17), {.direct = false});
    REQUIRE(refused.remedy == "make it 512 bytes long");
    REQUIRE(refusal(path, {.size_bytes = 8192, .logical_block_bytes = 4096}).code == error_code{});
}

TEST_CASE("what is neither a file nor a block device, or is not there, is refused")
{
    temporary_directory directory;
    REQUIRE(refusal(directory.path()).code == errc::invalid_argument);
    REQUIRE(refusal("/dev/null").code == errc::invalid_argument);
    const failure refused = refusal(directory.path() / "nothing");
    REQUIRE(refused.code == std::errc::no_such_file_or_directory);
    REQUIRE_THAT(refused.wrong, Contains("nothing"));
    const std::string path = directory.file("image", image_bytes);
    REQUIRE(refusal(path, {.exclusive = false}).code == errc::invalid_argument);
}

TEST_CASE("a size that is given is the size of the device, and of its extents")
{
    temporary_directory directory;
    const std::string path = directory.file("image", image_bytes);
    std::filesystem::resize_file(path, image_bytes);
    auto loop = uring_loop::create();
    REQUIRE(loop);
    auto opened = uring_device::open(*loop.value(), path, {.size_bytes = mib});
    REQUIRE(opened);
    REQUIRE(opened.value()->shape().size_bytes == mib);
    std::vector<byte_extent> found;
    const auto collect = [&](byte_extent run) { found.push_back(run); };
    REQUIRE(opened.value()->data_extents(collect));
    REQUIRE(found.empty());  // one hole
}

TEST_CASE("a loop device is named as the user of its file, and claimed by its handle")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    temporary_directory directory(storage::memory);
    const std::string path = directory.file("image", image_bytes);
    loop_device disk(path);
    const failure refused = refusal(path);
    REQUIRE(refused.code == errc::element_in_use);
    REQUIRE_THAT(refused.wrong, Contains("attached as " + disk.path().string()));

    auto loop = uring_loop::create();
    REQUIRE(loop);
    auto first = uring_device::open(*loop.value(), disk.path());
    REQUIRE(first);
    REQUIRE(first.value()->is_block_device());
    REQUIRE(first.value()->identity().starts_with("loop:file:"));
    REQUIRE(refusal(disk.path()).code == errc::element_in_use);
    REQUIRE_THAT(refusal(disk.path()).wrong, Contains("is claimed by this program"));
    first.value().reset();
    REQUIRE(refusal(disk.path()).code == error_code{});
    REQUIRE(refusal(disk.path(), {.size_bytes_min = image_bytes + 512}).code ==
            errc::geometry_mismatch);
    const failure blocks = refusal(disk.path(), {.logical_block_bytes = 4096});
    REQUIRE(blocks.code == errc::geometry_mismatch);
    REQUIRE_THAT(blocks.wrong, Contains("512") && Contains("4096"));
}

TEST_CASE("a mounted device is refused with its mount point, even as a source")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    temporary_directory directory(storage::memory);
    const loop_device disk(directory.file("image", image_bytes));
    if (!command("mkfs.ext4 -q -L mine " + disk.path().string())) CIMREP_SKIP("mkfs.ext4");
    const failure carries = refusal(disk.path());
    REQUIRE(carries.code == errc::foreign_signature);
    REQUIRE_THAT(carries.wrong, Contains("an ext4 filesystem 'mine'"));
    const std::string point = directory.path() / "a mount point";
    const mounted held(disk.path(), point);
    if (!held.works) CIMREP_SKIP("mounting an ext4 file system");
    const failure refused = refusal(disk.path(), {.signatures = signature_policy::accept});
    REQUIRE(refused.code == errc::element_in_use);
    REQUIRE_THAT(refused.wrong, Contains("mounted on " + point));
}

TEST_CASE("a device that another one is built on is refused, naming that one")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    temporary_directory directory;
    const loop_device disk(directory.file("image", image_bytes));
    REQUIRE(refusal(disk.path()).code == error_code{});
    const said_to_be_held held(disk, directory.path() / "holders", "dm-7");
    if (!held.works) CIMREP_SKIP("mounting over a directory of /sys");
    const failure refused = refusal(disk.path(), {.signatures = signature_policy::accept});
    REQUIRE(refused.code == errc::element_in_use);
    REQUIRE_THAT(refused.wrong, Contains("held by dm-7"));
}

TEST_CASE("a device in swap is refused as such")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    temporary_directory directory;
    const loop_device disk(directory.file("image", image_bytes));
    if (!command("mkswap " + disk.path().string())) CIMREP_SKIP("mkswap");
    if (::swapon(disk.path().c_str(), 0) != 0) CIMREP_SKIP("swapon on a loop device");
    const failure refused = refusal(disk.path(), {.signatures = signature_policy::accept});
    REQUIRE(::swapoff(disk.path().c_str()) == 0);
    REQUIRE(refused.code == errc::element_in_use);
    REQUIRE_THAT(refused.wrong, Contains("in use as swap"));
}

TEST_CASE("an op that the kernel keeps past its deadline ends once, as late, when it comes back")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    temporary_directory directory(storage::memory);
    const loop_device disk(directory.file("image", image_bytes));
    if (!command("mkfs.ext4 -q " + disk.path().string())) CIMREP_SKIP("mkfs.ext4");
    const mounted held(disk.path(), directory.path() / "frozen");
    if (!held.works) CIMREP_SKIP("mounting an ext4 file system");
    const std::string path = held.point + "/file";
    REQUIRE(command("truncate -s 1M " + path));
    auto loop = uring_loop::create();
    REQUIRE(loop);
    auto opened = uring_device::open(*loop.value(), path);
    REQUIRE(opened);
    // A frozen file system lets no write end.
    const int root = ::open(held.point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(root >= 0);
    REQUIRE(::ioctl(root, FIFREEZE, 0) == 0);
    const std::vector<std::byte> data(4096, std::byte{1});
    tracked_op late;
    late.deadline = loop.value()->now() + milliseconds(10);
    late.prepare_write(0, std::span<const std::byte>(data));
    tracked_op canceled;
    canceled.prepare_write(4096, std::span<const std::byte>(data));
    opened.value()->submit(late);
    opened.value()->submit(canceled);
    const monotonic_time limit = loop.value()->now() + milliseconds(60);
    while (loop.value()->now() < limit) loop.value()->run_once(milliseconds(5));
    opened.value()->cancel(canceled);
    loop.value()->poll();
    const bool kept = late.ended == 0;
    const int thawed = ::ioctl(root, FITHAW, 0);
    ::close(root);
    REQUIRE(thawed == 0);
    while (late.ended == 0 || canceled.ended == 0) loop.value()->run_once(seconds(10));
    for (int i = 0; i < 3; ++i) loop.value()->poll();
    REQUIRE(kept);
    REQUIRE(late.ended == 1);
    REQUIRE(late.error == errc::deadline_exceeded);
    REQUIRE(canceled.ended == 1);
    if (canceled.error) REQUIRE(canceled.error == std::errc::operation_canceled);
    REQUIRE(loop.value()->statistics().cancel_requests == 2);
    REQUIRE_FALSE(loop.value()->next_deadline().has_value());
    opened.value().reset();
}
