// test/runtime/mark_first_test.cpp -- no data reaches a device before its extents are marked.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"
#include <random>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Complains of every change that reaches a device before the mark of its extents is durable.
struct watched_rig : leg_rig {
    unsigned early = 0;
    unsigned changes = 0;

    explicit watched_rig(shard_options wanted = {},
                         std::initializer_list<const char*> targets = {"t"})
        : leg_rig(std::move(wanted), targets)
    {
        taps.shown = [this](const std::string&, const io_op& op) {
            if (!op.changes()) return;
            ++changes;
            if (!store.has_marked(op.extent())) ++early;
        };
    }
    ~watched_rig() { taps.shown = nullptr; }
};

}  // namespace

TEST_CASE("however late the repository is, marks are durable before data is sent",
          "[runtime][record]")
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        std::vector<std::unique_ptr<owned_op>> ops;
        watched_rig r;
        for (unsigned i = 0; i < 40; ++i) {
            r.store.takes = duration{static_cast<std::int64_t>(random() % 3) * 1'000'000};
            ops.push_back(std::make_unique<owned_op>((1 + random() % 8) * block_bytes, 0x11));
            owned_op& op = *ops.back();
            const std::uint64_t size = op.data.size();
            const std::uint64_t offset = random() % 3 == 0
                                             ? hot_extent_bytes - block_bytes
                                             : random() % ((r.size - size) / 512) * 512;
            switch (random() % 4) {
            case 0: op.prepare_write_zeroes(offset, size); break;
            case 1: op.prepare_discard(offset, size); break;
            case 2: op.unstable_buffer = true; [[fallthrough]];
            case 3: op.prepare_write(offset, std::span<const std::byte>(op.data)); break;
            }
            r.front->submit(op);
            if (random() % 4 == 0) r.advance(milliseconds(1));
        }
        r.advance(milliseconds(20));
        for (const auto& each : ops) REQUIRE(each->over);
        CHECK(r.changes >= 80);
        CHECK(r.early == 0);
        CHECK(r.rig.equal("s", "t", r.size));
    }
}

TEST_CASE("each kind of change waits for the mark of its extent", "[runtime][record]")
{
    owned_op op(block_bytes, 0x11);
    const std::vector<std::byte> expected(block_bytes), wanted = filled(block_bytes, 0x22);
    watched_rig r;
    r.store.holds = {record_kind::hot_extents};
    switch (GENERATE(0, 1, 2, 3, 4)) {
    case 0: op.prepare_write(0, std::span<const std::byte>(op.data)); break;
    case 1: op.prepare_write_zeroes(0, block_bytes); break;
    case 2: op.prepare_discard(0, block_bytes); break;
    case 3: op.prepare_compare_and_write(0, expected, wanted); break;
    case 4:
        op.fua = true;
        op.prepare_write(0, std::span<const std::byte>(op.data));
        break;
    }
    r.front->submit(op);
    r.advance(seconds(1));
    CHECK(r.store.held() == 1);
    CHECK(r.changes == 0);
    CHECK_FALSE(op.over);
    // Where nothing is written nobody waits.
    CHECK(r.reads_as(hot_extent_bytes, block_bytes, 0));
    CHECK_FALSE(r.flush());
    r.store.let_go();
    r.rig.run_until([&] { return op.over; });
    CHECK_FALSE(op.error);
    CHECK(r.changes == 2);
    CHECK(r.early == 0);
}

TEST_CASE("a write into an extent whose mark is on its way waits for it as well",
          "[runtime][record]")
{
    owned_op first(block_bytes, 0x11), second(block_bytes, 0x22), both(2 * block_bytes, 0x33);
    watched_rig r;
    r.store.holds = {record_kind::hot_extents};
    r.write(first, 0);
    r.rig.settle();
    r.write(second, mib);
    r.write(both, hot_extent_bytes - block_bytes);
    r.rig.settle();
    CHECK(r.changes == 0);
    r.store.let_go();
    r.rig.run_until([&] { return first.over && second.over && both.over; });
    CHECK(r.early == 0);
    CHECK(r.rig.equal("s", "t", r.size));
    // Hot by now: no record is asked for.
    const std::size_t asked = r.store.asked.size();
    CHECK_FALSE(r.put(2 * mib, block_bytes, 0x44));
    CHECK(r.store.asked.size() == asked);
}

TEST_CASE("a write whose mark cannot be made durable fails and reaches no device",
          "[runtime][record]")
{
    watched_rig r;
    r.store.fails = {record_kind::hot_extents};
    CHECK(r.put(0, block_bytes, 0x11) == errc::injected);
    CHECK(r.changes == 0);
    CHECK(r.state("t") == copy_state::synchronized);
    // The next write into that extent asks again, and does not believe in the mark that failed.
    r.store.fails.clear();
    CHECK_FALSE(r.put(0, block_bytes, 0x22));
    CHECK(r.early == 0);
    CHECK(r.holds("t", 0, block_bytes, 0x22));
}
