// test/service/remembering_repository.hpp -- records that outlive a service, and commits that wait.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>
#include <cimrep/store/repository.hpp>

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace cimrep::test {

/// What is committed is durable in the next turn, unless its kind is held or fails.
class remembering_repository final : public repository {
public:
    using record_map = std::map<record_key, std::vector<std::byte>>;

    explicit remembering_repository(event_loop& loop) : loop_(&loop) {}

    record_map records;
    std::optional<record_kind> holds, fails;

    std::size_t held() const { return held_.size(); }
    void let_go()
    {
        holds.reset();
        for (commit_op* each : std::exchange(held_, {})) commit(*each);
    }

    bool durable() const noexcept override { return true; }
    void commit(commit_op& op) noexcept override
    {
        const record_kind kind = op.changes.front().key.kind;
        if (holds == kind) return held_.push_back(&op);
        op.outcome = fails == kind ? make_error_code(errc::injected) : error_code{};
        for (const record_change& each : op.changes) {
            if (op.outcome) break;
            if (each.erase)
                records.erase(each.key);
            else
                records[each.key].assign(each.value.begin(), each.value.end());
        }
        op.run = [](loop_task& task) noexcept {
            auto& self = static_cast<commit_op&>(task);
            self.done(self, self.outcome);
        };
        loop_->defer(op);
    }
    std::optional<std::span<const std::byte>> find(const record_key& key) const override
    {
        const auto found = records.find(key);
        if (found == records.end()) return std::nullopt;
        return found->second;
    }
    void for_each(record_kind kind, const record_visitor& visit) const override
    {
        for (const auto& [key, value] : records)
            if (key.kind == kind) visit(key, value);
    }
    void for_each(record_kind kind, std::uint64_t owner, const record_visitor& visit) const override
    {
        for (const auto& [key, value] : records)
            if (key.kind == kind && key.owner == owner) visit(key, value);
    }

private:
    event_loop* loop_;
    std::vector<commit_op*> held_;
};

}  // namespace cimrep::test
