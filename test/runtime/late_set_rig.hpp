// test/runtime/late_set_rig.hpp -- a durable mirror whose records may be kept from the repository.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "durable_rig.hpp"
#include "passing_repository.hpp"
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cimrep::test {

/// Passes everything to another repository, the set as soon as it may: as if a record of it were
/// under way already, after which comes the one that says who has left.
struct late_set final : passing_repository {
    event_loop* loop = nullptr;
    std::set<record_kind> holds;
    std::set<record_kind> fails;
    std::optional<std::uint64_t> holds_state_of;  ///< the relationship with this slot's leg
    std::size_t sets = 0;                         ///< passed on
    std::vector<commit_op*> held;

    void commit(commit_op& op) noexcept override
    {
        const record_key& key = op.changes.front().key;
        const record_kind kind = key.kind;
        const bool late = kind == record_kind::relationship_state && holds_state_of == key.index;
        if (late || holds.count(kind) != 0) return held.push_back(&op);
        if (fails.count(kind) != 0) return refuse(op);
        sets += kind == record_kind::leg_state ? 1 : 0;
        below->commit(op);
    }
    void let_go(std::set<record_kind> but = {})
    {
        holds = std::move(but);
        holds_state_of.reset();
        for (commit_op* op : std::exchange(held, {})) commit(*op);
    }

private:
    void refuse(commit_op& op) noexcept
    {
        op.run = [](loop_task& task) noexcept {
            auto& self = static_cast<commit_op&>(task);
            self.done(self, errc::injected);
        };
        loop->defer(op);
    }
};

/// Outlives the shard.
struct late_set_holder {
    late_set set;
};

/// A mirror that loses power while the set, or another record, is not in the repository yet.
struct late_set_rig : late_set_holder, durable_rig {
    std::vector<std::string> legs{"s", "t"};

    explicit late_set_rig(std::uint64_t size_bytes = device_bytes) : durable_rig(size_bytes) {}
    ~late_set_rig()
    {
        set.fails.clear();
        set.let_go();
    }

    void open_again()
    {
        close();
        open_below();
    }
    void mirror_and_open_again()
    {
        rig.wait_for(rig.mirror("s", "t"), copy_state::synchronized);
        REQUIRE_FALSE(rig.write(front(), 0, 4096, 0x11));
        open_again();
        rig.recover();
        rig.wait_for(pair(), copy_state::synchronized);
    }
    void ask(operation what)
    {
        set.holds = {record_kind::leg_state};
        REQUIRE(rig.request(pair(), what) == "");
        REQUIRE_FALSE(set.held.empty());
    }
    /// The next process finds the repository and the legs as they are now.
    void lose_power(bool faults_stay = false)
    {
        std::vector<std::span<std::byte>> all{disk.memory()};
        for (const std::string& each : legs) all.push_back(rig.elements[each].memory->memory());
        std::vector<std::vector<std::byte>> left;
        for (const auto& each : all) left.emplace_back(each.begin(), each.end());
        if (!faults_stay) let_legs_go();
        set.let_go();
        close();
        for (std::size_t i = 0; i < all.size(); ++i) std::ranges::copy(left[i], all[i].begin());
        open_below();
        rig.recover();
    }
    /// Whatever they held is answered.
    void let_legs_go()
    {
        for (const std::string& each : legs) {
            rig.elements.faults(each).clear();
            rig.settle(4);
            while (rig.elements[each].device->release() != 0) rig.settle(4);
        }
    }
    bool in_sync(const char* name)
    {
        for (const leg_info& each : rig.opened->volume(element_path("s")).value()->legs())
            if (each.element == element_path(name)) return each.role == leg_role::current;
        return false;
    }

    std::byte first_of(const char* name) { return rig.elements[name].memory->memory()[0]; }

    void open_below()
    {
        open_store();
        set.below = store.get();
        set.loop = &rig.loop;
        rig.options.repository = &set;
        rig.open();
    }
};

}  // namespace cimrep::test
