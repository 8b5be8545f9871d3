// test/io/uring/uring_device_test.cpp -- what only the ring promises: batches, registration.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/uring_device.hpp>
#include <cimrep/io/uring/uring_loop.hpp>

#include <sys/resource.h>

#include "../contract.hpp"
#include "loop_device.hpp"
#include "temporary_directory.hpp"
#include <cstdlib>
#include <deque>
#include <fstream>
#include <new>

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::size_t page = 4096;

struct free_aligned {
    void operator()(std::byte* memory) const noexcept { std::free(memory); }
};
using aligned_memory = std::unique_ptr<std::byte[], free_aligned>;

aligned_memory make_aligned(std::size_t size_bytes)
{
    return aligned_memory(static_cast<std::byte*>(std::aligned_alloc(page, size_bytes)));
}

struct setup {
    explicit setup(const uring_loop_options& options = {}, const uring_device_options& device = {},
                   storage on = storage::any)
        : directory(on)
    {
        auto made = uring_loop::create(options);
        if (!made) {
            missing = "io_uring: " + made.error().message();
            return;
        }
        loop = std::move(made.value());
        auto opened = uring_device::open(*loop, directory.file("image", mib), device);
        if (!opened) FAIL(opened.error().sentence());
        file = std::move(opened.value());
        if (device.direct && !file->is_direct())
            missing = "direct I/O on " + directory.path().string();
    }

    error_code run(tracked_op& op)
    {
        op.ended = 0;
        file->submit(op);
        while (op.ended == 0) loop->run_once(seconds(10));
        return op.error;
    }

    temporary_directory directory;
    std::unique_ptr<uring_loop> loop;
    std::unique_ptr<uring_device> file;
    std::string missing;
};

}  // namespace

TEST_CASE("what is collected in a turn is submitted by one call, and reaped with few")
{
    setup s;
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    const auto memory = make_aligned(32 * page);
    std::deque<tracked_op> ops(32);
    s.loop->poll();
    const uring_statistics before = s.loop->statistics();
    for (std::size_t i = 0; i < ops.size(); ++i) {
        ops[i].prepare_read(i * page, {memory.get() + i * page, page});
        s.file->submit(ops[i]);
    }
    REQUIRE(s.loop->statistics().kernel_entries == before.kernel_entries);
    s.loop->run_once();
    REQUIRE(s.loop->statistics().kernel_entries == before.kernel_entries + 1);
    REQUIRE(s.loop->statistics().submitted == before.submitted + 32);
    for (const tracked_op& op : ops)
        while (op.ended == 0) s.loop->run_once(seconds(10));
    REQUIRE(s.loop->statistics().bounced == 0);
}

TEST_CASE("aligned memory is not copied, misaligned memory is, and waits where slots are few")
{
    setup s({.bounce_slot_bytes = page, .bounce_slots = 2});
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    const auto memory = make_aligned(20 * page);
    const auto data = pattern(20 * page, 1);
    std::copy(data.begin(), data.end(), memory.get());
    tracked_op aligned;
    aligned.prepare_write(0, std::span<const std::byte>(memory.get(), 4 * page));
    REQUIRE(s.run(aligned) == error_code{});
    REQUIRE(s.loop->statistics().bounced == 0);

    std::deque<tracked_op> ops(6);
    for (std::size_t i = 0; i < ops.size(); ++i) {
        // Two slots' worth each: a bounced op goes through its slot in pieces.
        ops[i].prepare_write(i * 2 * page, {memory.get() + i * 2 * page + 1, 2 * page});
        s.file->submit(ops[i]);
    }
    REQUIRE(s.loop->statistics().bounce_waits == 4);
    s.file->cancel(ops[5]);  // while it waits for a slot
    for (const tracked_op& op : ops)
        while (op.ended == 0) s.loop->run_once(seconds(10));
    REQUIRE(s.loop->statistics().bounced == 6);
    REQUIRE(s.loop->statistics().continued == 5);
    REQUIRE(ops[5].error == std::errc::operation_canceled);
    tracked_op read;
    const auto back = make_aligned(12 * page);
    read.prepare_read(0, {back.get(), 12 * page});
    REQUIRE(s.run(read) == error_code{});
    for (std::size_t i = 0; i < 5; ++i)
        REQUIRE(std::equal(back.get() + i * 2 * page, back.get() + (i + 1) * 2 * page,
                           data.data() + i * 2 * page + 1));
    REQUIRE(back[10 * page] == std::byte{0});
}

TEST_CASE("a registered buffer serves reads and writes, and its index can be given again")
{
    setup s({.registered_buffers_max = 1});
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    const auto memory = make_aligned(2 * page);
    auto index = s.loop->register_buffer({memory.get(), 2 * page});
    if (!index) CIMREP_SKIP("registered buffers: " + index.error().message());
    REQUIRE(s.loop->register_buffer({memory.get(), page}).error() == errc::over_budget);
    std::fill_n(memory.get(), page, std::byte{5});
    tracked_op op;
    op.buffer_index = index.value();
    op.prepare_write(page, std::span<const std::byte>(memory.get(), page));
    REQUIRE(s.run(op) == error_code{});
    op.prepare_read(page, {memory.get() + page, page});
    REQUIRE(s.run(op) == error_code{});
    REQUIRE(memory[2 * page - 1] == std::byte{5});
    // The kernel really uses the registration: memory outside of it is refused.
    const auto other = make_aligned(page);
    op.prepare_read(0, {other.get(), page});
    REQUIRE(s.run(op) == std::errc::bad_address);
    s.loop->unregister_buffer(index.value());
    index = s.loop->register_buffer({other.get(), page});
    REQUIRE(index);
    op.buffer_index = index.value();
    op.prepare_read(page, {other.get(), page});
    REQUIRE(s.run(op) == error_code{});
    REQUIRE(other[0] == std::byte{5});
}

TEST_CASE("a transfer longer than the maximum is split, whatever its segments")
{
    setup s({}, {.maximum_transfer_bytes = 3 * page});
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    REQUIRE(s.file->shape().maximum_transfer_bytes == 3 * page);
    const auto memory = make_aligned(20 * page);
    const auto data = pattern(20 * page, 2);
    std::copy(data.begin(), data.end(), memory.get());
    const std::vector<const_io_segment> list = {{memory.get(), page},
                                                {memory.get() + page, 10 * page},
                                                {memory.get() + 11 * page, page},
                                                {memory.get() + 12 * page, 8 * page}};
    tracked_op op;
    op.prepare_write(0, std::span<const const_io_segment>(list));
    const auto before = s.loop->statistics().submitted;
    REQUIRE(s.run(op) == error_code{});
    REQUIRE(s.loop->statistics().submitted - before >= 7);
    REQUIRE(s.loop->statistics().bounced == 0);
    REQUIRE(op.transferred_bytes == 20 * page);
    const auto back = make_aligned(20 * page);
    tracked_op read;
    read.prepare_read(0, {back.get(), 20 * page});
    REQUIRE(s.run(read) == error_code{});
    REQUIRE(std::equal(data.begin(), data.end(), back.get()));
}

TEST_CASE("more segments than the system takes at once are one op all the same")
{
    setup s({}, {.direct = false});
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    const auto data = pattern(3000 * 16, 3);
    const std::size_t length = 3000 * 16 / 512 * 512;
    std::vector<const_io_segment> list;
    for (std::size_t at = 0; at < length; at += 16) list.push_back({data.data() + at, 16});
    tracked_op op;
    op.prepare_write(0, std::span<const const_io_segment>(list));
    REQUIRE(s.run(op) == error_code{});
    std::vector<std::byte> back(length);
    tracked_op read;
    read.prepare_read(0, std::span<std::byte>(back));
    REQUIRE(s.run(read) == error_code{});
    REQUIRE(std::equal(back.begin(), back.end(), data.begin()));
}

TEST_CASE("a file that was cut behind our back ends reads as short")
{
    setup s({}, {.direct = false});
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    std::filesystem::resize_file(s.file->path(), 3 * 512);
    std::vector<std::byte> memory(8 * 512);
    tracked_op op;
    op.prepare_read(0, std::span<std::byte>(memory));
    REQUIRE(s.run(op) == errc::short_transfer);
    REQUIRE(op.transferred_bytes == 3 * 512);
    REQUIRE(s.loop->statistics().continued == 1);
}

TEST_CASE("a file opened for reading refuses what would change it")
{
    setup s({}, {.read_only = true});
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    const auto memory = make_aligned(page);
    tracked_op op;
    op.prepare_write(0, std::span<const std::byte>(memory.get(), page));
    REQUIRE(s.run(op) == std::errc::read_only_file_system);
    op.prepare_write_zeroes(0, page);
    REQUIRE(s.run(op) == std::errc::read_only_file_system);
    op.prepare_read(0, {memory.get(), page});
    REQUIRE(s.run(op) == error_code{});
}

TEST_CASE("where ranges cannot be zeroed by the system, zeros are written")
{
    // tmpfs has no ZERO_RANGE.
    setup s({}, {.direct = false}, storage::memory);
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    const auto data = pattern(mib, 4);
    tracked_op op;
    op.prepare_write(0, std::span<const std::byte>(data));
    REQUIRE(s.run(op) == error_code{});
    for (int round = 0; round < 2; ++round) {
        const auto before = s.loop->statistics().submitted;
        op.may_unmap = false;
        op.prepare_write_zeroes(512, mib - 1024);
        REQUIRE(s.run(op) == error_code{});
        const auto used = s.loop->statistics().submitted - before;
        if (round == 0 && used == 1) CIMREP_SKIP("a file system that cannot zero ranges");
        REQUIRE(used == (round == 0 ? 5u : 4u));  // the second time nobody asks in vain
        std::vector<std::byte> back(mib);
        tracked_op read;
        read.prepare_read(0, std::span<std::byte>(back));
        REQUIRE(s.run(read) == error_code{});
        REQUIRE(back[511] == data[511]);
        REQUIRE(std::all_of(back.begin() + 512, back.end() - 512,
                            [](std::byte b) { return b == std::byte{}; }));
        REQUIRE(back[mib - 512] == data[mib - 512]);
    }
}

TEST_CASE("an idle loop uses no processor, driven by itself or through its handle")
{
    setup s;
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    const auto used_ms = [] {
        rusage usage{};
        getrusage(RUSAGE_THREAD, &usage);
        return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
               (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
    };
    s.loop->poll();
    const auto entries = s.loop->statistics().kernel_entries;
    const auto before = used_ms();
    REQUIRE(s.loop->run_once(milliseconds(200)) == 0);
    REQUIRE(used_ms() - before < 50);
    REQUIRE(s.loop->statistics().kernel_entries - entries <= 3);
    // A foreign reactor is told to sleep until something becomes readable.
    REQUIRE(s.loop->wait_handle() >= 0);
    s.loop->poll();
    s.loop->poll();
    REQUIRE_FALSE(s.loop->next_deadline().has_value());
}

TEST_CASE("a loop is refused that has no room for anything")
{
    REQUIRE(uring_loop::create({.queue_depth = 0}).error() == std::errc::invalid_argument);
    REQUIRE(uring_loop::create({.bounce_slot_bytes = 100}).error() == std::errc::invalid_argument);
    REQUIRE(uring_loop::create({.bounce_slots = 0}).error() == std::errc::invalid_argument);
}

TEST_CASE("devices share the ring of their loop, with and without a registered file")
{
    setup s({.registered_files_max = 1});
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    auto opened = uring_device::open(*s.loop, s.directory.file("second", mib));
    REQUIRE(opened);
    const auto memory = make_aligned(2 * page);
    std::fill_n(memory.get(), page, std::byte{1});
    std::fill_n(memory.get() + page, page, std::byte{2});
    tracked_op first;
    tracked_op second;
    first.prepare_write(0, std::span<const std::byte>(memory.get(), page));
    second.prepare_write(0, std::span<const std::byte>(memory.get() + page, page));
    s.file->submit(first);
    opened.value()->submit(second);
    while (first.ended == 0 || second.ended == 0) s.loop->run_once(seconds(10));
    REQUIRE((!first.error && !second.error));
    first.prepare_read(0, {memory.get() + page, page});
    REQUIRE(s.run(first) == error_code{});
    REQUIRE(memory[page] == std::byte{1});
    // The place in the table is free again for the next device.
    s.file.reset();
    auto third = uring_device::open(*s.loop, s.directory.path() / "image");
    REQUIRE(third);
    REQUIRE(third.value()->identity() != opened.value()->identity());
    REQUIRE(third.value()->identity().starts_with("file:"));
}

TEST_CASE("a flush and a write with fua make the device flush, a plain write does not")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    setup s;
    if (!s.missing.empty()) CIMREP_SKIP(s.missing);
    temporary_directory directory(storage::memory);
    loop_device disk(directory.file("image", mib));
    auto opened = uring_device::open(*s.loop, disk.path());
    REQUIRE(opened);
    REQUIRE(opened.value()->shape().volatile_cache);
    s.file = std::move(opened.value());
    // The 16th number of the statistics counts the flushes that the device has done.
    const auto flushes = [&] {
        std::ifstream file("/sys/block/" + disk.path().filename().string() + "/stat");
        std::vector<std::uint64_t> numbers;
        for (std::uint64_t number = 0; file >> number;) numbers.push_back(number);
        return numbers.size() < 16 ? UINT64_MAX : numbers[15];
    };
    if (flushes() == UINT64_MAX) CIMREP_SKIP("counts of flushes in sysfs");
    const auto memory = make_aligned(page);
    const auto start = flushes();
    tracked_op op;
    op.prepare_write(0, std::span<const std::byte>(memory.get(), page));
    REQUIRE(s.run(op) == error_code{});
    REQUIRE(flushes() == start);
    op.fua = true;
    REQUIRE(s.run(op) == error_code{});
    REQUIRE(flushes() == start + 1);
    op.fua = false;
    REQUIRE(s.run(op) == error_code{});
    REQUIRE(flushes() == start + 1);
    op.prepare_flush();
    REQUIRE(s.run(op) == error_code{});
    REQUIRE(flushes() == start + 2);
    s.file.reset();
}
