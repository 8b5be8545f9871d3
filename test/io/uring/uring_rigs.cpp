// test/io/uring/uring_rigs.cpp -- files and loop devices through io_uring, and a foreign reactor.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/fault_device.hpp>
#include <cimrep/io/memory_device.hpp>
#include <cimrep/io/uring/uring_device.hpp>
#include <cimrep/io/uring/uring_loop.hpp>

#include <sys/epoll.h>

#include "../contract.hpp"
#include "loop_device.hpp"
#include "temporary_directory.hpp"

namespace cimrep::test {

namespace {

std::unique_ptr<uring_loop> make_loop(const uring_loop_options& options, std::string& missing)
{
    auto made = uring_loop::create(options);
    if (made) return std::move(made.value());
    missing = "io_uring: " + made.error().message();
    return nullptr;
}

/// The base of the rigs on a ring; `build()` says what is missing, or nothing.
struct uring_rig : rig {
    event_loop& loop() override { return *loop_; }
    block_device& device() override { return *device_; }

    std::string open(const std::string& path, const uring_device_options& options)
    {
        auto opened = uring_device::open(*loop_, path, options);
        if (!opened) return opened.error().sentence();
        device_ = std::move(opened.value());
        return {};
    }

    std::unique_ptr<uring_loop> loop_;
    std::unique_ptr<block_device> device_;
};

struct file_rig : uring_rig {
    explicit file_rig(storage on) : directory_(on) {}
    temporary_directory directory_;
};

struct loop_device_rig : file_rig {
    loop_device_rig() : file_rig(storage::memory) {}
    ~loop_device_rig() override
    {
        device_.reset();
        disk_.reset();
    }
    std::unique_ptr<loop_device> disk_;
};

std::unique_ptr<rig> make_memory(std::string& missing)
{
    auto made = std::make_unique<uring_rig>();
    made->loop_ = make_loop({}, missing);
    if (made->loop_ == nullptr) return nullptr;
    made->device_ = std::make_unique<memory_device>(
        *made->loop_, memory_device_options{.size_bytes = rig_maker::size_bytes});
    return made;
}

std::unique_ptr<rig> make_file(const uring_loop_options& loop, storage on,
                               const uring_device_options& options, std::string& missing)
{
    auto made = std::make_unique<file_rig>(on);
    made->loop_ = make_loop(loop, missing);
    if (made->loop_ == nullptr) return nullptr;
    const auto path = made->directory_.file("image", rig_maker::size_bytes);
    missing = made->open(path, options);
    REQUIRE(missing == "");
    const bool direct = static_cast<uring_device&>(made->device()).is_direct();
    if (options.direct && !direct) {
        missing = "direct I/O on " + made->directory_.path().string();
        return nullptr;
    }
    REQUIRE(direct == options.direct);
    return made;
}

template <std::uint32_t sector_bytes>
std::unique_ptr<rig> make_loop_device(std::string& missing)
{
    missing = loop_device::missing();
    if (!missing.empty()) return nullptr;
    auto made = std::make_unique<loop_device_rig>();
    made->loop_ = make_loop({}, missing);
    if (made->loop_ == nullptr) return nullptr;
    const auto path = made->directory_.file("image", rig_maker::size_bytes);
    made->disk_ = std::make_unique<loop_device>(path, sector_bytes);
    missing = made->open(made->disk_->path(), {});
    REQUIRE(missing == "");
    REQUIRE(made->device().shape().logical_block_bytes == sector_bytes);
    return made;
}

bool has_handle(event_loop& loop)
{
    return loop.wait_handle() != -1;
}

/// As a program does that has a reactor of its own: waits for the handle and the deadline only.
void drive_by_epoll(event_loop& loop, const std::function<bool()>& until)
{
    const int reactor = epoll_create1(EPOLL_CLOEXEC);
    REQUIRE(reactor >= 0);
    epoll_event event{};
    event.events = EPOLLIN;
    const int handle = static_cast<int>(loop.wait_handle());
    REQUIRE(epoll_ctl(reactor, EPOLL_CTL_ADD, handle, &event) == 0);
    while (!until()) {
        int wait_ms = 60'000;
        if (const auto due = loop.next_deadline()) {
            const std::int64_t left = (*due - loop.now()).nanoseconds;
            wait_ms = left <= 0
                          ? 0
                          : static_cast<int>(std::min<std::int64_t>(left / 1'000'000 + 1, 60'000));
        }
        const int ready = epoll_wait(reactor, &event, 1, wait_ms);
        if (ready == 0 && wait_ms == 60'000) break;  // the loop never said that it has work
        loop.poll();
    }
    close(reactor);
}

[[maybe_unused]] const bool registered = [] {
    drivers().push_back({"by a foreign epoll loop", has_handle, drive_by_epoll});
    auto& makers = rig_makers();
    makers.push_back({"memory on uring_loop", make_memory});
    makers.push_back({"file, direct", [](std::string& missing) {
                          return make_file({}, storage::any, {}, missing);
                      }});
    makers.push_back({"file, through the page cache", [](std::string& missing) {
                          return make_file({}, storage::any, {.direct = false}, missing);
                      }});
    makers.push_back({"file on tmpfs, direct", [](std::string& missing) {
                          return make_file({}, storage::memory, {}, missing);
                      }});
    makers.push_back(
        {"file, direct, on a ring with 4 places and nothing registered", [](std::string& missing) {
             return make_file({.queue_depth = 4,
                               .registered_files_max = 0,
                               .registered_buffers_max = 0,
                               .bounce_slot_bytes = 4096,
                               .bounce_slots = 1,
                               .one_thread = false},
                              storage::any, {.maximum_transfer_bytes = 8192}, missing);
         }});
    makers.push_back({"loop device with 512-byte sectors", make_loop_device<512>});
    makers.push_back({"loop device with 4096-byte sectors", make_loop_device<4096>});
    return true;
}();

}  // namespace

}  // namespace cimrep::test
