// lib/runtime/recovery.hpp -- what a repository knows of one volume, before it is opened again.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/store/repository.hpp>

#include "evidence.hpp"
#include "point_records.hpp"
#include "state_records.hpp"
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

/// What is on record of the points in time of a volume.
struct saved_points {
    points_record shared;
    std::map<std::uint64_t, point_record> points;  ///< by number
    std::map<std::uint64_t, std::vector<exception>> batches;

    /// The latest of which anything is on record.
    std::uint64_t epoch() const noexcept;
};

/// The records of one volume.
struct saved_volume {
    std::uint64_t owner = 0;
    volume_record shape;
    member_record members;
    std::map<std::uint8_t, relationship_record> pairs;  ///< by the slot of the target
    std::vector<std::uint64_t> hot;                     ///< extents that had a mark, by index
    struct page {
        std::uint8_t slot;
        std::size_t index;
        std::vector<std::uint64_t> words;
    };
    std::vector<page> pages;
    std::optional<evidence_record> evidence;
    std::vector<content_sample> samples;
    std::optional<saved_points> points;

    /// Somebody needs it: else it is forgotten when it is found.
    bool needed() const noexcept { return !pairs.empty() || (points && !points->points.empty()); }

    const leg_record* leg(std::uint8_t slot) const noexcept
    {
        for (const leg_record& each : shape.legs)
            if (each.slot == slot) return &each;
        return nullptr;
    }
    leg_role role(std::uint8_t slot) const noexcept
    {
        if (slot < members.roles.size()) return members.roles[slot];
        return slot == 0 ? leg_role::current : leg_role::tracking;
    }
};

/// Everything that the repository knows of volumes.
///
/// @errors  errc::repository_damaged: a record that is no record, or a relationship without its
///          volume or its leg.
outcome<std::vector<saved_volume>> read_volumes(const repository& store);

/// The pool with this number.
///
/// @errors  errc::repository_damaged: it has no record, or one that is no record.
outcome<pool_record> read_pool(const repository& store, std::uint64_t number);

}  // namespace cimrep::inline v0
