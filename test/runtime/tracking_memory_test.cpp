// test/runtime/tracking_memory_test.cpp -- what a volume takes of memory, all of it at open.
// SPDX-License-Identifier: BSL-1.0
#include "counting_memory.hpp"
#include "leg_rig.hpp"
#include "sparse_device.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A volume of that size with one target in sync, and the memory that it took.
struct sized_rig {
    counting_memory memory;
    virtual_rig rig;
    sparse_elements elements{rig.loop};
    volume* opened = nullptr;

    explicit sized_rig(std::uint64_t size_bytes) : rig(shard_options{.memory = &memory})
    {
        for (const char* name : {"s", "t"}) elements.add(name, size_bytes);
        rig.options.elements = &elements;
        rig.open();
        opened = rig.opened->volume(element_path("s")).value();
        rig.wait_for(rig.mirror("s", "t"), copy_state::synchronized);
    }
    ~sized_rig() { rig.close(); }
    std::uint64_t tracking() const { return opened->statistics().tracking_memory_bytes; }
};

}  // namespace

TEST_CASE("two legs of 1 TiB are tracked in at most 24 MiB", "[runtime][memory]")
{
    const sized_rig small(4 * mib), large(tib);
    CHECK(large.tracking() <= 24 * mib);
    CHECK(large.tracking() >= 2 * tib / (64 * kib) / 8);
    // What the memory resource gave for the size agrees with what the statistics say.
    const std::uint64_t given = large.memory.bytes() - small.memory.bytes();
    const std::uint64_t said = large.tracking() - small.tracking();
    CHECK(given <= 24 * mib);
    CHECK(given <= said + kib);
    CHECK(said <= given + kib);
}

TEST_CASE("what is charged to the budget is what the volume takes", "[runtime][memory]")
{
    const sized_rig small(4 * mib), large(tib);
    for (const sized_rig* each : {&small, &large}) {
        const std::uint64_t charged = each->rig.opened->statistics().memory_bytes;
        const std::uint64_t taken = each->memory.bytes();
        CAPTURE(charged, taken);
        CHECK(taken <= charged + charged / 100);
        CHECK(charged <= taken + taken / 100);
    }
}

TEST_CASE("after it is open the host's path takes nothing from the memory resource",
          "[runtime][memory]")
{
    counting_memory memory;
    leg_rig r({.memory = &memory, .leg_deadline = milliseconds(20)});
    const std::uint64_t before = memory.allocations();
    std::vector<std::unique_ptr<owned_op>> ops;
    for (unsigned i = 0; i < 600; ++i) {
        ops.push_back(std::make_unique<owned_op>(4096, i));
        owned_op& op = *ops.back();
        const std::uint64_t offset = i * 7 % 1000 * 4096;
        switch (i % 6) {
        case 0: op.prepare_read(offset, std::span<std::byte>(op.data)); break;
        case 1: op.prepare_flush(); break;
        case 2: op.prepare_write_zeroes(offset, 4096); break;
        case 3: op.prepare_compare_and_write(offset, op.data, op.data); break;
        case 4: op.unstable_buffer = true; [[fallthrough]];
        case 5: op.prepare_write(offset, std::span<const std::byte>(op.data)); break;
        }
        r.front->submit(op);
    }
    r.rig.run_until([&] {
        return std::all_of(ops.begin(), ops.end(), [](const auto& each) { return each->over; });
    });
    CHECK(r.opened->statistics().request_waits != 0);
    CHECK(memory.allocations() == before);
}
