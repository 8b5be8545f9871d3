// test/runtime/leg_deadline_test.cpp -- when a leg that hangs is left behind, and when it is not.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

constexpr duration deadline = milliseconds(20);
constexpr duration one_nanosecond{1}, just_before{deadline.nanoseconds - 1};
const shard_options with_deadline{.leg_deadline = deadline};

// An op that reaches every leg, or, a read, the source.
void prepare(owned_op& op, io_kind kind)
{
    switch (kind) {
    case io_kind::read: return op.prepare_read(0, std::span<std::byte>(op.data));
    case io_kind::write: return op.prepare_write(0, std::span<const std::byte>(op.data));
    case io_kind::flush: return op.prepare_flush();
    case io_kind::write_zeroes: return op.prepare_write_zeroes(0, block_bytes);
    case io_kind::discard: return op.prepare_discard(0, block_bytes);
    case io_kind::compare_and_write: break;
    }
    op.prepare_compare_and_write(0, op.data, op.data);
}

}  // namespace

TEST_CASE("a leg that hangs leaves at its deadline and not before", "[runtime][deadline]")
{
    const io_kind kind = GENERATE(io_kind::read, io_kind::write, io_kind::flush,
                                  io_kind::write_zeroes, io_kind::discard);
    const char* const hanging = kind == io_kind::read ? "s" : "t";
    CAPTURE(static_cast<int>(kind));
    owned_op op(block_bytes);
    leg_rig r(with_deadline, {"t"}, true);
    r.hang(hanging, kind == io_kind::discard ? io_kind::write_zeroes : kind);
    prepare(op, kind);
    op.unstable_buffer = true;
    const monotonic_time begun = r.now();
    r.front->submit(op);
    r.advance(just_before);
    CHECK(r.now() - begun == just_before);
    CHECK_FALSE(op.over);
    CHECK(r.current(hanging));
    CHECK(r.state("t") == copy_state::synchronized);
    r.advance(one_nanosecond);
    CHECK(op.over);
    CHECK_FALSE(op.error);
    CHECK(op.ended_at - begun == deadline);
    CHECK_FALSE(r.current(hanging));
    CHECK(r.leg(hanging).error == errc::deadline_exceeded);
    CHECK(r.state("t") == copy_state::broken);
    r.let_go(hanging);
    CHECK(op.times == 1);
    CHECK((kind == io_kind::read ? r.restore("t") : r.resync("t")));
}

TEST_CASE("a leg that is slow but in time stays, however long it is busy", "[runtime][deadline]")
{
    std::vector<std::unique_ptr<owned_op>> writes;
    leg_rig r(with_deadline);
    r.rig.elements.faults("t").add({.kind = io_kind::write,
                                    .times = fault::always,
                                    .action = fault_action::delay,
                                    .delay = milliseconds(19)});
    // There is always one on its way.
    for (unsigned i = 0; i < 50; ++i) {
        writes.push_back(std::make_unique<owned_op>(block_bytes, i));
        r.write(*writes.back(), i * block_bytes);
        r.advance(milliseconds(5));
        REQUIRE(r.current("t"));
    }
    r.advance(milliseconds(20));
    for (const auto& each : writes) CHECK(each->over);
    CHECK(r.state("t") == copy_state::synchronized);
    // The one that is late is found among those that are not.
    owned_op late(block_bytes, 0xFF);
    late.unstable_buffer = true;
    r.rig.elements.faults("t").clear();
    r.hang("t", io_kind::write);
    r.write(late, 0);
    r.advance(deadline);
    CHECK_FALSE(r.current("t"));
    CHECK(late.over);
    r.let_go("t");
}

TEST_CASE("a flush that waits for another is given as long as the one before it",
          "[runtime][deadline]")
{
    std::vector<std::unique_ptr<owned_op>> flushes;
    leg_rig r(with_deadline, {"t"}, true);
    r.rig.elements.faults("t").add({.kind = io_kind::flush,
                                    .times = fault::always,
                                    .action = fault_action::delay,
                                    .delay = milliseconds(15)});
    for (unsigned i = 0; i < 10; ++i) {
        flushes.push_back(std::make_unique<owned_op>());
        flushes.back()->prepare_flush();
        r.front->submit(*flushes.back());
        r.advance(milliseconds(7));
        CHECK(r.current("t"));
    }
    r.advance(milliseconds(30));
    for (const auto& each : flushes) CHECK(each->over);
    CHECK(r.state("t") == copy_state::synchronized);
    // One that hangs is found all the same, and those behind it with it.
    owned_op hanging, behind;
    r.rig.elements.faults("t").clear();
    r.hang("t", io_kind::flush);
    hanging.prepare_flush();
    behind.prepare_flush();
    r.front->submit(hanging);
    r.advance(milliseconds(10));
    r.front->submit(behind);
    r.advance(milliseconds(10));
    CHECK_FALSE(r.current("t"));
    CHECK(hanging.over);
    CHECK(behind.over);
    r.let_go("t");
}

TEST_CASE("a write that may not be given up waits for the device, and others do not",
          "[runtime][deadline]")
{
    owned_op plain(block_bytes, 0x11), overlapping(block_bytes, 0x22), elsewhere(block_bytes, 0x33);
    leg_rig r(with_deadline);
    r.hang("t", io_kind::write);
    r.write(plain, 0);
    r.advance(milliseconds(200));
    CHECK_FALSE(plain.over);
    CHECK(r.state("t") == copy_state::broken);
    r.write(overlapping, 0);
    r.write(elsewhere, mib);
    r.rig.settle();
    CHECK_FALSE(overlapping.over);
    CHECK(elsewhere.over);
    CHECK(r.holds("s", 0, block_bytes, 0x11));
    r.let_go("t");
    CHECK(plain.over);
    CHECK_FALSE(plain.error);
    CHECK(overlapping.over);
    CHECK(r.holds("s", 0, block_bytes, 0x22));
    CHECK(r.resync("t"));
}

TEST_CASE("the last leg that holds the content is waited for", "[runtime][deadline]")
{
    owned_op alone(block_bytes, 0x11), read(block_bytes), flush;
    leg_rig r(with_deadline, {"t"}, true);
    r.fail_next("t", io_kind::write);
    REQUIRE_FALSE(r.put(0, block_bytes, 0x22));
    REQUIRE(r.state("t") == copy_state::broken);
    const io_kind kind = GENERATE(io_kind::write, io_kind::read, io_kind::flush);
    owned_op& op = kind == io_kind::write ? alone : kind == io_kind::read ? read : flush;
    CAPTURE(static_cast<int>(kind));
    r.hang("s", kind);
    prepare(op, kind);
    op.unstable_buffer = true;
    r.front->submit(op);
    r.advance(seconds(1));
    CHECK_FALSE(op.over);
    CHECK(r.current("s"));
    CHECK(r.leg("s").statistics.stuck == 0);
    CHECK_FALSE(r.opened->read_only());
    r.let_go("s");
    CHECK(op.over);
    CHECK_FALSE(op.error);
    CHECK(r.resync("t"));
}

TEST_CASE("a leg without company is not left behind when another joins and then answers",
          "[runtime][deadline]")
{
    owned_op write(block_bytes, 0x11);
    leg_rig r(with_deadline, {});
    r.hang("s", io_kind::write);
    write.unstable_buffer = true;
    r.write(write, 0);
    r.advance(milliseconds(100));
    REQUIRE_FALSE(write.over);
    // The copy waits for nothing but the range of the write.
    r.pairs["t"] = &r.rig.mirror("s", "t");
    r.advance(milliseconds(10));
    r.let_go("s");
    r.rig.wait_for(*r.pairs["t"], copy_state::synchronized);
    CHECK_FALSE(write.error);
    CHECK(r.rig.equal("s", "t", r.size));
    CHECK(r.holds("t", 0, block_bytes, 0x11));
}

TEST_CASE("two legs of three hang, and the third serves", "[runtime][deadline]")
{
    const std::string left = GENERATE(std::string("s"), std::string("t"), std::string("u"));
    CAPTURE(left);
    owned_op write(block_bytes, 0x11);
    leg_rig r(with_deadline, {"t", "u"});
    for (const char* name : {"s", "t", "u"})
        if (left != name) r.hang(name, io_kind::write);
    write.unstable_buffer = true;
    r.write(write, 0);
    r.advance(deadline);
    REQUIRE(write.over);
    CHECK_FALSE(write.error);
    for (const char* name : {"s", "t", "u"}) CHECK(r.current(name) == (left == name));
    CHECK(r.holds(left.c_str(), 0, block_bytes, 0x11));
    CHECK(r.reads_as(0, block_bytes, 0x11));
    CHECK_FALSE(r.put(0, block_bytes, 0x22));
    for (const char* name : {"s", "t", "u"}) r.let_go(name);
    // From whoever served, then from the source; a pair that lost both its legs asks for Force.
    const char* first = left == "u" ? "u" : "t";
    const char* second = left == "u" ? "t" : "u";
    CHECK((left == "s" ? r.resync(first) : r.restore(first)));
    CHECK(r.resync(second, left != "s"));
    for (const char* name : {"s", "t", "u"}) CHECK(r.holds(name, 0, block_bytes, 0x22));
}

TEST_CASE("beside a leg that hangs no host operation takes longer than the deadline",
          "[runtime][deadline]")
{
    std::vector<std::unique_ptr<owned_op>> ops;
    std::vector<monotonic_time> begun;
    leg_rig r(with_deadline);
    r.hang("t", io_kind::write);
    r.hang("t", io_kind::read);
    for (unsigned i = 0; i < 100; ++i) {
        ops.push_back(std::make_unique<owned_op>(block_bytes, 0x11));
        ops.back()->unstable_buffer = true;
        begun.push_back(r.now());
        const std::uint64_t offset = i / 2 * 64 * kib;
        i % 2 == 0 ? r.write(*ops.back(), offset) : r.read(*ops.back(), offset);
        r.advance(milliseconds(1));
    }
    r.advance(deadline);
    for (std::size_t i = 0; i < ops.size(); ++i) {
        CAPTURE(i);
        REQUIRE(ops[i]->over);
        CHECK_FALSE(ops[i]->error);
        CHECK(ops[i]->ended_at - begun[i] <= deadline);
        // After the first has missed it nobody waits any more.
        if (i >= 40) CHECK(ops[i]->ended_at - begun[i] <= milliseconds(1));
    }
    r.let_go("t");
    CHECK(r.resync("t"));
}
