// test/sim/life_past.cpp -- which disk, by what, and when the library must notice.
// SPDX-License-Identifier: BSL-1.0
#include "life_past.hpp"

#include <algorithm>
#include <utility>

namespace cimrep::test {

namespace {

// As many places of 64 KiB as are sampled: then all of them are.
constexpr std::uint64_t sampled_place_bytes = 64 * kib;
constexpr std::uint64_t sampled_bytes_max = 64 * sampled_place_bytes;
constexpr std::uint64_t label_bytes = 16 * kib;  // and what lies before them

bool same(const sparse_image& a, const sparse_image& b)
{
    return a.size_bytes() == b.size_bytes() && differences(a, b).empty();
}

}  // namespace

life_past::life_past(life_world& world)
    : world_(world),
      images_(world.leg_count()),
      labels_(world.leg_count()),
      old_(seed_of_part(world.options.seed, 54))
{
    const auto see = [](void* self, const trace_event& event) {
        static_cast<life_past*>(self)->see(event);
    };
    if (world_.options.has(hazard::older_legs)) world_.machine.loop().trace().observe(see, this);
}

life_past::~life_past()
{
    world_.machine.loop().trace().observe(nullptr, nullptr);
}

// Behind the volume only labels are written.
void life_past::see(const trace_event& event)
{
    const bool is_label = event.kind == trace_kind::completed && event.device < labels_.size() &&
                          event.what == static_cast<std::uint64_t>(io_kind::write) &&
                          event.offset >= world_.options.volume_bytes;
    if (!is_label) return;
    written_label& seen = labels_[static_cast<std::size_t>(event.device)];
    seen.later_failed = static_cast<bool>(event.outcome);
    if (event.outcome) return;
    seen.extent = {event.offset, event.length};
    seen.mirror = mirrors_with(static_cast<std::size_t>(event.device));
}

unsigned life_past::mirrors_with(std::size_t leg) const noexcept
{
    return leg == 0 ? 0 : world_.replicas[leg - 1].mirrors;
}

// The leg had one, and another one then. One that failed may be there all the same, and is on no
// record: what is there says nothing of an image without it. Nor is one of a mirror before, nor
// what was there before somebody had the wrong leg copied to.
bool life_past::has_another_label(std::size_t leg, const sparse_image& instead) const
{
    if (!world_.has_label(leg) || labels_[leg].mirror != mirrors_with(leg)) return false;
    const sparse_image now = const_cast<life_world&>(world_).leg(leg).image();
    byte_extent where{now.size_bytes() - label_bytes, label_bytes};
    if (labels_[leg].later_failed) where = labels_[leg].extent;
    const auto length = static_cast<std::size_t>(where.length_bytes);
    std::vector<std::byte> label(length), other(length);
    now.read(where.offset_bytes, label);
    instead.read(where.offset_bytes, other);
    return label != other && label != std::vector<std::byte>(length);
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

// Nothing but the label tells it from what it is.
std::optional<life_past::replacement> life_past::choose_with_a_label()
{
    std::vector<replacement> all;
    for (std::size_t leg = 0; leg < images_.size(); ++leg) {
        if (!is_whole(leg) || !is_on_record(leg)) continue;
        std::vector<std::byte> label(label_bytes);
        for (const sparse_image& each : images_[leg]) {
            each.read(each.size_bytes() - label_bytes, label);
            if (has_another_label(leg, each) && label != std::vector<std::byte>(label_bytes))
                all.push_back({leg, each});
        }
    }
    if (all.empty()) return std::nullopt;
    return all[static_cast<std::size_t>(old_.below(all.size()))];
}

std::optional<life_past::replacement> life_past::choose()
{
    if (world_.options.has(hazard::old_images) && old_.chance(0.8))
        if (auto chosen = choose_with_a_label()) return chosen;
    const auto leg = static_cast<std::size_t>(world_.random.below(world_.leg_count()));
    if (!is_whole(leg) || !is_on_record(leg)) return std::nullopt;
    auto instead = another_image(leg);
    if (!instead) return std::nullopt;
    return replacement{leg, std::move(*instead)};
}

// After an orderly end every place that can be read was sampled, and what differs there is noticed.
// Of a leg that is not in sync only places are compared that are equal as a whole, which a region
// that is smaller does not make them. After a crash, and on a large volume, only a label tells.
bool life_past::was_sampled(std::size_t leg, std::uint32_t in_sync) const
{
    const life_options& life = world_.options;
    if (life.volume_bytes > sampled_bytes_max) return false;
    if ((in_sync >> leg & 1) == 0 && life.region_bytes < sampled_place_bytes) return false;
    for (std::size_t i = 0; i < images_.size(); ++i) {
        const simulated_disk& disk = const_cast<life_world&>(world_).leg(i);
        for (std::uint64_t block = 0; block < life.volume_bytes / life.block_bytes; ++block)
            if (disk.is_unreadable(block)) return false;
    }
    return true;
}

void life_past::process_ended(bool in_order, std::uint32_t in_sync)
{
    if (!world_.options.has(hazard::older_legs)) return;
    for (std::size_t i = 0; i < images_.size(); ++i)
        if (is_whole(i)) images_[i].push_back(world_.leg(i).image());
    if (replaced_ || !world_.random.chance(0.6)) return;
    const auto chosen = choose();
    if (!chosen) return;
    const auto& [leg, instead] = *chosen;
    const sparse_image truth = world_.leg(leg).image();
    if (same(truth, instead)) return;
    const bool label = has_another_label(leg, instead);
    const bool samples = in_order && was_sampled(leg, in_sync);
    if (!label && !samples) return;
    world_.tell(world_.leg_name(leg) + " is not what it was");
    world_.leg(leg).come_back_as(instead);
    // Where a leg differs in part of what was sampled, nothing is known of the rest of that.
    const bool is_known = label || (in_sync >> leg & 1) != 0;
    replaced_ = replaced_leg{leg, truth, instead, is_known, std::exchange(labels_[leg], {})};
    ++world_.report.replaced;
    // What was known of a target that is apart is gone with it.
    if (leg == 0) return;
    world_.replicas[leg - 1].forget_content();
}

std::optional<std::size_t> life_past::lost() const noexcept
{
    if (!replaced_ || !replaced_->is_known) return std::nullopt;
    return replaced_->leg;
}

void life_past::keep(std::uint32_t in_use)
{
    const auto kept = [&](const replaced_leg& was) { return (in_use >> was.leg & 1) != 0; };
    if (replaced_ && kept(*replaced_)) replaced_.reset();
    std::erase_if(away_, kept);
}

void life_past::put_back()
{
    if (replaced_) away_.push_back(*std::exchange(replaced_, std::nullopt));
    put_back_what_was_away();
}

void life_past::put_back_what_was_away()
{
    std::erase_if(away_, [&](const replaced_leg& was) {
        if (!is_whole(was.leg)) return false;
        simulated_disk& disk = world_.leg(was.leg);
        if (!same(disk.image(), was.instead)) return true;
        world_.tell(disk.name() + " is again what it was");
        disk.come_back_as(was.truth);
        labels_[was.leg] = was.label;
        return true;
    });
}

}  // namespace cimrep::test
