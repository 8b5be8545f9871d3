// test/store/log_scan_test.cpp -- which records of a log follow its checkpoint, and which do not.
// SPDX-License-Identifier: BSL-1.0
#include "../../lib/store/log_scan.hpp"

#include "catch.hpp"
#include "samples.hpp"
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t begin = repository_layout::log_offset_bytes;

/// A log area of eight blocks, and the superblock that it belongs to.
struct scanned_log {
    superblock block = sample_superblock();
    std::vector<std::byte> bytes = std::vector<std::byte>(8 * store_block_bytes);

    scanned_log()
    {
        block.clean = false;
        block.replay_position = begin + 2 * store_block_bytes;
        block.replay_sequence = 100;
    }
    log_header header(std::size_t at, std::uint64_t sequence) const
    {
        return {block.set, begin + at * store_block_bytes, sequence, block.life, 40, 1};
    }
    /// Puts a record into the block `at`, whatever its header says of its place.
    void put(std::size_t at, log_header head, std::size_t payload = 40)
    {
        head.payload_bytes = static_cast<std::uint32_t>(payload);
        encode(head, std::span(bytes).subspan(at * store_block_bytes,
                                              log_header::encoded_bytes + payload));
    }
    void put(std::size_t at, std::uint64_t sequence) { put(at, header(at, sequence)); }
    log_findings scan()
    {
        std::uint64_t next = 100;
        const auto found = scan_log(bytes, block, [&](const log_entry& record) -> result<> {
            CHECK(record.header.sequence == next++);
            return success();
        });
        REQUIRE(found);
        CHECK(found.value().records == next - 100);
        return found.value();
    }
};

}  // namespace

TEST_CASE("records follow one another, and at the end of the area its start", "[store][scan]")
{
    scanned_log log;
    log.put(2, log.header(2, 100), 2 * store_block_bytes);
    log.put(5, 101);
    log.put(6, 102);
    log.put(0, 103);
    const auto found = log.scan();
    CHECK(found.records == 4);
    CHECK(found.last_sequence == 103);
    CHECK(found.next_position == begin + store_block_bytes);
    CHECK_FALSE(found.hole());
    CHECK_FALSE(found.torn);
}

TEST_CASE("a log without records ends where its checkpoint does", "[store][scan]")
{
    scanned_log log;
    const auto found = log.scan();
    CHECK(found.records == 0);
    CHECK(found.last_sequence == 99);
    CHECK(found.next_position == log.block.replay_position);
    CHECK_FALSE(found.hole());
}

TEST_CASE("a record of another set, another life or another place does not follow", "[store][scan]")
{
    for (unsigned what = 0; what < 3; ++what) {
        scanned_log log;
        log.put(2, 100);
        log_header wrong = log.header(3, 101);
        if (what == 0) wrong.set.data[3] ^= 1u;
        if (what == 1) wrong.life ^= 1u;
        if (what == 2) wrong.position += store_block_bytes;
        log.put(3, wrong);
        // Nor does it count as one that shows a hole.
        wrong.sequence = 150;
        log.put(5, wrong);
        CAPTURE(what);
        const auto found = log.scan();
        CHECK(found.records == 1);
        CHECK_FALSE(found.hole());
        CHECK(found.torn);
    }
}

TEST_CASE("a record that is not the next one does not follow, and a later one shows a hole",
          "[store][scan]")
{
    for (const std::size_t at : {3u, 0u, 6u}) {
        scanned_log log;
        log.put(2, 100);
        log.put(at, 102);
        CAPTURE(at);
        const auto found = log.scan();
        CHECK(found.records == 1);
        CHECK(found.hole());
        CHECK(found.newest_sequence == 102);
    }
    scanned_log log;
    log.put(2, 100);
    log.put(3, 98);
    CHECK(log.scan().records == 1);
    CHECK_FALSE(log.scan().hole());
}

TEST_CASE("a log may go on in every block of what says to be its next record", "[store][scan]")
{
    scanned_log log;
    log.block.layout = repository_layout::divide(mib, 64 * kib).value();
    log.bytes.resize(16 * store_block_bytes);
    const auto last = log.bytes.begin() + 6 * static_cast<std::ptrdiff_t>(store_block_bytes);
    std::fill_n(last, store_block_bytes, std::byte{1});
    log.put(2, 100);
    log.put(3, log.header(3, 101), 3 * store_block_bytes);
    // As if its last block could not be read.
    std::fill_n(last, store_block_bytes, std::byte{});
    const auto found = log.scan();
    CHECK(found.records == 1);
    for (std::uint64_t block = 0; block < 16; ++block) {
        CAPTURE(block);
        CHECK(found.may_go_on(begin + block * store_block_bytes) == (block >= 3 && block < 7));
    }
}

TEST_CASE(
    "a log may go on at the start of its area once a long record would not fit before the end",
    "[store][scan]")
{
    for (const std::size_t last : {2u, 6u}) {
        CAPTURE(last);
        scanned_log log;
        log.block.layout = repository_layout::divide(mib, 32 * kib).value();
        for (std::size_t at = 2; at <= last; ++at) log.put(at, 98 + at);
        const auto found = log.scan();
        CHECK(found.records == last - 1);
        CHECK(found.may_go_on(begin) == (last == 6));
        CHECK_FALSE(found.may_go_on(begin + store_block_bytes));
    }
}
