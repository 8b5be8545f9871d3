// test/store/leg_label_test.cpp -- a label is itself again, and anything else is none.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/leg_label.hpp>

#include "catch.hpp"
#include <cstddef>
#include <vector>

using namespace cimrep;

namespace {

leg_label sample()
{
    leg_label made{{}, 3, 0x1122334455667788, 0x99aabbccddeeff00, 1 << 20};
    for (std::uint8_t& each : made.set)
        each = static_cast<std::uint8_t>(0x40 + (&each - made.set.data));
    return made;
}

}  // namespace

TEST_CASE("a label that was written is read", "[store][label]")
{
    std::vector<std::byte> block(store_block_bytes);
    encode(sample(), block);
    leg_label found;
    REQUIRE(decode_leg_label(block, 1 << 20, found) == label_finding::label);
    CHECK(found == sample());
}

TEST_CASE("a label in another place, a changed bit and a blank block are no label",
          "[store][label]")
{
    std::vector<std::byte> block(store_block_bytes);
    leg_label found;
    CHECK(decode_leg_label(block, 0, found) == label_finding::blank);
    encode(sample(), block);
    CHECK(decode_leg_label(block, 1 << 21, found) == label_finding::foreign);
    for (std::size_t at = 0; at < block.size(); at += at < 80 ? 1 : 97) {
        CAPTURE(at);
        block[at] ^= std::byte{0x10};
        CHECK(decode_leg_label(block, 1 << 20, found) == label_finding::foreign);
        block[at] ^= std::byte{0x10};
    }
}

TEST_CASE("a label lies where the volume has no data, or nowhere", "[store][label]")
{
    CHECK(label_place_of(mib, mib) == 0);
    CHECK(label_place_of(mib + 4095, mib) == 0);
    CHECK(label_place_of(mib + 4096, mib) == mib);
    CHECK(label_place_of(mib + 8191, mib) == mib);
    CHECK(label_place_of(mib + 8192, mib) == mib + 4096);
    // A volume that is no whole number of blocks.
    CHECK(label_place_of(mib + 4096, mib + 512) == 0);
    CHECK(label_place_of(mib + 8192, mib + 512) == mib + 4096);
    CHECK(label_place_of(0, 0) == 0);
}
