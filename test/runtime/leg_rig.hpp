// test/runtime/leg_rig.hpp -- a volume and its legs in a test's words: who hangs, who holds what.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "runtime_rig.hpp"
#include "scripted_repository.hpp"
#include "tapped_elements.hpp"
#include <algorithm>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::test {

inline constexpr std::size_t block_bytes = 4096;
inline constexpr std::uint64_t region_bytes = 64 * kib;     ///< as a shard has it
inline constexpr std::uint64_t hot_extent_bytes = 4 * mib;  ///< as a shard has it
inline const shard_options impatient{.leg_deadline = milliseconds(20)};

inline std::vector<std::byte> filled(std::size_t bytes, unsigned value)
{
    return std::vector<std::byte>(bytes, static_cast<std::byte>(value));
}
inline bool all_are(std::span<const std::byte> memory, unsigned value)
{
    return std::all_of(memory.begin(), memory.end(),
                       [&](std::byte b) { return b == static_cast<std::byte>(value); });
}

/// A host operation with memory of its own that remembers its end and the release of its memory.
struct owned_op : host_op {
    std::vector<std::byte> data;
    unsigned releases = 0;
    bool released_first = false;  ///< before `done`
    monotonic_time ended_at{};

    explicit owned_op(std::size_t bytes = 0, unsigned value = 0) : data(filled(bytes, value))
    {
        done = [](io_op& op, error_code how) noexcept {
            auto& self = static_cast<owned_op&>(op);
            self.over = true;
            ++self.times;
            self.error = how;
            self.ended_at = self.device->loop().now();
        };
        released = [](io_op& op) noexcept {
            auto& self = static_cast<owned_op&>(op);
            ++self.releases;
            self.released_first |= !self.over;
        };
    }
    void poison(unsigned value) { std::fill(data.begin(), data.end(), std::byte(value)); }
};

/// The volume "s" and its targets, in sync unless a test wants to mirror them itself.
struct leg_rig {
    static constexpr std::uint64_t size = 8 * mib;

    scripted_repository store;
    virtual_rig rig;
    tapped_elements taps{rig.elements};
    volume* opened = nullptr;
    block_device* front = nullptr;
    std::map<std::string, relationship*> pairs;

    explicit leg_rig(shard_options wanted = {}, std::initializer_list<const char*> targets = {"t"},
                     bool cached = false)
        : rig([&] {
              wanted.repository = &store;
              return std::move(wanted);
          }())
    {
        store.use(rig.loop);
        for (const char* name : {"s", "t", "u"})
            rig.elements.add(name, {.size_bytes = size, .volatile_cache = cached});
        rig.options.elements = &taps;
        rig.open();
        opened = rig.opened->volume(element_path("s")).value();
        front = &opened->front();
        for (const char* name : targets) {
            pairs[name] = &rig.mirror("s", name);
            rig.wait_for(*pairs[name], copy_state::synchronized);
        }
    }
    ~leg_rig()
    {
        store.fails.clear();
        store.let_go();
        for (const char* name : {"s", "t", "u"}) let_go(name);
        if (rig.opened) rig.close();
    }

    /// From now on ops of this kind on a leg stay there until let_go(); those that it held before
    /// count as they were.
    void hang(const char* name, io_kind kind, fault_action how = fault_action::hold)
    {
        rig.elements.faults(name).add({.kind = kind, .times = fault::always, .action = how});
    }
    /// The leg answers again, what it held and what is new.
    void let_go(const char* name)
    {
        rig.elements.faults(name).clear();
        rig.settle(4);
        while (rig.elements[name].device->release() != 0) rig.settle(4);
        rig.settle();
    }
    void fail_next(const char* name, io_kind kind, fault_action how = fault_action::fail)
    {
        rig.elements.faults(name).add({.kind = kind, .action = how});
    }

    monotonic_time now() const { return rig.loop.now(); }
    /// Lets this much time pass, and what is due then happen.
    void advance(duration by)
    {
        const monotonic_time end = now() + by;
        while (now() < end) rig.loop.run_once(end - now());
        rig.settle(16);
    }

    void write(owned_op& op, std::uint64_t offset)
    {
        op.prepare_write(offset, std::span<const std::byte>(op.data));
        front->submit(op);
    }
    void read(owned_op& op, std::uint64_t offset)
    {
        op.prepare_read(offset, std::span<std::byte>(op.data));
        front->submit(op);
    }
    error_code put(std::uint64_t offset, std::size_t bytes, unsigned value)
    {
        return rig.write(*front, offset, bytes, static_cast<unsigned char>(value));
    }
    bool reads_as(std::uint64_t offset, std::size_t bytes, unsigned value)
    {
        std::vector<std::byte> data(bytes);
        REQUIRE_FALSE(rig.read(*front, offset, data));
        return all_are(data, value);
    }
    error_code flush() { return rig.flush(*front); }

    std::span<std::byte> bytes(const char* name, std::uint64_t offset, std::size_t length)
    {
        return rig.elements[name].memory->memory().subspan(offset, length);
    }
    bool holds(const char* name, std::uint64_t offset, std::size_t length, unsigned value)
    {
        return all_are(bytes(name, offset, length), value);
    }
    leg_info leg(const char* name) const
    {
        for (const leg_info& each : opened->legs())
            if (each.element == element_path(name)) return each;
        FAIL("no leg " << name);
        return {};
    }
    bool current(const char* name) const { return leg(name).role == leg_role::current; }
    copy_state state(const char* name) const { return pairs.at(name)->info().copy_state; }
    std::uint64_t sent(const char* name, io_kind kind)
    {
        return rig.elements[name].device->statistics().submitted_of(kind);
    }

    /// Brings a target back, or the source from a target, and says whether the two are equal then.
    bool resync(const char* name, bool force = false)
    {
        return bring(name, operation::resync_replica, force);
    }
    bool restore(const char* name) { return bring(name, operation::restore_from_replica, true); }

private:
    bool bring(const char* name, operation how, bool force)
    {
        const std::string refused = rig.request(*pairs.at(name), how, force);
        INFO(refused);
        REQUIRE(refused.empty());
        rig.wait_for(*pairs.at(name), copy_state::synchronized);
        return rig.equal("s", name, size);
    }
};

}  // namespace cimrep::test
