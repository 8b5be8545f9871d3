// test/io/device_contract_test.cpp -- what every block device does, whatever it is made of.
// SPDX-License-Identifier: BSL-1.0
#include "contract.hpp"
#include <algorithm>
#include <deque>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Each kind of op, over the first block.
void prepare(tracked_op& op, io_kind kind, std::span<std::byte> memory)
{
    switch (kind) {
    case io_kind::read: op.prepare_read(0, memory); break;
    case io_kind::write: op.prepare_write(0, std::span<const std::byte>(memory)); break;
    case io_kind::flush: op.prepare_flush(); break;
    case io_kind::write_zeroes: op.prepare_write_zeroes(0, memory.size()); break;
    case io_kind::discard: op.prepare_discard(0, memory.size()); break;
    case io_kind::compare_and_write: op.prepare_compare_and_write(0, memory, memory); break;
    }
}

constexpr io_kind all_kinds[] = {
    io_kind::read,         io_kind::write,   io_kind::flush,
    io_kind::write_zeroes, io_kind::discard, io_kind::compare_and_write,
};

bool is_zero(const std::vector<std::byte>& bytes)
{
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{}; });
}

}  // namespace

TEST_CASE("an op of any kind ends once, and not inside submit", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        std::vector<std::byte> memory(c.block(), std::byte{1});
        for (const io_kind kind : all_kinds) {
            tracked_op op;
            prepare(op, kind, memory);
            const error_code error = c.run(op);
            const bool optional = kind == io_kind::discard || kind == io_kind::compare_and_write;
            if (!optional) REQUIRE(error == error_code{});
            if (error) REQUIRE(error == errc::not_supported);
            for (int i = 0; i < 3; ++i) c.loop.poll();
            REQUIRE(op.ended == 1);
        }
    });
}

TEST_CASE("what is written is read back, and nothing beside it changes", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const std::uint64_t block = c.block();
        const auto around = pattern(16 * block, 1);
        const auto written = pattern(5 * block, 2);
        c.write(8 * block, around);
        c.write(11 * block, written);
        auto expected = around;
        std::copy(written.begin(), written.end(), expected.begin() + std::ptrdiff_t(3 * block));
        REQUIRE(c.read(8 * block, 16 * block) == expected);

        const auto last = pattern(block, 3);
        c.write(c.shape().size_bytes - block, last);
        REQUIRE(c.read(c.shape().size_bytes - block, block) == last);
    });
}

TEST_CASE("a list of segments of any size and address is one transfer", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const std::uint64_t block = c.block();
        const auto data = pattern(6 * block, 4);
        const std::vector<std::vector<std::size_t>> cuts = {
            {2 * block, block, 3 * block},                      // of blocks
            {1, block - 1, 0, 2 * block + 17, 3 * block - 17},  // of anything
        };
        for (const auto& sizes : cuts) {
            for (const std::size_t shift : {std::size_t{0}, std::size_t{1}}) {
                // Memory of its own for each segment, at an odd address when shifted.
                std::deque<std::vector<std::byte>> from;
                std::deque<std::vector<std::byte>> into;
                std::vector<const_io_segment> gather;
                std::vector<io_segment> scatter;
                std::size_t at = 0;
                for (const std::size_t size : sizes) {
                    auto& source = from.emplace_back(size + shift);
                    std::copy_n(data.begin() + std::ptrdiff_t(at), size,
                                source.begin() + std::ptrdiff_t(shift));
                    gather.push_back({source.data() + shift, size});
                    scatter.push_back({into.emplace_back(size + shift).data() + shift, size});
                    at += size;
                }
                REQUIRE(at == data.size());
                tracked_op op;
                op.prepare_write(block, std::span<const const_io_segment>(gather));
                REQUIRE(c.run(op) == error_code{});
                REQUIRE(c.read(block, data.size()) == data);
                op.prepare_read(block, std::span<const io_segment>(scatter));
                REQUIRE(c.run(op) == error_code{});
                REQUIRE(op.transferred_bytes == data.size());
                REQUIRE(from == into);
            }
        }
    });
}

TEST_CASE("a write with fua, and one from unstable memory, write", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const auto data = pattern(2 * c.block(), 5);
        tracked_op op;
        op.fua = true;
        op.prepare_write(0, std::span<const std::byte>(data));
        REQUIRE(c.run(op) == error_code{});
        tracked_op unstable;
        unstable.unstable_buffer = true;
        unstable.prepare_write(4 * c.block(), std::span<const std::byte>(data));
        REQUIRE(c.run(unstable) == error_code{});
        REQUIRE(c.read(0, data.size()) == data);
        REQUIRE(c.read(4 * c.block(), data.size()) == data);
    });
}

TEST_CASE("a zeroed range reads as zeros, and its neighbours do not", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const std::uint64_t block = c.block();
        for (const bool may_unmap : {true, false}) {
            const auto data = pattern(300 * block, 6);
            c.write(block, data);
            tracked_op op;
            op.may_unmap = may_unmap;
            op.prepare_write_zeroes(3 * block, 290 * block);
            REQUIRE(c.run(op) == error_code{});
            REQUIRE(is_zero(c.read(3 * block, 290 * block)));
            const auto head = c.read(block, 2 * block);
            REQUIRE(std::equal(head.begin(), head.end(), data.begin()));
            const auto tail = c.read(293 * block, 8 * block);
            REQUIRE(std::equal(tail.begin(), tail.end(), data.end() - std::ptrdiff_t(8 * block)));
        }
    });
}

TEST_CASE("a discard does what the geometry promises, or says that it is not supported",
          "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const std::uint64_t unit = std::max<std::uint64_t>(c.block(), 4096);
        const auto data = pattern(3 * unit, 7);
        c.write(0, data);
        const geometry before = c.shape();
        tracked_op op;
        op.prepare_discard(unit, unit);
        const error_code error = c.run(op);
        if (error) {
            REQUIRE(error == errc::not_supported);
            // A capability that has vanished is announced no more.
            REQUIRE(c.shape().discard_granularity_bytes == 0);
            REQUIRE(c.read(0, data.size()) == data);
            return;
        }
        REQUIRE(before.discard_granularity_bytes != 0);
        if (before.discard_reads_zeros) REQUIRE(is_zero(c.read(unit, unit)));
        const auto head = c.read(0, unit);
        const auto tail = c.read(2 * unit, unit);
        REQUIRE(std::equal(head.begin(), head.end(), data.begin()));
        REQUIRE(std::equal(tail.begin(), tail.end(), data.begin() + std::ptrdiff_t(2 * unit)));
    });
}

TEST_CASE("what is out of bounds or between blocks is refused and changes nothing", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const std::uint64_t block = c.block();
        const std::uint64_t size = c.shape().size_bytes;
        const auto data = pattern(2 * block, 8);
        c.write(size - 2 * block, data);
        std::vector<std::byte> other(4 * block, std::byte{9});
        const std::span<const std::byte> memory(other);
        const auto refused = [&](tracked_op& op) { return c.run(op); };
        tracked_op op;
        op.prepare_write(size - block, memory.first(2 * block));
        REQUIRE(refused(op) == errc::out_of_bounds);
        op.prepare_write(size, memory.first(block));
        REQUIRE(refused(op) == errc::out_of_bounds);
        op.prepare_write(UINT64_MAX - block + 1, memory.first(2 * block));
        REQUIRE(refused(op) == errc::out_of_bounds);
        op.prepare_write_zeroes(size - block, 2 * block);
        REQUIRE(refused(op) == errc::out_of_bounds);
        op.prepare_discard(size, block);
        REQUIRE(refused(op) == errc::out_of_bounds);
        op.prepare_read(size, std::span<std::byte>(other).first(block));
        REQUIRE(refused(op) == errc::out_of_bounds);
        op.prepare_write(size - 2 * block + 1, memory.first(block));
        REQUIRE(refused(op) == errc::misaligned);
        op.prepare_write(size - 2 * block, memory.first(block - 1));
        REQUIRE(refused(op) == errc::misaligned);
        op.prepare_write_zeroes(size - 2 * block, 1);
        REQUIRE(refused(op) == errc::misaligned);
        REQUIRE(c.read(size - 2 * block, 2 * block) == data);
    });
}

TEST_CASE("a transfer of nothing succeeds", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        tracked_op op;
        op.prepare_write(0, std::span<const std::byte>());
        REQUIRE(c.run(op) == error_code{});
        op.prepare_read(c.shape().size_bytes, std::span<std::byte>());
        REQUIRE(c.run(op) == error_code{});
        op.prepare_write_zeroes(0, 0);
        REQUIRE(c.run(op) == error_code{});
    });
}

TEST_CASE("more ops than any queue has room for all end once, with their own data", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const std::uint64_t block = c.block();
        const std::size_t count = 700;
        const auto data = pattern(count * block, 9);
        std::deque<tracked_op> ops(count);
        for (std::size_t i = 0; i < count; ++i) {
            ops[i].prepare_write(i * block,
                                 std::span<const std::byte>(data).subspan(i * block, block));
            c.device.submit(ops[i]);
        }
        const auto all_ended = [&] {
            return std::all_of(ops.begin(), ops.end(), [](auto& op) { return op.ended > 0; });
        };
        REQUIRE_FALSE(all_ended());
        c.drive(all_ended);
        for (const tracked_op& op : ops) REQUIRE((op.ended == 1 && !op.error));
        REQUIRE(c.read(0, data.size()) == data);
    });
}

TEST_CASE("an op that is cancelled ends once, as cancelled or as usual", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const std::uint64_t block = c.block();
        const std::size_t count = 500;
        const auto data = pattern(block, 10);
        std::deque<tracked_op> ops(count);
        for (std::size_t i = 0; i < count; ++i) {
            ops[i].prepare_write(i * block, std::span<const std::byte>(data));
            c.device.submit(ops[i]);
        }
        for (tracked_op& op : ops) c.device.cancel(op);
        for (tracked_op& op : ops) REQUIRE(op.ended == 0);
        c.drive([&] {
            return std::all_of(ops.begin(), ops.end(), [](auto& op) { return op.ended > 0; });
        });
        for (int i = 0; i < 3; ++i) c.loop.poll();
        for (std::size_t i = 0; i < count; ++i) {
            REQUIRE(ops[i].ended == 1);
            if (ops[i].error)
                REQUIRE(ops[i].error == std::errc::operation_canceled);
            else
                REQUIRE(c.read(i * block, block) == data);
        }
    });
}

TEST_CASE("an op whose deadline has passed ends as late, one in time leaves no timer", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const auto data = pattern(c.block(), 11);
        c.write(0, pattern(c.block(), 12));
        tracked_op late;
        late.deadline = c.loop.now();
        late.prepare_write(0, std::span<const std::byte>(data));
        REQUIRE(c.run(late) == errc::deadline_exceeded);
        REQUIRE(c.read(0, c.block()) == pattern(c.block(), 12));

        tracked_op in_time;
        in_time.deadline = c.loop.now() + seconds(3600);
        in_time.prepare_write(0, std::span<const std::byte>(data));
        REQUIRE(c.run(in_time) == error_code{});
        c.drive([&] { return !c.loop.next_deadline().has_value(); });
        REQUIRE(c.read(0, c.block()) == data);
    });
}

TEST_CASE("a completion may submit its own op again", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        struct chain : tracked_op {
            const contract_case* of = nullptr;
            std::vector<std::byte> memory;
            int left = 200;
            bool nested = false;
            bool inside = false;
        } op;
        op.of = &c;
        op.memory.resize(c.block());
        op.done = [](io_op& which, error_code error) noexcept {
            auto& self = static_cast<chain&>(which);
            self.nested = self.nested || self.inside;
            self.error = error;
            if (error || --self.left == 0) {
                ++self.ended;
                return;
            }
            self.inside = true;
            self.prepare_read(0, std::span<std::byte>(self.memory));
            self.of->device.submit(self);
            self.inside = false;
        };
        op.prepare_read(0, std::span<std::byte>(op.memory));
        REQUIRE(c.run(op) == error_code{});
        REQUIRE(op.left == 0);
        REQUIRE_FALSE(op.nested);
    });
}

TEST_CASE("the reported extents hold all that is not zero, in order and apart", "[contract]")
{
    over_all_devices([](const contract_case& c) {
        const std::uint64_t size = c.shape().size_bytes;
        const auto data = pattern(c.block(), 13);
        c.write(0, data);
        c.write(size / 2, data);
        c.write(size - c.block(), data);
        tracked_op flush;
        flush.prepare_flush();
        REQUIRE(c.run(flush) == error_code{});
        std::vector<byte_extent> found;
        REQUIRE(c.device.data_extents([&](byte_extent run) { found.push_back(run); }));
        std::uint64_t end = 0;
        for (const byte_extent& run : found) {
            REQUIRE(run.offset_bytes >= end);
            REQUIRE_FALSE(run.empty());
            REQUIRE(run.offset_bytes % c.block() == 0);
            REQUIRE(run.length_bytes % c.block() == 0);
            end = run.end_bytes();
        }
        REQUIRE(end <= size);
        for (const std::uint64_t at : {std::uint64_t{0}, size / 2, size - c.block()}) {
            const byte_extent block{at, c.block()};
            REQUIRE(std::any_of(found.begin(), found.end(),
                                [&](byte_extent run) { return run.contains(block); }));
        }
    });
}
