// test/runtime/room_rig.hpp -- a volume of many extents, of which few may be hot.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "leg_rig.hpp"
#include "sparse_device.hpp"

namespace cimrep::test {

/// The volume "s", mirrored to "t" unless a test wants it alone.
struct room_rig {
    static constexpr std::uint64_t extent = 4 * mib;
    static constexpr std::size_t room = 64;  ///< the least that a shard takes
    static constexpr std::size_t length = 4096;

    scripted_repository store;
    virtual_rig rig{{.repository = &store, .requests_max = 128, .hot_extents_max = room}};
    sparse_elements elements{rig.loop};
    tapped_elements taps{elements};
    volume* opened = nullptr;
    block_device* front = nullptr;
    relationship* pair = nullptr;

    explicit room_rig(bool mirrored = true)
    {
        store.use(rig.loop);
        for (const char* name : {"s", "t"}) elements.add(name, 400 * extent);
        rig.options.elements = &taps;
        rig.open();
        opened = rig.opened->volume(element_path("s")).value();
        front = &opened->front();
        if (!mirrored) return;
        pair = &rig.mirror("s", "t");
        rig.wait_for(*pair, copy_state::synchronized);
    }
    ~room_rig()
    {
        for (const char* name : {"s", "t"}) let_go(name);
        rig.close();
    }
    void hang(const char* name, io_kind kind)
    {
        elements.device(name).faults().add(
            {.kind = kind, .times = fault::always, .action = fault_action::hold});
    }
    void let_go(const char* name)
    {
        elements.device(name).faults().clear();
        while (elements.device(name).release() != 0) rig.settle(4);
        rig.settle();
    }
    std::uint64_t flushes(const char* name)
    {
        return elements.device(name).statistics().submitted_of(io_kind::flush);
    }
    void write(owned_op& op, std::uint64_t offset)
    {
        op.prepare_write(offset, std::span<const std::byte>(op.data));
        front->submit(op);
    }
    error_code put(std::uint64_t offset, unsigned value)
    {
        return rig.write(*front, offset, length, static_cast<unsigned char>(value));
    }
    /// Makes extents [0, room) hot.
    void fill()
    {
        for (unsigned i = 0; i < room; ++i) REQUIRE_FALSE(put(i * extent, i + 1));
    }
    bool in_sync() { return elements.sparse("s").equals(elements.sparse("t")); }
};

}  // namespace cimrep::test
