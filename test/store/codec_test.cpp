// test/store/codec_test.cpp -- what is written is read back, and nothing else is believed.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/change_codec.hpp>
#include <cimrep/store/checkpoint_header.hpp>
#include <cimrep/store/content_checksum.hpp>
#include <cimrep/store/log_entry.hpp>
#include <cimrep/store/superblock.hpp>

#include <boost/endian/buffers.hpp>

#include "catch.hpp"
#include "samples.hpp"
#include <string>
#include <string_view>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Calls visit() with each copy of `bytes` that differs from them in one bit.
template <class Visit>
void for_each_flip(std::vector<std::byte> bytes, const Visit& visit)
{
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        const auto mask = static_cast<std::byte>(1u << (bit % 8));
        bytes[bit / 8] ^= mask;
        visit(std::span<const std::byte>(bytes), bit);
        bytes[bit / 8] ^= mask;
    }
}

}  // namespace

TEST_CASE("a superblock is read back as it was written", "[store][codec]")
{
    const superblock written = sample_superblock();
    std::vector<std::byte> block(store_block_bytes);
    encode(written, block);
    const auto read = decode_superblock(block, written.position);
    REQUIRE(read);
    CHECK(read.value() == written);
}

TEST_CASE("a superblock with the longest history and texts fits its block", "[store][codec]")
{
    superblock written = sample_superblock();
    written.generation.number = 1000;
    written.history.clear();
    for (std::uint64_t i = 0; i < superblock::history_max; ++i)
        written.history.push_back({999 - i, i});
    written.owner.boot_id = std::string(repository_owner_text_max + 9, 'b');
    written.owner.name = std::string(repository_owner_text_max, 'n');
    std::vector<std::byte> block(store_block_bytes);
    encode(written, block);
    const auto read = decode_superblock(block, written.position);
    REQUIRE(read);
    CHECK(read.value().history == written.history);
    CHECK(read.value().owner.boot_id == std::string(repository_owner_text_max, 'b'));
    CHECK(read.value().owner.name == written.owner.name);
}

TEST_CASE("no superblock with one wrong bit is believed", "[store][codec]")
{
    const superblock written = sample_superblock();
    std::vector<std::byte> block(store_block_bytes);
    encode(written, block);
    for_each_flip(block, [&](std::span<const std::byte> wrong, std::size_t bit) {
        const auto read = decode_superblock(wrong, written.position);
        if (read) FAIL("bit " << bit);
        CHECK(read.error() == (bit < 64 ? errc::repository_absent : errc::repository_damaged));
    });
}

TEST_CASE("a superblock is believed in its own place only", "[store][codec]")
{
    const superblock written = sample_superblock();
    std::vector<std::byte> block(store_block_bytes);
    encode(written, block);
    CHECK(decode_superblock(block, written.position ^ store_block_bytes).error() ==
          errc::repository_damaged);
}

TEST_CASE("versions and features that are not known are refused as they ask", "[store][codec]")
{
    std::vector<std::byte> block(store_block_bytes);
    superblock written = sample_superblock();
    written.features = {.compatible = 5, .read_only_compatible = 6, .incompatible = 0};
    encode(written, block);
    REQUIRE(decode_superblock(block, written.position));
    CHECK(decode_superblock(block, written.position).value().features == written.features);
    written.features.incompatible = newest_features.incompatible;
    encode(written, block);
    CHECK(decode_superblock(block, written.position).value().features == written.features);
    // The lowest bit that nobody has given a meaning yet.
    written.features.incompatible =
        (newest_features.incompatible + 1) & ~newest_features.incompatible;
    encode(written, block);
    CHECK(decode_superblock(block, written.position).error() == errc::repository_version);
    encode(sample_superblock(), block);
    block[8] = std::byte{2};
    seal_block(block);
    CHECK(decode_superblock(block, written.position).error() == errc::repository_version);
    block[8] = std::byte{0};
    seal_block(block);
    CHECK(decode_superblock(block, written.position).error() == errc::repository_damaged);
}

TEST_CASE("a sealed superblock that contradicts itself is damaged", "[store][codec]")
{
    // Offset, and a value that no superblock has there.
    const std::pair<std::size_t, unsigned> wrong[] = {
        {12, 1},              // block size
        {72, 3},              // copy index of three copies
        {73, 0},              // no copy
        {73, 4},              // more copies than there may be
        {74, 0x08},           // a copy that does not exist is stale
        {75, 0},              // neither clean nor open
        {75, 3},    {76, 2},  // a third checkpoint area
        {77, 65},             // longer history than there may be
        {96, 1},              // log length: no multiple of a block
        {98, 0},              // shorter log than there may be
        {136, 1},             // replay position within a block
        {138, 77},            // and beyond the log
    };
    for (const auto& [offset, value] : wrong) {
        CAPTURE(offset, value);
        std::vector<std::byte> block(store_block_bytes);
        encode(sample_superblock(), block);
        block[offset] = static_cast<std::byte>(value);
        seal_block(block);
        const auto read = decode_superblock(block, sample_superblock().position);
        REQUIRE_FALSE(read);
        CHECK(read.error() == errc::repository_damaged);
    }
}

TEST_CASE("a checkpoint head is read back, and not with one wrong bit or elsewhere",
          "[store][codec]")
{
    const checkpoint_header written = sample_checkpoint_header();
    std::vector<std::byte> block(store_block_bytes);
    encode(written, block);
    REQUIRE(decode_checkpoint_header(block, written.position));
    CHECK(decode_checkpoint_header(block, written.position).value() == written);
    CHECK_FALSE(decode_checkpoint_header(block, written.position + store_block_bytes));
    for_each_flip(block, [&](std::span<const std::byte> wrong, std::size_t bit) {
        if (decode_checkpoint_header(wrong, written.position)) FAIL("bit " << bit);
    });
}

TEST_CASE("a log record is read back, and not with one wrong bit or one byte less",
          "[store][codec]")
{
    const std::vector<std::byte> record = sample_log_record();
    const auto read = decode_log_record(record);
    REQUIRE(read);
    CHECK(read.value().header == sample_log_header());
    CHECK(read.value().payload.size() == read.value().header.payload_bytes);
    for_each_flip(record, [&](std::span<const std::byte> wrong, std::size_t bit) {
        if (decode_log_record(wrong)) FAIL("bit " << bit);
    });
    for (std::size_t size = 0; size < record.size(); ++size)
        if (decode_log_record(std::span(record).first(size))) FAIL("size " << size);
}

TEST_CASE("changes are read back in their order", "[store][codec]")
{
    const auto bytes = sample_changes();
    change_reader reader(bytes);
    std::vector<record_change> read;
    for (;;) {
        const auto next = reader.next();
        REQUIRE(next);
        if (!next.value()) break;
        read.push_back(*next.value());
    }
    REQUIRE(read.size() == 4);
    CHECK(read[0].key == record_key{record_kind::hot_extents, 1, 2});
    CHECK(read[0].value.size() == 16);
    CHECK(read[1].erase);
    CHECK(read[2].value.empty());
    CHECK(read[3].key.kind == record_kind{0xfffe});
    CHECK(read[3].value.size() == record_value_bytes_max);
}

TEST_CASE("every truncation of changes is an error or fewer changes", "[store][codec]")
{
    const auto bytes = sample_changes();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        change_reader reader({bytes.data(), size});
        std::size_t count = 0;
        bool damaged = false;
        for (;;) {
            const auto next = reader.next();
            damaged = next.has_error();
            if (damaged || !next.value()) break;
            ++count;
        }
        CAPTURE(size);
        CHECK(count < 4);
        const bool between = size == 0 || size == 40 || size == 64 || size == 88;
        CHECK(damaged != between);
        if (damaged) CHECK(reader.next().has_error());
    }
}

TEST_CASE("a change with an unknown action, a long value or a value to erase is damaged",
          "[store][codec]")
{
    std::vector<std::byte> bytes(change_header_bytes + record_value_bytes_max + 1);
    const auto damaged = [&] { return change_reader(bytes).next().has_error(); };
    CHECK_FALSE(damaged());
    bytes[2] = std::byte{2};
    CHECK(damaged());
    bytes[2] = std::byte{1};
    bytes[4] = std::byte{1};
    CHECK(damaged());
    bytes[2] = std::byte{0};
    bytes[5] = std::byte{record_value_bytes_max >> 8};
    CHECK(damaged());
    bytes[4] = std::byte{0};
    CHECK_FALSE(damaged());
}

TEST_CASE("the checksum of content is CRC32C", "[store][codec]")
{
    // The check value of the algorithm, and zeros as RFC 3720 has them.
    const std::string_view digits = "123456789";
    CHECK(content_checksum(std::as_bytes(std::span(digits))) == 0xe3069283);
    CHECK(content_checksum(std::vector<std::byte>(32)) == 0x8a9136aa);
    CHECK(content_checksum({}) == 0);
}

TEST_CASE("a sealed superblock with a text or a number that cannot be is damaged", "[store][codec]")
{
    superblock sample = sample_superblock();
    std::vector<std::byte> intact(store_block_bytes);
    encode(sample, intact);
    const auto damaged = [&](std::size_t offset, std::size_t count, unsigned value) {
        auto block = intact;
        std::fill_n(block.begin() + static_cast<std::ptrdiff_t>(offset), count,
                    static_cast<std::byte>(value));
        seal_block(block);
        return decode_superblock(block, sample.position).has_error();
    };
    const auto offset_of = [&](std::span<const std::byte> bytes) {
        const auto at = std::search(intact.begin(), intact.end(), bytes.begin(), bytes.end());
        REQUIRE(at != intact.end());
        return static_cast<std::size_t>(at - intact.begin());
    };
    const auto text = [&](const std::string& of) {
        return offset_of(std::as_bytes(std::span(of))) - 1;
    };
    const auto number = [&](std::uint64_t of) {
        const boost::endian::little_uint64_buf_t little(of);
        return offset_of(std::as_bytes(std::span(&little, 1)));
    };
    CHECK_FALSE(damaged(text(sample.owner.name), 1, 3));
    CHECK(damaged(text(sample.owner.boot_id), 1, repository_owner_text_max + 1));
    CHECK(damaged(text(sample.owner.name), 1, 0xff));
    CHECK(damaged(offset_of(std::as_bytes(std::span(sample.set.data))), 16, 0));
    // The first record after the checkpoint has a number, and the last one is not before it.
    CHECK(damaged(number(sample.replay_sequence), 8, 0));
    CHECK(damaged(number(sample.last_sequence), 8, 0));
    // A generation that came after its successor.
    CHECK(damaged(number(sample.history[1].number), 1, 200));
}
