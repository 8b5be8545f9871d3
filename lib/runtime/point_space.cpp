// lib/runtime/point_space.cpp -- what no point in time needs goes, in the pool and on record.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/engine/exception_sweep.hpp>

#include <fmt/format.h>

#include "point_keeper.hpp"
#include "record_note.hpp"
#include "recovery.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <memory>
#include <utility>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t batches_untidied_max = 256;
constexpr std::size_t small_share = 16;  // of what one record bears

struct tidy_commit : commit_op {
    std::vector<record_change> all;
    std::vector<std::byte> value;
    std::size_t* out = nullptr;
};

failure damaged(std::uint64_t owner, const std::string& what)
{
    return fail(errc::repository_damaged,
                fmt::format("the points in time of volume {}: {}", owner, what),
                "check the repository with 'cimrepctl check'");
}

/// Calls `visit` for each part of `of` that lies where `table` finds it.
void parts_in_use(const exception_table& table, const exception& of, auto&& visit)
{
    table.for_chunk(of.chunk, 0, [&](const exception& used) {
        const auto first = std::max(of.first, used.first);
        const auto end = std::min(of.end(), used.end());
        if (first >= end || of.place + (first - of.first) != used.place + (first - used.first))
            return;
        visit(exception{of.chunk, of.epoch, first, static_cast<std::uint16_t>(end - first),
                        of.place + (first - of.first)});
    });
}

/// Puts what goes on where another one ends into that.
void join_parts(std::vector<exception>& parts)
{
    std::ranges::sort(parts,
                      [](const exception& a, const exception& b) { return comes_before(a, b); });
    std::vector<exception> joined;
    for (const exception& each : parts) {
        if (!joined.empty() && continues(joined.back(), each))
            joined.back().count = static_cast<std::uint16_t>(joined.back().count + each.count);
        else
            joined.push_back(each);
    }
    parts = std::move(joined);
}

}  // namespace

outcome<> point_keeper::revive(const saved_points& saved)
{
    // There may be more than are let in now.
    reserve(std::max(settings_.points_max, saved.points.size()));
    std::vector<std::uint64_t> live;
    for (const auto& [number, record] : saved.points) {
        if (!record.broken) live.push_back(number);
        known_.push_back({number, record, std::make_unique<point_front>(*volume_, number)});
    }
    std::vector<exception> all;
    for (const auto& [index, batch] : saved.batches) {
        preserver_.batches_go_on_from(index);
        all.insert(all.end(), batch.begin(), batch.end());
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const exception& a, const exception& b) { return comes_before(a, b); });
    points_ = points_in_time(saved.epoch(), live, memory_);
    points_.reserve(known_.capacity());
    std::vector<exception> needed;
    exception_sweep sweep(points_);
    std::optional<failure> wrong;
    const auto keep = [&](const exception& each) {
        if (wrong || CIMREP_MUTANT(exceptions_not_revived)) return;
        const pool_run run{each.place, each.count};
        const std::uint64_t places = pool_->space.count();
        if (run.place > places || run.count > places - run.place)
            wrong = damaged(volume_->record_owner_, "a place lies behind the end of the pool");
        else if (pool_->space.uses(run))
            wrong = damaged(volume_->record_owner_, "a place of the pool is used twice");
        else
            needed.push_back(each), pool_->space.is_used(run);
    };
    for (const exception& each : all) sweep.add(each, keep, [](pool_run) {});
    sweep.finish(keep);
    if (wrong) return std::move(*wrong);
    // What was one run may be many now, and exceptions_max a smaller one.
    preserver_.make_room_for(needed.size());
    for (const exception& each : needed) preserver_.table().insert(each);
    return success();
}

// What was being kept for a point when that was dropped is in the table now.
void point_keeper::batch_over() noexcept
{
    if (clean_due_ || (points_.empty() && !preserver_.table().empty())) return clean();
    if (preserver_.next_batch_number() >= tidied_to_ + batches_untidied_max) tidy_lately();
    erase_failed();
}

// Only a drop makes what has been looked at before worth another look.
void point_keeper::tidy_lately() noexcept
{
    if (notes_out_ != 0) return;
    try {
        tidy_records(tidied_to_);
    } catch (const std::bad_alloc&) {  // the next one does it
    }
}

void point_keeper::batch_failed(const record_key& key, std::span<const exception> names) noexcept
{
    try {
        failed_.push_back({key, {names.begin(), names.end()}});
    } catch (const std::bad_alloc&) {
        return;  // The next process finds them free.
    }
}

// What could not be erased waits for the end of the next batch.
void point_keeper::erase_failed() noexcept
{
    if (erasing_failed_ || failed_.empty()) return;
    erasing_failed_ = true;
    erase_change_ = {failed_.back().key, {}, true};
    erase_commit_.changes = std::span(&erase_change_, 1);
    volume_->store_->commit(erase_commit_);
}

void point_keeper::failed_erased(error_code error) noexcept
{
    erasing_failed_ = false;
    if (error) return;
    const auto erased = std::ranges::find_if(
        failed_, [&](const failed_batch& each) { return each.key == erase_change_.key; });
    for (const exception& each : erased->names) pool_->space.give({each.place, each.count});
    failed_.erase(erased);
    erase_failed();
}

// Places are free at once, although records still name them: no point that is taken later is older
// than those, and what was needed by none is needed by none of the others either.
void point_keeper::clean() noexcept
{
    clean_due_ = notes_out_ != 0;
    try {
        free_space();
        if (!clean_due_) tidy_records(0);
    } catch (const std::bad_alloc&) {
        clean_due_ = true;
    }
    erase_failed();
}

void point_keeper::free_space()
{
    exception_table& table = preserver_.table();
    std::vector<exception> kept;
    std::vector<pool_run> freed;
    exception_sweep sweep(points_);
    const auto keep = [&](const exception& each) { kept.push_back(each); };
    table.for_each([&](const exception& each) {
        sweep.add(each, keep, [&](pool_run run) { freed.push_back(run); });
    });
    sweep.finish(keep);
    // Parts of what is one now may be more than there is room for, beside what is under way.
    if (kept.size() + preserver_.under_way() > table.entries_max()) return;
    for (const pool_run& run : freed)
        if (!CIMREP_MUTANT(dropped_place_in_use)) pool_->space.give(run);
    table.clear();
    for (const exception& each : kept) table.insert(each);
}

// A batch of which nothing is needed is erased; those of which little is, and small ones, are put
// together, as many as a commit bears beside their erasures.
void point_keeper::tidy_records(std::uint64_t from_batch)
{
    struct group {
        std::vector<record_key> from;
        std::vector<exception> parts;
    };
    std::vector<record_key> unneeded;
    std::vector<group> groups(1);
    const std::size_t batch_max = preserver_.batch_max();
    const auto look_at = [&](const record_key& key, std::span<const std::byte> value) {
        if (key.index < from_batch) return;
        // On record already, and not in the table yet.
        const bool is_new = preserver_.commits(key.index);
        if (is_new && !CIMREP_MUTANT(tidied_too_early)) return;
        const auto batch = decode_exceptions(value);
        if (!batch) return;
        std::vector<exception> needed;
        for (const exception& each : batch.value())
            parts_in_use(preserver_.table(), each,
                         [&](const exception& part) { needed.push_back(part); });
        if (needed.empty()) return unneeded.push_back(key);
        const bool full = needed.size() * 2 > batch.value().size();
        if ((full && needed.size() * small_share > batch_max) || needed.size() > batch_max / 2)
            return;
        const group& last = groups.back();
        if (last.parts.size() + needed.size() > batch_max / 2 || last.from.size() == batch_max / 2)
            groups.emplace_back();
        group& to = groups.back();
        to.parts.insert(to.parts.end(), needed.begin(), needed.end());
        to.from.push_back(key);
    };
    volume_->store_->for_each(record_kind::exceptions, volume_->record_owner_, look_at);
    tidied_to_ = preserver_.next_batch_number();
    for (group& each : groups) merge(std::move(each.parts), std::move(each.from));
    erase_records(*volume_->store_, std::move(unneeded), notes_out_);
}

void point_keeper::merge(std::vector<exception> parts, std::vector<record_key> from)
{
    if (from.size() < 2) return;
    join_parts(parts);
    auto op = std::make_unique<tidy_commit>();
    op->value.resize(parts.size() * exception_value_bytes);
    std::span<std::byte> to(op->value);
    for (const exception& each : parts) {
        encode(pack(each), to);
        to = to.subspan(exception_value_bytes);
    }
    op->all.push_back(
        {{record_kind::exceptions, volume_->record_owner_, preserver_.take_batch_number()},
         op->value});
    for (const record_key& key : from) op->all.push_back({key, {}, true});
    op->changes = op->all;
    op->out = &notes_out_;
    op->done = [](commit_op& done, error_code) noexcept {
        const std::unique_ptr<tidy_commit> over(static_cast<tidy_commit*>(&done));
        --*over->out;
    };
    ++notes_out_;
    volume_->store_->commit(*op.release());
}

}  // namespace cimrep::inline v0
