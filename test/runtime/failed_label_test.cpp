// test/runtime/failed_label_test.cpp -- the last leg's label cannot be written, or cannot be read.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/leg_label.hpp>

#include "image_rig.hpp"
#include <string>
#include <utility>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// The source is lost, and the label of the target, which alone goes on, could not be written.
/// Nothing was sampled: only labels tell what the target is.
struct last_leg_rig : image_rig {
    const std::uint64_t area = label_area_of(memory("t").size(), volume_bytes);
    image older;                        ///< the target as the process before left it
    std::uint64_t good = 0, other = 0;  ///< blocks: of the label on record, and the one that failed

    /// `lands`: the label that failed is there all the same.
    explicit last_leg_rig(bool lands) : image_rig(true)
    {
        crash();
        older = take("t");
        open_and_wait();
        rig.wait_for(pair(), copy_state::synchronized);
        rig.settle(512);
        const image before = take("t");
        no_label(fault_action::fail_late);
        lose_source();
        rig.settle(512);
        rig.elements.faults("t").clear();
        good = area;
        other = area + store_block_bytes;
        if (is_as_in(before, other)) std::swap(good, other);
        REQUIRE(is_as_in(before, good));
        REQUIRE_FALSE(is_as_in(before, other));
        if (!lands) put_back_part(before, other, store_block_bytes);
    }
    bool is_as_in(const image& before, std::uint64_t place)
    {
        return same_bytes(memory("t").subspan(place, store_block_bytes),
                          std::span(before).subspan(place, store_block_bytes));
    }
    void put_back_part(const image& was, std::uint64_t place, std::uint64_t length)
    {
        std::ranges::copy(std::span(was).subspan(place, length),
                          memory("t").subspan(place, length).begin());
    }
    void no_label(fault_action how)
    {
        rig.elements.faults("t").add({.kind = io_kind::write,
                                      .times = fault::always,
                                      .extent = {area, label_area_bytes},
                                      .action = how});
    }
    void lose_source()
    {
        rig.elements.faults("s").add({.kind = io_kind::write});
        REQUIRE_FALSE(rig.write(front(), old_place, 8 * kib, 0x33));
        rig.wait_for(pair(), copy_state::broken);
        REQUIRE(leg(0).error);
        REQUIRE_FALSE(leg(1).error);
    }
    /// What the device says of a sector that it cannot read.
    error_code unreadable = std::make_error_code(std::errc::io_error);
    void cannot_read(std::uint64_t place)
    {
        rig.elements.faults("t").add({.kind = io_kind::read,
                                      .times = fault::always,
                                      .extent = {place, 512},
                                      .error = unreadable});
    }
    /// What the volume says of a place that was written after the source was lost.
    error_code read_back(std::byte& found)
    {
        std::vector<std::byte> data(512);
        const error_code error = rig.read(front(), old_place, data);
        found = data[0];
        return error;
    }
    bool serves()
    {
        std::byte found{};
        return !read_back(found) && found == std::byte{0x33};
    }
};

}  // namespace

TEST_CASE("where the label of the last leg fails an older one is still told from it",
          "[runtime][recognition]")
{
    const std::string kind = GENERATE("itself", "older", "blank");
    last_leg_rig r(GENERATE(false, true));
    r.crash();
    if (kind == "older") r.put_back("t", r.older);
    if (kind == "blank") std::ranges::fill(r.memory("t"), std::byte{});
    r.open_and_wait();
    r.rig.settle();
    if (kind == "itself") {
        CHECK(r.serves());
        return;
    }
    CHECK(r.leg(1).error == errc::leg_not_recognized);
    std::byte found{};
    CHECK(r.read_back(found) == errc::leg_not_recognized);
}

TEST_CASE("a label that failed is tried again with each record of the set, and never over the good",
          "[runtime][recognition]")
{
    last_leg_rig r(false);
    const auto before = r.take("t");
    r.no_label(fault_action::fail);
    const auto bring_back = [&] {
        REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
        r.rig.wait_for(r.pair(), copy_state::synchronized);
        r.rig.settle(512);
    };
    CHECK(r.is_as_in(before, r.good));
    CHECK(r.is_as_in(before, r.other));
    bring_back();
    CHECK(r.is_as_in(before, r.good));
    r.rig.elements.faults("t").clear();
    r.lose_source();
    r.rig.settle(512);
    CHECK_FALSE(r.is_as_in(before, r.other));
    r.crash();
    r.put_back_part(before, r.area, label_area_bytes);
    r.open_and_wait();
    CHECK(r.leg(1).error == errc::leg_not_recognized);
}

TEST_CASE("a sector that went bad where a label failed takes the last leg not out",
          "[runtime][recognition]")
{
    last_leg_rig r(false);
    const bool is_older = GENERATE(false, true);
    const std::errc said = GENERATE(std::errc::io_error, std::errc::no_message_available,
                                    std::errc::illegal_byte_sequence);
    r.unreadable = {static_cast<int>(said), std::system_category()};
    r.crash();
    if (is_older) r.put_back("t", r.older);
    r.cannot_read(r.other);
    r.open_and_wait();
    r.rig.settle();
    CHECK(r.serves() == !is_older);
    CHECK((r.leg(1).error == errc::leg_not_recognized) == is_older);
}

TEST_CASE("a leg whose label on record cannot be read is neither strange nor believed",
          "[runtime][recognition]")
{
    const bool is_older = GENERATE(false, true);
    last_leg_rig r(false);
    // Most often there is another label of the same set, which would do.
    std::ranges::fill(r.memory("t").subspan(r.other, store_block_bytes), std::byte{0x77});
    r.crash();
    const auto truth = r.take("t");
    if (is_older) r.put_back("t", r.older);
    r.cannot_read(r.good);
    r.open_and_wait();
    r.rig.settle();
    CHECK(r.leg(1).error == std::errc::io_error);
    std::byte found{};
    CHECK(r.read_back(found) == std::errc::io_error);
    r.put_back("t", truth);
    r.rig.elements.faults("t").clear();
    REQUIRE(r.rig.opened->element_returned(element_path("t")).has_value());
    r.rig.settle(512);
    CHECK_FALSE(r.leg(1).error);
    CHECK(r.serves());
}

TEST_CASE("a later label tells of a leg whose label on record cannot be read",
          "[runtime][recognition]")
{
    last_leg_rig r(true);
    r.crash();
    r.cannot_read(r.good);
    r.open_and_wait();
    r.rig.settle();
    CHECK_FALSE(r.leg(1).error);
    CHECK(r.serves());
}
