// test/support/runtime_rig.hpp -- a shard over memory devices that tests can make fail.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/object_path_parse.hpp>
#include <cimrep/io/fault_device.hpp>
#include <cimrep/io/memory_device.hpp>
#include <cimrep/io/portable_loop.hpp>
#include <cimrep/runtime/shard.hpp>

#include "catch.hpp"
#include "virtual_loop.hpp"
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cimrep::test {

inline constexpr std::uint64_t device_bytes = 8 * mib;

inline object_path element_path(const std::string& name)
{
    return make_object_path({.name_space = "root/cimv2",
                             .class_name = "CIM_StorageVolume",
                             .keys = {{"DeviceID", name}}})
        .value();
}

/// Compares by words: std::equal takes std::byte one by one, and tests compare whole devices.
inline bool same_bytes(std::span<const std::byte> a, std::span<const std::byte> b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

/// Passes everything to a device that somebody else owns, so that tests keep it after a close.
class borrowed_device final : public block_device {
public:
    explicit borrowed_device(block_device& lender) : lender_(&lender) {}
    const geometry& shape() const noexcept override { return lender_->shape(); }
    event_loop& loop() const noexcept override { return lender_->loop(); }
    void submit(io_op& op) noexcept override { lender_->submit(op); }
    void cancel(io_op& op) noexcept override { lender_->cancel(op); }
    result<> data_extents(const std::function<void(byte_extent)>& report) const override
    {
        return lender_->data_extents(report);
    }

private:
    block_device* lender_;
};

/// Elements in memory: each a memory_device below a fault_device, by name.
class memory_elements final : public element_provider {
public:
    struct element {
        std::unique_ptr<memory_device> memory;  ///< what survives a close
        std::unique_ptr<fault_device> device;
        bool present = true;
        bool refuse = false;  ///< open() fails
        unsigned opened = 0;
    };

    explicit memory_elements(event_loop& loop) : loop_(&loop) {}

    element& add(const std::string& name, memory_device_options options)
    {
        element made;
        made.memory = std::make_unique<memory_device>(*loop_, options);
        made.device = std::make_unique<fault_device>(
            *made.memory, fault_device_options{.model_volatile_cache = options.volatile_cache});
        return elements_.insert_or_assign(name, std::move(made)).first->second;
    }
    element& operator[](const std::string& name) { return elements_.at(name); }
    fault_script& faults(const std::string& name) { return elements_.at(name).device->faults(); }

    outcome<element_description> describe(const object_path& path) const override
    {
        const auto* name = path.key_as<std::string>("DeviceID");
        const auto found = name == nullptr ? elements_.end() : elements_.find(*name);
        if (found == elements_.end() || !found->second.present)
            return fail(errc::stale_reference, to_text(path), "name an element that exists");
        const geometry& shape = found->second.device->shape();
        return element_description{path, "memory:" + *name, *name, shape.size_bytes,
                                   shape.logical_block_bytes};
    }
    outcome<std::unique_ptr<block_device>> open(event_loop&, const object_path& path,
                                                const element_open_request&) override
    {
        CIMREP_TRY(const auto known, describe(path));
        element& found = elements_.at(known.location);
        if (found.refuse) return fail(errc::element_in_use, known.location, "close it");
        ++found.opened;
        return std::unique_ptr<block_device>(std::make_unique<borrowed_device>(*found.device));
    }

private:
    event_loop* loop_;
    std::map<std::string, element> elements_;
};

/// A control_op that remembers that it is done.
struct waited_op : control_op {
    bool over = false;
    waited_op()
    {
        done = [](control_op& op) noexcept { static_cast<waited_op&>(op).over = true; };
    }
};

/// A verification that does.
struct waited_verify : verify_op {
    bool over = false;
    explicit waited_verify(bool repairs = false)
    {
        repair = repairs;
        done = [](control_op& op) noexcept { static_cast<waited_verify&>(op).over = true; };
    }
};

/// A host operation that remembers how it ended.
struct host_op : io_op {
    bool over = false;
    unsigned times = 0;
    error_code error{};
    host_op()
    {
        done = [](io_op& op, error_code how) noexcept {
            auto& self = static_cast<host_op&>(op);
            self.over = true;
            ++self.times;
            self.error = how;
        };
    }
};

/// A loop, elements and a shard, closed at the end.
template <class Loop>
struct basic_runtime_rig {
    Loop loop;
    memory_elements elements{loop};
    std::unique_ptr<shard> opened;
    shard_options options;

    explicit basic_runtime_rig(shard_options wanted = {}) : options(std::move(wanted))
    {
        options.elements = &elements;
        options.windows_max = std::min<std::size_t>(options.windows_max, 4);
        options.windows_busy = std::min<std::size_t>(options.windows_busy, 2);
    }
    ~basic_runtime_rig()
    {
        if (opened) close();
    }

    shard& open()
    {
        auto made = shard::open(loop, options);
        REQUIRE(made.has_value());
        opened = std::move(made).value();
        return *opened;
    }
    void close()
    {
        waited_op op;
        opened->close(op);
        run_until([&] { return op.over; });
        opened.reset();
    }
    /// Waits until it is known what the legs hold.
    void recover()
    {
        waited_op op;
        opened->await_recovery(op);
        run_until([&] { return op.over; });
    }
    /// Turns the loop until `reached()`; fails the test after very many turns.
    void run_until(const std::function<bool()>& reached, std::size_t turns = 200000)
    {
        for (std::size_t i = 0; i < turns && !reached(); ++i) loop.run_once(milliseconds(1));
        REQUIRE(reached());
    }
    void settle(std::size_t turns = 64)
    {
        for (std::size_t i = 0; i < turns; ++i) loop.poll();
    }

    error_code run(block_device& device, host_op& op)
    {
        device.submit(op);
        REQUIRE_FALSE(op.over);
        run_until([&] { return op.over; });
        return op.error;
    }
    error_code write(block_device& device, std::uint64_t offset, std::uint64_t length,
                     unsigned char fill)
    {
        std::vector<std::byte> data(length, std::byte{fill});
        host_op op;
        op.prepare_write(offset, data);
        return run(device, op);
    }
    error_code read(block_device& device, std::uint64_t offset, std::span<std::byte> into)
    {
        host_op op;
        op.prepare_read(offset, into);
        return run(device, op);
    }
    error_code flush(block_device& device)
    {
        host_op op;
        op.prepare_flush();
        return run(device, op);
    }

    relationship& mirror(const std::string& source, const std::string& target,
                         initial_synchronization initial = initial_synchronization::copy)
    {
        return mirror(
            {.source = element_path(source), .target = element_path(target), .initial = initial});
    }
    /// One that waits for its client when a leg is back.
    relationship& mirror_by_hand(const std::string& source, const std::string& target)
    {
        mirror_request wanted{.source = element_path(source), .target = element_path(target)};
        wanted.settings.copy_recovery_mode = desired_copy_recovery_mode::manual;
        return mirror(wanted);
    }
    relationship& mirror(const mirror_request& wanted)
    {
        waited_op op;
        auto made = opened->create_mirror(wanted, op);
        if (!made) FAIL(made.error().sentence());
        run_until([&] { return op.over; });
        REQUIRE_FALSE(op.error);
        return *made.value();
    }
    void wait_for(relationship& which, copy_state state)
    {
        run_until([&] { return which.info().copy_state == state; });
    }
    /// Requests and waits until it has settled; the failure's sentence, or nothing.
    std::string request(relationship& which, operation what, bool force = false)
    {
        waited_op op;
        const auto started = which.request(what, force, op);
        if (!started) return started.error().sentence();
        run_until([&] { return op.over; });
        return op.error ? op.error->sentence() : "";
    }
    bool equal(const std::string& a, const std::string& b, std::uint64_t bytes)
    {
        return same_bytes(elements[a].memory->memory().first(bytes),
                          elements[b].memory->memory().first(bytes));
    }
};

using runtime_rig = basic_runtime_rig<portable_loop>;
using virtual_rig = basic_runtime_rig<virtual_loop>;

}  // namespace cimrep::test
