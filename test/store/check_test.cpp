// test/store/check_test.cpp -- what a check says of copies, and what a repair makes of them.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/repository_check.hpp>

#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

const repository_format_options small_log{.log_bytes = 32 * kib};

repository_check_report check(store_rig& r, repository_open_options options = {})
{
    const auto before = r.keep_disks();
    const auto report = r.check(std::move(options));
    CHECK(r.keep_disks() == before);
    return report;
}

struct repair_result {
    std::optional<failure> error;
    std::vector<std::string> repaired;
};
repair_result repair(store_rig& r, repository_open_options options = {}, bool unknown = false)
{
    struct waited : repository_repair_op {
        bool over = false;
    } op;
    op.copies = r.devices();
    op.options = std::move(options);
    op.rebuild_unknown = unknown;
    op.done = [](repository_repair_op& which) noexcept { static_cast<waited&>(which).over = true; };
    repair_repository(op);
    r.run_until([&] { return op.over; });
    return {op.error, op.repaired};
}

/// Two copies with some records, closed.
void prepare(store_rig& r)
{
    r.begin(small_log);
    for (unsigned i = 0; i < 5; ++i) CHECK_FALSE(r.put(key_of(i), 100, i));
    CHECK_FALSE(r.put({record_kind::hot_extents, 1, 1}, 10, 1));
    REQUIRE_FALSE(r.close());
}

void spoil(store_rig& r, unsigned disk, std::uint64_t at)
{
    auto images = r.keep_disks();
    for (std::size_t i = 0; i < 16; ++i)
        images[disk][static_cast<std::size_t>(at) + i] ^= std::byte{0x55};
    r.bring_back(images);
}

}  // namespace

TEST_CASE("a check of an intact repository finds what is in it and writes nothing",
          "[store][check]")
{
    store_rig r(2);
    prepare(r);
    const auto report = check(r);
    CHECK(report.good());
    CHECK(report.records == 6);
    CHECK(report.kinds == std::vector<std::pair<record_kind, std::uint64_t>>{
                              {record_kind::hot_extents, 1}, {record_kind::leg_state, 5}});
    REQUIRE(report.copies.size() == 2);
    for (unsigned i = 0; i < 2; ++i) {
        CHECK(report.copies[i].verdict == copy_verdict::whole);
        CHECK(report.copies[i].newest->copy_index == i);
        CHECK(report.copies[i].newest->clean);
        CHECK(report.copies[i].last_sequence == 6);
    }
}

TEST_CASE("a check hands out what it has read, and nothing can be committed to it",
          "[store][check]")
{
    store_rig r(2);
    prepare(r);
    struct waited : repository_check_op {
        bool over = false;
    } op;
    op.copies = r.devices();
    op.keep_content = true;
    op.done = [](repository_check_op& which) noexcept { static_cast<waited&>(which).over = true; };
    const auto before = r.keep_disks();
    check_repository(op);
    r.run_until([&] { return op.over; });
    REQUIRE(op.content);
    CHECK(op.content->features() == newest_features);
    CHECK_FALSE(op.content->durable());
    CHECK(op.content->find(key_of(3))->size() == 100);
    CHECK_FALSE(op.content->find(key_of(5)));
    unsigned found = 0;
    op.content->for_each(record_kind::leg_state, 1, [&](const record_key& key, auto value) {
        CHECK(key == key_of(found++));
        CHECK(value.size() == 100);
    });
    CHECK(found == 5);
    op.content->for_each(record_kind::hot_extents, [&](const record_key& key, auto value) {
        CHECK(key == record_key{record_kind::hot_extents, 1, 1});
        CHECK(value.size() == 10);
        ++found;
    });
    CHECK(found == 6);
    owned_commit refused;
    refused.set(key_of(1), 1, 1).start(*op.content);
    r.run_until([&] { return refused.over; });
    CHECK(refused.error == errc::not_supported);
    CHECK(r.keep_disks() == before);

    // Of what is not believed nothing is handed out.
    spoil(r, 0, 0);
    spoil(r, 0, store_block_bytes);
    op.over = false;
    check_repository(op);
    r.run_until([&] { return op.over; });
    CHECK(op.report.refused);
    CHECK_FALSE(op.content);
}

TEST_CASE("a check names what is damaged, and a repair writes it anew", "[store][check]")
{
    store_rig r(2);
    prepare(r);
    const auto layout = repository_layout::divide(128 * kib, 32 * kib).value();
    const auto block = check(r).copies[1].newest;
    REQUIRE(block);
    const std::uint64_t places[] = {
        0, store_block_bytes, layout.checkpoint(block->checkpoint_area).offset_bytes,
        layout.checkpoint(block->checkpoint_area).offset_bytes + store_block_bytes,
        // Within a value, where nothing but the checksum can tell.
        layout.checkpoint(block->checkpoint_area).offset_bytes + store_block_bytes + 30,
        block->replay_position};
    const auto intact = r.keep_disks();
    for (const std::uint64_t place : places) {
        CAPTURE(place);
        r.bring_back(intact);
        spoil(r, 1, place);
        const auto report = check(r);
        CHECK_FALSE(report.good());
        CHECK_FALSE(report.refused);
        CHECK_FALSE(report.copies[1].problems.empty());
        const bool superblock_only = place < 2 * store_block_bytes;
        CHECK(report.copies[1].verdict ==
              (superblock_only ? copy_verdict::whole : copy_verdict::damaged));
        CHECK(report.copies[0].verdict == copy_verdict::whole);
        CHECK(report.believed == 0);
        const auto result = repair(r);
        CHECK_FALSE(result.error);
        CHECK_FALSE(result.repaired.empty());
        CHECK(check(r).good());
        REQUIRE_FALSE(r.open());
        r.verified_content();
        REQUIRE_FALSE(r.close());
    }
}

TEST_CASE("a repair brings a stale copy back", "[store][check]")
{
    store_rig r(2);
    prepare(r);
    REQUIRE_FALSE(r.open());
    r.disks[1]->fault = fails();
    CHECK_FALSE(r.put(key_of(7), 100, 7));
    r.disks[1]->fault = {};
    REQUIRE_FALSE(r.close());
    CHECK(check(r).copies[1].verdict == copy_verdict::stale);
    const auto result = repair(r);
    CHECK_FALSE(result.error);
    CHECK(result.repaired == std::vector<std::string>{"copy 1 was written anew"});
    CHECK(check(r).good());
}

TEST_CASE("a copy is made on a new device only if that is asked for", "[store][check]")
{
    store_rig r(2);
    prepare(r);
    auto images = r.keep_disks();
    images[0].assign(images[0].size(), std::byte{0x11});
    r.bring_back(images);
    auto report = check(r);
    CHECK(report.copies[0].verdict == copy_verdict::unknown);
    REQUIRE(report.refused);
    CHECK(report.refused->code == errc::repository_incomplete);
    auto result = repair(r);
    REQUIRE(result.error);
    CHECK(result.error->code == errc::repository_incomplete);
    CHECK(r.keep_disks() == images);
    result = repair(r, {.accept_missing = true});
    CHECK_FALSE(result.error);
    CHECK(r.keep_disks()[0] == images[0]);
    result = repair(r, {.accept_missing = true}, true);
    CHECK_FALSE(result.error);
    report = check(r);
    CHECK(report.good());
    CHECK(report.copies[0].newest->copy_index == 0);
}

TEST_CASE("a repair without anything to believe changes nothing", "[store][check]")
{
    store_rig r(1);
    prepare(r);
    spoil(r, 0, check(r).copies[0].newest->replay_position);
    const auto before = r.keep_disks();
    const auto report = check(r);
    REQUIRE(report.refused);
    CHECK(report.copies[0].verdict == copy_verdict::damaged);
    const auto result = repair(r);
    REQUIRE(result.error);
    CHECK(result.error->code == errc::repository_damaged);
    CHECK(r.keep_disks() == before);
}

TEST_CASE("a check tells an older copy, a foreign one and a blank device apart", "[store][check]")
{
    store_rig r(3);
    block_device* const each[] = {r.disks[0].get(), r.disks[1].get(), r.disks[2].get()};
    REQUIRE_FALSE(r.format(small_log, {each[0], each[1]}));
    REQUIRE_FALSE(r.open({}, {each[0], each[1]}));
    const auto old = r.keep_disks();
    for (unsigned i = 0; i < 3; ++i) CHECK_FALSE(r.put(key_of(i), 10, 1));
    r.cut_power();
    auto images = r.keep_disks();
    images[1] = old[1];
    r.bring_back(images);
    auto report = check(r);
    CHECK(report.copies[0].verdict == copy_verdict::whole);
    CHECK(report.copies[1].verdict == copy_verdict::behind);
    CHECK(report.copies[2].verdict == copy_verdict::unknown);
    REQUIRE_FALSE(r.format(small_log, {each[2]}));
    report = check(r);
    REQUIRE(report.refused);
    CHECK(report.refused->code == errc::foreign_signature);
}
