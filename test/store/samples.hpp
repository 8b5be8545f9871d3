// test/store/samples.hpp -- one of each thing that a repository writes, with fixed contents.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/store/change_codec.hpp>
#include <cimrep/store/checkpoint_header.hpp>
#include <cimrep/store/log_entry.hpp>
#include <cimrep/store/superblock.hpp>

#include <boost/crc.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace cimrep::test {

inline boost::uuids::uuid sample_set()
{
    boost::uuids::uuid id;
    for (std::size_t i = 0; i < id.size(); ++i) id.data[i] = static_cast<std::uint8_t>(0x10 + i);
    return id;
}

inline superblock sample_superblock()
{
    superblock block;
    block.features.compatible = 0x8000'0000'0000'0001;
    block.set = sample_set();
    block.position = store_block_bytes;
    block.sequence = 77;
    block.copy_index = 1;
    block.copy_count = 3;
    block.stale_copies = 0b100;
    block.clean = true;
    block.checkpoint_area = 1;
    block.generation = {9, 0x1234'5678'9abc'def0};
    block.history = {{8, 11}, {5, 12}, {1, 13}};
    block.layout = repository_layout::divide(mib).value();
    block.life = 0xfeed'f00d'0000'0001;
    block.checkpoint_number = 4;
    block.replay_sequence = 100;
    block.replay_position = repository_layout::log_offset_bytes + 3 * store_block_bytes;
    block.last_sequence = 120;
    block.owner = {6, "11111111-2222-3333-4444-555555555555", "cimrepctl, process 42"};
    return block;
}

inline checkpoint_header sample_checkpoint_header()
{
    return {sample_set(), 64 * kib, 4, 17, 1234, 0xdead'beef};
}

/// Four changes: a value, an erasure, an empty value, and the longest value of an unknown kind.
inline std::vector<std::byte> sample_changes()
{
    const std::vector<std::byte> value(16, std::byte{0xa5});
    const std::vector<std::byte> longest(record_value_bytes_max, std::byte{0x5a});
    const record_change changes[] = {
        {{record_kind::hot_extents, 1, 2}, value},
        {{record_kind::leg_state, 3, 4}, {}, true},
        {{record_kind::relationship_state, 5, 6}, {}},
        {{record_kind{0xfffe}, UINT64_MAX, UINT64_MAX}, longest},
    };
    std::vector<std::byte> bytes;
    for (const record_change& each : changes) {
        const std::size_t at = bytes.size();
        bytes.resize(at + encoded_bytes(each));
        encode(each, std::span(bytes).subspan(at));
    }
    return bytes;
}

inline log_header sample_log_header()
{
    return {sample_set(), 3 * store_block_bytes, 101, 0xfeed'f00d'0000'0001, 40, 1};
}

inline std::vector<std::byte> sample_log_record()
{
    const auto changes = sample_changes();
    std::vector<std::byte> record(log_header::encoded_bytes + 40);
    std::copy_n(changes.begin(), 40, record.begin() + log_header::encoded_bytes);
    encode(sample_log_header(), record);
    return record;
}

/// Writes the checksum of a block that a test has changed into its last four bytes.
inline void seal_block(std::span<std::byte> block)
{
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(block.data(), block.size() - 4);
    for (unsigned i = 0; i < 4; ++i)
        block[block.size() - 4 + i] = static_cast<std::byte>(crc.checksum() >> (8 * i));
}

}  // namespace cimrep::test
