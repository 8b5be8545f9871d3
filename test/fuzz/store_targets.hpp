// test/fuzz/store_targets.hpp -- any bytes, given to each reader of the store: an error or a value.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/memory_device.hpp>
#include <cimrep/store/change_codec.hpp>
#include <cimrep/store/checkpoint_header.hpp>
#include <cimrep/store/device_repository.hpp>
#include <cimrep/store/leg_label.hpp>
#include <cimrep/store/log_entry.hpp>
#include <cimrep/store/superblock.hpp>

#include <boost/crc.hpp>

#include "virtual_loop.hpp"
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace cimrep::test {

using fuzz_input = std::span<const std::byte>;

inline void expect(bool condition)
{
    if (!condition) std::abort();
}

/// The last four bytes become the checksum of those before, so that the rest is looked at.
inline void seal(std::span<std::byte> block)
{
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(block.data(), block.size() - 4);
    for (unsigned i = 0; i < 4; ++i)
        block[block.size() - 4 + i] = static_cast<std::byte>(crc.checksum() >> (8 * i));
}

inline std::vector<std::byte> block_of(fuzz_input input)
{
    std::vector<std::byte> block(store_block_bytes);
    std::copy_n(input.begin(), std::min(input.size(), block.size()), block.begin());
    return block;
}

inline void fuzz_superblock(fuzz_input input)
{
    auto block = block_of(input);
    for (const bool sealed : {false, true}) {
        if (sealed) seal(block);
        for (const std::uint64_t position : {std::uint64_t{0}, std::uint64_t{store_block_bytes}}) {
            const auto read = decode_superblock(block, position);
            if (!read) continue;
            std::vector<std::byte> again(store_block_bytes);
            encode(read.value(), again);
            const auto once_more = decode_superblock(again, position);
            expect(once_more && once_more.value() == read.value());
        }
    }
}

inline void fuzz_leg_label(fuzz_input input)
{
    auto block = block_of(input);
    for (const bool sealed : {false, true}) {
        if (sealed) seal(block);
        for (const std::uint64_t place : {std::uint64_t{0}, std::uint64_t{1} << 20}) {
            leg_label read, once_more;
            if (decode_leg_label(block, place, read) != label_finding::label) continue;
            std::vector<std::byte> again(store_block_bytes);
            encode(read, again);
            expect(decode_leg_label(again, place, once_more) == label_finding::label);
            expect(once_more == read);
        }
    }
}

inline void fuzz_checkpoint_header(fuzz_input input)
{
    auto block = block_of(input);
    for (const bool sealed : {false, true}) {
        if (sealed) seal(block);
        byte_extent area{};
        for (unsigned i = 0; i < 8; ++i)
            area.offset_bytes |= std::to_integer<std::uint64_t>(block[24 + i]) << (8 * i);
        const auto read = decode_checkpoint_header(block, area.offset_bytes);
        if (!read) continue;
        std::vector<std::byte> again(store_block_bytes);
        encode(read.value(), again);
        expect(decode_checkpoint_header(again, area.offset_bytes).value() == read.value());
    }
}

inline void fuzz_changes(fuzz_input input)
{
    change_reader reader(input);
    std::vector<std::byte> again;
    for (;;) {
        const auto next = reader.next();
        if (!next || !next.value()) break;
        const std::size_t at = again.size();
        again.resize(at + encoded_bytes(*next.value()));
        encode(*next.value(), std::span(again).subspan(at));
    }
    expect(again.size() <= input.size());
    expect(std::equal(again.begin(), again.end(), input.begin()));
}

inline void fuzz_log_record(fuzz_input input)
{
    const auto read = decode_log_record(input);
    if (!read) return;
    std::vector<std::byte> again(log_header::encoded_bytes + read.value().payload.size());
    std::copy(read.value().payload.begin(), read.value().payload.end(),
              again.begin() + log_header::encoded_bytes);
    encode(read.value().header, again);
    expect(decode_log_record(again).value().header == read.value().header);
    fuzz_changes(read.value().payload);
}

/// A whole device: the input is the start of it. With `sealed` every block that may be a
/// superblock or the head of a checkpoint gets the right checksum.
inline void fuzz_open(fuzz_input input)
{
    constexpr std::size_t size = 72 * kib;
    if (input.empty()) return;
    const bool sealed = (input.front() & std::byte{1}) != std::byte{};
    const auto image = input.subspan(1);
    virtual_loop loop;
    memory_device device(loop, {.size_bytes = size});
    const auto memory = device.memory();
    std::copy_n(image.begin(), std::min(image.size(), size), memory.begin());
    if (sealed)
        for (std::size_t at = 0; at < size; at += store_block_bytes)
            if (at < 2 * store_block_bytes || at >= 24 * kib)
                seal(memory.subspan(at, store_block_bytes));
    struct waited : repository_open_op {
        bool over = false;
    } op;
    op.copies = {&device};
    op.done = [](repository_open_op& which) noexcept { static_cast<waited&>(which).over = true; };
    device_repository::open(op);
    while (!op.over) expect(loop.run_once() != 0);
    expect(op.error.has_value() == (op.opened == nullptr));
    if (op.error) return;
    struct closing : repository_close_op {
        bool over = false;
    } end;
    end.done = [](repository_close_op& which) noexcept {
        static_cast<closing&>(which).over = true;
    };
    op.opened->close(end);
    while (!end.over) expect(loop.run_once() != 0);
}

}  // namespace cimrep::test
