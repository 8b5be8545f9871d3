// lib/testing/content_oracle.cpp -- candidates for each sector, and when each was excluded.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/assert.hpp>
#include <cimrep/testing/content_oracle.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cimrep::inline v0 {

content_oracle::content_oracle(std::uint64_t volume_id, std::uint64_t sector_count)
    : volume_id_(volume_id), sectors_(static_cast<std::size_t>(sector_count))
{
    operations_.push_back({.count = sector_count, .ended = 0, .content = what::zeros});
    for (sector& each : sectors_) each.candidates.push_back({});
}

content_oracle::operation_id content_oracle::add(operation made)
{
    CIMREP_ASSERT(within(made.first, made.count, sector_count()));
    made.submitted = ++moment_;
    made.volume_id = volume_id_;
    operations_.push_back(made);
    return operations_.size() - 1;
}

content_oracle::operation_id content_oracle::change_submitted(operation made)
{
    const operation_id id = add(made);
    for (std::uint64_t s = made.first; s < made.first + made.count; ++s) {
        sector& here = sectors_[static_cast<std::size_t>(s)];
        here.candidates.push_back({.write = id});
        if (here.listed) continue;
        here.listed = true;
        ambiguous_.push_back(s);
    }
    return id;
}

content_oracle::operation_id content_oracle::write_submitted(std::uint64_t first,
                                                             std::uint64_t count,
                                                             monotonic_time now, bool fua)
{
    return change_submitted(
        {.first = first, .count = count, .time = now, .content = what::stamp, .fua = fua});
}
content_oracle::operation_id content_oracle::zeroes_submitted(std::uint64_t first,
                                                              std::uint64_t count)
{
    return change_submitted({.first = first, .count = count, .content = what::zeros});
}
content_oracle::operation_id content_oracle::discard_submitted(std::uint64_t first,
                                                               std::uint64_t count)
{
    return change_submitted({.first = first, .count = count, .content = what::anything});
}

void content_oracle::fill(operation_id write, std::span<std::byte> to) const
{
    const operation& op = at(write);
    CIMREP_ASSERT(op.content == what::stamp && to.size() == op.count * stamp_sector_bytes);
    for (std::uint64_t i = 0; i < op.count; ++i)
        write_stamp(
            {volume_id_, op.first + i, write, static_cast<std::uint32_t>(i), op.time},
            to.subspan(static_cast<std::size_t>(i) * stamp_sector_bytes, stamp_sector_bytes));
}

/// Takes out what nothing brings back, unless a read that is in flight may still return it.
void content_oracle::purge(sector& which) const
{
    if (reads_in_flight_ > 0) return;
    auto& all = which.candidates;
    all.erase(std::remove_if(all.begin(), all.end(), [](const candidate& c) { return c.gone; }),
              all.end());
}

void content_oracle::write_acknowledged(operation_id write)
{
    if (!in_flight(write)) return;
    operation& op = at(write);
    op.ended = ++moment_;
    for (std::uint64_t s = op.first; s < op.first + op.count; ++s) {
        sector& here = sectors_[static_cast<std::size_t>(s)];
        for (candidate& other : here.candidates) {
            if (other.write == write || at(other.write).ended >= op.submitted) continue;
            other.excluded = std::min(other.excluded, moment_);
            other.covered = std::min(other.covered, moment_);
            if (op.fua) other.gone = true;
        }
        if (op.fua) purge(here);
    }
}

void content_oracle::write_failed(operation_id write)
{
    if (in_flight(write)) at(write).ended = ++moment_;
}

void content_oracle::write_withdrawn(operation_id write)
{
    if (!in_flight(write)) return;
    operation& op = at(write);
    op.ended = ++moment_;
    for (std::uint64_t s = op.first; s < op.first + op.count; ++s) {
        auto& all = sectors_[static_cast<std::size_t>(s)].candidates;
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const candidate& c) { return c.write == write; }),
                  all.end());
    }
}

void content_oracle::damaged(std::uint64_t by, std::uint64_t first, std::uint64_t count)
{
    const operation_id id = change_submitted({.first = first, .count = count});
    at(id).content = what::damage;
    at(id).volume_id = by;
    at(id).ended = at(id).submitted;
}

void content_oracle::damage_undone(std::uint64_t by, std::uint64_t first, std::uint64_t count)
{
    ++moment_;
    for (std::uint64_t s = first; s < first + count; ++s) {
        sector& here = sectors_[static_cast<std::size_t>(s)];
        for (candidate& each : here.candidates) {
            const operation& op = at(each.write);
            if (op.content != what::damage || op.volume_id != by) continue;
            each.excluded = std::min(each.excluded, moment_);
            each.gone = true;
        }
        purge(here);
    }
}

void content_oracle::fill_damage(std::uint64_t by, std::uint64_t first, std::span<std::byte> to)
{
    for (std::uint64_t s = first; !to.empty(); ++s, to = to.subspan(stamp_sector_bytes))
        write_stamp({by, s, 1, 0, {}}, to.first(stamp_sector_bytes));
}

/// Applies `change` to each sector that may have a choice, and forgets those that have none.
template <class Change>
void content_oracle::for_each_ambiguous(const Change& change)
{
    std::erase_if(ambiguous_, [&](std::uint64_t s) {
        sector& here = sectors_[static_cast<std::size_t>(s)];
        for (candidate& each : here.candidates) change(each);
        purge(here);
        here.listed = here.candidates.size() > 1;
        return !here.listed;
    });
}

content_oracle::operation_id content_oracle::flush_submitted()
{
    return add({});
}

void content_oracle::flush_acknowledged(operation_id flush)
{
    if (!in_flight(flush)) return;
    at(flush).ended = ++moment_;
    const std::uint64_t submitted = at(flush).submitted;
    // What has excluded it had completed before the flush, and so is durable now.
    for_each_ambiguous([&](candidate& each) {
        const bool shown = each.shown_by != 0 && at(each.shown_by).ended < submitted;
        const bool completed = each.covered < submitted || shown;
        each.gone = each.gone || completed;
    });
}

void content_oracle::flush_failed(operation_id flush, bool cache_lost)
{
    if (!in_flight(flush)) return;
    at(flush).ended = ++moment_;
    if (!cache_lost) return;
    cache_lost_ = moment_;
    for_each_ambiguous([](candidate& each) {
        if (each.gone) return;
        each.comes_back();
    });
}

content_oracle::operation_id content_oracle::read_submitted(std::uint64_t first,
                                                            std::uint64_t count)
{
    ++reads_in_flight_;
    return add({.first = first, .count = count});
}

bool content_oracle::holds(const candidate& one, std::uint64_t s, const found_sector& found) const
{
    const operation& op = at(one.write);
    if (op.content == what::anything) return true;
    if (op.content == what::zeros) return found.content == sector_content::zero;
    if (op.content == what::damage)
        return found.content == sector_content::stamped && found.stamp.volume_id == op.volume_id &&
               found.stamp.sector == s;
    return found.content == sector_content::stamped && found.stamp.write_id == one.write &&
           found.stamp.volume_id == op.volume_id && found.stamp.sector == s &&
           found.stamp.index_in_write == s - op.first && found.stamp.time == op.time;
}

/// Excludes what a read has shown not to be there; false if it has shown what must not be.
bool content_oracle::pin(std::uint64_t s, const found_sector& found, std::uint64_t read_submitted)
{
    bool allowed = false;
    bool base = true;
    operation_id shown_by = 0;
    auto& all = sectors_[static_cast<std::size_t>(s)].candidates;
    for (const candidate& each : all) {
        if (each.excluded <= read_submitted || !holds(each, s, found)) continue;
        allowed = true;
        base = base && each.base;
        // A flush does not cover it while it is in flight, although a read has seen it.
        if (in_flight(each.write)) shown_by = each.write;
        // Shows nothing: no other leg need hold it.
        const what content = at(each.write).content;
        if (content == what::anything || content == what::damage) return true;
    }
    if (!allowed) return false;
    // It may have seen what the cache has lost since.
    if (read_submitted < cache_lost_) return true;
    for (candidate& each : all) {
        if (holds(each, s, found) || at(each.write).ended >= read_submitted) continue;
        if (at(each.write).content == what::damage) continue;  // another leg may hold it still
        each.excluded = std::min(each.excluded, moment_);
        if (shown_by == 0)
            each.covered = std::min(each.covered, moment_);
        else if (each.shown_by == 0)
            each.shown_by = shown_by;
        // Of what the last power loss may have left, one thing is there, and it is durable; unless
        // it may as well be a later write of the same zeros.
        if (base && each.base) each.gone = true;
    }
    return true;
}

std::optional<content_violation> content_oracle::read_returned(operation_id read,
                                                               std::span<const std::byte> data)
{
    if (!in_flight(read)) return std::nullopt;
    const operation op = at(read);
    CIMREP_ASSERT(data.size() == op.count * stamp_sector_bytes);
    at(read).ended = ++moment_;
    --reads_in_flight_;
    for (std::uint64_t i = 0; i < op.count; ++i) {
        const found_sector found = read_stamp(
            data.subspan(static_cast<std::size_t>(i) * stamp_sector_bytes, stamp_sector_bytes));
        if (!pin(op.first + i, found, op.submitted)) return violation(op.first + i, found);
    }
    return std::nullopt;
}

void content_oracle::read_failed(operation_id read)
{
    if (!in_flight(read)) return;
    at(read).ended = ++moment_;
    --reads_in_flight_;
}

content_oracle content_oracle::fork(operation_id read, std::uint64_t volume_id) const
{
    content_oracle made = *this;
    const std::uint64_t since = at(read).submitted;
    made.end_everything();
    made.volume_id_ = volume_id;
    made.cache_lost_ = 0;
    made.ambiguous_.clear();
    for (std::uint64_t s = 0; s < sector_count(); ++s) {
        sector& here = made.sectors_[static_cast<std::size_t>(s)];
        auto& all = here.candidates;
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const candidate& c) { return c.excluded <= since; }),
                  all.end());
        for (candidate& each : here.candidates) {
            each.comes_back();
            each.base = true;
            each.gone = false;
        }
        here.listed = here.candidates.size() > 1;
        if (here.listed) made.ambiguous_.push_back(s);
    }
    return made;
}

std::optional<content_violation> content_oracle::check(std::uint64_t first,
                                                       std::span<const std::byte> data) const
{
    CIMREP_ASSERT(data.size() % stamp_sector_bytes == 0);
    CIMREP_ASSERT(within(first, data.size() / stamp_sector_bytes, sector_count()));
    for (std::uint64_t i = 0; i < data.size() / stamp_sector_bytes; ++i) {
        const found_sector found = read_stamp(
            data.subspan(static_cast<std::size_t>(i) * stamp_sector_bytes, stamp_sector_bytes));
        const auto& all = sectors_[static_cast<std::size_t>(first + i)].candidates;
        const bool allowed = std::ranges::any_of(all, [&](const candidate& each) {
            return each.excluded == never && holds(each, first + i, found);
        });
        if (!allowed) return violation(first + i, found);
    }
    return std::nullopt;
}

content_violation content_oracle::violation(std::uint64_t s, const found_sector& found) const
{
    std::string may;
    operation_id newest = 0;
    for (const candidate& each : sectors_[static_cast<std::size_t>(s)].candidates) {
        if (each.excluded != never) continue;
        const what content = at(each.write).content;
        if (content == what::stamp) newest = std::max(newest, each.write);
        may += may.empty() ? "" : " or ";
        may += content == what::stamp    ? fmt::format("write {}", each.write)
               : content == what::zeros  ? "zeros"
               : content == what::damage ? "what a leg was damaged by"
                                         : "anything";
    }
    sector_class how = classify(found, volume_id_, s, newest);
    // The right write, but another sector of it: its head was pieced together.
    if (how == sector_class::expected) how = sector_class::torn;
    return {s, how,
            fmt::format("sector {} of volume {} holds {}, which is {}; it may hold {}", s,
                        volume_id_, describe(found), to_string(how), may)};
}

void content_oracle::end_everything()
{
    ++moment_;
    for (operation& op : operations_) op.ended = std::min(op.ended, moment_);
    reads_in_flight_ = 0;
}

void content_oracle::power_lost()
{
    end_everything();
    for_each_ambiguous([](candidate& each) {
        if (each.gone) return;
        each.comes_back();
        each.base = true;
    });
}

void content_oracle::process_killed()
{
    end_everything();
    for_each_ambiguous([](candidate&) {});
}

std::optional<content_oracle::operation_id> content_oracle::certain(std::uint64_t s,
                                                                    operation_id but) const
{
    std::optional<operation_id> only;
    for (const candidate& each : sectors_[static_cast<std::size_t>(s)].candidates) {
        if (each.excluded != never || (but != 0 && each.write == but)) continue;
        if (only || at(each.write).content == what::anything) return std::nullopt;
        only = at(each.write).content == what::zeros ? 0 : each.write;
    }
    return only;
}

void content_oracle::fill_newest(std::uint64_t s, std::span<std::byte> to) const
{
    operation_id newest = 0;
    for (const candidate& each : sectors_[static_cast<std::size_t>(s)].candidates)
        if (each.excluded == never) newest = std::max(newest, each.write);
    const operation& op = at(newest);
    if (op.content != what::stamp) return std::fill(to.begin(), to.end(), std::byte{});
    write_stamp({op.volume_id, s, newest, static_cast<std::uint32_t>(s - op.first), op.time}, to);
}

std::size_t content_oracle::candidates(std::uint64_t s) const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(sectors_[static_cast<std::size_t>(s)].candidates,
                              [](const candidate& each) { return each.excluded == never; }));
}

}  // namespace cimrep::inline v0
