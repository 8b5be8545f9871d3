// test/store/damage_test.cpp -- copies whose checksums are right and whose content is not.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/content_checksum.hpp>

#include "samples.hpp"
#include "store_rig.hpp"
#include <functional>

using namespace cimrep;
using namespace cimrep::test;

namespace {

const auto small_layout = repository_layout::divide(128 * kib, 16 * kib).value();

/// Changes every valid superblock of a disk, and seals it again.
void rewrite_superblocks(store_rig& r, unsigned disk, const std::function<void(superblock&)>& edit)
{
    auto images = r.keep_disks();
    for (std::size_t at = 0; at < 2 * store_block_bytes; at += store_block_bytes) {
        const std::span block(images[disk].data() + at, store_block_bytes);
        superblock changed = decode_superblock(block, at).value();
        edit(changed);
        encode(changed, block);
    }
    r.bring_back(images);
}

using byte_list = std::vector<std::byte>;

/// Changes the checkpoint that counts, and seals it again.
void rewrite_checkpoint(store_rig& r,
                        const std::function<void(checkpoint_header&, byte_list& payload)>& edit)
{
    const auto area = small_layout.checkpoint(r.check().copies[0].newest->checkpoint_area);
    auto images = r.keep_disks();
    const auto at = static_cast<std::size_t>(area.offset_bytes);
    const std::span head(images[0].data() + at, store_block_bytes);
    checkpoint_header changed = decode_checkpoint_header(head, at).value();
    const auto from = images[0].begin() + static_cast<std::ptrdiff_t>(at + store_block_bytes);
    byte_list payload(from, from + static_cast<std::ptrdiff_t>(changed.payload_bytes));
    edit(changed, payload);
    changed.payload_checksum = content_checksum(payload);
    encode(changed, head);
    std::copy(payload.begin(), payload.end(), from);
    r.bring_back(images);
}

/// Changes the first record of the log, and seals it again.
void rewrite_log(store_rig& r, const std::function<void(log_header&, std::span<std::byte>)>& edit)
{
    auto images = r.keep_disks();
    const auto area =
        std::span(images[0]).subspan(small_layout.log_offset_bytes, store_block_bytes);
    log_header changed = decode_log_record(area).value().header;
    const auto record = area.first(log_header::encoded_bytes + changed.payload_bytes);
    edit(changed, record.subspan(log_header::encoded_bytes));
    encode(changed, record);
    r.bring_back(images);
}

/// Two records in the checkpoint, and one in the log.
void fill_both_areas(store_rig& r)
{
    r.begin();
    for (unsigned i = 0; i < 2; ++i) CHECK_FALSE(r.put(key_of(i), 16, i));
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open());
    CHECK_FALSE(r.put(key_of(2), 16, 2));
    REQUIRE_FALSE(r.close());
}

void check_refused(store_rig& r, const error_code& code, const std::string& words)
{
    const auto error = r.open();
    REQUIRE(error);
    CHECK(error->code == code);
    CAPTURE(error->wrong);
    CHECK(error->wrong.find(words) != std::string::npos);
    const auto report = r.check();
    REQUIRE(report.refused);
    CHECK(report.refused->code == code);
    CHECK_FALSE(report.good());
}

}  // namespace

TEST_CASE("a sealed checkpoint that contradicts itself is damaged", "[store][damage]")
{
    store_rig r;
    fill_both_areas(r);
    const auto intact = r.keep_disks();
    const auto refused = [&](const std::string& words, const auto& edit) {
        CAPTURE(words);
        r.bring_back(intact);
        rewrite_checkpoint(r, edit);
        check_refused(r, errc::repository_damaged, words);
    };
    const std::string malformed = "the records of the checkpoint are malformed";
    refused(malformed, [](checkpoint_header& head, byte_list& payload) {
        // An erasure, where there are records only.
        const record_change gone{key_of(0), {}, true};
        payload.resize(change_header_bytes);
        head.payload_bytes = payload.size();
        encode(gone, payload);
    });
    refused(malformed, [](checkpoint_header& head, byte_list&) { ++head.records; });
    refused(malformed, [](checkpoint_header&, byte_list& payload) { payload[2] = std::byte{9}; });
    refused("another repository",
            [](checkpoint_header& head, byte_list&) { head.set.data[0] ^= std::uint8_t{1}; });
    refused("is expected", [](checkpoint_header& head, byte_list&) { ++head.number; });
    refused("longer than its area", [](checkpoint_header& head, byte_list&) {
        head.payload_bytes = small_layout.checkpoint_bytes - store_block_bytes + 1;
    });
    r.bring_back(intact);
    REQUIRE_FALSE(r.open());
    r.check_content();
}

TEST_CASE("a sealed log record that contradicts itself is damaged", "[store][damage]")
{
    store_rig r;
    r.begin();
    CHECK_FALSE(r.put(key_of(1), 16, 1));
    REQUIRE_FALSE(r.close());
    const auto intact = r.keep_disks();
    const std::string malformed = "a record of the log is malformed";
    rewrite_log(r, [](log_header&, std::span<std::byte> payload) { payload[2] = std::byte{9}; });
    check_refused(r, errc::repository_damaged, malformed);
    r.bring_back(intact);
    rewrite_log(r, [](log_header& header, std::span<std::byte>) { ++header.changes; });
    check_refused(r, errc::repository_damaged, malformed);
}

TEST_CASE("a repository whose features allow reading only is not opened", "[store][damage]")
{
    store_rig r;
    fill_both_areas(r);
    rewrite_superblocks(r, 0, [](superblock& block) { block.features.read_only_compatible = 8; });
    const auto before = r.keep_disks();
    const auto error = r.open();
    REQUIRE(error);
    CHECK(error->code == errc::repository_version);
    CHECK(error->wrong.find("may only be read") != std::string::npos);
    CHECK(r.check().records == 3);
    CHECK(r.keep_disks() == before);
}

TEST_CASE("copies of one generation that contradict each other are not opened", "[store][damage]")
{
    store_rig r(2);
    fill_both_areas(r);
    const auto intact = r.keep_disks();
    const auto refused = [&](const error_code& code, const std::string& words, const auto& edit) {
        r.bring_back(intact);
        rewrite_superblocks(r, 1, edit);
        check_refused(r, code, words);
    };
    const std::string words = "contradict each other";
    refused(errc::repository_damaged, words, [](superblock& b) { b.stale_copies = 1; });
    refused(errc::repository_damaged, words,
            [](superblock& b) { b.layout.checkpoint_bytes -= store_block_bytes; });
    refused(errc::repository_damaged, words, [](superblock& b) { b.copy_count = 3; });
    refused(errc::repository_damaged, words, [](superblock& b) { b.features.compatible = 4; });
    // The generation before, of a repository that had more copies.
    refused(errc::repository_damaged, "there is a copy 2 of 2", [](superblock& b) {
        b.generation = b.history.front();
        b.history.erase(b.history.begin());
        b.copy_count = 3;
        b.copy_index = 2;
    });
    // Nobody's ancestor: the number of one, the tag of another; or before all that is known.
    refused(errc::repository_diverged, "without each other", [](superblock& b) {
        b.generation = {b.history.front().number, 1};
        b.history.clear();
    });
    refused(errc::repository_diverged, "without each other", [](superblock& b) {
        b.generation = {0, 1};
        b.history.clear();
    });
}

TEST_CASE("a copy that stayed away for too many generations is not judged, and can be filled",
          "[store][damage]")
{
    store_rig r(2);
    fill_both_areas(r);
    for (unsigned i = 0; i < superblock::history_max + 2; ++i) {
        REQUIRE_FALSE(r.open({.accept_missing = true}, {r.disks[0].get()}));
        CHECK_FALSE(r.put(key_of(1), 16, i));
        REQUIRE_FALSE(r.close());
    }
    REQUIRE_FALSE(r.open());
    r.check_content();
    REQUIRE(r.report.remarks.size() == 1);
    CHECK(r.report.remarks[0].find("too old to be judged") != std::string::npos);
    CHECK(r.store->condition(1) == copy_condition::absent);
    const auto error = r.resilver(1);
    REQUIRE(error);
    CHECK(error->code == errc::invalid_argument);
    CHECK(error->wrong.find("has no device") != std::string::npos);
    REQUIRE_FALSE(r.resilver(1, r.disks[1].get()));
    REQUIRE_FALSE(r.close());
    CHECK(r.check().good());
}

TEST_CASE("what a damaged copy has beyond an older one is not given up", "[store][damage]")
{
    store_rig r(2);
    r.begin({.log_bytes = 32 * kib});
    CHECK_FALSE(r.put(key_of(0), 10, 0));
    const auto old = r.keep_disks();
    for (unsigned i = 1; i < 4; ++i) CHECK_FALSE(r.put(key_of(i), 10, i));
    r.cut_power();
    auto images = r.keep_disks();
    images[0] = old[0];
    images[1][repository_layout::log_offset_bytes + store_block_bytes + 70] ^= std::byte{1};
    r.bring_back(images);
    check_refused(r, errc::repository_damaged, "ends with log record 1, but 4 was written");
}

TEST_CASE("a resilver that cannot be is refused, and changes nothing", "[store][damage]")
{
    store_rig r(2);
    crash_disk& small = r.add_disk(64 * kib);
    crash_disk& other = r.add_disk(128 * kib);
    block_device* const each[] = {r.disks[0].get(), r.disks[1].get()};
    REQUIRE_FALSE(r.format(smallest_log, {&other}));
    REQUIRE_FALSE(r.format(smallest_log, {each[0], each[1]}));
    REQUIRE_FALSE(r.open({}, {each[0], each[1]}));
    const auto refused = [&](const error_code& code, unsigned copy, block_device* device) {
        const auto before = r.keep_disks();
        const auto error = r.resilver(copy, device);
        REQUIRE(error);
        CHECK(error->code == code);
        CHECK(r.keep_disks() == before);
    };
    refused(errc::invalid_argument, 1, nullptr);
    refused(errc::invalid_argument, 2, &other);
    r.disks[1]->fault = fails(io_kind::write);
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    r.disks[1]->fault = {};
    refused(errc::out_of_bounds, 1, &small);
    refused(errc::foreign_signature, 1, &other);
    // Nor one of which nobody can tell what it carries.
    auto images = r.keep_disks();
    for (const std::size_t at : {std::size_t{100}, store_block_bytes + 100})
        images[3][at] ^= std::byte{1};
    r.bring_back(images);
    refused(errc::foreign_signature, 1, &other);
    // The other good copy in the place of this one.
    refused(errc::foreign_signature, 1, each[0]);
    // Something that is no repository.
    images[3].assign(images[3].size(), std::byte{0x77});
    r.bring_back(images);
    refused(errc::foreign_signature, 1, &other);
    CHECK(r.store->condition(1) == copy_condition::stale);
    REQUIRE_FALSE(r.resilver(1, each[1]));
    CHECK(r.store->condition(1) == copy_condition::current);
}

TEST_CASE("a copy is made on a blank device without leave to overwrite it", "[store][damage]")
{
    store_rig r(2);
    r.begin();
    r.disks[1]->fault = fails();
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    crash_disk& blank = r.add_disk(128 * kib);
    REQUIRE_FALSE(r.resilver(1, &blank));
    CHECK(r.store->condition(1) == copy_condition::current);
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open({.accept_missing = true}, {&blank}));
    r.verified_content();
}

TEST_CASE("a check without a copy to believe is not good, whatever it says of copies",
          "[store][damage]")
{
    CHECK_FALSE(repository_check_report{}.good());
    repository_check_report report;
    report.copies.resize(1);
    CHECK_FALSE(report.good());
    report.copies[0].verdict = copy_verdict::whole;
    CHECK(report.good());
    report.copies[0].problems.push_back("superblock 0: damaged");
    CHECK_FALSE(report.good());
    CHECK_FALSE(repository_features{}.contain({.read_only_compatible = 1}));
    CHECK_FALSE(repository_features{}.contain({.compatible = 1}));
    CHECK(newest_features.contain({}));
}

TEST_CASE("a superblock of a later version is refused by name, beside an intact one too",
          "[store][damage]")
{
    store_rig r(2);
    fill_both_areas(r);
    auto images = r.keep_disks();
    images[1][8] = std::byte{2};
    seal_block(std::span(images[1]).first(store_block_bytes));
    r.bring_back(images);
    check_refused(r, errc::repository_version, "version or features that are not known");
}

TEST_CASE("what may have been a repository is not formatted without a word", "[store][damage]")
{
    store_rig r;
    fill_both_areas(r);
    auto images = r.keep_disks();
    for (const std::size_t at : {std::size_t{100}, store_block_bytes + 100})
        images[0][at] ^= std::byte{1};
    r.bring_back(images);
    const auto error = r.format(smallest_log);
    REQUIRE(error);
    CHECK(error->code == errc::element_in_use);
    CHECK(r.keep_disks() == images);
}
