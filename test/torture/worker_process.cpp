// torture/worker_process.cpp -- forks, executes, talks by datagrams and shared memory, and kills.
// SPDX-License-Identifier: BSL-1.0
#include "worker_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace cimrep::test {

namespace {

[[noreturn]] void die(const char* what)
{
    throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

/// Executes the worker with these two descriptors; everything else closes by itself.
pid_t start(const worker_devices& devices, int socket, int memory)
{
    const char* const other = std::getenv("CIMREP_TORTURE_WORKER");
    std::vector<std::string> words{other != nullptr ? other : CIMREP_TEST_WORKER,
                                   std::to_string(socket), std::to_string(memory),
                                   devices.format ? "format" : "open",
                                   std::to_string(devices.hot_extents_max)};
    words.insert(words.end(), devices.copies.begin(), devices.copies.end());
    words.emplace_back("--");
    words.insert(words.end(), devices.elements.begin(), devices.elements.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t id = ::fork();
    if (id != 0) return id;
    ::fcntl(socket, F_SETFD, 0);
    ::fcntl(memory, F_SETFD, 0);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

}  // namespace

worker_process::worker_process(event_loop& clock, const worker_devices& devices,
                               std::uint64_t size_bytes, std::function<void(const message&)> hear)
    : clock_(clock), shape_{.size_bytes = size_bytes}, hear_(std::move(hear))
{
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) die("socketpair");
    // Of this worker alone: what it had in flight when it was killed may still read from it.
    const int memory = ::memfd_create("cimrep-test", MFD_CLOEXEC);
    if (memory < 0 || ::ftruncate(memory, slots_max * slot_bytes) != 0) die("memfd_create");
    void* mapped =
        ::mmap(nullptr, slots_max * slot_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (mapped == MAP_FAILED) die("mmap");
    memory_ = static_cast<std::byte*>(mapped);
    id_ = start(devices, ends[1], memory);
    ::close(ends[1]);
    ::close(memory);
    socket_ = ends[0];
    if (id_ < 0) die("fork");
}

worker_process::~worker_process()
{
    if (id_ > 0) ::kill(id_, SIGKILL);
    reap();
    end_transfers();
    ::close(socket_);
    ::munmap(memory_, slots_max * slot_bytes);
}

void worker_process::send(const message& order) noexcept
{
    // One that has gone hears nothing: pump() finds that out.
    ::send(socket_, &order, sizeof order, MSG_NOSIGNAL);
}

void worker_process::submit(io_op& op) noexcept
{
    std::uint32_t slot = 0;
    while (slot < slots_max && transfers_[slot] != nullptr) ++slot;
    CIMREP_ASSERT(slot < slots_max && op.length_bytes <= slot_bytes);
    transfers_[slot] = &op;
    if (op.kind == io_kind::write) {
        const auto segment = op.write_segments().front();
        std::memcpy(memory_ + slot * slot_bytes, segment.data, segment.size_bytes);
    }
    send({.what = topic::transfer,
          .slot = slot,
          .kind = static_cast<std::uint32_t>(op.kind),
          .offset_bytes = op.offset_bytes,
          .length_bytes = op.length_bytes,
          .fua = op.fua});
}

/// Takes one message; false if there is none now, or none any more.
bool worker_process::receive()
{
    message m;
    const ssize_t size = ::recv(socket_, &m, sizeof m, MSG_DONTWAIT);
    if (size != sizeof m) return false;
    if (m.what != topic::transfer) {
        hear_(m);
        return true;
    }
    io_op& op = *std::exchange(transfers_[m.slot], nullptr);
    if (op.reads() && m.error == 0) {
        const auto segment = op.read_segments().front();
        std::memcpy(segment.data, memory_ + m.slot * slot_bytes, segment.size_bytes);
    }
    op.done(op, m.error != 0 ? std::make_error_code(std::errc::io_error) : error_code());
    return true;
}

bool worker_process::pump(duration wait_max)
{
    const timespec wait{wait_max.nanoseconds / 1000000000, wait_max.nanoseconds % 1000000000};
    pollfd watched{socket_, POLLIN, 0};
    if (::ppoll(&watched, 1, &wait, nullptr) <= 0) return true;
    bool any = false;
    while (receive()) any = true;
    return any || (watched.revents & POLLHUP) == 0;
}

void worker_process::strike() noexcept
{
    if (id_ > 0) ::kill(id_, SIGKILL);
}

void worker_process::kill()
{
    strike();
    reap();
    while (receive()) {
    }
}

void worker_process::end_transfers()
{
    for (io_op*& each : transfers_)
        if (io_op* op = std::exchange(each, nullptr))
            op->done(*op, std::make_error_code(std::errc::no_such_device));
}

int worker_process::reap()
{
    if (id_ <= 0) return status_;
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
    status_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    return status_;
}

}  // namespace cimrep::test
