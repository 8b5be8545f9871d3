// volatile_disk/disk_server.cpp -- the few requests of FUSE that a file of fixed size needs.
// SPDX-License-Identifier: BSL-1.0
#include "disk_server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace cimrep::test {

namespace {

constexpr std::uint32_t transfer_bytes_max = 1024 * 1024;
constexpr std::uint32_t page_bytes = 4096;
constexpr std::uint64_t lasts_seconds = 1000000;
// FOPEN_PARALLEL_DIRECT_WRITES of Linux 6.2; older headers do not have it.
constexpr std::uint32_t parallel_direct_writes = 1u << 6;

/// The beginning of `body` as what it is.
template <class Argument>
Argument argument_of(std::span<const std::byte> body)
{
    Argument read{};
    std::memcpy(&read, body.data(), std::min(body.size(), sizeof read));
    return read;
}

}  // namespace

disk_server::disk_server(int kernel, int test)
    : kernel_(kernel), test_(test), buffer_(transfer_bytes_max + 2 * page_bytes)
{
}

void disk_server::run()
{
    for (;;) {
        pollfd watched[] = {{test_, POLLIN, 0}, {kernel_, POLLIN, 0}};
        if (::poll(watched, 2, -1) < 0 && errno != EINTR) return;
        if (watched[0].revents != 0 && !take_order()) return;
        if (watched[1].revents != 0 && !take_request()) return;
    }
}

bool disk_server::take_request()
{
    const ssize_t size = ::read(kernel_, buffer_.data(), buffer_.size());
    // Whoever has asked may have given up meanwhile.
    if (size < 0) return errno == EINTR || errno == EAGAIN || errno == ENOENT;
    const std::span whole(buffer_.data(), static_cast<std::size_t>(size));
    const auto head = argument_of<fuse_in_header>(whole);
    const bool changes =
        head.opcode == FUSE_WRITE || head.opcode == FUSE_FSYNC || head.opcode == FUSE_FALLOCATE;
    if (changes && power_ == power::held)
        held_.emplace_back(whole.begin(), whole.end());
    else
        serve({head, whole.subspan(sizeof head)});
    return true;
}

bool disk_server::take_order()
{
    disk_request order;
    if (::recv(test_, &order, sizeof order, 0) != sizeof order) return false;
    disk_answer answer;
    obey(order, answer);
    return ::send(test_, &answer, sizeof answer, MSG_NOSIGNAL) == sizeof answer;
}

void disk_server::obey(const disk_request& order, disk_answer& answer)
{
    switch (order.what) {
    case disk_order::add:
        disks_.push_back(std::make_unique<cached_disk>(order.name, order.size_bytes));
        return;
    case disk_order::hold: power_ = power::held; return;
    case disk_order::lose: return lose(order, answer);
    case disk_order::on: power_ = power::on; return;
    }
}

void disk_server::lose(const disk_request& order, disk_answer& answer)
{
    power_ = power::off;
    for (const auto& each : held_) {
        const auto head = argument_of<fuse_in_header>(each);
        if (head.opcode != FUSE_WRITE) continue;
        const std::span body = std::span(each).subspan(sizeof head);
        const auto write = argument_of<fuse_write_in>(body);
        cached_disk* disk = disk_of(head.nodeid);
        if (disk != nullptr && disk->has(write.offset, write.size))
            disk->write_held(write.offset, body.subspan(sizeof write, write.size));
    }
    seeded_random random(order.seed);
    for (const auto& disk : disks_)
        disk->lose({.of_256 = order.survive, .random = &random}, answer);
    for (const auto& each : std::exchange(held_, {}))
        refuse({argument_of<fuse_in_header>(each), {}}, EIO);
}

cached_disk* disk_server::disk_of(std::uint64_t node) const
{
    const std::uint64_t index = node - 2;
    return index < disks_.size() ? disks_[static_cast<std::size_t>(index)].get() : nullptr;
}

void disk_server::reply(const request& asked, std::span<const std::byte> content) const
{
    fuse_out_header head{};
    head.len = static_cast<std::uint32_t>(sizeof head + content.size());
    head.unique = asked.head.unique;
    const iovec pieces[] = {{&head, sizeof head},
                            {const_cast<std::byte*>(content.data()), content.size()}};
    // It fails where the request was withdrawn, and then nobody waits for it.
    [[maybe_unused]] const ssize_t written = ::writev(kernel_, pieces, content.empty() ? 1 : 2);
}

void disk_server::refuse(const request& asked, int error) const
{
    fuse_out_header head{};
    head.len = sizeof head;
    head.error = -error;
    head.unique = asked.head.unique;
    [[maybe_unused]] const ssize_t written = ::write(kernel_, &head, sizeof head);
}

void disk_server::serve(const request& asked)
{
    switch (asked.head.opcode) {
    case FUSE_READ:
    case FUSE_WRITE:
    case FUSE_FALLOCATE:
    case FUSE_FSYNC: return serve_transfer(asked);
    default: return serve_file_system(asked);
    }
}

void disk_server::serve_transfer(const request& asked)
{
    cached_disk* disk = disk_of(asked.head.nodeid);
    if (disk == nullptr) return refuse(asked, EINVAL);
    if (power_ == power::off) return refuse(asked, EIO);
    switch (asked.head.opcode) {
    case FUSE_READ: return read(asked, *disk);
    case FUSE_WRITE: return write(asked, *disk);
    case FUSE_FALLOCATE: return zero(asked, *disk);
    default: disk->flush(); return reply(asked, {});
    }
}

void disk_server::read(const request& asked, cached_disk& disk)
{
    const auto what = argument_of<fuse_read_in>(asked.body);
    const std::uint64_t size = disk.size_bytes();
    const std::uint64_t offset = std::min<std::uint64_t>(what.offset, size);
    reply(asked, disk.read(offset, std::min<std::uint64_t>(what.size, size - offset)));
}

void disk_server::write(const request& asked, cached_disk& disk)
{
    const auto what = argument_of<fuse_write_in>(asked.body);
    const auto data = asked.body.subspan(sizeof what);
    if (!disk.has(what.offset, what.size) || data.size() < what.size) return refuse(asked, ENOSPC);
    disk.write(what.offset, data.first(what.size), (what.flags & O_DSYNC) != 0);
    fuse_write_out done{};
    done.size = what.size;
    reply_with(asked, done);
}

void disk_server::zero(const request& asked, cached_disk& disk)
{
    const auto what = argument_of<fuse_fallocate_in>(asked.body);
    const std::uint32_t zeroing = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE;
    if ((what.mode & zeroing) == 0) return refuse(asked, EOPNOTSUPP);
    if (!disk.has(what.offset, what.length)) return refuse(asked, ENOSPC);
    disk.zero(what.offset, what.length);
    reply(asked, {});
}

void disk_server::serve_file_system(const request& asked)
{
    switch (asked.head.opcode) {
    case FUSE_INIT: return start(asked);
    case FUSE_LOOKUP: return look_up(asked);
    case FUSE_GETATTR:
    case FUSE_SETATTR: return tell_attributes(asked);
    case FUSE_OPEN: {
        fuse_open_out opened{};
        // The kernel keeps nothing of it: what is lost here is lost.
        opened.open_flags = FOPEN_DIRECT_IO | parallel_direct_writes;
        return reply_with(asked, opened);
    }
    case FUSE_STATFS: {
        fuse_statfs_out about{};
        about.st.bsize = about.st.frsize = page_bytes;
        about.st.namelen = sizeof disk_request::name - 1;
        return reply_with(asked, about);
    }
    case FUSE_RELEASE:
    case FUSE_FLUSH: return reply(asked, {});
    // No answer is wanted.
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: return;
    default: return refuse(asked, ENOSYS);
    }
}

void disk_server::start(const request& asked)
{
    const auto offered = argument_of<fuse_init_in>(asked.body);
    fuse_init_out wanted{};
    wanted.major = FUSE_KERNEL_VERSION;
    wanted.minor = std::min<std::uint32_t>(offered.minor, FUSE_KERNEL_MINOR_VERSION);
    wanted.max_readahead = offered.max_readahead;
    wanted.flags = offered.flags & (FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_ASYNC_DIO |
                                    FUSE_MAX_PAGES | FUSE_PARALLEL_DIROPS);
    wanted.max_background = 64;
    wanted.congestion_threshold = 48;
    wanted.max_write = transfer_bytes_max;
    wanted.max_pages = transfer_bytes_max / page_bytes;
    wanted.time_gran = 1;
    reply_with(asked, wanted);
}

fuse_attr disk_server::attributes(std::uint64_t node) const
{
    fuse_attr about{};
    about.ino = node;
    about.blksize = page_bytes;
    about.mode = S_IFDIR | 0700;
    about.nlink = 2;
    if (const cached_disk* disk = disk_of(node)) {
        about.mode = S_IFREG | 0600;
        about.nlink = 1;
        about.size = disk->size_bytes();
        about.blocks = about.size / 512;
    }
    return about;
}

void disk_server::look_up(const request& asked)
{
    const std::string name(
        reinterpret_cast<const char*>(asked.body.data()),
        ::strnlen(reinterpret_cast<const char*>(asked.body.data()), asked.body.size()));
    const auto found =
        std::ranges::find_if(disks_, [&](const auto& each) { return each->name() == name; });
    if (found == disks_.end()) return refuse(asked, ENOENT);
    fuse_entry_out entry{};
    entry.nodeid = static_cast<std::uint64_t>(found - disks_.begin()) + 2;
    entry.generation = 1;
    entry.entry_valid = entry.attr_valid = lasts_seconds;
    entry.attr = attributes(entry.nodeid);
    reply_with(asked, entry);
}

void disk_server::tell_attributes(const request& asked)
{
    fuse_attr_out about{};
    about.attr_valid = lasts_seconds;
    about.attr = attributes(asked.head.nodeid);
    reply_with(asked, about);
}

}  // namespace cimrep::test
