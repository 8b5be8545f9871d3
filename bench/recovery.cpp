// bench/recovery.cpp -- a large volume after a crash: how long until a host can read and write it.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/uring_device.hpp>
#include <cimrep/store/device_repository.hpp>

#include <fmt/format.h>

#include <sys/wait.h>
#include <unistd.h>

#include "cases.hpp"
#include "pairs.hpp"
#include "product.hpp"
#include "scratch_devices.hpp"
#include <cstdio>

namespace bench {

namespace {

using namespace cimrep;

constexpr std::uint64_t volume_bytes = tib;
constexpr std::uint64_t extent_bytes = 4 * mib;
constexpr std::uint64_t region_bytes = 64 * kib;
constexpr std::uint64_t marks = 4096;  // the default of shard_options::hot_extents_max
constexpr double seconds_max = 1.0;

struct waited_io : io_op {
    bool over = false;
    error_code error{};
    waited_io()
    {
        done = [](io_op& op, error_code why) noexcept {
            static_cast<waited_io&>(op).error = why;
            static_cast<waited_io&>(op).over = true;
        };
    }
};

/// One life of a process: a repository, a source and a target, from opening to its end.
class life {
public:
    explicit life(const std::vector<std::string>& paths) : paths_(paths)
    {
        auto made = uring_loop::create();
        if (!made) die("no io_uring: " + made.error().message());
        loop_ = std::move(made).value();
        elements_ = std::make_unique<path_elements>(*loop_);
        auto opened = uring_device::open(*loop_, paths[2]);
        // The kernel takes the ring of a process that has ended apart in its own time.
        for (int i = 0; i < 1000 && !opened && opened.error().code == errc::element_in_use; ++i) {
            ::usleep(10000);
            opened = uring_device::open(*loop_, paths[2]);
        }
        if (!opened) die(opened.error().sentence());
        copy_ = std::move(opened).value();
    }
    life(const life&) = delete;
    life& operator=(const life&) = delete;

    void format()
    {
        waited<repository_format_op> op;
        op.copies = {copy_.get()};
        device_repository::format(op);
        run_until(op.over);
        if (op.error) die(op.error->sentence());
    }
    void open_repository()
    {
        waited<repository_open_op> op;
        op.copies = {copy_.get()};
        device_repository::open(op);
        run_until(op.over);
        if (op.error) die(op.error->sentence());
        store_ = std::move(op.opened);
    }
    void open_shard()
    {
        auto opened =
            shard::open(*loop_, {.elements = elements_.get(), .repository = store_.get()});
        if (!opened) die(opened.error().sentence());
        shard_ = std::move(opened).value();
        auto found = shard_->volume(path_elements::path_of(paths_[0]));
        if (!found) die(found.error().sentence());
        volume_ = found.value();
    }
    void mirror()
    {
        waited<control_op> op;
        auto made = shard_->create_mirror({.source = path_elements::path_of(paths_[0]),
                                           .target = path_elements::path_of(paths_[1]),
                                           .initial = initial_synchronization::identical},
                                          op);
        if (!made) die(made.error().sentence());
        run_until(op.over);
        if (op.error) die(op.error->sentence());
        pair_ = made.value();
    }
    void fracture()
    {
        waited<control_op> op;
        if (auto started = pair_->request(operation::fracture, false, op); !started)
            die(started.error().sentence());
        run_until(op.over);
    }
    /// What the target lacks, as far as the shard knows.
    std::uint64_t different_bytes() const
    {
        std::uint64_t found = 0;
        shard_->for_each_relationship(
            [&](relationship& each) { found += each.info().different_bytes; });
        return found;
    }
    void transfer(bool writes, std::uint64_t offset)
    {
        waited_io op;
        if (writes)
            op.prepare_write(offset, std::span<const std::byte>(memory_.all()));
        else
            op.prepare_read(offset, memory_.all());
        volume_->front().submit(op);
        run_until(op.over);
        if (op.error) die("host I/O: " + op.error.message());
    }
    void close()
    {
        waited<control_op> closing;
        shard_->close(closing);
        run_until(closing.over);
        shard_.reset();
        waited<repository_close_op> end;
        store_->close(end);
        run_until(end.over);
        store_.reset();
    }

private:
    void run_until(const bool& over)
    {
        while (!over) loop_->run_once();
    }

    std::vector<std::string> paths_;
    std::unique_ptr<uring_loop> loop_;
    std::unique_ptr<path_elements> elements_;
    std::unique_ptr<block_device> copy_;
    std::unique_ptr<device_repository> store_;
    std::unique_ptr<shard> shard_;
    cimrep::volume* volume_ = nullptr;
    relationship* pair_ = nullptr;
    page_buffer memory_{4096};
};

/// Leaves as many marks as there may be, and, apart, a map with one region of every 1,024 dirty.
void live_and_crash(const std::vector<std::string>& paths, bool apart)
{
    life first(paths);
    first.format();
    first.open_repository();
    first.open_shard();
    first.mirror();
    if (apart) {
        first.fracture();
        for (std::uint64_t at = 0; at < volume_bytes; at += 1024 * region_bytes)
            first.transfer(true, at);
    }
    for (std::uint64_t i = 0; i < marks; ++i) first.transfer(true, (2 * i + 1) * extent_bytes);
    // No destructor, no close: what is durable is all that is left.
    ::_exit(0);
}

bool recover(const setup& how, bool apart)
{
    const scratch_devices devices(how.folder, 3, volume_bytes, false);
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            live_and_crash(devices.paths(), apart);
        } catch (const std::exception& error) {
            fmt::print(stderr, "cimrep_bench: {}\n", error.what());
        }
        ::_exit(1);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0)
        die("the process that was to crash did not get so far");
    life next(devices.paths());
    const double began = seconds_now();
    next.open_repository();
    const double repository_open = seconds_now();
    next.open_shard();
    const double shard_open = seconds_now();
    if (next.different_bytes() < marks * extent_bytes)
        die("the marks of the process that crashed are not there");
    const double looked = seconds_now();
    next.transfer(false, 0);
    const double read = seconds_now();
    next.transfer(true, volume_bytes / 2);
    const double written = seconds_now();
    next.close();
    fmt::print(stderr, "repository {:.4f} s, shard {:.4f} s, first read {:.4f} s, write {:.4f} s\n",
               repository_open - began, shard_open - repository_open, read - looked,
               written - read);
    return report_count(apart ? "recovery_apart" : "recovery", "s per TiB to the first write",
                        shard_open - repository_open + written - looked, seconds_max);
}

}  // namespace

bool recovery(const setup& how)
{
    const bool in_sync = recover(how, false);
    return recover(how, true) && in_sync;
}

}  // namespace bench
