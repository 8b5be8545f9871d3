// test/runtime/recognition_test.cpp -- a leg that is not what was left is neither read nor trusted.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/leg_label.hpp>

#include "image_rig.hpp"
#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::uint64_t volume_bytes = image_rig::volume_bytes;
constexpr std::uint64_t old_place = image_rig::old_place;

}  // namespace

TEST_CASE("after an orderly close nothing is copied and legs are what they were",
          "[runtime][recognition]")
{
    image_rig r(GENERATE(false, true));
    r.go_on(0x22);
    r.open();
    CHECK(r.pair().info().copy_state == copy_state::unsynchronized);  // nobody has looked yet
    waited_op request;
    CHECK(r.pair().request(operation::fracture, false, request).error().code ==
          errc::element_in_use);
    CHECK(r.read_byte(old_place) == std::byte{0x22});
    CHECK(r.pair().info().copy_state == copy_state::synchronized);
    CHECK(r.leg(1).statistics.copied_bytes == 0);
    CHECK(r.rig.equal("s", "t", volume_bytes));
}

TEST_CASE(
    "an older, a blank or a foreign target is neither read nor written before it is asked for",
    "[runtime][recognition]")
{
    const bool labelled = GENERATE(false, true);
    const std::string kind = GENERATE("older", "blank", "foreign");
    image_rig r(labelled);
    const auto older = r.leave_behind("t");
    if (kind == "older") r.put_back("t", older);
    if (kind == "blank") std::ranges::fill(r.memory("t"), std::byte{});
    if (kind == "foreign") std::ranges::fill(r.memory("t"), std::byte{0x77});
    const auto found = r.take("t");
    for (unsigned life = 0; life < 2; ++life) {
        r.open_and_wait();
        CHECK(r.pair().info().copy_state == copy_state::broken);
        CHECK(r.leg(1).error == errc::leg_not_recognized);
        if (life == 0)
            CHECK_THAT(r.leg(1).remark, ContainsSubstring(labelled ? "label" : "last close"));
        for (unsigned i = 0; i < 8; ++i) CHECK(r.read_byte(old_place) == std::byte{0x33});
        REQUIRE_FALSE(r.rig.write(r.front(), mib, 4 * kib, 0x44));
        REQUIRE(r.rig.opened->element_returned(element_path("t")).has_value());
        r.rig.settle();
        CHECK(r.pair().info().copy_state == copy_state::broken);
        CHECK(same_bytes(r.memory("t"), found));
        r.close();
    }
    r.open_and_wait();
    REQUIRE(r.rig.request(r.pair(), operation::resync_replica) == "");
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.leg(1).statistics.copied_bytes == volume_bytes);
    CHECK(r.rig.equal("s", "t", volume_bytes));
    CHECK(r.at("s", old_place) == std::byte{0x33});
}

TEST_CASE("nobody hears that an element is back before it is known who holds the content",
          "[runtime][recognition]")
{
    image_rig r;
    const auto older = r.leave_behind("t");
    r.put_back("t", older);
    r.open_and_wait();
    r.close();
    r.open();
    for (const char* const element : {"s", "t"})
        CHECK(r.rig.opened->element_returned(element_path(element)).error().code ==
              errc::element_in_use);
    r.rig.recover();
    CHECK(r.pair().info().copy_state == copy_state::broken);
    CHECK(r.read_byte(old_place) == std::byte{0x33});
    CHECK(same_bytes(r.memory("t"), older));
}

TEST_CASE("a source that is older is neither read nor overwritten before somebody says so",
          "[runtime][recognition]")
{
    image_rig r(GENERATE(false, true));
    r.go_on(0x22);
    const auto older = r.take("s");
    r.open_and_wait();
    r.go_on(0x33);
    r.put_back("s", older);
    r.open_and_wait();
    r.rig.settle();
    CHECK(r.pair().info().copy_state == copy_state::broken);
    CHECK(r.leg(0).error == errc::leg_not_recognized);
    CHECK_THAT(r.leg(0).remark, ContainsSubstring("last close"));
    // The target holds the content and serves it.
    CHECK(r.read_byte(old_place) == std::byte{0x33});
    REQUIRE_FALSE(r.rig.write(r.front(), mib, 4 * kib, 0x44));
    // Nor does it help to say that it is back.
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.settle();
    CHECK(r.pair().info().copy_state == copy_state::broken);
    CHECK(same_bytes(r.memory("s"), older));
    REQUIRE(r.rig.request(r.pair(), operation::restore_from_replica, true) == "");
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", volume_bytes));
    CHECK(r.at("s", old_place) == std::byte{0x33});
    CHECK(r.at("s", mib) == std::byte{0x44});
}

TEST_CASE("where no leg is what was left nothing is chosen without Force and a named source",
          "[runtime][recognition]")
{
    const bool labelled = GENERATE(false, true);
    const bool repository_is_older = GENERATE(false, true);
    image_rig r(labelled);
    r.go_on(0x22);
    const auto source = r.take("s"), target = r.take("t"), repository = r.take("repository");
    r.open_and_wait();
    r.go_on(0x33);
    if (repository_is_older) {
        r.put_back("repository", repository);
    } else {
        r.put_back("s", source);
        r.put_back("t", target);
    }
    const unsigned char holds = repository_is_older ? 0x33 : 0x22;
    r.open_and_wait();
    r.rig.settle();
    CHECK(r.pair().info().copy_state == copy_state::broken);
    for (const std::size_t which : {0u, 1u}) CHECK(r.leg(which).error == errc::leg_not_recognized);
    std::vector<std::byte> data(512);
    CHECK(r.rig.read(r.front(), old_place, data) == errc::leg_not_recognized);
    CHECK(r.rig.write(r.front(), old_place, 512, 0x44));
    CHECK(r.at("s", old_place) == std::byte{holds});
    CHECK(r.at("t", old_place) == std::byte{holds});
    for (const char* name : {"s", "t"}) (void)r.rig.opened->element_returned(element_path(name));
    r.rig.settle();
    CHECK(r.rig.read(r.front(), old_place, data) == errc::leg_not_recognized);

    r.memory("t")[volume_bytes - 1] = std::byte{0x55};
    REQUIRE(r.rig.request(r.pair(), operation::resync_replica, true) == "");
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.leg(1).statistics.copied_bytes == volume_bytes);
    CHECK(r.rig.equal("s", "t", volume_bytes));
    CHECK(r.read_byte(old_place) == std::byte{holds});
    // And that is known from then on.
    r.go_on(0x66);
    r.open_and_wait();
    CHECK(r.pair().info().copy_state == copy_state::synchronized);
}

TEST_CASE("what was written last stays sampled through processes that write nothing",
          "[runtime][recognition]")
{
    image_rig r;
    const auto older = r.leave_behind("t");
    for (unsigned i = 0; i < 3; ++i) {
        r.open_and_wait();
        r.close();
    }
    r.put_back("t", older);
    r.open_and_wait();
    CHECK_THAT(r.leg(1).remark, ContainsSubstring("last close"));
}

TEST_CASE("a write takes the sample of its place along, so that a crash after it raises no alarm",
          "[runtime][recognition]")
{
    image_rig r;
    r.go_on(0x22);
    r.open_and_wait();
    REQUIRE_FALSE(r.rig.write(r.front(), old_place, 8 * kib, 0x33));
    std::map<std::string, image_rig::image> crash;
    for (const char* name : {"repository", "s", "t"}) crash[name] = r.take(name);
    r.close();
    for (const auto& [name, was] : crash) r.put_back(name, was);
    r.open_and_wait();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.leg(0).remark.empty());
    CHECK(r.leg(1).remark.empty());
    CHECK(r.read_byte(old_place) == std::byte{0x33});
}

TEST_CASE(
    "a target that comes back as something else within the life of a shard waits for a request",
    "[runtime][recognition]")
{
    const bool labelled = GENERATE(false, true);
    const bool changed = GENERATE(false, true);
    image_rig r(labelled);
    REQUIRE_FALSE(r.rig.flush(r.front()));
    const std::uint64_t before = r.leg(1).statistics.copied_bytes;
    r.rig.elements.faults("t").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4 * kib, 0x22));
    r.rig.wait_for(r.pair(), copy_state::broken);
    if (changed) std::fill_n(r.memory("t").begin() + 8 * mib, 4 * mib, std::byte{0x77});
    REQUIRE(r.rig.opened->element_returned(element_path("t")).has_value());
    if (changed) {
        r.rig.settle(256);
        CHECK(r.pair().info().copy_state == copy_state::broken);
        CHECK_FALSE(r.leg(1).remark.empty());
        CHECK(r.at("t", 8 * mib) == std::byte{0x77});
        REQUIRE(r.rig.request(r.pair(), operation::resync_replica) == "");
    }
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", volume_bytes));
    CHECK((r.leg(1).statistics.copied_bytes - before == volume_bytes) == changed);
}

TEST_CASE("the survivors' labels tell of a new set before the first write without the lost leg",
          "[runtime][recognition]")
{
    image_rig r(true);
    r.rig.elements.add("u", {.size_bytes = volume_bytes + 64 * kib});
    r.rig.wait_for(r.rig.mirror("s", "u"), copy_state::synchronized);
    const auto generation = [&](const char* name) {
        const auto memory = r.memory(name);
        std::uint64_t newest = 0;
        const std::uint64_t area = label_area_of(memory.size(), volume_bytes);
        for (const std::uint64_t place : {area, area + 4096}) {
            leg_label found;
            if (decode_leg_label(memory.subspan(place, 4096), place, found) == label_finding::label)
                newest = std::max(newest, found.generation);
        }
        REQUIRE(newest != 0);
        return newest;
    };
    CHECK(generation("t") == generation("u"));
    r.rig.elements.faults("t").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4 * kib, 0x22));
    CHECK(generation("u") > generation("t"));
}

TEST_CASE("after a crash and an orderly close nothing differs on devices without a cache",
          "[runtime][recognition]")
{
    image_rig r;
    REQUIRE_FALSE(r.rig.write(r.front(), old_place, 8 * kib, 0x33));
    std::map<std::string, image_rig::image> crash;
    for (const char* name : {"repository", "s", "t"}) crash[name] = r.take(name);
    r.close();
    for (const auto& [name, was] : crash) r.put_back(name, was);
    r.open_and_wait();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    r.close();
    r.open_and_wait();
    CHECK(r.pair().info().copy_state == copy_state::synchronized);
    CHECK(r.leg(1).statistics.copied_bytes == 0);
    // Samples are compared only where nothing is said to differ.
    r.close();
    std::ranges::fill(r.memory("s"), std::byte{0x77});
    r.open_and_wait();
    CHECK(r.leg(0).error == errc::leg_not_recognized);
}

TEST_CASE("a label that was torn leaves the one before it, which is believed",
          "[runtime][recognition]")
{
    image_rig r(true);
    r.go_on(0x22);
    const std::uint64_t area = label_area_of(r.memory("t").size(), volume_bytes);
    const auto before = r.take("t");
    const auto repository = r.take("repository");
    r.open_and_wait();
    r.rig.settle(512);
    std::vector<std::size_t> changed;
    for (std::size_t at = 0; at < 2; ++at)
        if (!same_bytes(r.memory("t").subspan(area + at * 4096, 4096),
                        std::span(before).subspan(area + at * 4096, 4096)))
            changed.push_back(at);
    REQUIRE(changed.size() == 1);
    const std::size_t written = changed.front();
    r.close();
    // The new label had reached the leg in part, and no record spoke of it yet.
    r.put_back("repository", repository);
    r.put_back("t", before);
    std::fill_n(r.memory("t").begin() + static_cast<std::ptrdiff_t>(area + written * 4096 + 512),
                1024, std::byte{0x99});
    r.open_and_wait();
    CHECK(r.leg(1).remark.empty());
    CHECK(r.pair().info().copy_state == copy_state::synchronized);
}

TEST_CASE("a repository that is one label behind is known to be the older one",
          "[runtime][recognition]")
{
    image_rig r(true);
    r.go_on(0x22);
    const auto repository = r.take("repository");
    r.open_and_wait();
    r.rig.settle(256);
    r.go_on(0x33);
    r.put_back("repository", repository);
    r.open_and_wait();
    r.rig.settle();
    for (const std::size_t which : {0u, 1u}) CHECK(r.leg(which).error == errc::leg_not_recognized);
    CHECK_THAT(r.leg(1).remark, ContainsSubstring("older copy"));
}

TEST_CASE("beside an older repository no leg is believed by itself, nor overwritten without Force",
          "[runtime][recognition]")
{
    image_rig r(true);
    r.go_on(0x22);
    const auto repository = r.take("repository");
    r.open_and_wait();
    r.rig.settle(256);
    // The source is lost, and the target alone takes what is acknowledged from then on.
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    r.go_on(0x33);
    r.put_back("repository", repository);
    REQUIRE(r.at("s", old_place) == std::byte{0x22});
    REQUIRE(r.at("t", old_place) == std::byte{0x33});
    r.open_and_wait();
    r.rig.settle();
    std::vector<std::byte> data(512);
    CHECK(r.rig.read(r.front(), old_place, data) == errc::leg_not_recognized);
    (void)r.rig.opened->element_returned(element_path("s"));
    r.rig.settle(256);
    CHECK(r.rig.read(r.front(), old_place, data) == errc::leg_not_recognized);
    CHECK(r.rig.request(r.pair(), operation::resync_replica) != "");
    r.rig.settle(256);
    CHECK(r.at("t", old_place) == std::byte{0x33});
    CHECK(r.rig.read(r.front(), old_place, data) == errc::leg_not_recognized);
}

TEST_CASE("of two members that differ, with nothing on record of either, none is chosen",
          "[runtime][recognition]")
{
    image_rig r;
    std::map<std::string, image_rig::image> crash;
    const auto crash_now = [&] {
        for (const char* name : {"repository", "s", "t"}) crash[name] = r.take(name);
        r.close();
        for (const auto& [name, was] : crash) r.put_back(name, was);
    };
    // After the first crash everything was hot; after the second, of a process that only recovered,
    // nothing is, and nothing was sampled: all that is known is that both are equal.
    crash_now();
    r.open_and_wait();
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    REQUIRE_FALSE(r.rig.flush(r.front()));
    // A change of state takes the maps along, which say by now that nothing differs.
    REQUIRE(r.rig.request(r.pair(), operation::fracture) == "");
    REQUIRE(r.rig.request(r.pair(), operation::resync_replica) == "");
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    r.rig.settle(256);
    crash_now();
    std::ranges::fill(r.memory("s"), std::byte{});
    r.open_and_wait();
    r.rig.settle(256);
    for (const std::size_t which : {0u, 1u}) CHECK(r.leg(which).error == errc::leg_not_recognized);
    CHECK(r.at("t", old_place) == std::byte{0x11});
    std::vector<std::byte> data(512);
    CHECK(r.rig.read(r.front(), old_place, data) == errc::leg_not_recognized);
}

TEST_CASE("the next target in a slot inherits no label", "[runtime][recognition]")
{
    image_rig r(true);
    r.go_on(0x22);
    std::ranges::fill(r.memory("t"), std::byte{0x77});
    r.open_and_wait();
    r.rig.settle();
    REQUIRE(r.leg(1).error == errc::leg_not_recognized);
    REQUIRE(r.rig.request(r.pair(), operation::detach, true) == "");
    r.close();
    r.rig.elements.add("u", {.size_bytes = volume_bytes});
    r.open_and_wait();
    r.rig.wait_for(r.rig.mirror("s", "u"), copy_state::synchronized);
    r.close();
    r.open_and_wait();
    CHECK(r.leg(1).remark.empty());
    CHECK(r.pair().info().copy_state == copy_state::synchronized);
}

TEST_CASE("a place that cannot be read takes no leg out", "[runtime][recognition]")
{
    image_rig r;
    r.go_on(0x22);
    r.rig.elements.faults("s").add(
        {.kind = io_kind::read, .error = std::make_error_code(std::errc::io_error)});
    r.open_and_wait();
    r.rig.settle();
    CHECK_FALSE(r.leg(0).error);
    CHECK(r.pair().info().copy_state == copy_state::synchronized);
    CHECK(r.read_byte(old_place) == std::byte{0x22});
}

TEST_CASE("who waits for the recovery of a shard that is closed is told", "[runtime][recognition]")
{
    image_rig r;
    r.go_on(0x22);
    r.open();
    waited_op recovered;
    r.rig.opened->await_recovery(recovered);
    r.close();
    CHECK(recovered.over);
    r.open();
}
