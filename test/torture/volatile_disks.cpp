// torture/volatile_disks.cpp -- mounts, starts who serves, and gives it orders.
// SPDX-License-Identifier: BSL-1.0
#include "volatile_disks.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace cimrep::test {

namespace {

constexpr const char* fuse_device = "/dev/fuse";

[[noreturn]] void die(const std::string& what)
{
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

/// Mounted, but served by nobody yet; the error.
int mount_on(const std::filesystem::path& point, int kernel)
{
    const std::string options =
        "fd=" + std::to_string(kernel) + ",rootmode=40000,user_id=0,group_id=0";
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    return ::mount("cimrep-test", point.c_str(), "fuse", flags, options.c_str()) == 0 ? 0 : errno;
}

}  // namespace

std::string volatile_disks::missing()
{
    const std::string what = "disks with a volatile cache: ";
    if (::geteuid() != 0) return what + "mounting FUSE needs root";
    const int kernel = ::open(fuse_device, O_RDWR | O_CLOEXEC);
    if (kernel < 0) return what + fuse_device + ": " + std::strerror(errno);
    const temporary_directory directory(storage::memory);
    const int error = mount_on(directory.path(), kernel);
    if (error == 0) ::umount2(directory.path().c_str(), MNT_DETACH);
    ::close(kernel);
    return error == 0 ? std::string() : what + "mounting FUSE: " + std::strerror(error);
}

volatile_disks::volatile_disks() : point_(directory_.path() / "disks")
{
    std::filesystem::create_directory(point_);
    const int kernel = ::open(fuse_device, O_RDWR | O_CLOEXEC);
    if (kernel < 0) die(fuse_device);
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) die("socketpair");
    if ((errno = mount_on(point_, kernel)) != 0) die("mounting FUSE on " + point_.string());
    std::string words[] = {CIMREP_TEST_VOLATILE_DISK, std::to_string(kernel),
                           std::to_string(ends[1]), point_.string()};
    char* const arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(),
                               nullptr};
    server_ = ::fork();
    if (server_ == 0) {
        ::fcntl(kernel, F_SETFD, 0);
        ::fcntl(ends[1], F_SETFD, 0);
        ::execv(arguments[0], arguments);
        ::_exit(127);
    }
    // The server's end is the only one: with it everything ends.
    ::close(kernel);
    ::close(ends[1]);
    socket_ = ends[0];
    if (server_ < 0) {
        ::umount2(point_.c_str(), MNT_DETACH);
        ::close(socket_);
        die("fork");
    }
}

volatile_disks::~volatile_disks()
{
    ::umount2(point_.c_str(), MNT_DETACH);
    ::close(socket_);
    while (::waitpid(server_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

disk_answer volatile_disks::tell(const disk_request& order)
{
    disk_answer answer;
    if (::send(socket_, &order, sizeof order, MSG_NOSIGNAL) != sizeof order ||
        ::recv(socket_, &answer, sizeof answer, 0) != sizeof answer)
        throw std::runtime_error("the process that serves the volatile disks has ended");
    return answer;
}

std::filesystem::path volatile_disks::file(const std::string& name, std::uint64_t size_bytes)
{
    disk_request order{.what = disk_order::add, .size_bytes = size_bytes};
    std::snprintf(order.name, sizeof order.name, "%s", name.c_str());
    tell(order);
    return point_ / name;
}

void volatile_disks::hold()
{
    tell({.what = disk_order::hold});
}

disk_answer volatile_disks::lose(std::uint32_t survive, std::uint64_t seed)
{
    return tell({.what = disk_order::lose, .survive = survive, .seed = seed});
}

void volatile_disks::power_on()
{
    tell({.what = disk_order::on});
}

}  // namespace cimrep::test
