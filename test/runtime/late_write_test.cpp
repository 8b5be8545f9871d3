// test/runtime/late_write_test.cpp -- a write that comes late carries what the host had written.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr unsigned buffers = 8;  // of a volume, for memory that it may not borrow

// Fills every buffer that the volume has to spare with something else.
void use_every_buffer(leg_rig& r)
{
    std::vector<std::unique_ptr<owned_op>> ops;
    for (unsigned i = 0; i < 2 * buffers; ++i) {
        ops.push_back(std::make_unique<owned_op>(block_bytes, 0xBB));
        ops.back()->unstable_buffer = true;
        r.write(*ops.back(), 4 * mib + i * block_bytes);
    }
    r.rig.run_until([&] {
        return std::all_of(ops.begin(), ops.end(), [](const auto& each) { return each->over; });
    });
}

}  // namespace

TEST_CASE("a late write from an unstable buffer carries what the host had written",
          "[runtime][late]")
{
    owned_op write(block_bytes, 0x11);
    leg_rig r(impatient);
    r.hang("t", io_kind::write);
    write.unstable_buffer = true;
    r.write(write, 0);
    r.rig.settle();
    write.poison(0xEE);  // unstable: before its end already
    r.advance(milliseconds(20));
    REQUIRE(write.over);
    CHECK_FALSE(write.error);
    CHECK(r.holds("s", 0, block_bytes, 0x11));
    CHECK(r.holds("t", 0, block_bytes, 0));
    use_every_buffer(r);
    r.let_go("t");
    CHECK(r.holds("t", 0, block_bytes, 0x11));
    CHECK(write.times == 1);
    CHECK(write.releases == 0);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, block_bytes, 0x11));
}

TEST_CASE("what is written over a late write is not undone by it", "[runtime][late]")
{
    owned_op write(block_bytes, 0x11);
    leg_rig r(impatient);
    r.hang("t", io_kind::write);
    write.unstable_buffer = true;
    r.write(write, 0);
    r.advance(milliseconds(20));
    REQUIRE(write.over);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    CHECK_THAT(r.rig.request(*r.pairs["t"], operation::resync_replica),
               Catch::Matchers::ContainsSubstring("1 requests outstanding"));
    r.let_go("t");
    CHECK(r.holds("t", 0, block_bytes, 0x11));
    CHECK(r.leg("t").statistics.different_bytes != 0);
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, block_bytes, 0x22));
}

TEST_CASE("memory that is stable until released comes back when the last device returns it",
          "[runtime][late]")
{
    owned_op write(block_bytes, 0x11);
    leg_rig r(impatient, {"t", "u"});
    r.hang("t", io_kind::write);
    r.hang("u", io_kind::write);
    write.stable_until_released = true;
    r.write(write, 0);
    r.advance(milliseconds(20));
    REQUIRE(write.over);
    CHECK_FALSE(write.error);
    CHECK(write.releases == 0);
    r.advance(milliseconds(500));
    CHECK(write.releases == 0);
    r.let_go("t");
    CHECK(write.releases == 0);
    r.let_go("u");
    CHECK(write.releases == 1);
    CHECK(r.holds("t", 0, block_bytes, 0x11));
    CHECK(r.holds("u", 0, block_bytes, 0x11));
    write.poison(0xEE);
    r.rig.settle();
    CHECK(r.resync("t"));
    CHECK(r.resync("u"));
    CHECK(r.holds("u", 0, block_bytes, 0x11));
    CHECK(write.releases == 1);
    CHECK(write.times == 1);
}

TEST_CASE("without a stuck leg the release comes once, right after the end", "[runtime][late]")
{
    leg_rig r(impatient);
    owned_op write(block_bytes, 0x11), failing(block_bytes, 0x22), both(block_bytes, 0x33);
    write.stable_until_released = failing.stable_until_released = true;
    both.stable_until_released = both.unstable_buffer = true;
    r.write(write, 0);
    r.rig.run_until([&] { return write.over; });
    CHECK(write.releases == 1);
    CHECK_FALSE(write.released_first);
    r.fail_next("s", io_kind::write);
    r.fail_next("t", io_kind::write);
    r.write(failing, 0);
    r.rig.run_until([&] { return failing.over; });
    CHECK(failing.error == errc::injected);
    CHECK(failing.releases == 1);
    CHECK_FALSE(failing.released_first);
    r.write(both, 0);
    r.rig.run_until([&] { return both.over; });
    CHECK(both.releases == 1);
}

TEST_CASE("a late compare_and_write carries what it was to write", "[runtime][late]")
{
    std::vector<std::byte> expected(block_bytes), wanted = filled(block_bytes, 0x33);
    owned_op op;
    leg_rig r(impatient);
    r.hang("t", io_kind::write);
    op.prepare_compare_and_write(0, expected, wanted);
    r.front->submit(op);
    r.advance(milliseconds(20));
    REQUIRE(op.over);
    CHECK_FALSE(op.error);
    std::fill(expected.begin(), expected.end(), std::byte{0xEE});
    std::fill(wanted.begin(), wanted.end(), std::byte{0xEE});
    use_every_buffer(r);
    CHECK(r.reads_as(0, block_bytes, 0x33));
    r.let_go("t");
    CHECK(r.holds("t", 0, block_bytes, 0x33));
    CHECK(r.resync("t"));
}

TEST_CASE("a compare_and_write goes on with another leg where the first one hangs",
          "[runtime][late]")
{
    const bool equal = GENERATE(true, false);
    std::vector<std::byte> expected = filled(block_bytes, equal ? 0x11 : 0x12);
    std::vector<std::byte> wanted = filled(block_bytes, 0x33);
    owned_op op;
    leg_rig r(impatient, {"t", "u"});
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.hang("s", io_kind::read);
    r.hang("t", io_kind::read);
    op.prepare_compare_and_write(0, expected, wanted);
    r.front->submit(op);
    r.advance(milliseconds(40));
    REQUIRE(op.over);
    CHECK(op.error == (equal ? error_code{} : make_error_code(errc::compare_mismatch)));
    CHECK_FALSE(r.current("s"));
    CHECK_FALSE(r.current("t"));
    CHECK(r.holds("u", 0, block_bytes, equal ? 0x33 : 0x11));
    // Neither what the late reads bring nor the memory that they had is anybody else's.
    use_every_buffer(r);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x44));
    r.let_go("t");
    r.let_go("s");
    CHECK(r.reads_as(0, block_bytes, 0x44));
    CHECK(op.times == 1);
    CHECK(r.restore("u"));
    CHECK(r.holds("s", 0, block_bytes, 0x44));
}

TEST_CASE("legs that hang in comparisons leave the host its memory", "[runtime][late]")
{
    const std::vector<std::byte> expected = filled(block_bytes, 0),
                                 wanted = filled(block_bytes, 0x33);
    std::vector<std::unique_ptr<owned_op>> ops;
    leg_rig r(impatient, {"t", "u"});
    r.hang("s", io_kind::read);
    for (unsigned i = 0; i < buffers; ++i) {
        ops.push_back(std::make_unique<owned_op>());
        ops.back()->prepare_compare_and_write(i * block_bytes, expected, wanted);
        r.front->submit(*ops.back());
    }
    r.advance(milliseconds(40));
    for (const auto& each : ops) {
        REQUIRE(each->over);
        CHECK_FALSE(each->error);
    }
    use_every_buffer(r);
    r.let_go("s");
    use_every_buffer(r);
    CHECK(r.restore("u"));
    CHECK(r.holds("s", 0, buffers * block_bytes, 0x33));
}

TEST_CASE("zeros that come late do not undo what was written since", "[runtime][late]")
{
    owned_op zeros;
    leg_rig r(impatient);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    r.hang("t", io_kind::write_zeroes);
    zeros.prepare_write_zeroes(0, block_bytes);
    r.front->submit(zeros);
    r.advance(milliseconds(20));
    REQUIRE(zeros.over);
    CHECK_FALSE(zeros.error);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    r.let_go("t");
    CHECK(r.holds("t", 0, block_bytes, 0));
    CHECK(r.resync("t"));
    CHECK(r.holds("t", 0, block_bytes, 0x22));
}
