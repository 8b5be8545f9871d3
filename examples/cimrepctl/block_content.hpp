// examples/cimrepctl/block_content.hpp -- blocks that say themselves which write they come from.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace cimrepctl {

/// What a block of the live file holds: its place and the number of the write, then words that
/// follow from both. A mixture of two writes, or a block in another's place, is no content.
struct block_content {
    static constexpr std::size_t bytes = 4096;

    std::uint64_t place = 0;     ///< in the live file, in blocks
    std::uint64_t sequence = 0;  ///< of the write; 0: as the file was made

    void fill(std::span<std::byte> memory) const noexcept
    {
        for (std::size_t i = 0; i < bytes / word_bytes; ++i) {
            const std::uint64_t word = word_at(i);
            std::memcpy(memory.data() + i * word_bytes, &word, word_bytes);
        }
    }

    /// The sequence of the write that made this memory, if all of it is one write to `place`.
    static std::optional<std::uint64_t> sequence_of(std::span<const std::byte> memory,
                                                    std::uint64_t place) noexcept
    {
        block_content expected{place, 0};
        std::memcpy(&expected.sequence, memory.data() + 2 * word_bytes, word_bytes);
        for (std::size_t i = 0; i < bytes / word_bytes; ++i) {
            const std::uint64_t word = expected.word_at(i);
            if (std::memcmp(memory.data() + i * word_bytes, &word, word_bytes) != 0) return {};
        }
        return expected.sequence;
    }

private:
    static constexpr std::size_t word_bytes = sizeof(std::uint64_t);
    static constexpr std::uint64_t magic = 0x6c70657263696d63;  // "cmicrepl", little-endian

    std::uint64_t word_at(std::size_t i) const noexcept
    {
        switch (i) {
        case 0: return magic;
        case 1: return place;
        case 2: return sequence;
        default: return mixed(place * 0x9e3779b97f4a7c15 + mixed(sequence) + i);
        }
    }
    static std::uint64_t mixed(std::uint64_t x) noexcept
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
};

}  // namespace cimrepctl
