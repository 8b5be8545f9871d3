// lib/runtime/page_saver.cpp -- pages of the maps to records, batch after batch, pass after pass.
// SPDX-License-Identifier: BSL-1.0
#include "page_saver.hpp"

#include <cimrep/base/mutant.hpp>

#include <boost/endian/conversion.hpp>

#include "../base/mark.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <cstring>
#include <utility>

namespace cimrep::inline v0 {

namespace {

// A page in which everything differs, as the first of a new leg, is one byte.
constexpr std::array everything{std::byte{0xff}};

}  // namespace

page_saver::page_saver(volume_core& owner, const repository& store)
    : volume_(&owner),
      needed_(store.durable()),
      batch_pages_(static_cast<std::size_t>(
          std::min<std::uint64_t>(batch_pages_max, store.commit_bytes_max() / commit_bytes_min)))
{
    if (!needed_) return;
    CIMREP_ASSERT(batch_pages_ > 0);
    changes_.reserve(batch_pages_);
    taken_.reserve(batch_pages_);
    words_.resize(batch_pages_ * page_words);
    commit_.self = this;
    commit_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<batch&>(op).self->batch_done(error);
    };
}

std::vector<std::uint64_t> page_saver::words_of(std::span<const std::byte> value)
{
    if (value.size() == 1) return std::vector<std::uint64_t>(page_words, ~std::uint64_t{0});
    if (value.size() % 8 != 0 || value.size() > page_words * 8) return {};
    std::vector<std::uint64_t> words(value.size() / 8);
    std::memcpy(words.data(), value.data(), value.size());
    for (std::uint64_t& each : words) boost::endian::little_to_native_inplace(each);
    return words;
}

void page_saver::save_then(waiter& which) noexcept
{
    if (!needed_ || CIMREP_MUTANT(maps_never_saved)) return which.saved(which, {});
    if (running_ && CIMREP_MUTANT(save_joins_one_under_way)) return served_.push(which);
    waiting_.push(which);
    if (running_) return;
    running_ = true;
    served_ = std::move(waiting_);
    slot_ = page_ = 0;
    next_batch();
}

void page_saver::take(std::size_t slot, std::size_t page) noexcept
{
    const std::span room = std::span(words_).subspan(taken_.size() * page_words, page_words);
    const std::span words = room.first(volume_->legs_[slot]->map.take_page(page, room));
    record_change change{{record_kind::map_page, volume_->record_owner_, index_of(slot, page)}, {}};
    const auto all = [&](std::uint64_t value) {
        return std::all_of(words.begin(), words.end(), [&](auto each) { return each == value; });
    };
    if (all(0)) {
        change.erase = true;
    } else if (all(~std::uint64_t{0})) {
        change.value = everything;
    } else {
        for (std::uint64_t& each : words) boost::endian::native_to_little_inplace(each);
        change.value = std::as_bytes(words);
    }
    changes_.push_back(change);
    taken_.push_back({slot, page});
}

void page_saver::next_batch() noexcept
{
    changes_.clear();
    taken_.clear();
    while (slot_ < volume_->legs_.size() && taken_.size() < batch_pages_) {
        const leg* which = volume_->legs_[slot_].get();
        const auto found = which == nullptr ? std::nullopt : which->map.next_changed_page(page_);
        if (!found) {
            ++slot_;
            page_ = 0;
            continue;
        }
        take(slot_, *found);
        page_ = *found + 1;
    }
    if (changes_.empty()) return pass_over();
    commit_.changes = changes_;
    volume_->store_->commit(commit_);
}

void page_saver::batch_done(error_code error) noexcept
{
    if (!error) return next_batch();
    CIMREP_MARK(map_page_not_saved);
    for (const taken_page& each : taken_)
        if (each.slot < volume_->legs_.size() && volume_->legs_[each.slot])
            volume_->legs_[each.slot]->map.page_not_saved(each.page);
    error_ = error;
    pass_over();
}

void page_saver::pass_over() noexcept
{
    const error_code error = std::exchange(error_, error_code{});
    waiter_queue served = std::move(served_);
    // Those that ask in there begin the next pass, or wait for it.
    running_ = false;
    while (waiter* each = served.pop()) each->saved(*each, error);
    if (running_ || waiting_.empty()) return;
    running_ = true;
    served_ = std::move(waiting_);
    slot_ = page_ = 0;
    next_batch();
}

}  // namespace cimrep::inline v0
