// test/store/upgrade_test.cpp -- a repository gets the newest features, whatever comes between.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/repository_upgrade.hpp>

#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

const repository_format_options older{.log_bytes = 16 * kib, .features = {}};

struct upgrade_result {
    std::optional<failure> error;
    repository_features before, after;
    bool changed = false;
};
upgrade_result upgrade(store_rig& r, std::vector<block_device*> on = {}, bool forced = false)
{
    struct waited : repository_upgrade_op {
        bool over = false;
    } op;
    op.copies = on.empty() ? r.devices() : on;
    op.options.accept_missing = forced;
    op.done = [](repository_upgrade_op& which) noexcept {
        static_cast<waited&>(which).over = true;
    };
    upgrade_repository(op);
    r.run_until([&] { return op.over; });
    return {op.error, op.before, op.after, op.changed};
}

/// An older repository with records in its checkpoint and in its log.
void prepare(store_rig& r, bool killed)
{
    r.begin(older);
    for (unsigned i = 0; i < 12; ++i) CHECK_FALSE(r.put(key_of(i % 7), 100 + i, i));
    if (killed) {
        r.cut_power();
    } else {
        REQUIRE_FALSE(r.close());
    }
}

/// What the superblocks of a disk say, one after the other; nothing for one that is not valid.
std::vector<std::optional<repository_features>> features_of(const std::vector<std::byte>& disk)
{
    std::vector<std::optional<repository_features>> all;
    for (std::uint64_t at : {std::uint64_t{0}, std::uint64_t{store_block_bytes}}) {
        const auto block = decode_superblock(
            std::span(disk).subspan(static_cast<std::size_t>(at), store_block_bytes), at);
        all.push_back(block ? std::optional(block.value().features) : std::nullopt);
    }
    return all;
}

void check_upgraded(store_rig& r)
{
    for (const auto& disk : r.keep_disks())
        for (const auto& each : features_of(disk)) CHECK(each == newest_features);
    CHECK(r.check().good());
}

/// The power goes off at each operation of an upgrade; what is left is one or the other.
void crash_upgrade(unsigned copies, survival survives, bool killed)
{
    store_rig r(copies, 96 * kib);
    prepare(r, killed);
    const auto images = r.keep_disks();
    unsigned old = 0, upgraded = 0;
    for (std::uint64_t at = 0;; ++at) {
        CAPTURE(copies, static_cast<int>(survives), killed, at);
        r.bring_back(images);
        r.mains.operations = 0;
        r.mains.off_at = at;
        r.mains.survives = survives;
        const auto result = upgrade(r);
        if (!r.mains.off) {
            CHECK_FALSE(result.error);
            CHECK(result.changed);
            break;
        }
        r.power_back();
        r.check_each_alone();
        const auto left = r.check();
        REQUIRE_FALSE(left.refused);
        const auto cut_off = r.keep_disks();
        const auto now = left.copies[*left.believed].newest->features;
        CHECK((now == repository_features{} || now == newest_features));
        ++(now == newest_features ? upgraded : old);
        REQUIRE_FALSE(r.open());
        CHECK(r.store->features() == now);
        r.verified_content();
        r.shut();
        const auto again = upgrade(r);
        CHECK_FALSE(again.error);
        CHECK(again.before == now);
        CHECK(again.after == newest_features);
        check_upgraded(r);
        // Without an opening between some copies may say it already, and others not.
        const bool lacking = std::any_of(
            left.copies.begin(), left.copies.end(),
            [](const copy_report& each) { return each.newest->features != newest_features; });
        r.bring_back(cut_off);
        const auto at_once = upgrade(r);
        CHECK_FALSE(at_once.error);
        CHECK(at_once.changed == lacking);
        check_upgraded(r);
    }
    CHECK(old > 5);
    CHECK(upgraded > 1);
}

}  // namespace

TEST_CASE("an older repository works as it did, and says what it does not use", "[store][upgrade]")
{
    store_rig r(2);
    prepare(r, false);
    REQUIRE_FALSE(r.open());
    CHECK(r.store->features() == repository_features{});
    CHECK_FALSE(r.store->features().has_leg_evidence());
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    REQUIRE_FALSE(r.close());
    for (const auto& disk : r.keep_disks())
        for (const auto& each : features_of(disk)) CHECK(each == repository_features{});
}

TEST_CASE("a new repository has the newest features", "[store][upgrade]")
{
    store_rig r(2);
    REQUIRE_FALSE(r.format(smallest_log));
    check_upgraded(r);
    REQUIRE_FALSE(r.open());
    CHECK(r.store->features().has_leg_evidence());
    CHECK_FALSE(volatile_repository(r.loop).features().has_leg_evidence());
}

TEST_CASE("features that nobody knows are not written", "[store][upgrade]")
{
    store_rig r(1);
    const auto error = r.format({.features = {.incompatible = std::uint64_t{1} << 63}});
    REQUIRE(error);
    CHECK(error->code == errc::repository_version);
}

TEST_CASE("an upgrade reaches every superblock, once, and keeps the records", "[store][upgrade]")
{
    const unsigned copies = GENERATE(1u, 2u, 3u);
    const bool killed = GENERATE(false, true);
    store_rig r(copies);
    prepare(r, killed);
    auto result = upgrade(r);
    CHECK_FALSE(result.error);
    CHECK(result.changed);
    CHECK(result.before == repository_features{});
    CHECK(result.after == newest_features);
    check_upgraded(r);
    const auto images = r.keep_disks();
    result = upgrade(r);
    CHECK_FALSE(result.error);
    CHECK_FALSE(result.changed);
    CHECK(result.before == newest_features);
    CHECK(r.keep_disks() == images);
    REQUIRE_FALSE(r.open());
    r.verified_content();
}

TEST_CASE("an upgrade leaves no copy behind unless that is accepted", "[store][upgrade]")
{
    store_rig r(2);
    prepare(r, false);
    const auto images = r.keep_disks();
    auto result = upgrade(r, {r.disks[1].get()});
    REQUIRE(result.error);
    CHECK(result.error->code == errc::repository_incomplete);
    CHECK(r.keep_disks() == images);
    result = upgrade(r, {r.disks[1].get()}, true);
    CHECK_FALSE(result.error);
    CHECK(features_of(r.keep_disks()[1])[0] == newest_features);
    CHECK(r.keep_disks()[0] == images[0]);
    // The one that was left behind is stale, and gets everything when it comes back.
    const auto before = r.keep_disks();
    result = upgrade(r);
    REQUIRE(result.error);
    CHECK(result.error->code == errc::repository_incomplete);
    CHECK(r.keep_disks() == before);
    REQUIRE_FALSE(r.open());
    REQUIRE_FALSE(r.resilver(0));
    r.verified_content();
    REQUIRE_FALSE(r.close());
    check_upgraded(r);
}

TEST_CASE("a device that is given for a missing copy stays as it is", "[store][upgrade]")
{
    store_rig r(2);
    prepare(r, false);
    crash_disk& blank = r.add_disk(128 * kib);
    const auto result = upgrade(r, {&blank, r.disks[0].get()}, true);
    CHECK_FALSE(result.error);
    CHECK(result.changed);
    const auto images = r.keep_disks();
    for (const auto& each : features_of(images[0])) CHECK(each == newest_features);
    CHECK(std::all_of(images[2].begin(), images[2].end(),
                      [](std::byte each) { return each == std::byte{}; }));
}

TEST_CASE("a copy that fails in the upgrade is named, and the others have it", "[store][upgrade]")
{
    store_rig r(2);
    prepare(r, false);
    r.disks[1]->fault = fails_but_for_reads();
    const auto result = upgrade(r);
    r.disks[1]->fault = {};
    REQUIRE(result.error);
    CHECK(result.error->code == errc::repository_incomplete);
    CHECK(result.error->sentence().find("copy 1 failed") != std::string::npos);
    CHECK(result.changed);
    for (const auto& each : features_of(r.keep_disks()[0])) CHECK(each == newest_features);
    CHECK(r.check().copies[1].verdict == copy_verdict::stale);
}

TEST_CASE("a device that carries no repository is not upgraded", "[store][upgrade]")
{
    store_rig r(1);
    const auto result = upgrade(r);
    REQUIRE(result.error);
    CHECK(result.error->code == errc::repository_absent);
}

TEST_CASE("no power cut in an upgrade leaves anything but the old or the new", "[store][upgrade]")
{
    const unsigned copies = GENERATE(1u, 2u, 3u);
    const survival survives =
        GENERATE(survival::nothing, survival::everything, survival::random_sectors);
    crash_upgrade(copies, survives, GENERATE(false, true));
}
