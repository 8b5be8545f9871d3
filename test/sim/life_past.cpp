// test/sim/life_past.cpp -- which disk, by what, and when the library must notice.
// SPDX-License-Identifier: BSL-1.0
#include "life_past.hpp"

#include <algorithm>
#include <utility>

namespace cimrep::test {

namespace {

// As many places of 64 KiB as are sampled: then all of them are.
constexpr std::uint64_t sampled_bytes_max = 64 * 64 * kib;
constexpr std::uint64_t label_bytes = 16 * kib;  // and what lies before them

bool same(const sparse_image& a, const sparse_image& b)
{
    return a.size_bytes() == b.size_bytes() && differences(a, b).empty();
}

}  // namespace

// The leg had one, and another one then.
bool life_past::has_another_label(std::size_t leg, const sparse_image& instead) const
{
    if (!world_.has_label(leg)) return false;
    const sparse_image now = const_cast<life_world&>(world_).leg(leg).image();
    std::vector<std::byte> label(label_bytes), other(label_bytes);
    now.read(now.size_bytes() - label_bytes, label);
    instead.read(instead.size_bytes() - label_bytes, other);
    return label != other && label != std::vector<std::byte>(label_bytes);
}

// It has not been pulled out, and does not announce less than it has.
bool life_past::is_whole(std::size_t leg) const
{
    const simulated_disk& disk = const_cast<life_world&>(world_).leg(leg);
    return disk.present() && disk.size_bytes() >= world_.options.volume_bytes;
}

// Of a disk that is in no relationship nothing is known.
bool life_past::is_on_record(std::size_t leg) const
{
    const std::vector<replica>& all = world_.replicas;
    if (leg != 0) return all[leg - 1].told;
    return std::any_of(all.begin(), all.end(), [](const replica& each) { return each.told; });
}

std::optional<sparse_image> life_past::another_image(std::size_t leg)
{
    seeded_random& random = world_.random;
    sparse_image made = world_.leg(leg).image();
    switch (random.below(4)) {
    case 0: made.zero({0, made.size_bytes()}); return made;
    case 1: {
        std::vector<std::byte> noise(static_cast<std::size_t>(made.size_bytes()));
        for (std::byte& each : noise) each = static_cast<std::byte>(random.next());
        made.write(0, noise);
        return made;
    }
    case 2: {
        const sparse_image other = world_.leg(random.below(world_.leg_count())).image();
        if (other.size_bytes() != made.size_bytes()) return std::nullopt;
        return other;
    }
    default: break;
    }
    const std::vector<sparse_image>& known = images_[leg];
    // The last is what it holds now.
    if (known.size() < 2) return std::nullopt;
    return known[static_cast<std::size_t>(random.below(known.size() - 1))];
}

// After an orderly end everything was sampled, so whatever differs is noticed. After a crash, and
// on a large volume, only a label tells.
void life_past::process_ended(bool in_order, std::uint32_t in_sync)
{
    if (!world_.options.has(hazard::older_legs)) return;
    for (std::size_t i = 0; i < images_.size(); ++i)
        if (is_whole(i)) images_[i].push_back(world_.leg(i).image());
    if (replaced_ || !world_.random.chance(0.6)) return;
    const auto leg = static_cast<std::size_t>(world_.random.below(world_.leg_count()));
    if (!is_whole(leg) || !is_on_record(leg)) return;
    const auto instead = another_image(leg);
    const sparse_image truth = world_.leg(leg).image();
    if (!instead || same(truth, *instead)) return;
    const bool label = has_another_label(leg, *instead);
    const bool samples = in_order && world_.options.volume_bytes <= sampled_bytes_max;
    if (!label && !samples) return;
    world_.tell(world_.leg_name(leg) + " is not what it was");
    world_.leg(leg).come_back_as(*instead);
    // Where a leg differs in part of what was sampled, nothing is known of the rest of that. The
    // last one in sync may have a label that is not on record.
    const std::uint32_t bit = 1u << leg;
    const bool is_known = (label || (in_sync & bit) != 0) && (in_sync & ~bit) != 0;
    replaced_ = replaced_leg{leg, truth, *instead, is_known};
    ++world_.report.replaced;
    // What was known of a target that is apart is gone with it.
    if (leg == 0) return;
    world_.replicas[leg - 1].content.reset();
    world_.replicas[leg - 1].told_state.reset();
}

std::optional<std::size_t> life_past::lost() const noexcept
{
    if (!replaced_ || !replaced_->is_known) return std::nullopt;
    return replaced_->leg;
}

void life_past::put_back()
{
    if (!replaced_) return;
    const replaced_leg was = *std::exchange(replaced_, std::nullopt);
    simulated_disk& disk = world_.leg(was.leg);
    if (!is_whole(was.leg) || !same(disk.image(), was.instead)) return;
    world_.tell(disk.name() + " is again what it was");
    disk.come_back_as(was.truth);
}

}  // namespace cimrep::test
