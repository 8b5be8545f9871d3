// test/runtime/image_rig.hpp -- a durable mirror whose disks can be put back to what they were.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "durable_rig.hpp"
#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace cimrep::test {

/// A durable mirror of "s" to "t" whose disks can be put back to what they were.
struct image_rig : durable_rig {
    using image = std::vector<std::byte>;
    static constexpr std::uint64_t volume_bytes = 12 * mib;
    /// Where images of different times differ.
    static constexpr std::uint64_t old_place = 512 * kib;

    explicit image_rig(bool labelled = false) : durable_rig(volume_bytes)
    {
        rig.elements.add("t", {.size_bytes = volume_bytes + (labelled ? 8 * kib : 0)});
        rig.wait_for(rig.mirror("s", "t"), copy_state::synchronized);
        REQUIRE_FALSE(rig.write(front(), 0, volume_bytes, 0x11));
    }

    std::span<std::byte> memory(const std::string& name)
    {
        return name == "repository" ? disk.memory() : rig.elements[name].memory->memory();
    }
    image take(const std::string& name)
    {
        const auto now = memory(name);
        return {now.begin(), now.end()};
    }
    void put_back(const std::string& name, const image& was)
    {
        std::ranges::copy(was, memory(name).begin());
    }
    /// Writes what makes images of this time differ from earlier ones, and closes in order.
    void go_on(unsigned char fill)
    {
        REQUIRE_FALSE(rig.write(front(), old_place, 8 * kib, fill));
        close();
    }
    /// Closed with 0x33 at `old_place`. Returns what the disk held at the close before, 0x22.
    image leave_behind(const std::string& name)
    {
        go_on(0x22);
        image was = take(name);
        open_and_wait();
        go_on(0x33);
        return was;
    }
    void open_and_wait()
    {
        open();
        rig.recover();
    }
    /// Ends the process in the midst of it: the next one finds what was there at this moment.
    void crash()
    {
        std::map<std::string, image> now;
        for (const char* name : {"repository", "s", "t"}) now[name] = take(name);
        close();
        for (const auto& [name, was] : now) put_back(name, was);
    }
    std::byte at(const std::string& name, std::uint64_t offset) { return memory(name)[offset]; }
    leg_info leg(std::size_t index)
    {
        return rig.opened->volume(element_path("s")).value()->legs().at(index);
    }
    std::byte read_byte(std::uint64_t offset)
    {
        std::vector<std::byte> data(512);
        REQUIRE_FALSE(rig.read(front(), offset, data));
        return data[0];
    }
};

}  // namespace cimrep::test
