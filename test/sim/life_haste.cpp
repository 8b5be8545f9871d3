// test/sim/life_haste.cpp -- from a failure to a return, a separation and a power loss.
// SPDX-License-Identifier: BSL-1.0
#include "life_haste.hpp"

#include <cimrep/cim/format.hpp>

#include <algorithm>
#include <iterator>

namespace cimrep::test {

namespace {

constexpr std::uint64_t looks_max = 300;  // some milliseconds of a busy volume

}  // namespace

life_haste::life_haste(life_process& process, life_operator& operators)
    : process_(process),
      operators_(operators),
      world_(process.world),
      random_(seed_of_part(seed_of_part(world_.options.seed, 72), world_.report.crashes))
{
    if (!world_.options.has(activity::hasty_returns)) return;
    for (std::size_t i = 0; i < world_.leg_count(); ++i)
        legs_.push_back({.name = to_text(world_.leg_path(i))});
    world_.at_failed_leg = [this](std::string_view name) { failed(name); };
}

life_haste::~life_haste()
{
    world_.at_failed_leg = [](std::string_view) {};
}

void life_haste::failed(std::string_view name)
{
    for (watched& each : legs_) {
        if (each.name != name || each.at != stage::nothing || !random_.chance(0.7)) continue;
        each.at = stage::failed;
        each.looks_left = random_.between(1, looks_max);
        ++waiting_;
        delay_labels(static_cast<std::size_t>(&each - legs_.data()));
    }
}

// The relationship hears of the failure when those who stay have new labels.
void life_haste::delay_labels(std::size_t but_not)
{
    const std::uint64_t volume = world_.options.volume_bytes;
    for (std::size_t i = 0; i < legs_.size(); ++i)
        if (i != but_not && world_.has_label(i) && random_.chance(0.5))
            world_.leg(i).add({.fault = disk_fault::slow,
                               .kind = io_kind::write,
                               .extent = {volume, world_.leg(i).size_bytes() - volume}});
}

void life_haste::look()
{
    if (waiting_ == 0 || world_.machine.crashed() || world_.wrong()) return;
    for (std::size_t i = 0; i < legs_.size(); ++i) {
        watched& each = legs_[i];
        if (each.at == stage::nothing) continue;
        each.at = each.looks_left-- == 0 ? stage::nothing : next(i);
        if (each.at == stage::nothing) --waiting_;
        if (world_.machine.crashed()) return;
    }
}

life_haste::stage life_haste::next(std::size_t leg)
{
    switch (legs_[leg].at) {
    case stage::failed: return tell_of_return(leg);
    case stage::looked_at: {
        const auto legs = process_.disk->legs();
        const auto which = std::find_if(legs.begin(), legs.end(), [&](const leg_info& each) {
            return each.element == world_.leg_path(leg);
        });
        if (which == legs.end()) return stage::nothing;
        return which->error ? stage::looked_at : stage::believed;
    }
    case stage::believed: return part(leg);
    case stage::parting: return end_with_a_power_loss(leg);
    case stage::nothing: break;
    }
    return stage::nothing;
}

// Refused as long as something is in flight to it from before.
life_haste::stage life_haste::tell_of_return(std::size_t leg)
{
    world_.leg(leg).forget_faults();
    if (!process_.opened->element_returned(world_.leg_path(leg))) return stage::failed;
    world_.tell(world_.leg_name(leg) + " was told to be back as soon as it had failed");
    ++world_.report.returns;
    legs_[leg].looks_left = looks_max;
    return leg == 0 ? stage::nothing : stage::looked_at;
}

life_haste::stage life_haste::part(std::size_t leg)
{
    using enum operation;
    constexpr operation all[] = {split, split, fracture, fracture, suspend, deactivate};
    const std::size_t index = leg - 1;
    const auto& its_host = process_.target_hosts[index];
    if (process_.pair(index) == nullptr || !random_.chance(0.8)) return stage::nothing;
    if (world_.replicas[index].asked || (its_host && !its_host->quiet())) return stage::believed;
    operators_.send(index, all[random_.below(std::size(all))], false);
    legs_[leg].looks_left = looks_max;
    return stage::parting;
}

life_haste::stage life_haste::end_with_a_power_loss(std::size_t leg)
{
    const replica& each = world_.replicas[leg - 1];
    if (each.asked) return stage::parting;
    const bool parted = each.content || each.told_state;
    if (parted && world_.next_crash == crash_kind::power_loss && random_.chance(0.7))
        world_.machine.crash_at(1 + random_.below(20), world_.next_crash);
    return stage::nothing;
}

}  // namespace cimrep::test
