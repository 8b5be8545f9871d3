// service/service_rig.hpp -- a service on a shard over memory devices.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/replication_service.hpp>

#include "runtime_rig.hpp"
#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace cimrep::test {

/// The rig's elements, and a pool in which targets can be made.
class pooled_elements final : public element_provider {
public:
    explicit pooled_elements(memory_elements& elements) : elements_(elements) {}

    outcome<element_description> describe(const object_path& path) const override
    {
        return elements_.describe(path);
    }
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                const element_open_request& request) override
    {
        return elements_.open(loop, path, request);
    }
    outcome<object_path> create_target(const target_request& request) override
    {
        if (!makes_targets)
            return fail(errc::over_budget, "the pool is full", "give a target element");
        const auto name = "made-" + std::to_string(++made);
        auto size = request.size_bytes;
        if (makes_small_targets) size /= 2;
        elements_.add(name,
                      {.size_bytes = size, .logical_block_bytes = request.logical_block_bytes});
        asked = request;
        return element_path(name);
    }
    outcome<> delete_target(const object_path& path) override
    {
        deleted.push_back(to_text(path));
        elements_[*path.key_as<std::string>("DeviceID")].present = false;
        return success();
    }
    std::vector<object_path> available_targets(const object_path&) const override
    {
        return candidates;
    }

    bool makes_targets = true;
    bool makes_small_targets = false;
    int made = 0;
    target_request asked;
    std::vector<std::string> deleted;
    std::vector<object_path> candidates;

private:
    memory_elements& elements_;
};

/// Source "s" full of data, targets "t" and "u" of the same size, "cached" with a volatile
/// cache, "small", "large" and "block".
struct service_rig : runtime_rig {
    static constexpr std::uint64_t size = 2 * mib;
    pooled_elements pool{elements};
    std::unique_ptr<replication_service> service;

    service_rig()
    {
        options.elements = &pool;
        for (const char* name : {"s", "t", "u"}) elements.add(name, {.size_bytes = size});
        elements.add("cached", {.size_bytes = size, .volatile_cache = true});
        elements.add("large", {.size_bytes = 2 * size});
        elements.add("small", {.size_bytes = size / 2});
        elements.add("block", {.size_bytes = size, .logical_block_bytes = 4096});
        auto bytes = elements["s"].memory->memory();
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::byte>((i * 2654435761u) >> 13 | 1u);
        open();
        service = std::make_unique<replication_service>(*opened);
    }
    ~service_rig()
    {
        let_go("t");
        settle();
        service.reset();
    }

    /// The copy to `name` stops moving: its writes are held.
    void hold(const std::string& name)
    {
        elements.faults(name).add(
            {.kind = io_kind::write, .times = fault::always, .action = fault_action::hold});
    }
    void let_go(const std::string& name)
    {
        elements.faults(name).clear();
        elements[name].device->release();
    }

    template <class Method>
    method_result<Method> run(typename Method::inputs in)
    {
        return service->run<Method>(std::move(in));
    }
    method_result<create_element_replica> create(const std::string& target,
                                                 std::optional<copy_state> wait = {})
    {
        create_element_replica::inputs in;
        in.sync_type = sync_type::mirror;
        in.source_element = element_path("s");
        in.target_element = element_path(target);
        in.wait_for_copy_state = wait;
        return run<create_element_replica>(in);
    }
    /// A mirror of "s" that is Synchronized.
    object_path synchronized(const std::string& target = "t")
    {
        const auto made = create(target);
        if (made.error) FAIL(made.error->sentence());
        REQUIRE(made.out.synchronization.has_value());
        wait_for(*opened->find(*made.out.synchronization), copy_state::synchronized);
        return *made.out.synchronization;
    }
    method_result<modify_replica_synchronization> modify(const object_path& path, operation what,
                                                         std::optional<copy_state> wait = {},
                                                         bool force = false)
    {
        modify_replica_synchronization::inputs in;
        in.operation = what;
        in.synchronization = path;
        in.wait_for_copy_state = wait;
        in.force = force;
        return run<modify_replica_synchronization>(in);
    }
    copy_state state_of(const object_path& path)
    {
        auto* found = opened->find(path);
        REQUIRE(found != nullptr);
        return found->info().copy_state;
    }
    /// All that a client can see, to be compared before and after a refusal.
    std::string everything() const
    {
        std::string text = opened->dump();
        for (const auto& each : service->instances()) text += to_json(each) + '\n';
        text += std::to_string(pool.made - static_cast<int>(pool.deleted.size())) + " made";
        return text;
    }
};

template <class Result>
std::string sentence(const Result& result)
{
    return result.error.has_value() ? result.error->sentence() : std::string{};
}

inline bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace cimrep::test
