// test/runtime/stuck_memory_test.cpp -- what a stuck device keeps is replaced, and not for ever.
// SPDX-License-Identifier: BSL-1.0
#include "counting_memory.hpp"
#include "leg_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

void hang_with_writes(leg_rig& r, unsigned count)
{
    std::vector<std::unique_ptr<owned_op>> writes;
    r.hang("t", io_kind::write);
    for (unsigned i = 0; i < count; ++i) {
        writes.push_back(std::make_unique<owned_op>(block_bytes, 0x11));
        writes.back()->unstable_buffer = true;
        r.write(*writes.back(), i * block_bytes);
    }
    r.advance(milliseconds(20));
    for (const auto& each : writes) CHECK(each->over);
    REQUIRE(r.state("t") == copy_state::broken);
}

}  // namespace

TEST_CASE("a leg that hangs again and again does not take more memory each time",
          "[runtime][late][memory]")
{
    counting_memory memory;
    {
        leg_rig r({.memory = &memory, .leg_deadline = milliseconds(20)});
        std::uint64_t after_first = 0;
        for (unsigned round = 0; round < 5; ++round) {
            CAPTURE(round);
            hang_with_writes(r, 8);
            r.let_go("t");
            CHECK(r.resync("t"));
            if (round == 0) after_first = memory.bytes();
            CHECK(memory.bytes() <= after_first);
        }
    }
    CHECK(memory.bytes() == 0);
}
