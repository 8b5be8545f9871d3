// lib/store/record_map.cpp -- reserve, apply, sweep: nothing can fail once a commit is written.
// SPDX-License-Identifier: BSL-1.0
#include "record_map.hpp"

#include <new>
#include <utility>

namespace cimrep::inline v0 {

namespace {

std::uint32_t size_of(const record_change& change) noexcept
{
    return change.erase ? 0 : static_cast<std::uint32_t>(encoded_bytes(change));
}

}  // namespace

/// What is looked up is kept in places_, so that it is looked up once. At most; a key that occurs
/// twice counts twice.
std::uint64_t record_map::added_bytes(std::span<const record_change> changes)
{
    std::uint64_t added = 0;
    places_.clear();
    for (const record_change& each : changes) {
        const auto found = entries_.find(each.key);
        places_.push_back(found == entries_.end() ? nullptr : &found->second);
        const std::uint32_t before = places_.back() == nullptr ? 0 : places_.back()->reserved;
        if (size_of(each) > before) added += size_of(each) - before;
    }
    return added;
}

result<> record_map::reserve(std::span<const record_change> changes,
                             std::uint64_t capacity) noexcept
{
    try {
        const std::uint64_t added = added_bytes(changes);
        if (added > 0 && reserved_bytes_ + added > capacity) return errc::over_budget;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            if (changes[i].erase) continue;
            if (places_[i] == nullptr) {
                const auto [at, made] = entries_.try_emplace(changes[i].key);
                at->second.fresh |= made;
                places_[i] = &at->second;
            }
            places_[i]->value.reserve(changes[i].value.size());
        }
    } catch (const std::bad_alloc&) {
        for (const record_change& each : changes) {
            const auto found = entries_.find(each.key);
            if (found != entries_.end() && found->second.fresh) entries_.erase(found);
        }
        return std::make_error_code(std::errc::not_enough_memory);
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
        entry* at = places_[i];
        if (at == nullptr) {
            // Not there before, but perhaps by an earlier change of the same commit.
            const auto found = entries_.find(changes[i].key);
            if (found == entries_.end()) continue;
            at = &found->second;
        }
        at->fresh = false;
        reserved_bytes_ += size_of(changes[i]);
        reserved_bytes_ -= std::exchange(at->reserved, size_of(changes[i]));
    }
    return success();
}

void record_map::count(const entry& which, bool there) noexcept
{
    const std::uint64_t bytes = change_header_bytes + which.value.size();
    records_ += there ? 1u : ~std::uint64_t{0};
    bytes_ += there ? bytes : ~bytes + 1;
}

void record_map::apply(std::span<const record_change> changes) noexcept
{
    for (const record_change& each : changes) {
        const auto found = entries_.find(each.key);
        if (found == entries_.end()) {
            CIMREP_ASSERT(each.erase);
            continue;
        }
        entry& at = found->second;
        if (at.present) count(at, false);
        at.present = !each.erase;
        if (each.erase) continue;
        CIMREP_ASSERT(at.value.capacity() >= each.value.size());
        at.value.assign(each.value.begin(), each.value.end());
        count(at, true);
    }
}

void record_map::sweep(std::span<const record_change> changes) noexcept
{
    for (const record_change& each : changes) {
        if (!each.erase) continue;
        const auto found = entries_.find(each.key);
        if (found != entries_.end() && !found->second.present && found->second.reserved == 0)
            entries_.erase(found);
    }
}

result<> record_map::put(const record_change& change) noexcept
{
    const std::span<const record_change> one(&change, 1);
    CIMREP_TRY(reserve(one, UINT64_MAX));
    apply(one);
    sweep(one);
    return success();
}

std::optional<std::span<const std::byte>> record_map::find(const record_key& key) const noexcept
{
    const auto found = entries_.find(key);
    if (found == entries_.end() || !found->second.present) return std::nullopt;
    return std::span<const std::byte>(found->second.value);
}

void record_map::for_each(const record_key& first, const record_key& last,
                          const repository::record_visitor& visit) const
{
    for (auto at = entries_.lower_bound(first); at != entries_.end() && at->first <= last; ++at)
        if (at->second.present) visit(at->first, at->second.value);
}

record_map::encoded_part record_map::encode_after(std::optional<record_key>& cursor,
                                                  std::span<std::byte> to) const noexcept
{
    encoded_part part;
    auto at = cursor ? entries_.upper_bound(*cursor) : entries_.begin();
    for (; at != entries_.end(); ++at) {
        if (!at->second.present) continue;
        const record_change change{at->first, at->second.value};
        const std::size_t bytes = encoded_bytes(change);
        if (bytes > to.size() - part.bytes) return part;
        encode(change, to.subspan(part.bytes));
        part.bytes += bytes;
        ++part.records;
        cursor = at->first;
    }
    part.last = true;
    return part;
}

void record_map::swap(record_map& other) noexcept
{
    entries_.swap(other.entries_);
    std::swap(records_, other.records_);
    std::swap(bytes_, other.bytes_);
    std::swap(reserved_bytes_, other.reserved_bytes_);
}

void record_map::clear() noexcept
{
    entries_.clear();
    records_ = bytes_ = reserved_bytes_ = 0;
}

}  // namespace cimrep::inline v0
