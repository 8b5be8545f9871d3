// test/fuzz/service_world.hpp -- a service over tiny elements, processes that end, and an oracle.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/object_path_parse.hpp>
#include <cimrep/io/fault_device.hpp>
#include <cimrep/io/memory_device.hpp>
#include <cimrep/service/replication_service.hpp>

#include "../service/remembering_repository.hpp"
#include "content_memory.hpp"
#include "fuzz_bytes.hpp"
#include "virtual_loop.hpp"
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::test {

inline object_path fuzz_element_path(const std::string& name)
{
    return make_object_path({.name_space = "root/cimv2",
                             .class_name = "CIM_StorageVolume",
                             .keys = {{"DeviceID", name}}})
        .value();
}

/// What stays of an element when a process ends.
struct fuzz_element {
    fuzz_element(event_loop& loop, std::string called)
        : name(std::move(called)),
          memory(loop, {.size_bytes = fuzz_region_bytes * fuzz_regions, .volatile_cache = true}),
          device(memory, {.model_volatile_cache = true})
    {
    }
    std::string name;
    memory_device memory;
    fault_device device;
    bool present = true;
};

/// The elements "s", "t" and "u".
class fuzz_elements final : public element_provider {
public:
    explicit fuzz_elements(event_loop& loop) : all{{{loop, "s"}, {loop, "t"}, {loop, "u"}}} {}

    outcome<element_description> describe(const object_path& path) const override
    {
        const auto* name = path.key_as<std::string>("DeviceID");
        for (const fuzz_element& each : all)
            if (name != nullptr && each.name == *name && each.present)
                return element_description{path, "memory:" + each.name, each.name,
                                           each.memory.shape().size_bytes,
                                           each.memory.shape().logical_block_bytes};
        return fail(errc::stale_reference, to_text(path), "name s, t or u");
    }
    outcome<std::unique_ptr<block_device>> open(event_loop&, const object_path& path,
                                                const element_open_request&) override
    {
        CIMREP_TRY(const auto known, describe(path));
        for (fuzz_element& each : all)
            if (each.name == known.location)
                return std::unique_ptr<block_device>(std::make_unique<borrowed>(each.device));
        return fail(errc::stale_reference, to_text(path), "name s, t or u");
    }
    std::vector<object_path> available_targets(const object_path&) const override
    {
        return {fuzz_element_path("t"), fuzz_element_path("u")};
    }

    std::array<fuzz_element, 3> all;

private:
    class borrowed final : public block_device {
    public:
        explicit borrowed(block_device& lender) : lender_(&lender) {}
        const geometry& shape() const noexcept override { return lender_->shape(); }
        event_loop& loop() const noexcept override { return lender_->loop(); }
        void submit(io_op& op) noexcept override { lender_->submit(op); }
        void cancel(io_op& op) noexcept override { lender_->cancel(op); }

    private:
        block_device* lender_;
    };
};

/// How a process ends.
enum class fuzz_end : std::uint8_t { close, kill, power_loss };

/// The shard and the service of one process after the other.
class service_world {
public:
    service_world();
    ~service_world() { end(fuzz_end::close, 0); }
    service_world(const service_world&) = delete;
    service_world& operator=(const service_world&) = delete;

    /// Everything that needs no time.
    void rest();
    /// As rest(), with time.
    void wait(duration time);
    /// Lets everything go on that faults hold, and no fault strikes any more.
    void heal();
    void end(fuzz_end how, unsigned survivors);
    void begin();

    /// A call or an operation of a host that goes on, in its own memory.
    struct pending {
        virtual ~pending() = default;
        bool over = false;
        virtual void finished(service_world&) {}
    };
    /// Waits for `what` as long as that takes no time; later if it must.
    void follow(std::unique_ptr<pending> what);
    bool idle() const { return going_on_.empty(); }

    std::vector<object_path> jobs() const;
    std::vector<object_path> relationships() const;

    virtual_loop loop;
    fuzz_elements elements{loop};
    content_memory content;
    std::unique_ptr<shard> opened;
    std::unique_ptr<replication_service> service;

private:
    struct closing : control_op {
        bool over = false;
    };
    void collect();
    void finish_all();

    remembering_repository store_{loop};
    std::vector<std::unique_ptr<pending>> going_on_;
};

inline service_world::service_world()
{
    for (fuzz_element& each : elements.all) content.fill(each.memory.memory());
    begin();
}

inline void service_world::begin()
{
    shard_options options;
    options.elements = &elements;
    options.repository = &store_;
    options.requests_max = 4;
    options.hot_extents_max = 4;
    options.region_bytes = options.window_bytes = fuzz_region_bytes;
    options.windows_max = options.windows_busy = 1;
    auto made = shard::open(loop, options);
    demand(made.has_value(), made ? "" : made.error().sentence().c_str());
    opened = std::move(made).value();
    service = std::make_unique<replication_service>(*opened);
    rest();
}

inline void service_world::collect()
{
    for (std::size_t i = 0; i < going_on_.size();) {
        if (!going_on_[i]->over) {
            ++i;
            continue;
        }
        const auto ended = std::move(going_on_[i]);
        going_on_.erase(going_on_.begin() + static_cast<std::ptrdiff_t>(i));
        ended->finished(*this);
    }
}

inline void service_world::rest()
{
    for (unsigned turn = 0; loop.run_once(duration{}) != 0; ++turn)
        demand(turn < 100000, "the loop comes to rest");
    collect();
}

inline void service_world::wait(duration time)
{
    const auto until = loop.now() + time;
    for (unsigned turn = 0; loop.now() < until && turn < 10000; ++turn)
        loop.run_once(until - loop.now());
    rest();
}

inline void service_world::heal()
{
    for (fuzz_element& each : elements.all) {
        each.device.faults().clear();
        each.device.release();
        each.present = true;
    }
    content.caches_are_honest(true);
}

inline void service_world::follow(std::unique_ptr<pending> what)
{
    going_on_.push_back(std::move(what));
    rest();
}

inline void service_world::finish_all()
{
    for (unsigned turn = 0; !going_on_.empty(); ++turn) {
        demand(turn < 1000, "every call and every operation of a host ends");
        wait(seconds(1));
    }
}

inline void service_world::end(fuzz_end how, unsigned survivors)
{
    const auto durable = store_.records;
    heal();
    if (how != fuzz_end::close) {
        content.crashed();
        for (fuzz_element& each : elements.all)
            each.device.faults().add(
                {.times = fault::always, .error = std::make_error_code(std::errc::no_such_device)});
    }
    finish_all();
    service.reset();
    closing op;
    op.done = [](control_op& which) noexcept { static_cast<closing&>(which).over = true; };
    opened->close(op);
    for (unsigned turn = 0; !op.over; ++turn) {
        demand(turn < 10000, "a shard closes");
        loop.run_once(seconds(1));
    }
    opened.reset();
    rest();
    if (how == fuzz_end::close) return;
    content.crashed();
    store_.records = durable;
    heal();
    if (how == fuzz_end::kill) return;
    for (fuzz_element& each : elements.all)
        demand(each.device
                   .lose_unflushed(
                       [&](std::uint64_t at) { return ((survivors >> (at / 512 % 8)) & 1u) != 0; })
                   .has_value(),
               "a power loss");
}

inline std::vector<object_path> service_world::jobs() const
{
    std::vector<object_path> all;
    service->for_each_job([&](const concrete_job& each) { all.push_back(each.path()); });
    return all;
}

inline std::vector<object_path> service_world::relationships() const
{
    std::vector<object_path> all;
    opened->for_each_relationship([&](relationship& each) { all.push_back(each.path()); });
    return all;
}

}  // namespace cimrep::test
