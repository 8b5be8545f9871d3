// lib/runtime/recovery.cpp -- reads what outlived the last process, whole or not at all.
// SPDX-License-Identifier: BSL-1.0
#include "recovery.hpp"

#include <cimrep/base/mutant.hpp>

#include <fmt/format.h>

#include "../base/mark.hpp"
#include "page_saver.hpp"
#include <algorithm>
#include <optional>
#include <utility>

namespace cimrep::inline v0 {

namespace {

/// Visits records until one of them is wrong.
class record_walk {
public:
    explicit record_walk(const repository& store) : store_(&store) {}

    template <class Decode, class Accept>
    record_walk& each(record_kind kind, Decode decode, Accept accept)
    {
        return each_keyed(
            kind, [&](std::uint64_t, std::span<const std::byte> value) { return decode(value); },
            accept);
    }
    template <class Decode, class Accept>
    record_walk& each_keyed(record_kind kind, Decode decode, Accept accept)
    {
        store_->for_each(kind, [&](const record_key& key, std::span<const std::byte> value) {
            if (wrong_) return;
            auto decoded = decode(key.index, value);
            if (decoded)
                accept(key, std::move(decoded).value());
            else
                wrong_ = std::move(decoded).error();
        });
        return *this;
    }
    std::optional<failure>& wrong() noexcept { return wrong_; }

private:
    const repository* store_;
    std::optional<failure> wrong_;
};

outcome<std::uint64_t> decode_mark(std::span<const std::byte> value)
{
    if (value.size() != 8)
        return fail(errc::repository_damaged, "a mark of a hot extent has the wrong length",
                    "check the repository with 'cimrepctl check'");
    return take_little(value.data());
}

outcome<std::vector<std::uint64_t>> decode_page(std::span<const std::byte> value)
{
    auto words = page_saver::words_of(value);
    if (words.empty())
        return fail(errc::repository_damaged, "a page of a map has the wrong length",
                    "check the repository with 'cimrepctl check'");
    return words;
}

// A crash came between the state that a request leads to and the set that it makes: what the one
// leg holds has not become the content, and nothing may be written over it.
void undo_what_never_began(const saved_volume& of, relationship_record& pair)
{
    const auto unreplaced = std::exchange(pair.unreplaced, std::nullopt);
    if (!unreplaced || of.role(unreplaced->provider_slot) == leg_role::current) return;
    CIMREP_MARK(replacement_never_began);
    if (CIMREP_MUTANT(unbegun_replacement_stands)) return;
    pair.state = unreplaced->state;
    pair.undone = true;
}

using found_volumes = std::map<std::uint64_t, saved_volume>;

}  // namespace

std::uint64_t saved_points::epoch() const noexcept
{
    std::uint64_t latest = shared.epoch;
    if (!points.empty()) latest = std::max(latest, points.rbegin()->first);
    for (const auto& [index, batch] : batches)
        for (const exception& each : batch)
            if (!CIMREP_MUTANT(epoch_used_twice)) latest = std::max(latest, each.epoch);
    return latest;
}

namespace {

saved_points& points_of(found_volumes& all, std::uint64_t owner)
{
    auto& points = all[owner].points;
    return points ? *points : points.emplace();
}

void read_points(record_walk& walk, found_volumes& found)
{
    struct either {
        std::optional<points_record> shared;
        point_record one;
    };
    walk.each_keyed(
        record_kind::points_in_time,
        [](std::uint64_t index, std::span<const std::byte> value) -> outcome<either> {
            either made;
            if (index == 0) {
                CIMREP_TRY(made.shared, decode_points(value));
            } else {
                CIMREP_TRY(made.one, decode_point(value));
            }
            return made;
        },
        [&](const record_key& key, either made) {
            saved_points& of = points_of(found, key.owner);
            if (made.shared)
                of.shared = *made.shared;
            else
                of.points[key.index] = made.one;
        });
    walk.each(record_kind::exceptions, decode_exceptions,
              [&](const record_key& key, std::vector<exception> batch) {
                  points_of(found, key.owner).batches[key.index] = std::move(batch);
              });
}

outcome<> check_points(const saved_volume& of)
{
    if (!of.points || of.points->points.empty()) return success();
    if (of.leg(0) != nullptr && of.points->shared.chunk_bytes != 0) return success();
    return fail(errc::repository_damaged,
                fmt::format("the points in time of volume {} have no {}", of.owner,
                            of.leg(0) == nullptr ? "volume" : "pool"),
                "check the repository with 'cimrepctl check'");
}

}  // namespace

outcome<std::vector<saved_volume>> read_volumes(const repository& store)
{
    std::map<std::uint64_t, saved_volume> found;
    record_walk walk(store);
    walk.each(record_kind::volume_state, decode_volume,
              [&](const record_key& key, volume_record shape) {
                  found[key.owner].shape = std::move(shape);
              });
    walk.each(record_kind::leg_state, decode_members,
              [&](const record_key& key, member_record members) {
                  found[key.owner].members = std::move(members);
              });
    walk.each(record_kind::relationship_state, decode_relationship,
              [&](const record_key& key, relationship_record pair) {
                  found[key.owner].pairs.emplace(static_cast<std::uint8_t>(key.index),
                                                 std::move(pair));
              });
    walk.each(record_kind::hot_extents, decode_mark,
              [&](const record_key& key, std::uint64_t extent) {
                  found[key.owner].hot.push_back(extent);
              });
    walk.each(record_kind::map_page, decode_page,
              [&](const record_key& key, std::vector<std::uint64_t> words) {
                  found[key.owner].pages.push_back(
                      {static_cast<std::uint8_t>(page_saver::slot_of(key.index)),
                       page_saver::page_of(key.index), std::move(words)});
              });
    walk.each(record_kind::leg_evidence, decode_evidence,
              [&](const record_key& key, evidence_record evidence) {
                  found[key.owner].evidence = std::move(evidence);
              });
    walk.each_keyed(record_kind::content_sample, decode_sample,
                    [&](const record_key& key, content_sample sample) {
                        found[key.owner].samples.push_back(sample);
                    });
    read_points(walk, found);
    if (walk.wrong()) return std::move(*walk.wrong());
    std::vector<saved_volume> all;
    for (auto& [owner, saved] : found) {
        saved.owner = owner;
        CIMREP_TRY(check_points(saved));
        for (auto& [slot, pair] : saved.pairs) {
            if (saved.leg(0) == nullptr || saved.leg(slot) == nullptr || slot == 0)
                return fail(
                    errc::repository_damaged,
                    fmt::format("the relationship in slot {} of volume {} has no leg", slot, owner),
                    "check the repository with 'cimrepctl check'");
            undo_what_never_began(saved, pair);
        }
        all.push_back(std::move(saved));
    }
    return all;
}

outcome<pool_record> read_pool(const repository& store, std::uint64_t number)
{
    const auto bytes = store.find({record_kind::pool_state, number, 0});
    if (bytes) return decode_pool(*bytes);
    return fail(errc::repository_damaged, fmt::format("pool {} has no record", number),
                "check the repository with 'cimrepctl check'");
}

}  // namespace cimrep::inline v0
