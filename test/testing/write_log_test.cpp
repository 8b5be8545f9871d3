// test/testing/write_log_test.cpp -- the format of dm-log-writes, and the order of a recording.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/crash_states.hpp>
#include <cimrep/testing/recorder_device.hpp>

#include "disk_bench.hpp"
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// What the log says, shortly: w and the block, f(lush), F(UA), d(iscard), m(ark).
std::string text_of(const write_log& log)
{
    std::string text;
    for (const log_entry& entry : log.entries) {
        const char kind = entry.is(log_flag::mark)      ? 'm'
                          : entry.is(log_flag::flush)   ? 'f'
                          : entry.is(log_flag::fua)     ? 'F'
                          : entry.is(log_flag::discard) ? 'd'
                                                        : 'w';
        text += text.empty() ? "" : " ";
        text += kind;
        if (entry.writes()) text += std::to_string(entry.extent.offset_bytes / block);
        if (entry.extent.length_bytes > block)
            text += "+" + std::to_string(entry.extent.length_bytes / block);
    }
    return text;
}

/// A recorder on a disk whose operations end in the order that the test wants.
struct recorder_bench {
    simulated_loop loop;
    simulated_disk disk{{.size_bytes = 64 * block}};
    std::unique_ptr<simulated_device> device = std::move(disk.open(loop)).value();
    power_domain domain;
    recorder_device recorder{*device, domain};
    std::deque<ended_op> ops;
    std::deque<std::vector<std::byte>> memory;

    ended_op& submit(io_kind kind, std::uint64_t at, unsigned char with = 1, bool fua = false,
                     std::uint64_t blocks = 1)
    {
        ended_op& op = ops.emplace_back();
        op.fua = fua;
        memory.push_back(filled(blocks, with));
        switch (kind) {
        case io_kind::write:
            op.prepare_write(at * block, std::span(std::as_const(memory.back())));
            break;
        case io_kind::flush: op.prepare_flush(); break;
        case io_kind::write_zeroes: op.prepare_write_zeroes(at * block, blocks * block); break;
        case io_kind::discard: op.prepare_discard(at * block, blocks * block); break;
        case io_kind::read:
        case io_kind::compare_and_write:
            op.prepare_read(at * block, std::span(memory.back()));
            break;
        }
        recorder.submit(op);
        return op;
    }
    error_code end(ended_op& op)
    {
        REQUIRE(loop.run_until([&] { return op.ended > 0; }));
        return op.error;
    }
    error_code run(io_kind kind, std::uint64_t at = 0, unsigned char with = 1, bool fua = false,
                   std::uint64_t blocks = 1)
    {
        return end(submit(kind, at, with, fua, blocks));
    }
};

}  // namespace

TEST_CASE("a log is decoded as it was encoded")
{
    write_log log;
    log.entries.push_back(
        {.extent = {512, 1024}, .data = filled(2, 3), .logged = 1, .submitted = 0});
    log.entries.push_back({.flags = log_flag::flush, .logged = 2, .submitted = 1});
    log.entries.push_back({.flags = log_flag::fua, .extent = {0, 512}, .data = filled(1, 4)});
    log.entries.push_back({.flags = log_flag::discard, .extent = {4096, 8192}});
    log.entries.push_back({.flags = log_flag::mark, .data = {std::byte{'h'}, std::byte{'i'}}});
    const auto bytes = encode(log);
    REQUIRE(bytes.size() == (1 + 5 + 2 + 1) * 512);
    const auto back = decode_write_log(bytes);
    REQUIRE(back.has_value());
    REQUIRE(back.value() == log);
    REQUIRE(log.find_mark("hi") == 4);
    REQUIRE(log.find_mark("ho") == 5);
    REQUIRE(log.find_mark("hi", 5) == 5);
}

TEST_CASE("the encoded form is what dm-log-writes puts on disk")
{
    write_log log;
    log.entries.push_back({.flags = log_flag::fua, .extent = {1024, 512}, .data = filled(1, 7)});
    log.entries.push_back({.flags = log_flag::mark, .data = {std::byte{'x'}}});
    const auto bytes = encode(log);
    const auto word = [&](std::size_t at) {
        std::uint64_t value;
        std::memcpy(&value, bytes.data() + at, 8);
        return value;
    };
    REQUIRE(word(0) == 0x6a736677736872);
    REQUIRE(word(8) == 1);
    REQUIRE(word(16) == 2);
    REQUIRE(word(24) == 512);
    REQUIRE(word(512) == 2);       // sector
    REQUIRE(word(512 + 8) == 1);   // sectors
    REQUIRE(word(512 + 16) == 2);  // FUA
    REQUIRE(word(512 + 24) == 512);
    REQUIRE(bytes[1024] == std::byte{7});
    REQUIRE(word(1536 + 16) == 8);
    REQUIRE(word(1536 + 24) == 1);
    REQUIRE(bytes[1536 + 32] == std::byte{'x'});
    REQUIRE(bytes.size() == 2048);
}

TEST_CASE("a log that is cut short, foreign or contradicts itself is refused, and nothing is read")
{
    write_log log;
    for (int i = 0; i < 3; ++i)
        log.entries.push_back({.extent = {1024, 512}, .data = filled(1, 7)});
    const auto bytes = encode(log);
    for (std::size_t length = 0; length < bytes.size(); ++length)
        REQUIRE(decode_write_log(std::span(bytes).first(length)).error() == errc::invalid_argument);
    for (const std::size_t at : {0u, 8u, 24u, 26u, 512u + 7, 512u + 15, 512u + 24, 512u + 30}) {
        auto broken = bytes;
        broken[at] ^= std::byte{0xff};
        INFO(at);
        REQUIRE(decode_write_log(broken).error() == errc::invalid_argument);
    }
    // Random bytes in the heads are an error or a log, and never a crash.
    seeded_random random(1);
    for (int i = 0; i < 2000; ++i) {
        auto broken = bytes;
        broken[random.below(broken.size())] = static_cast<std::byte>(random.next());
        broken[16 + random.below(16)] = static_cast<std::byte>(random.next());
        const auto read = decode_write_log(broken);
        if (read) REQUIRE(decode_write_log(encode(read.value())).value() == read.value());
    }
}

TEST_CASE("completed writes are logged before the flush that covers them, later ones behind it")
{
    recorder_bench bench;
    REQUIRE_FALSE(bench.run(io_kind::write, 5));
    REQUIRE_FALSE(bench.run(io_kind::write, 3));
    ended_op& late = bench.submit(io_kind::write, 9);
    ended_op& flush = bench.submit(io_kind::flush, 0);
    REQUIRE_FALSE(bench.end(late));
    REQUIRE_FALSE(bench.end(flush));
    bench.recorder.mark("here");
    REQUIRE(text_of(bench.recorder.log()) == "w5 w3 f m");
    REQUIRE_FALSE(bench.run(io_kind::flush));
    REQUIRE(text_of(bench.recorder.log()) == "w5 w3 f m w9 f");
    REQUIRE(bench.recorder.log().find_mark("here") == 3);
}

TEST_CASE("a write with fua is logged when it completes, zeros as data, discards without")
{
    recorder_bench bench;
    REQUIRE_FALSE(bench.run(io_kind::write, 1));
    REQUIRE_FALSE(bench.run(io_kind::write, 2, 7, true));
    REQUIRE_FALSE(bench.run(io_kind::write_zeroes, 4, 0, false, 2));
    REQUIRE_FALSE(bench.run(io_kind::discard, 8));
    REQUIRE_FALSE(bench.run(io_kind::read, 8));
    REQUIRE_FALSE(bench.run(io_kind::flush));
    const write_log& log = bench.recorder.log();
    REQUIRE(text_of(log) == "F2 w1 w4+2 d8 f");
    REQUIRE(log.entries[0].data == filled(1, 7));
    REQUIRE(log.entries[2].data == filled(2, 0));
    REQUIRE(log.entries[3].data.empty());
}

TEST_CASE("what fua has overwritten does not come back when the log is replayed")
{
    recorder_bench bench;
    REQUIRE_FALSE(bench.run(io_kind::write, 1, 1, false, 4));
    REQUIRE_FALSE(bench.run(io_kind::write, 2, 2, true));
    REQUIRE_FALSE(bench.run(io_kind::flush));
    REQUIRE(text_of(bench.recorder.log()) == "F2 w1 w3+2 f");
    const sparse_image before(64 * block);
    log_replayer replayer({&bench.recorder.log(), &before});
    while (replayer.next()) {
    }
    REQUIRE(differences(replayer.durable(), bench.disk.image()).empty());
}

TEST_CASE("a failed flush covers nothing, a refused write is not logged, a failed one is in doubt")
{
    recorder_bench bench;
    bench.disk.add({.fault = disk_fault::transient_error, .kind = io_kind::flush});
    bench.disk.add({.fault = disk_fault::transient_error, .kind = io_kind::write, .nth = 2});
    REQUIRE_FALSE(bench.run(io_kind::write, 1));
    REQUIRE(bench.run(io_kind::flush) == io_error);
    REQUIRE(bench.run(io_kind::write, 2, 1, true) == io_error);
    REQUIRE(bench.run(io_kind::write, 64) == errc::out_of_bounds);
    REQUIRE(bench.recorder.log().entries.empty());
    REQUIRE_FALSE(bench.run(io_kind::write, 3));
    REQUIRE_FALSE(bench.run(io_kind::flush));
    REQUIRE(text_of(bench.recorder.log()) == "w1 w2 w3 f");
}

TEST_CASE("a flush that overtakes an earlier one covers what that one does")
{
    for (std::uint64_t round = 0; round < 20; ++round) {
        recorder_bench bench;
        for (std::uint64_t i = 0; i < round; ++i) bench.loop.random().next();
        REQUIRE_FALSE(bench.run(io_kind::write, 1));
        if (round % 2 == 0) bench.disk.add({.fault = disk_fault::slow, .kind = io_kind::flush});
        ended_op& slow = bench.submit(io_kind::flush, 0);
        REQUIRE_FALSE(bench.run(io_kind::write, 2));
        REQUIRE_FALSE(bench.run(io_kind::flush));
        REQUIRE_FALSE(bench.end(slow));
        const std::string text = text_of(bench.recorder.log());
        REQUIRE((text == "w1 w2 f f" || text == "w1 f w2 f"));
    }
}

TEST_CASE("the end of a recording logs what was not flushed, and what is in flight")
{
    recorder_bench bench;
    REQUIRE_FALSE(bench.run(io_kind::write, 1));
    ended_op& flying = bench.submit(io_kind::write, 2, 1, true);
    bench.recorder.finish();
    REQUIRE(text_of(bench.recorder.log()) == "w1 w2");
    REQUIRE_FALSE(bench.end(flying));
    REQUIRE(text_of(bench.recorder.log()) == "w1 w2");
}

TEST_CASE("a recorder passes operations on, with their errors, lengths and cancellation")
{
    recorder_bench bench;
    REQUIRE_FALSE(bench.run(io_kind::write, 1, 9));
    ended_op& read = bench.submit(io_kind::read, 1);
    REQUIRE_FALSE(bench.end(read));
    REQUIRE(bench.memory.back() == filled(1, 9));
    REQUIRE(read.transferred_bytes == block);
    bool cancelled = false;
    for (int i = 0; i < 20; ++i) {
        ended_op& op = bench.submit(io_kind::write, 2);
        bench.recorder.cancel(op);
        const error_code how = bench.end(op);
        cancelled = cancelled || how == std::errc::operation_canceled;
    }
    REQUIRE(cancelled);
}
