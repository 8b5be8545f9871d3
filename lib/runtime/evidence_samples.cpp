// lib/runtime/evidence_samples.cpp -- at an orderly close: which places, and what they hold.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/content_checksum.hpp>

#include "../base/out_of_memory.hpp"
#include "evidence_keeper.hpp"
#include "place_reader.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <memory>
#include <set>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t samples_kept = 48;  // the others are of new places each time

}  // namespace

// Where the host wrote lately an older copy differs most likely; the others are spread evenly, each
// at a random place of its part.
std::vector<byte_extent> evidence_keeper::choose_places()
{
    const std::uint64_t size = volume_->shape().size_bytes;
    const std::uint64_t places = (size + sample_bytes - 1) / sample_bytes;
    std::set<std::uint64_t> chosen;
    for (std::size_t i = 0; i < std::min(recent_next_, recent_.size()); ++i)
        chosen.insert(recent_[i] / sample_bytes);
    // Those of before are of what was written before.
    for (const content_sample& each : samples_)
        if (chosen.size() < samples_kept) chosen.insert(index_of(each));
    const std::size_t others = samples_max - chosen.size();
    std::vector<std::uint64_t> picks(others);
    volume_->loop().random_bytes(std::as_writable_bytes(std::span(picks)));
    for (std::size_t i = 0; i < others; ++i) {
        const std::uint64_t begin = places * i / others;
        const std::uint64_t end = std::max(begin + 1, places * (i + 1) / others);
        chosen.insert(std::min(places - 1, begin + picks[i] % (end - begin)));
    }
    std::vector<byte_extent> extents;
    for (const std::uint64_t place : chosen)
        extents.push_back(
            {place * sample_bytes, std::min(sample_bytes, size - place * sample_bytes)});
    return extents;
}

void evidence_keeper::take_samples(std::function<void(error_code error)> over) noexcept
{
    leg* from = nullptr;
    for (const auto& each : volume_->legs_)
        if (each && each->role == leg_role::current && !each->failed_with && from == nullptr)
            from = each.get();
    if (!needed_) return over({});
    if (from == nullptr) return over(volume_->unserved_);
    sampled_ = std::move(over);
    or_go_unseen([&] { read_samples(*from); });
}

void evidence_keeper::read_samples(leg& from)
{
    auto places = choose_places();
    // What one in the set was found to differ in is nothing to know the others by.
    std::erase_if(places, [&](byte_extent each) { return from.map.different().any(each); });
    if (places.empty()) return commit_samples({});
    auto taken = std::make_shared<std::vector<content_sample>>(places.size());
    const auto show = [taken, places](std::size_t i, std::span<const std::byte> content) {
        (*taken)[i] = {places[i], content_checksum(content)};
    };
    std::make_shared<place_reader>(from, places, show, [this, taken](error_code error) {
        if (error) return std::exchange(sampled_, nullptr)(error);
        // Of a place that could not be read nothing is known.
        std::erase_if(*taken, [](const content_sample& each) { return each.place.empty(); });
        or_go_unseen([&] { commit_samples(std::move(*taken)); });
    })->start();
}

// Those of before that are not taken again go with them.
void evidence_keeper::commit_samples(std::vector<content_sample> taken)
{
    sample_commit& op = sample_commit_;
    op.taken = std::move(taken);
    op.values.clear();
    op.all.clear();
    const auto key = [&](const content_sample& sample) {
        return record_key{record_kind::content_sample, volume_->record_owner_, index_of(sample)};
    };
    for (const content_sample& each : op.taken) op.values.push_back(encode(each));
    for (std::size_t i = 0; i < op.taken.size(); ++i)
        op.all.push_back({key(op.taken[i]), op.values[i]});
    for (const content_sample& old : samples_) {
        const bool again = std::any_of(
            op.taken.begin(), op.taken.end(),
            [&](const content_sample& each) { return index_of(each) == index_of(old); });
        if (!again) op.all.push_back({key(old), {}, true});
    }
    op.changes = op.all;
    op.done = [](commit_op& done, error_code error) noexcept {
        evidence_keeper& self = *static_cast<sample_commit&>(done).self;
        if (!error) {
            self.samples_ = std::move(self.sample_commit_.taken);
            self.facts_.assign(self.samples_.size(), 0);
        }
        std::exchange(self.sampled_, nullptr)(error);
    };
    volume_->store_->commit(op);
}

}  // namespace cimrep::inline v0
