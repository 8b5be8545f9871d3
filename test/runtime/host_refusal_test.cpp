// test/runtime/host_refusal_test.cpp -- host operations that are wrong, empty or cancelled.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

const error_code canceled = std::make_error_code(std::errc::operation_canceled);

/// A rig that counts what reaches any device.
struct counting_rig : leg_rig {
    unsigned sent_ops = 0;
    explicit counting_rig(shard_options wanted = {}) : leg_rig(std::move(wanted))
    {
        taps.shown = [this](const std::string&, const io_op&) { ++sent_ops; };
    }
    ~counting_rig() { taps.shown = nullptr; }
};

void prepare(owned_op& op, io_kind kind, std::uint64_t offset, std::uint64_t bytes)
{
    op.data.resize(bytes);
    switch (kind) {
    case io_kind::read: return op.prepare_read(offset, std::span<std::byte>(op.data));
    case io_kind::write: return op.prepare_write(offset, std::span<const std::byte>(op.data));
    case io_kind::flush: return op.prepare_flush();
    case io_kind::write_zeroes: return op.prepare_write_zeroes(offset, bytes);
    case io_kind::discard: return op.prepare_discard(offset, bytes);
    case io_kind::compare_and_write: break;
    }
    op.prepare_compare_and_write(offset, op.data, op.data);
}

}  // namespace

TEST_CASE("what lies outside a volume or between its blocks is refused and changes nothing",
          "[runtime][host]")
{
    struct wrong {
        std::uint64_t offset, bytes;
        errc error;
    };
    const wrong all[] = {
        {leg_rig::size, 512, errc::out_of_bounds},
        {leg_rig::size - 512, 1024, errc::out_of_bounds},
        {leg_rig::size + 512, 0, errc::out_of_bounds},
        {~std::uint64_t{0} - 511, 512, errc::out_of_bounds},
        {~std::uint64_t{0} - 511, 1024, errc::out_of_bounds},
        {0, 100, errc::misaligned},
        {256, 512, errc::misaligned},
        {1, 0, errc::misaligned},
        {511, 513, errc::misaligned},
    };
    counting_rig r;
    const std::string before = r.rig.opened->dump();
    for (const io_kind kind : {io_kind::read, io_kind::write, io_kind::write_zeroes,
                               io_kind::discard, io_kind::compare_and_write})
        for (const wrong& each : all) {
            CAPTURE(each.offset, each.bytes, static_cast<int>(kind));
            owned_op op;
            prepare(op, kind, each.offset, each.bytes);
            CHECK(r.rig.run(*r.front, op) == each.error);
            CHECK(op.times == 1);
            CHECK(op.transferred_bytes == 0);
        }
    CHECK(r.sent_ops == 0);
    CHECK(r.rig.opened->dump() == before);
}

TEST_CASE("an operation of no length ends well and does nothing", "[runtime][host]")
{
    const io_kind kind = GENERATE(io_kind::read, io_kind::write, io_kind::write_zeroes,
                                  io_kind::discard, io_kind::compare_and_write);
    const std::uint64_t offset = GENERATE(std::uint64_t{0}, std::uint64_t{512}, leg_rig::size);
    CAPTURE(static_cast<int>(kind), offset);
    owned_op op;
    counting_rig r;
    prepare(op, kind, offset, 0);
    op.unstable_buffer = true;
    CHECK_FALSE(r.rig.run(*r.front, op));
    CHECK(op.times == 1);
    CHECK(r.sent_ops == 0);
}

TEST_CASE("what needs the library's memory and more than it has is refused", "[runtime][host]")
{
    owned_op unstable(mib + 512, 0x11), compare(mib + 512), whole(mib, 0x22);
    counting_rig r;
    unstable.unstable_buffer = true;
    r.write(unstable, 0);
    compare.prepare_compare_and_write(0, compare.data, compare.data);
    r.front->submit(compare);
    r.rig.settle();
    CHECK(unstable.error == errc::over_budget);
    CHECK(compare.error == errc::over_budget);
    CHECK(r.sent_ops == 0);
    whole.unstable_buffer = true;
    r.write(whole, 0);
    r.rig.run_until([&] { return whole.over; });
    CHECK_FALSE(whole.error);
    CHECK(r.holds("t", 0, mib, 0x22));
}

TEST_CASE("a comparison that fails changes nothing, and says so", "[runtime][host]")
{
    const std::vector<std::byte> expected = filled(block_bytes, 0x22),
                                 wanted = filled(block_bytes, 0x33);
    owned_op op;
    leg_rig r;
    REQUIRE_FALSE(r.put(0, block_bytes, 0x11));
    const std::uint64_t writes = r.sent("s", io_kind::write) + r.sent("t", io_kind::write);
    op.prepare_compare_and_write(0, expected, wanted);
    CHECK(r.rig.run(*r.front, op) == errc::compare_mismatch);
    CHECK(op.transferred_bytes == 0);
    CHECK(r.sent("s", io_kind::write) + r.sent("t", io_kind::write) == writes);
    CHECK(r.state("t") == copy_state::synchronized);
    CHECK(r.leg("s").statistics.errors == 0);
}

TEST_CASE("an operation that waits for a request is cancelled at once", "[runtime][host]")
{
    owned_op first(block_bytes, 0x11), second(block_bytes, 0x22), third(block_bytes, 0x33);
    leg_rig r({.requests_max = 1});
    r.hang("s", io_kind::write);
    r.write(first, 0);
    r.write(second, mib);
    r.write(third, 2 * mib);
    r.rig.settle();
    r.front->cancel(second);
    CHECK_FALSE(second.over);  // never from inside cancel()
    r.rig.settle();
    CHECK(second.error == canceled);
    CHECK_FALSE(third.over);
    r.front->cancel(first);  // the device has it
    r.rig.settle();
    CHECK_FALSE(first.over);
    r.let_go("s");
    CHECK(first.over);
    CHECK_FALSE(first.error);
    CHECK(third.over);
    CHECK(second.times == 1);
    CHECK(r.holds("t", 0, block_bytes, 0x11));
    CHECK(r.holds("t", mib, block_bytes, 0));
    CHECK(r.rig.equal("s", "t", leg_rig::size));
}

TEST_CASE("an operation that a cut holds is cancelled, and the cut goes on", "[runtime][host]")
{
    owned_op before(block_bytes, 0x11), held(block_bytes, 0x22), other(block_bytes, 0x33);
    leg_rig r;
    r.hang("s", io_kind::write);
    r.write(before, 0);
    waited_op split;
    REQUIRE(r.pairs["t"]->request(operation::split, false, split).has_value());
    r.rig.settle();
    r.write(held, mib);
    r.write(other, 2 * mib);
    r.rig.settle();
    r.front->cancel(held);
    r.rig.settle();
    CHECK(held.error == canceled);
    CHECK_FALSE(other.over);
    r.let_go("s");
    r.rig.run_until([&] { return split.over && other.over; });
    CHECK_FALSE(split.error);
    CHECK_FALSE(other.error);
    CHECK(r.state("t") == copy_state::split);
    CHECK(r.holds("t", 0, block_bytes, 0x11));
    CHECK(r.holds("s", mib, block_bytes, 0));
    CHECK(r.holds("t", 2 * mib, block_bytes, 0));
}

TEST_CASE("an operation that is cancelled ends once, whole on every leg or not begun",
          "[runtime][host]")
{
    owned_op write(block_bytes, 0x11), behind(block_bytes, 0x22), read(block_bytes);
    leg_rig r;
    r.taps.deaf = false;
    r.rig.elements.faults("t").add({.kind = io_kind::write,
                                    .action = fault_action::delay,
                                    .delay = milliseconds(5),
                                    .cancelable = true});
    r.write(write, 0);
    r.write(behind, 0);  // waits for the range
    r.read(read, 0);
    r.rig.settle(1);
    for (owned_op* each : {&write, &behind, &read}) r.front->cancel(*each);
    r.rig.run_until([&] { return write.over && behind.over && read.over; });
    r.rig.settle();
    for (const owned_op* each : {&write, &behind, &read}) CHECK(each->times == 1);
    CHECK_FALSE(write.error);
    CHECK(behind.error == std::errc::operation_canceled);
    CHECK(read.error == std::errc::operation_canceled);
    CHECK(r.holds("s", 0, block_bytes, 0x11));
    CHECK(r.state("t") == copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", leg_rig::size));
}
