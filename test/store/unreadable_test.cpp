// test/store/unreadable_test.cpp -- sectors that cannot be read, and what they may hide.
// SPDX-License-Identifier: BSL-1.0
#include "store_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr std::uint64_t log_bytes = 32 * kib;
constexpr std::uint64_t log_begin = repository_layout::log_offset_bytes;

/// From now on no read of `extent` succeeds.
void make_unreadable(crash_disk& disk, byte_extent extent)
{
    disk.fault = fails_to_read(extent);
}

/// A superblock of the image says that its checkpoint contains so many records.
bool tells_of_records(std::span<const std::byte> image, std::uint64_t count)
{
    for (std::uint64_t slot = 0; slot < repository_layout::superblock_count; ++slot) {
        const std::uint64_t position = slot * store_block_bytes;
        const auto block = decode_superblock(image.subspan(position, store_block_bytes), position);
        if (block && block.value().replay_sequence > count) return true;
    }
    return false;
}

/// Three copies, of which the second fails on the way; until the power goes off.
void live_with_a_failing_copy(store_rig& r)
{
    if (r.open() || r.mains.off) return;
    for (unsigned i = 0; i < 3 && !r.mains.off; ++i) r.put(key_of(i), 100, i);
    r.disks[1]->fault = fails_but_for_reads();
    for (unsigned i = 0; i < 4 && !r.mains.off; ++i) r.put(key_of(i), 100, 10 + i);
    r.shut();
}

}  // namespace

TEST_CASE("of copies that have not failed one suffices, whatever of another cannot be read",
          "[store][unreadable]")
{
    const survival survives = GENERATE(survival::nothing, survival::everything);
    const unsigned unreadable = GENERATE(0u, 2u);
    const bool log_too = GENERATE(true, false);
    const std::uint64_t from = log_too ? log_begin : log_begin + log_bytes;
    for (std::uint64_t at = 0;; ++at) {
        CAPTURE(static_cast<int>(survives), unreadable, from, at);
        store_rig r(3, 128 * kib, at + 1);
        REQUIRE_FALSE(r.format({.log_bytes = log_bytes}));
        r.mains.operations = 0;
        r.mains.off_at = at;
        r.mains.survives = survives;
        live_with_a_failing_copy(r);
        if (!r.mains.off) break;
        r.power_back();
        make_unreadable(*r.disks[unreadable], {from, 128 * kib - from});
        const auto error = r.open();
        if (error) FAIL(error->sentence());
        r.check_content();
        CHECK_FALSE(r.put(key_of(1), 100, 0xee));
        REQUIRE_FALSE(r.close());
        r.disks[unreadable]->fault = {};
        REQUIRE_FALSE(r.open());
        r.check_content();
    }
}

TEST_CASE("a block of the log that cannot be read hides no record that was answered",
          "[store][unreadable]")
{
    const unsigned copies = GENERATE(1u, 2u);
    store_rig r(copies, 128 * kib, 1, false);
    r.begin({.log_bytes = log_bytes});
    // Of two blocks, one, and two.
    for (unsigned i = 1; i < 4; ++i)
        CHECK_FALSE(r.put(r.commit().set(key_of(i), 100, i).set(key_of(9), i == 2 ? 10 : 4090, i)));
    const auto images = r.keep_disks();
    r.shut();
    unsigned opened = 0;
    for (std::uint64_t at = log_begin; at < log_begin + log_bytes; at += store_block_bytes) {
        CAPTURE(copies, at);
        r.bring_back(images);
        make_unreadable(*r.disks[0], {at + 512, 512});
        const auto error = r.open();
        if (error) {
            CHECK(copies == 1);
            CHECK(error->code == errc::repository_damaged);
            CHECK(error->wrong.find(std::to_string(at)) != std::string::npos);
        } else {
            ++opened;
            r.verified_content();
            if (copies == 1) CHECK_FALSE(r.report.remarks.empty());
        }
        r.shut();
        r.disks[0]->fault = {};
    }
    // Alone it opens where nothing is, and would not come next or just behind that.
    CHECK(opened == (copies == 1 ? 1 : log_bytes / store_block_bytes));
}

TEST_CASE("a device on which too many blocks cannot be read is not asked for each of them",
          "[store][unreadable]")
{
    store_rig r(1, 4 * mib, 1, false);
    r.begin({.log_bytes = mib});
    CHECK_FALSE(r.put(key_of(1), 100, 1));
    REQUIRE_FALSE(r.close());
    std::uint64_t failed = 0;
    r.disks[0]->fault = [&](const io_op& op, std::uint64_t) {
        const bool every_second = (op.offset_bytes / store_block_bytes) % 2 == 1;
        const bool met = op.kind == io_kind::read &&
                         byte_extent{log_begin, mib}.contains({op.offset_bytes, 1}) &&
                         (op.length_bytes > store_block_bytes || every_second);
        failed += met && op.length_bytes == store_block_bytes;
        return injected_if(met);
    };
    const auto error = r.open();
    REQUIRE(error);
    CHECK(error->code == errc::repository_damaged);
    CHECK(error->wrong.find("after 64 blocks") != std::string::npos);
    CHECK(failed == 64);
}

TEST_CASE("behind the last record of an orderly close every block may be unreadable",
          "[store][unreadable]")
{
    store_rig r(1, 128 * kib, 1, false);
    r.begin({.log_bytes = log_bytes});
    for (unsigned i = 1; i < 4; ++i) CHECK_FALSE(r.put(key_of(i), 100, i));
    REQUIRE_FALSE(r.close());
    const std::uint64_t next = log_begin + 3 * store_block_bytes;
    make_unreadable(*r.disks[0], {next, log_begin + log_bytes - next});
    REQUIRE_FALSE(r.open());
    r.verified_content();
    CHECK(r.report.closed_clean);
    CHECK(r.report.remarks.size() == 1);
}

TEST_CASE("an older copy is not believed where the other proves that more was written",
          "[store][unreadable]")
{
    constexpr std::uint64_t size_bytes = 256 * kib;
    const bool opened_between = GENERATE(false, true);
    const bool log_too = GENERATE(false, true);
    for (std::uint64_t at = 0;; ++at) {
        CAPTURE(opened_between, log_too, at);
        // Too long a log to look at each of its blocks.
        store_rig r(2, size_bytes, at + 1);
        r.begin({.log_bytes = 2 * log_bytes});
        for (unsigned i = 0; i < 2; ++i) CHECK_FALSE(r.put(key_of(i), 100, i));
        const auto old = r.keep_disks();
        for (unsigned i = 0; i < 2; ++i) CHECK_FALSE(r.put(key_of(i), 100, 10 + i));
        r.cut_power();
        r.mains.operations = 0;
        r.mains.off_at = opened_between ? at : 0;
        (void)r.open();
        const bool ended = !r.mains.off;
        r.power_back();
        if (ended) break;
        auto images = r.keep_disks();
        images[1] = old[1];
        r.bring_back(images);
        const std::uint64_t from = log_too ? log_begin : log_begin + 2 * log_bytes;
        make_unreadable(*r.disks[0], {from, size_bytes - from});
        const auto error = r.open();
        // Where neither log nor superblock can say so any more nobody knows it.
        if (log_too && !tells_of_records(images[0], 4)) {
            if (!opened_between) break;
            continue;
        }
        REQUIRE(error);
        CHECK(error->code == errc::repository_damaged);
        if (!opened_between) break;
    }
}

TEST_CASE("openings that are cut off again and again never make a damaged copy the only judge",
          "[store][unreadable]")
{
    const unsigned damaged = GENERATE(0u, 1u);
    std::uint64_t openings = 0;
    for (std::uint64_t first = 0, last = UINT64_MAX; first < last; ++first)
        for (std::uint64_t second = 0;; ++second, ++openings) {
            CAPTURE(damaged, first, second);
            store_rig r(2, 128 * kib, first + 1);
            r.begin({.log_bytes = log_bytes});
            for (unsigned i = 0; i < 2; ++i) CHECK_FALSE(r.put(key_of(i), 100, i));
            const auto cut = [&](std::uint64_t at) {
                r.mains.operations = 0;
                r.mains.off_at = at;
                if (!r.store) (void)r.open();
                if (at == 0 && r.store) CHECK(r.put(key_of(9), 1, 1));
                const bool met = r.mains.off;
                r.power_back();
                return met;
            };
            REQUIRE(cut(0));
            if (!cut(first)) {
                last = first;
                break;
            }
            const auto spoil = [&] { make_unreadable(*r.disks[damaged], {log_begin, log_bytes}); };
            spoil();
            const bool met = cut(second);
            spoil();
            const auto error = r.open();
            if (error) FAIL(error->sentence());
            r.verified_content();
            if (!met) break;
        }
    CHECK(openings > 300);
}

TEST_CASE("a superblock that cannot be read for a while has nothing else to say afterwards",
          "[store][unreadable]")
{
    const survival survives = GENERATE(survival::nothing, survival::everything);
    const unsigned copies = GENERATE(1u, 2u);
    const std::uint64_t slot = GENERATE(0u, 1u);
    std::uint64_t openings = 0;
    for (std::uint64_t first = 0, last = UINT64_MAX; first < last; ++first)
        for (std::uint64_t second = 0;; ++second, ++openings) {
            CAPTURE(static_cast<int>(survives), copies, slot, first, second);
            store_rig r(copies, 128 * kib, first + 1);
            REQUIRE_FALSE(r.format(smallest_log));
            r.mains.survives = survives;
            r.mains.operations = 0;
            r.mains.off_at = first;
            // Of one record, so that no checkpoint begins like another.
            if (!r.open())
                for (unsigned i = 0; i < 4 && !r.mains.off; ++i) r.put(key_of(1), 100, i);
            if (!r.mains.off) last = first;
            r.power_back();
            make_unreadable(*r.disks.back(), {slot * store_block_bytes, store_block_bytes});
            r.mains.off_at = second;
            (void)r.open();
            const bool met = r.mains.off;
            r.power_back();
            if (const auto error = r.open()) FAIL(error->sentence());
            r.verified_content();
            if (!met) break;
        }
    CHECK(openings > 100);
}

TEST_CASE("a close ends although a copy that is to be filled cannot be read", "[store][unreadable]")
{
    store_rig r(2, 128 * kib);
    r.begin({.log_bytes = log_bytes});
    r.disks[1]->fault = fails();
    CHECK_FALSE(r.put(key_of(1), 100, 1));
    waited_resilver op(1);
    const std::uint64_t reads = r.disks[1]->reads;
    r.store->resilver(op);
    r.run_until([&] { return r.disks[1]->reads > reads; });
    REQUIRE_FALSE(op.over);
    REQUIRE_FALSE(r.close());
    CHECK(op.over);
    REQUIRE(op.error);
    CHECK(op.error->code == errc::injected);
}
