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
    disk.fault = [extent](const io_op& op, std::uint64_t) {
        const bool met =
            op.kind == io_kind::read && extent.overlaps({op.offset_bytes, op.length_bytes});
        return met ? make_error_code(errc::injected) : error_code{};
    };
}

/// Three copies, of which the second fails on the way; until the power goes off.
void live_with_a_failing_copy(store_rig& r)
{
    if (r.open() || r.mains.off) return;
    for (unsigned i = 0; i < 3 && !r.mains.off; ++i) r.put(key_of(i), 100, i);
    r.disks[1]->fault = [](const io_op& op, std::uint64_t) {
        return op.kind == io_kind::read ? error_code{} : make_error_code(errc::injected);
    };
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
    REQUIRE_FALSE(r.format({.log_bytes = log_bytes}));
    REQUIRE_FALSE(r.open());
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
    // Alone it opens where nothing is, and would not come next.
    CHECK(opened == (copies == 1 ? 2 : log_bytes / store_block_bytes));
}
