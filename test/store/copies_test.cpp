// test/store/copies_test.cpp -- copies that fail, are missing, come back, or are of somebody else.
// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"
#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a copy that fails is recorded as stale before anything more is answered",
          "[store][copies]")
{
    store_rig r(2);
    r.begin();
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    r.disks[1]->fault = fails(io_kind::write);
    CHECK_FALSE(r.put(key_of(2), 10, 2));
    CHECK(r.store->condition(1) == copy_condition::stale);
    CHECK(r.store->copy_error(1) == errc::injected);
    CHECK(r.store->statistics().copies_lost == 1);
    CHECK(r.store->state() == repository_state::open);
    // The power goes off at once: the other copy alone says that this one is not to be believed.
    r.mains.off_at = r.mains.operations;
    owned_commit& lost = r.commit().set(key_of(3), 10, 3);
    CHECK(r.put(lost) == errc::repository_lost);
    r.power_back();
    const auto behind = r.disks[1].get();
    const auto error = r.open({}, {behind});
    REQUIRE(error);
    CHECK(error->code == errc::repository_incomplete);
    REQUIRE_FALSE(r.open({}, {r.disks[1].get(), r.disks[0].get()}));
    r.check_content();
    CHECK(r.report.copies[0] == copy_condition::current);
    CHECK(r.report.copies[1] == copy_condition::stale);
}

TEST_CASE("a copy that fails a flush is stale from then on", "[store][copies]")
{
    store_rig r(2);
    r.begin();
    r.disks[0]->fault = fails(io_kind::flush);
    for (unsigned i = 0; r.store->statistics().checkpoints < 3; ++i)
        CHECK_FALSE(r.put(key_of(i % 4), 500, i));
    CHECK(r.store->condition(0) == copy_condition::stale);
    // One when it was formatted, one when it was opened, and the one that failed: none after it.
    CHECK(r.disks[0]->flushes == 3);
    CHECK(r.disks[1]->flushes == 4);
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open());
    r.check_content();
    CHECK(r.report.copies[0] == copy_condition::stale);
}

TEST_CASE("when the last copy fails every commit fails, and nothing pretends", "[store][copies]")
{
    store_rig r(2);
    r.begin();
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    r.disks[0]->fault = fails(io_kind::write);
    r.disks[1]->fault = fails(io_kind::write, 2);
    CHECK(r.put(key_of(2), 10, 2) == errc::repository_lost);
    CHECK(r.store->state() == repository_state::lost);
    CHECK(r.put(key_of(3), 10, 3) == errc::repository_lost);
    CHECK(r.store->find(key_of(1)));
    CHECK_FALSE(r.store->find(key_of(2)));
    for (const auto& each : r.disks) each->fault = {};
    CHECK(r.put(key_of(3), 10, 3) == errc::repository_lost);
    const auto error = r.close();
    REQUIRE(error);
    CHECK(error->code == errc::repository_lost);
    REQUIRE_FALSE(r.open());
    CHECK_FALSE(r.report.closed_clean);
    r.check_content();
}

TEST_CASE("a missing copy is not taken for a stale one unless the opener says so",
          "[store][copies]")
{
    store_rig r(2);
    r.begin();
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    REQUIRE_FALSE(r.close());
    block_device* const first = r.disks[0].get();
    const auto error = r.open({}, {first});
    REQUIRE(error);
    CHECK(error->code == errc::repository_incomplete);
    CHECK_FALSE(error->remedy.empty());
    REQUIRE_FALSE(r.open({.accept_missing = true}, {first}));
    r.check_content();
    CHECK(r.report.copies[1] == copy_condition::absent);
    CHECK_FALSE(r.put(key_of(2), 10, 2));
    REQUIRE_FALSE(r.close());
    // It comes back and knows nothing of it.
    REQUIRE_FALSE(r.open());
    r.check_content();
    CHECK(r.report.copies[1] == copy_condition::stale);
    CHECK(r.content().size() == 2);
}

TEST_CASE("copies that went on without each other are not opened together", "[store][copies]")
{
    store_rig r(2);
    REQUIRE_FALSE(r.format(smallest_log));
    block_device* const each[] = {r.disks[0].get(), r.disks[1].get()};
    const unsigned more = GENERATE(0u, 1u);
    for (unsigned i = 0; i < 2; ++i) {
        for (unsigned opened = 0; opened < 1 + i * more; ++opened) {
            REQUIRE_FALSE(r.open({.accept_missing = true}, {each[i]}));
            CHECK_FALSE(r.put(key_of(i), 10, 1));
            REQUIRE_FALSE(r.close());
        }
    }
    for (const bool accept : {false, true}) {
        const auto error = r.open({.accept_missing = accept});
        REQUIRE(error);
        CHECK(error->code == errc::repository_diverged);
    }
    // Decided for the second one, the first is brought back.
    r.commits.clear();
    REQUIRE_FALSE(r.open({.accept_missing = true}, {each[1]}));
    CHECK(r.content().size() == 1);
    REQUIRE_FALSE(r.resilver(0, each[0]));
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open());
    CHECK(r.content().size() == 1);
    CHECK(r.store->find(key_of(1)));
}

TEST_CASE("who is asked to accept that a copy is missing hears of a device that may be that copy",
          "[store][copies]")
{
    store_rig r(2);
    r.begin();
    REQUIRE_FALSE(r.close());
    auto images = r.keep_disks();
    for (const unsigned slot : {0u, 1u}) images[1][slot * store_block_bytes + 60] ^= std::byte{4};
    r.bring_back(images);
    const auto error = r.open();
    REQUIRE(error);
    CHECK(error->code == errc::repository_incomplete);
    const std::string named = "device 1 of those given has no valid superblock";
    CAPTURE(error->wrong);
    CHECK(error->wrong.find(named) != std::string::npos);
    CHECK(error->remedy.find("check that device") != std::string::npos);
    // A blank one is none.
    images[1].assign(images[1].size(), std::byte{});
    r.bring_back(images);
    const auto other = r.open();
    REQUIRE(other);
    CHECK(other->wrong.find(named) == std::string::npos);
}

TEST_CASE("what an earlier owner left in the log of a copy is not taken for its continuation",
          "[store][copies]")
{
    store_rig r(2);
    REQUIRE_FALSE(r.format(smallest_log));
    block_device* const each[] = {r.disks[0].get(), r.disks[1].get()};
    REQUIRE_FALSE(r.open({.accept_missing = true}, {each[0]}));
    for (unsigned i = 0; i < 2; ++i) CHECK_FALSE(r.put(key_of(i), 10, 1));
    r.cut_power();
    r.commits.clear();
    // The other one goes on from where both were: the same sequence numbers in the same places.
    REQUIRE_FALSE(r.open({.accept_missing = true}, {each[1]}));
    REQUIRE_FALSE(r.resilver(0, each[0]));
    r.cut_power();
    r.commits.clear();
    r.check_each_alone();
    REQUIRE_FALSE(r.open());
    CHECK(r.content().empty());
}

TEST_CASE("a copy that loses the checkpoint that brings it back is not believed for its old one",
          "[store][copies]")
{
    const auto layout = repository_layout::divide(128 * kib, smallest_log.log_bytes).value();
    // However often each had been opened alone, and so written a checkpoint.
    const unsigned openings = GENERATE(1u, 2u, 3u, 4u, 5u);
    const unsigned area = GENERATE(0u, 1u);
    CAPTURE(openings, area);
    store_rig r(2);
    REQUIRE_FALSE(r.format(smallest_log));
    for (unsigned i = 0; i < openings; ++i) {
        REQUIRE_FALSE(r.open({.accept_missing = true}, {r.disks[0].get()}));
        CHECK_FALSE(r.put(key_of(0), 10, i));
        REQUIRE_FALSE(r.close());
    }
    r.commits.clear();
    REQUIRE_FALSE(r.open({.accept_missing = true}, {r.disks[1].get()}));
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    const auto strayed = r.keep_disks();
    REQUIRE_FALSE(r.resilver(0, r.disks[0].get()));
    REQUIRE_FALSE(r.close());
    auto images = r.keep_disks();
    const byte_extent lost = layout.checkpoint(area);
    const auto at = static_cast<std::ptrdiff_t>(lost.offset_bytes);
    std::copy_n(strayed[0].begin() + at, lost.length_bytes, images[0].begin() + at);
    r.bring_back(images);
    REQUIRE_FALSE(r.open());
    r.check_content();
    REQUIRE_FALSE(r.close());
    r.bring_back(images);
    const bool counts = area == r.check().copies[0].newest->checkpoint_area;
    const auto alone = r.open({.accept_missing = true}, {r.disks[0].get()});
    CHECK(alone.has_value() == counts);
    if (!alone) r.check_content();
}

TEST_CASE("a copy that was brought back while commits went on has them all", "[store][copies]")
{
    store_rig r(2);
    r.begin();
    r.disks[1]->fault = fails(io_kind::write);
    for (unsigned i = 0; i < 9; ++i) CHECK_FALSE(r.put(key_of(i), 90, i));
    r.disks[1]->fault = {};
    waited_resilver op(1);
    r.store->resilver(op);
    const auto second = r.resilver(1);
    REQUIRE(second);
    CHECK(second->code == errc::element_in_use);
    for (unsigned i = 0; !op.over; ++i) CHECK_FALSE(r.put(key_of(i % 5), 90, 100 + i));
    CHECK_FALSE(op.error);
    CHECK_FALSE(r.put(key_of(1), 90, 200));
    r.cut_power();
    r.check_each_alone();
    REQUIRE_FALSE(r.open({.accept_missing = true}, {r.disks[1].get()}));
    r.check_content();
}

TEST_CASE("copies of two repositories, or of one that is not expected, are refused",
          "[store][copies]")
{
    store_rig r(2);
    REQUIRE_FALSE(r.format(smallest_log, {r.disks[0].get()}));
    REQUIRE_FALSE(r.format(smallest_log, {r.disks[1].get()}));
    auto error = r.open();
    REQUIRE(error);
    CHECK(error->code == errc::foreign_signature);
    REQUIRE_FALSE(r.open({}, {r.disks[0].get()}));
    const auto set = r.report.set;
    REQUIRE_FALSE(r.close());
    error = r.open({.expected_set = set}, {r.disks[1].get()});
    REQUIRE(error);
    CHECK(error->code == errc::foreign_signature);
    REQUIRE_FALSE(r.open({.expected_set = set}, {r.disks[0].get()}));
}

TEST_CASE("one copy on two devices is refused", "[store][copies]")
{
    store_rig r(2);
    REQUIRE_FALSE(r.format(smallest_log, {r.disks[0].get()}));
    r.disks[1]->set_content(r.disks[0]->content());
    const auto error = r.open();
    REQUIRE(error);
    CHECK(error->code == errc::repository_diverged);
}

TEST_CASE("an older image of a copy never hides what the other knows", "[store][copies]")
{
    store_rig r(2);
    r.begin();
    CHECK_FALSE(r.put(key_of(1), 10, 1));
    const auto old = r.keep_disks();
    const bool checkpointed = GENERATE(false, true);
    for (unsigned i = 0; i < (checkpointed ? 12u : 2u); ++i)
        CHECK_FALSE(r.put(key_of(2 + i), 10, 2));
    r.cut_power();
    const unsigned older = GENERATE(0u, 1u);
    auto images = r.keep_disks();
    images[older] = old[older];
    r.bring_back(images);
    REQUIRE_FALSE(r.open());
    r.check_content();
    CHECK(r.report.remarks.size() == 1);
    // And the older one is as new as the other now.
    REQUIRE_FALSE(r.close());
    images = r.keep_disks();
    images[1 - older].assign(images[1 - older].size(), std::byte{});
    r.bring_back(images);
    REQUIRE_FALSE(r.open({.accept_missing = true}));
    r.check_content();
}

TEST_CASE("a damaged copy is repaired from the other, and alone it is refused", "[store][copies]")
{
    store_rig r(2);
    r.begin();
    for (unsigned i = 0; i < 5; ++i) CHECK_FALSE(r.put(key_of(i), 10, 2));
    r.cut_power();
    const auto images = r.keep_disks();
    const unsigned which = GENERATE(0u, 1u);
    const auto layout = repository_layout::divide(128 * kib, 16 * kib).value();
    // A log record with others behind it, and the head of each checkpoint.
    for (const std::uint64_t at :
         {layout.log_offset_bytes + 80, layout.checkpoint(0).offset_bytes + 16,
          layout.checkpoint(1).offset_bytes + 16}) {
        auto damaged = images;
        for (std::size_t bit = 0; bit < 64; ++bit)
            damaged[which][static_cast<std::size_t>(at) + bit] ^= std::byte{1};
        r.bring_back(damaged);
        REQUIRE_FALSE(r.open());
        CHECK(r.verified_content().size() == 5);
        const bool mattered = !r.report.remarks.empty();
        REQUIRE_FALSE(r.close());
        damaged[1 - which].assign(damaged[1 - which].size(), std::byte{});
        r.bring_back(damaged);
        const auto error = r.open({.accept_missing = true});
        CHECK(error.has_value() == mattered);
        if (error) CHECK(error->code == errc::repository_damaged);
        r.shut();
    }
}

TEST_CASE("an older checkpoint in the place of the current one is refused", "[store][copies]")
{
    store_rig r(1);
    r.begin();
    const auto next_checkpoint = [&] {
        const auto before = r.store->statistics().checkpoints;
        for (unsigned i = 0; r.store->statistics().checkpoints == before; ++i)
            CHECK_FALSE(r.put(key_of(i), 10, 2));
    };
    next_checkpoint();
    const auto old = r.keep_disks();
    next_checkpoint();
    next_checkpoint();
    REQUIRE_FALSE(r.close());
    auto images = r.keep_disks();
    const auto layout = repository_layout::divide(128 * kib, 16 * kib).value();
    const auto area = layout.checkpoint(r.check().copies[0].newest->checkpoint_area);
    const auto at = static_cast<std::ptrdiff_t>(area.offset_bytes);
    std::copy_n(old[0].begin() + at, area.length_bytes, images[0].begin() + at);
    r.bring_back(images);
    const auto error = r.open();
    REQUIRE(error);
    CHECK(error->code == errc::repository_damaged);
    CHECK(error->wrong.find("is expected") != std::string::npos);
}

TEST_CASE("a checkpoint whose keys do not ascend is refused, whatever its checksums say",
          "[store][copies]")
{
    store_rig r(1);
    r.begin();
    for (unsigned i = 0; i < 2; ++i) CHECK_FALSE(r.put(key_of(i), 16, i));
    REQUIRE_FALSE(r.close());
    REQUIRE_FALSE(r.open());
    REQUIRE_FALSE(r.close());
    const auto found = r.check();
    REQUIRE(found.copies[0].checkpoint_records == 2);
    auto images = r.keep_disks();
    const auto layout = repository_layout::divide(128 * kib, 16 * kib).value();
    const auto offset = layout.checkpoint(found.copies[0].newest->checkpoint_area).offset_bytes;
    const std::span head(images[0].data() + offset, store_block_bytes);
    const std::span payload(head.data() + store_block_bytes, 2 * (change_header_bytes + 16));
    std::swap_ranges(payload.begin(), payload.begin() + change_header_bytes + 16,
                     payload.begin() + change_header_bytes + 16);
    checkpoint_header wrong = decode_checkpoint_header(head, offset).value();
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(payload.data(), payload.size());
    wrong.payload_checksum = crc.checksum();
    encode(wrong, head);
    r.bring_back(images);
    const auto error = r.open();
    REQUIRE(error);
    CHECK(error->wrong.find("malformed") != std::string::npos);
}

TEST_CASE("one damaged superblock hides nothing, two make a copy unknown", "[store][copies]")
{
    store_rig r(1);
    r.begin();
    CHECK_FALSE(r.put(key_of(1), 10, 2));
    REQUIRE_FALSE(r.close());
    const auto images = r.keep_disks();
    for (unsigned slot = 0; slot < 2; ++slot) {
        auto damaged = images;
        damaged[0][slot * store_block_bytes + 100] ^= std::byte{1};
        r.bring_back(damaged);
        REQUIRE_FALSE(r.open());
        CHECK(r.report.closed_clean);
        CHECK(r.report.remarks.size() == 1);
        r.verified_content();
        REQUIRE_FALSE(r.close());
        damaged[0][(1 - slot) * store_block_bytes + 100] ^= std::byte{1};
        r.bring_back(damaged);
        const auto error = r.open();
        REQUIRE(error);
        CHECK(error->code == errc::repository_damaged);
    }
}

TEST_CASE("what is no repository is never an empty one", "[store][copies]")
{
    store_rig r(1);
    auto error = r.open();
    REQUIRE(error);
    CHECK(error->code == errc::repository_absent);
    REQUIRE_FALSE(r.format(smallest_log));
    error = r.format(smallest_log);
    REQUIRE(error);
    CHECK(error->code == errc::element_in_use);
    REQUIRE_FALSE(r.format({.log_bytes = 16 * kib, .overwrite = true}));
    auto images = r.keep_disks();
    images[0].resize(images[0].size() - 64 * kib);
    r.bring_back(images);
    error = r.open();
    REQUIRE(error);
    CHECK(error->code == errc::repository_damaged);
    CHECK(error->wrong.find("shrunk") != std::string::npos);
}
