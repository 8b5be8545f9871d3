// lib/runtime/saved_state.cpp -- the records of a repository as answers for people and products.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/object_path_parse.hpp>
#include <cimrep/engine/hot_extents.hpp>
#include <cimrep/engine/region_map.hpp>
#include <cimrep/runtime/saved_state.hpp>
#include <cimrep/runtime/shard.hpp>

#include <fmt/format.h>

#include "recovery.hpp"
#include <algorithm>
#include <bit>
#include <memory_resource>
#include <set>

namespace cimrep::inline v0 {

namespace {

outcome<> check_shape(const saved_volume& of)
{
    const std::uint64_t region = of.shape.region_bytes;
    if (!std::has_single_bit(region) || region < 4 * kib)
        return fail(errc::repository_damaged,
                    fmt::format("volume {} has regions of {} bytes", of.owner, region),
                    "check the repository with 'cimrepctl check'");
    const std::uint64_t size = of.shape.size_bytes;
    const std::uint64_t budget = shard_options{}.memory_budget_bytes;
    // More than a byte for each eight regions before it is computed, which must not overflow.
    if (size / region / 8 > budget || 3 * region_bitmap::memory_bytes(size, region) > budget)
        return fail(errc::over_budget,
                    fmt::format("the maps of volume {}, {} bytes in regions of {}, need more than "
                                "{} bytes of memory",
                                of.owner, size, region, budget),
                    "open a shard on the repository, with a larger memory_budget_bytes");
    return success();
}

/// Marks what the pages of a leg say, then what was hot; tells how much the second added.
std::uint64_t fill(region_map& map, const saved_volume& from, std::uint8_t slot)
{
    for (const saved_volume::page& page : from.pages)
        if (page.slot == slot) map.differs_as_saved(page.index, page.words);
    const std::uint64_t settled = map.different().marked_bytes();
    const std::uint64_t size = from.shape.size_bytes;
    for (const std::uint64_t index : from.hot) {
        if (index >= size / hot_extents::extent_bytes + 1) continue;
        const std::uint64_t begin = index * hot_extents::extent_bytes;
        if (begin < size) map.differs({begin, std::min(hot_extents::extent_bytes, size - begin)});
    }
    return map.different().marked_bytes() - settled;
}

/// The state that begins when a shard opens it and finds both elements. Broken stays until then.
relationship_state opened(const relationship_state& recorded, const saved_relationship& found)
{
    const bool in_sync = found.source_role == leg_role::current &&
                         found.target_role == leg_role::current && found.different_bytes == 0;
    const bool whole = recorded.copy_state == copy_state::synchronized && in_sync;
    if (whole || recorded.copy_state == copy_state::broken) return recorded;
    return step(recorded, event::restart).state;
}

outcome<saved_relationship> describe(const saved_volume& from, std::uint8_t slot,
                                     const relationship_record& pair)
{
    saved_relationship made;
    CIMREP_TRY(made.source, parse_object_path(from.leg(0)->element));
    CIMREP_TRY(made.target, parse_object_path(from.leg(slot)->element));
    made.source_role = from.role(0);
    made.target_role = from.role(slot);
    made.when_established = pair.when_established;
    made.when_activated = pair.when_activated;
    made.when_synchronized = pair.when_synchronized;
    made.when_suspended = pair.when_suspended;
    made.when_deactivated = pair.when_deactivated;
    made.size_bytes = from.shape.size_bytes;
    region_map map(made.size_bytes, from.shape.region_bytes, std::pmr::get_default_resource());
    // Who is in the set tells who is behind: a state of the pair may be older than that.
    const bool source_behind =
        made.target_role == leg_role::current && made.source_role != leg_role::current;
    made.unsettled_bytes = fill(map, from, source_behind ? 0 : slot);
    made.different_bytes = map.different().marked_bytes();
    const relationship_state now = opened(pair.state, made);
    made.sync_type = now.kind.sync;
    made.mode = now.kind.mode;
    made.copy_state = now.copy_state;
    made.requested_copy_state = now.requested;
    made.progress_status = now.progress;
    return made;
}

}  // namespace

outcome<std::vector<saved_element>> saved_elements(const repository& from)
{
    CIMREP_TRY(const auto volumes, read_volumes(from));
    std::vector<saved_element> all;
    std::set<std::uint64_t> pools;
    const auto add = [&](const saved_volume& of, std::uint8_t slot) -> outcome<> {
        const leg_record& leg = *of.leg(slot);
        CIMREP_TRY(object_path path, parse_object_path(leg.element));
        all.push_back({std::move(path), leg.identity,
                       slot == 0 ? saved_role::source : saved_role::target, of.shape.size_bytes,
                       leg.block_bytes});
        return success();
    };
    for (const saved_volume& each : volumes) {
        if (!each.needed()) continue;
        CIMREP_TRY(add(each, 0));
        for (const auto& [slot, pair] : each.pairs) {
            CIMREP_TRY(add(each, slot));
        }
        if (each.points && !each.points->points.empty()) pools.insert(each.points->shared.pool);
    }
    for (const std::uint64_t number : pools) {
        CIMREP_TRY(const pool_record pool, read_pool(from, number));
        CIMREP_TRY(object_path path, parse_object_path(pool.element));
        all.push_back({std::move(path), pool.identity, saved_role::pool, pool.size_bytes, 0});
    }
    return all;
}

outcome<std::vector<saved_relationship>> saved_relationships(const repository& from)
{
    CIMREP_TRY(const auto volumes, read_volumes(from));
    std::vector<saved_relationship> all;
    for (const saved_volume& each : volumes) {
        if (each.pairs.empty()) continue;
        CIMREP_TRY(check_shape(each));
        for (const auto& [slot, pair] : each.pairs) {
            CIMREP_TRY(saved_relationship made, describe(each, slot, pair));
            all.push_back(std::move(made));
        }
    }
    return all;
}

}  // namespace cimrep::inline v0
