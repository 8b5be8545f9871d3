// test/runtime/copy_progress_test.cpp -- a long copy that a crash interrupts goes on where it was.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/engine/copy_pass.hpp>

#include "durable_rig.hpp"
#include <algorithm>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("a copy that a crash interrupts goes on from its last flush", "[runtime][progress]")
{
    // Some times what is copied between two flushes.
    constexpr std::uint64_t size_bytes = 256 * mib;
    constexpr std::uint64_t flushed_bytes = copy_pass::unflushed_bytes_for(size_bytes);
    static_assert(flushed_bytes == 64 * mib);
    durable_rig r(size_bytes);
    const std::span<std::byte> source = r.rig.elements["s"].memory->memory();
    for (std::uint64_t at = 0; at < size_bytes; at += 64 * kib) source[at] = std::byte{1};
    relationship& made = r.rig.mirror("s", "t");
    r.rig.run_until([&] { return made.info().different_bytes <= size_bytes - flushed_bytes; });
    const std::uint64_t commits = r.store->statistics().commits;
    r.rig.run_until([&] { return r.store->statistics().commits > commits; });
    REQUIRE(made.info().copy_state == copy_state::unsynchronized);

    // What a crash at this moment would find.
    const std::span<std::byte> disk = r.disk.memory();
    const std::vector<std::byte> found(disk.begin(), disk.end());
    r.rig.wait_for(made, copy_state::synchronized);
    r.close();
    std::ranges::copy(found, disk.begin());
    r.open();
    CHECK(r.pair().info().copy_state == copy_state::unsynchronized);
    CHECK(r.pair().info().different_bytes <= size_bytes - flushed_bytes);
    CHECK(r.pair().info().different_bytes >= mib);
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", size_bytes));
}
