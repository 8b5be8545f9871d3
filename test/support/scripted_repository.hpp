// test/support/scripted_repository.hpp -- a repository that is late, or fails, as a test says.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>
#include <cimrep/store/repository.hpp>

#include <cstring>
#include <deque>
#include <set>
#include <vector>

namespace cimrep::test {

/// Answers commits in their order, each `takes` after it came; holds or fails the kinds it is told.
struct scripted_repository final : repository {
    duration takes{};
    std::set<record_kind> holds;  ///< until let_go()
    std::set<record_kind> fails;
    error_code fails_with = errc::injected;
    std::vector<record_kind> asked;
    std::vector<byte_extent> marked;  ///< extents whose hot marks are durable

    void use(event_loop& which)
    {
        loop_ = &which;
        pulse_.self = this;
        pulse_.fired = [](timer& t) noexcept { static_cast<pulse&>(t).self->deliver(); };
    }

    void commit(commit_op& op) noexcept override
    {
        asked.push_back(kind_of(op));
        if (holds.count(kind_of(op)) != 0) return held_.push_back(&op);
        accept(op);
    }
    std::size_t held() const { return held_.size(); }
    void let_go()
    {
        holds.clear();
        for (commit_op* op : std::exchange(held_, {})) accept(*op);
    }

    void let_marks_go()
    {
        for (commit_op* op : std::exchange(held_, {}))
            kind_of(*op) == record_kind::hot_extents ? accept(*op) : held_.push_back(op);
    }

    /// True if every hot extent that `what` touches has a durable mark.
    bool has_marked(byte_extent what) const
    {
        constexpr std::uint64_t extent_bytes = 4 * mib;
        for (std::uint64_t at = what.offset_bytes / extent_bytes * extent_bytes;
             at < what.end_bytes(); at += extent_bytes) {
            bool found = false;
            for (const byte_extent& each : marked) found |= each.overlaps({at, extent_bytes});
            if (!found) return false;
        }
        return true;
    }

private:
    struct pulse : timer {
        scripted_repository* self = nullptr;
    };
    struct entry {
        commit_op* op;
        monotonic_time due;
        error_code error;
    };

    void accept(commit_op& op)
    {
        const bool failing = fails.count(kind_of(op)) != 0;
        pending_.push_back({&op, loop_->now() + takes, failing ? fails_with : error_code{}});
        if (!pulse_.is_linked()) loop_->arm(pulse_, pending_.front().due);
    }
    void deliver()
    {
        while (!pending_.empty() && pending_.front().due <= loop_->now()) {
            const entry next = pending_.front();
            pending_.pop_front();
            if (kind_of(*next.op) == record_kind::hot_extents && !next.error) remember(*next.op);
            next.op->done(*next.op, next.error);
        }
        if (!pending_.empty() && !pulse_.is_linked()) loop_->arm(pulse_, pending_.front().due);
    }
    static record_kind kind_of(const commit_op& op) { return op.changes.front().key.kind; }
    // Each mark names an extent by its index.
    void remember(const commit_op& op)
    {
        constexpr std::uint64_t extent_bytes = 4 * mib;
        for (const record_change& each : op.changes) {
            std::uint64_t index = 0;
            std::memcpy(&index, each.value.data(), sizeof index);
            marked.push_back({index * extent_bytes, extent_bytes});
        }
    }

    event_loop* loop_ = nullptr;
    std::vector<commit_op*> held_;
    std::deque<entry> pending_;
    pulse pulse_;
};

}  // namespace cimrep::test
