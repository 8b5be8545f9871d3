// test/sim/life_decay.hpp -- a bit of one copy of the repository flips while nobody looks.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_world.hpp"
#include <cstdint>
#include <optional>
#include <vector>

namespace cimrep::test {

/// Before a process begins a bit of a superblock, of a checkpoint or of the log flips on one copy,
/// the same copy throughout a life. Where all others may lie it is one of those. Otherwise it may
/// be the one that knows everything: what has flipped is refused then, or is not needed. In the log
/// of that one no bit flips, for its last record would look torn. Where another copy had just
/// failed it is always that one, in the checkpoint that counts.
class life_decay {
public:
    explicit life_decay(life_world& world);

    void strike();

private:
    struct flipped {
        std::size_t copy;
        std::uint64_t offset_bytes;  ///< of the block
        std::vector<std::byte> before;
        std::vector<std::byte> after;
    };

    std::optional<std::uint64_t> choose_byte(const sparse_image& image);
    std::optional<std::uint64_t> choose_byte_that_counts(const sparse_image& image);
    bool mend();

    life_world& world_;
    seeded_random random_;
    std::size_t copy_ = 0;
    std::optional<flipped> flipped_;
};

}  // namespace cimrep::test
