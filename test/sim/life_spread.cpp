// test/sim/life_spread.cpp -- which other leg is right where one is damaged.
// SPDX-License-Identifier: BSL-1.0
#include "life_spread.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace cimrep::test {

namespace {

// All of the damage that the read has seen, or some of it.
bool shows(const io_op& read, const silent_damage& damage)
{
    std::uint64_t at = read.offset_bytes;
    for (const io_segment& piece : read.read_segments()) {
        for (std::size_t i = 0; i + stamp_sector_bytes <= piece.size_bytes;
             i += stamp_sector_bytes, at += stamp_sector_bytes) {
            const std::uint64_t sector = at / stamp_sector_bytes;
            if (sector < damage.first || sector >= damage.first + damage.count) continue;
            std::vector<std::byte> expected(stamp_sector_bytes);
            content_oracle::fill_damage(damage.by, sector, expected);
            if (std::equal(expected.begin(), expected.end(), piece.data + i)) return true;
        }
    }
    return false;
}

}  // namespace

std::uint64_t life_spread::doubt(life_world& world, std::size_t leg, byte_extent where)
{
    // Marked region by region.
    const std::uint64_t region = world.options.region_bytes;
    const std::uint64_t begin = where.offset_bytes / region * region;
    const std::uint64_t end = (where.end_bytes() + region - 1) / region * region;
    world.doubts.push_back({.leg = leg, .where = {begin, end - begin}, .by = ++world.moments});
    return world.moments;
}

void life_spread::verification_over(life_world& world, std::uint64_t begun)
{
    for (leg_doubt& each : world.doubts)
        if (each.by == begun) each.under_way = false;
}

void life_spread::begin_process(life_world& world)
{
    for (leg_doubt& each : world.doubts) each.under_way = false;
    for (silent_damage& each : world.damages) each.covered_since.reset();
}

void life_spread::anywhere(life_world& world)
{
    for (silent_damage& each : world.damages) each.may_spread = true;
}

// A comparison marks before it ends, so that those under way count as well.
void life_spread::forget_doubts()
{
    std::erase_if(world_.doubts, [&](const leg_doubt& each) {
        const relationship* const pair = process_.pair(each.leg - 1);
        if (pair == nullptr || each.under_way) return false;
        const relationship_info now = pair->info();
        return now.copy_state == copy_state::synchronized && now.different_bytes == 0;
    });
}

bool life_spread::is_right(std::size_t leg, const silent_damage& damage) const
{
    if (leg == damage.leg || !world_.shows_all(leg) || world_.may_lie_on(leg, damage)) return false;
    return std::ranges::none_of(world_.doubts, [&](const leg_doubt& each) {
        return each.leg == leg && each.where.overlaps(damage.extent());
    });
}

bool life_spread::is_covered(const silent_damage& damage) const
{
    if (!damage.found) return false;
    const std::uint32_t in_sync = process_.legs_in_sync();
    bool covered = false;
    for (std::size_t leg = 0; leg < world_.leg_count(); ++leg) {
        if ((in_sync >> leg & 1) == 0 || leg == damage.leg) continue;
        // It was copied to this one before it was found, and nobody knows that.
        if (world_.may_lie_on(leg, damage)) return false;
        covered |= is_right(leg, damage);
    }
    return covered;
}

void life_spread::look()
{
    if (world_.damages.empty() || world_.machine.crashed()) return;
    if (process_.disk == nullptr || process_.opened == nullptr) return;
    forget_doubts();
    const std::uint32_t in_sync = process_.legs_in_sync();
    for (silent_damage& each : world_.damages) {
        const bool covered = is_covered(each);
        if (covered && !each.covered_since) each.covered_since = ++world_.moments;
        if (!covered) each.covered_since.reset();
        // Before anybody is in the set nothing is read or copied.
        if (!covered && in_sync != 0 && (in_sync & 1) == 0) each.may_spread = true;
    }
}

void life_spread::heard(log_event what, std::size_t leg)
{
    // By whom the volume is served is not known yet while it is being opened.
    const bool opening = process_.disk == nullptr;
    if (what == log_event::volume_opened && leg != 0) anywhere(world_);
    if (opening && what == log_event::leg_failed) anywhere(world_);
    look();
}

void life_spread::judge_read(const io_op& read, std::uint64_t sent)
{
    if (world_.machine.crashed()) return;
    look();
    for (const silent_damage& each : world_.damages) {
        if (!each.covered_since || *each.covered_since > sent || !shows(read, each)) continue;
        world_.fail("a read has returned the damage of " + world_.leg_name(each.leg) +
                    " at sector " + std::to_string(each.first) +
                    ", which was found, and another leg is right there");
    }
}

}  // namespace cimrep::test
