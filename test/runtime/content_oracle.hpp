// test/runtime/content_oracle.hpp -- what a volume may hold, known from what its host did.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cimrep::test {

/// For each block of 512 bytes the values that a read may return.
///
/// Operations that overlap take effect in the order of their submission: an acknowledged write
/// excludes all older values, a failed one leaves both, and what a read has returned stays.
class content_oracle {
public:
    static constexpr std::uint64_t block_bytes = 512;
    using value = std::uint64_t;
    static constexpr value torn = ~value{0};

    explicit content_oracle(std::span<const std::byte> memory)
        : blocks_(memory.size() / block_bytes)
    {
        replaced_by(memory);
    }

    /// A block holds one value in all its words; zeros are the value 0.
    static value value_in(std::span<const std::byte> memory, std::uint64_t block)
    {
        value words[block_bytes / sizeof(value)];
        std::memcpy(words, memory.data() + block * block_bytes, block_bytes);
        for (const value each : words)
            if (each != words[0]) return torn;
        return words[0];
    }
    static void fill(std::span<std::byte> memory, std::uint64_t block, value what)
    {
        for (std::size_t at = 0; at < block_bytes; at += sizeof what)
            std::memcpy(memory.data() + block * block_bytes + at, &what, sizeof what);
    }
    static value value_of(std::uint64_t order, std::uint64_t block) { return order << 24 | block; }

    std::uint64_t epoch() const { return epoch_; }

    /// Returns the order of the write, by which it is known.
    std::uint64_t write_submitted(std::uint64_t first, std::uint64_t count, bool zeros)
    {
        const std::uint64_t order = ++now_;
        writes_[order] = {first, count, never, false};
        for (std::uint64_t b = first; b < first + count; ++b) {
            const value what = zeros ? 0 : value_of(order, b);
            blocks_[b].allowed.push_back({order, what});
            blocks_[b].history.push_back({order, what});
        }
        return order;
    }
    void write_acknowledged(std::uint64_t order)
    {
        record& w = writes_.at(order);
        w.acknowledged = ++now_;
        for (std::uint64_t b = w.first; b < w.first + w.count; ++b) {
            std::erase_if(blocks_[b].allowed, [&](const version& v) { return v.order < order; });
            if (blocks_[b].unknown_until < order) blocks_[b].unknown_until = 0;
        }
    }
    void write_failed(std::uint64_t order) { writes_.at(order).failed = true; }
    /// Nothing was written: a comparison failed.
    void write_withdrawn(std::uint64_t order)
    {
        const record w = writes_.at(order);
        writes_.erase(order);
        const auto is = [&](const version& v) { return v.order == order; };
        for (std::uint64_t b = w.first; b < w.first + w.count; ++b) {
            std::erase_if(blocks_[b].allowed, is);
            std::erase_if(blocks_[b].history, is);
        }
    }

    struct expectation {
        std::uint64_t order = 0, epoch = 0, first = 0;
        std::vector<std::vector<value>> allowed;
        std::vector<bool> unknown;
    };
    expectation read_submitted(std::uint64_t first, std::uint64_t count)
    {
        expectation e{++now_, epoch_, first, {}, {}};
        for (std::uint64_t b = first; b < first + count; ++b) {
            e.allowed.emplace_back();
            e.unknown.push_back(blocks_[b].unknown_until != 0);
            for (const version& v : blocks_[b].allowed) e.allowed.back().push_back(v.what);
        }
        return e;
    }
    /// Empty, or what is wrong with the data.
    std::string read_returned(const expectation& e, std::span<const std::byte> data)
    {
        if (e.epoch != epoch_) return {};
        for (std::uint64_t i = 0; i < e.allowed.size(); ++i) {
            const value got = value_in(data, i);
            block_versions& block = blocks_[e.first + i];
            if (e.unknown[i]) {  // the first to return makes it known
                const bool still = std::exchange(block.unknown_until, 0u) != 0;
                if (still) block.allowed.insert(block.allowed.begin(), {0, got});
                continue;
            }
            if (std::find(e.allowed[i].begin(), e.allowed[i].end(), got) == e.allowed[i].end())
                return wrong(e.first + i, got, e.allowed[i]);
            // A write that a cut holds may still follow, although it was submitted earlier.
            std::erase_if(block.allowed, [&](const version& v) {
                return v.order < e.order && v.what != got && !in_flight(v.order);
            });
        }
        return {};
    }

    /// The value of a block if it is certain.
    const value* certain(std::uint64_t block) const
    {
        const auto& allowed = blocks_[block].allowed;
        const bool sure = allowed.size() == 1 && blocks_[block].unknown_until == 0;
        return sure ? &allowed.front().what : nullptr;
    }

    /// From now on the volume holds what `memory` does, but for the writes in flight.
    void replaced_by(std::span<const std::byte> memory)
    {
        ++epoch_;
        for (std::uint64_t b = 0; b < blocks_.size(); ++b) {
            block_versions& each = blocks_[b];
            std::erase_if(each.allowed, [&](const version& v) { return !in_flight(v.order); });
            each.allowed.insert(each.allowed.begin(), {0, value_in(memory, b)});
            each.history.clear();
            each.unknown_until = 0;
        }
    }
    /// The last leg lost what it had not flushed: any older value may be back, also of a time when
    /// it was not the volume's. What is read or written from now on is known again.
    void everything_may_be_old()
    {
        ++epoch_;
        ++now_;
        for (block_versions& each : blocks_) {
            std::erase_if(each.allowed, [&](const version& v) { return !in_flight(v.order); });
            std::erase_if(each.history, [&](const version& v) { return !in_flight(v.order); });
            each.unknown_until = now_;
        }
    }

    /// Empty, or why `memory` is no instant of the volume: it has a write that was acknowledged
    /// later than one that it lacks.
    std::string check_instant(std::span<const std::byte> memory) const
    {
        std::uint64_t last_included = 0, first_excluded = never;
        for (std::uint64_t b = 0; b < blocks_.size(); ++b) {
            const auto& history = blocks_[b].history;
            const value got = value_in(memory, b);
            if (got == 0 || history.empty()) continue;
            const auto found = std::find_if(history.begin(), history.end(),
                                            [&](const version& v) { return v.what == got; });
            auto after = history.begin();
            if (found != history.end()) {
                const record& w = writes_.at(found->order);
                if (!w.failed) last_included = std::max(last_included, w.acknowledged);
                after = found + 1;
            }
            if (after == history.end()) continue;
            const record& w = writes_.at(after->order);
            if (!w.failed) first_excluded = std::min(first_excluded, w.acknowledged);
        }
        if (last_included < first_excluded || first_excluded == never) {
            return last_included == never ? "holds a write that was not acknowledged before it"
                                          : "";
        }
        return "holds the write acknowledged at " + std::to_string(last_included) +
               " and lacks the one acknowledged at " + std::to_string(first_excluded);
    }

private:
    static constexpr std::uint64_t never = ~std::uint64_t{0};
    struct version {
        std::uint64_t order;
        value what;
    };
    struct record {
        std::uint64_t first, count, acknowledged;
        bool failed;
    };
    struct block_versions {
        std::vector<version> allowed;  ///< ascending by order
        std::vector<version> history;
        std::uint64_t unknown_until = 0;  ///< it may hold anything, for who asked before
    };

    bool in_flight(std::uint64_t order) const
    {
        const auto found = writes_.find(order);
        return found != writes_.end() && found->second.acknowledged == never &&
               !found->second.failed;
    }
    static std::string wrong(std::uint64_t block, value got, const std::vector<value>& allowed)
    {
        const auto name = [](value v) {
            return v == torn ? std::string("torn") : std::to_string(v >> 24);
        };
        std::string text = "block " + std::to_string(block) + " holds " + name(got) + ", not";
        for (const value each : allowed) text += " " + name(each);
        return text;
    }

    std::vector<block_versions> blocks_;
    std::map<std::uint64_t, record> writes_;
    std::uint64_t now_ = 0;
    std::uint64_t epoch_ = 0;
};

}  // namespace cimrep::test
