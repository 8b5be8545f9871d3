// test/store/golden_test.cpp -- images of every format that was ever written are opened for ever.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/repository_check.hpp>

#include "hex_image.hpp"
#include "store_rig.hpp"
#include <cstdlib>

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t image_bytes = 72 * kib;

constexpr repository_features leg_evidence{.incompatible = feature_leg_evidence};
constexpr repository_features points_in_time{.incompatible =
                                                 feature_leg_evidence | feature_points_in_time};

/// What was ever written, by what is used beyond the format version.
struct image {
    std::string path;
    repository_features features;
    bool written_today;  ///< not by earlier versions, whose checkpoints counted from 0
};
const image saved_images[] = {
    {CIMREP_TEST_DATA "/repository_format_1.hex", {}, false},
    {CIMREP_TEST_DATA "/repository_format_1_leg_evidence.hex", leg_evidence, false},
    {CIMREP_TEST_DATA "/repository_format_1_from_life.hex", {}, true},
    {CIMREP_TEST_DATA "/repository_format_1_from_life_leg_evidence.hex", leg_evidence, true},
    {CIMREP_TEST_DATA "/repository_format_1_points_in_time.hex", points_in_time, true},
};

/// A repository whose owner was killed: records in its checkpoint, others in its log, ids fixed.
std::vector<std::byte> write_format_1(const repository_features& features)
{
    store_rig r(1, image_bytes, 1);
    REQUIRE_FALSE(r.format({.log_bytes = 16 * kib, .features = features}));
    REQUIRE_FALSE(r.open({.boot_id = "boot-a", .name = "first owner"}));
    CHECK_FALSE(r.put({record_kind::leg_state, 1, 0}, 24, 0x11));
    CHECK_FALSE(r.put({record_kind::relationship_state, 1, 1}, 8, 0x22));
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open({.boot_id = "boot-b", .name = "second owner"}));
    CHECK_FALSE(r.put(r.commit()
                          .set({record_kind::hot_extents, 1, 0}, 16, 0x33)
                          .set({record_kind{500}, 2, 7}, 5, 0x44)));
    r.mains.off_at = r.mains.operations;
    CHECK(r.put(r.commit().erase({record_kind::leg_state, 1, 0})));
    r.power_back();
    return r.keep_disks()[0];
}

}  // namespace

TEST_CASE("format 1 is written byte for byte as it was kept", "[store][golden]")
{
    for (const image& each : saved_images) {
        CAPTURE(each.path);
        if (!each.written_today) continue;
        const std::string written = to_hex(write_format_1(each.features));
        if (std::getenv("CIMREP_REWRITE") != nullptr)
            std::ofstream(each.path, std::ios::binary) << written;
        const std::string kept = read_text(each.path);
        REQUIRE(kept.size() > 1000);
        CHECK(kept.size() <= 64 * kib);
        CHECK((written == kept));
    }
}

TEST_CASE("the newest features are among the images that are kept", "[store][golden]")
{
    CHECK(std::any_of(std::begin(saved_images), std::end(saved_images),
                      [](const image& each) { return each.features == newest_features; }));
}

TEST_CASE("a repository of format 1 is opened, with what is in it", "[store][golden]")
{
    const image& from = GENERATE(from_range(std::begin(saved_images), std::end(saved_images)));
    CAPTURE(from.path);
    store_rig r(1, image_bytes);
    r.disks[0]->set_content(from_hex(read_text(from.path)));
    REQUIRE_FALSE(r.open());
    CHECK(r.store->features() == from.features);
    CHECK_FALSE(r.report.closed_clean);
    CHECK(r.report.previous_owner == repository_owner{2, "boot-b", "second owner"});
    CHECK(r.report.replayed_log_records == 1);
    const content_map expected{
        {{record_kind::hot_extents, 1, 0}, std::vector<std::byte>(16, std::byte{0x33})},
        {{record_kind::leg_state, 1, 0}, std::vector<std::byte>(24, std::byte{0x11})},
        {{record_kind::relationship_state, 1, 1}, std::vector<std::byte>(8, std::byte{0x22})},
        {{record_kind{500}, 2, 7}, std::vector<std::byte>(5, std::byte{0x44})}};
    CHECK(r.content() == expected);
    // Kinds that nobody knows are carried on.
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open());
    CHECK(r.content() == expected);
    CHECK(r.store->features() == from.features);
}
