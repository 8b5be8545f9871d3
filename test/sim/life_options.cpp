// test/sim/life_options.cpp -- lives by swarm, and as text.
// SPDX-License-Identifier: BSL-1.0
#include "life_options.hpp"

#include <cimrep/engine/hot_extents.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

namespace cimrep::test {

namespace {

// Those that seeds have drawn from the first: what came later is drawn by draw_more().
constexpr std::size_t first_hazards = 15;
constexpr std::size_t first_activities = 14;

template <class Kind>
choice<Kind> swarm(seeded_random& random, std::size_t count, double share)
{
    choice<Kind> made;
    for (std::size_t i = 0; i < count; ++i) made.set(static_cast<Kind>(i), random.chance(share));
    return made;
}

template <class Kind, std::size_t Count>
std::string names_of(const choice<Kind>& set, const std::array<std::string_view, Count>& names)
{
    std::string text;
    for (std::size_t i = 0; i < Count; ++i) {
        if (!set.has(static_cast<Kind>(i))) continue;
        if (!text.empty()) text += ',';
        text += names[i];
    }
    return text;
}

std::vector<std::string_view> parts_of(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0) parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

template <class Kind, std::size_t Count>
bool read_set(std::string_view text, choice<Kind>& set,
              const std::array<std::string_view, Count>& names)
{
    for (const std::string_view part : parts_of(text, ',')) {
        std::size_t i = 0;
        while (i < Count && names[i] != part) ++i;
        if (i == Count) return false;
        set.set(static_cast<Kind>(i));
    }
    return true;
}

template <class Number>
bool read_number(std::string_view text, Number& to)
{
    std::uint64_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    to = static_cast<Number>(value);
    return end.ec == std::errc{} && end.ptr == text.data() + text.size();
}

bool read_part(std::string_view name, std::string_view value, life_options& o)
{
    if (name == "hazards") return read_set(value, o.hazards, hazard_names);
    if (name == "activities") return read_set(value, o.activities, activity_names);
    if (name == "seed") return read_number(value, o.seed);
    if (name == "targets") return read_number(value, o.targets);
    if (name == "crashes") return read_number(value, o.crashes);
    if (name == "copies") return read_number(value, o.copies);
    if (name == "operations") return read_number(value, o.operations);
    if (name == "volume") return read_number(value, o.volume_bytes);
    if (name == "region") return read_number(value, o.region_bytes);
    if (name == "block") return read_number(value, o.block_bytes);
    if (name == "hot") return read_number(value, o.hot_extents);
    if (name == "deadline_ms") return read_number(value, o.leg_deadline_ms);
    if (name == "repository") return read_number(value, o.repository_bytes);
    if (name == "cache") return read_number(value, o.cache);
    return name == "guarded" && read_number(value, o.guarded);
}

// From generators of their own, so that nothing else of a life is another one with it.
void draw_more(life_options& o)
{
    seeded_random random(seed_of_part(o.seed, 47));
    if (random.chance(0.4)) o.repository_bytes = random.chance(0.7) ? 256 * kib : 512 * kib;
    if (random.chance(0.2)) o.hazards.set(hazard::decay);
    if (random.chance(0.3)) o.activities.set(activity::reopenings);
    if (random.chance(0.3)) o.activities.set(activity::settling);
    seeded_random later(seed_of_part(o.seed, 51));
    if (later.chance(0.1)) o.hazards.set(hazard::slow_copies);
    if (later.chance(0.2)) o.hazards.set(hazard::lost_copies);
    if (later.chance(0.2)) o.hazards.set(hazard::bad_moments);
    if (later.chance(0.2)) o.activities.set(activity::idling);
}

// From another one, for the same reason.
void draw_what_legs_hold(life_options& o)
{
    seeded_random random(seed_of_part(o.seed, 51));
    if (random.chance(0.5)) o.hazards.set(hazard::lost_legs, o.has(hazard::older_legs));
    if (random.chance(0.1)) o.activities.set(activity::early_restores);
    seeded_random later(seed_of_part(o.seed, 53));
    if (later.chance(0.5)) o.hazards.set(hazard::old_images, o.has(hazard::older_legs));
}

// And another one.
void draw_what_copies_hold(life_options& o)
{
    seeded_random random(seed_of_part(o.seed, 55));
    if (random.chance(0.2)) o.hazards.set(hazard::strayed_copies, o.copies > 1);
}

// And another one.
void draw_what_users_decide(life_options& o)
{
    seeded_random random(seed_of_part(o.seed, 57));
    if (random.chance(0.3)) o.activities.set(activity::cancels);
    if (random.chance(0.3)) o.activities.set(activity::deadlines);
    if (random.chance(0.3)) o.activities.set(activity::manual_recovery);
}

// And another one.
void draw_what_coincides(life_options& o)
{
    seeded_random random(seed_of_part(o.seed, 75));
    if (random.chance(0.15)) o.hazards.set(hazard::crossed_losses);
    if (random.chance(0.15)) o.hazards.set(hazard::absent_at_opening);
    if (random.chance(0.5)) o.hazards.set(hazard::familiar_strays, o.has(hazard::strayed_copies));
    if (random.chance(0.2)) o.activities.set(activity::careless_removals);
    seeded_random other(seed_of_part(o.seed, 70));
    if (other.chance(0.2)) o.hazards.set(hazard::failures_in_cuts);
    if (other.chance(0.25)) o.activities.set(activity::hasty_returns);
    if (other.chance(0.15)) o.activities.set(activity::trimmed_sources);
}

// And others. What is not what it was, and must be noticed, is judged by what lay there before.
void draw_what_is_compared(life_options& o)
{
    seeded_random random(seed_of_part(o.seed, 80));
    if (random.chance(0.2) && !o.has(hazard::older_legs)) {
        o.hazards.set(hazard::silent_differences);
        o.activities.set(activity::verifying);
        seeded_random lonely(seed_of_part(o.seed, 88));
        if (lonely.chance(0.3)) {
            o.hazards.set(hazard::lonely_differences);
            // More extents than writes are in, and little in the last one.
            o.volume_bytes = std::max(o.volume_bytes,
                                      hot_extents::extent_bytes + lonely.between(8, 64) * 4 * kib);
        }
    }
    seeded_random several(seed_of_part(o.seed, 90));
    if (several.chance(0.4) && o.targets > 1)
        o.hazards.set(hazard::several_differences, o.has(hazard::silent_differences));
    seeded_random hosts(seed_of_part(o.seed, 81));
    if (hosts.chance(0.3)) o.activities.set(activity::comparing);
    seeded_random users(seed_of_part(o.seed, 82));
    if (users.chance(0.2)) o.activities.set(activity::holding);
}

// And another one.
void draw_what_is_kept(life_options& o)
{
    seeded_random random(seed_of_part(o.seed, 93));
    if (random.chance(0.25)) o.activities.set(activity::points);
}

}  // namespace

life_options draw_life(std::uint64_t seed)
{
    seeded_random random(seed_of_part(seed, 41));
    life_options o;
    o.seed = seed;
    o.targets = random.chance(0.5) ? 1 : 2;
    o.crashes = 1 + static_cast<unsigned>(random.below(3));
    o.copies = 1 + static_cast<unsigned>(random.below(3));
    o.operations = random.between(20, 180);
    o.block_bytes = random.chance(0.25) ? 4 * kib : 512;
    o.volume_bytes = random.between(16, 128) * 4 * kib;
    o.hot_extents = random.chance(0.5) ? 4 : 64;
    // More extents than may be hot.
    if (random.chance(0.08)) {
        o.volume_bytes = 20 * mib + random.between(1, 16) * 4 * kib;
        o.hot_extents = 4;
    }
    o.region_bytes = (4 * kib) << (2 * random.below(3));
    o.leg_deadline_ms = random.chance(0.5) ? 0 : random.between(20, 400);
    o.cache = random.chance(0.85);
    o.guarded = random.chance(0.3);
    const double hazards = random.chance(0.2) ? 0.0 : random.chance(0.5) ? 0.15 : 0.4;
    o.hazards = swarm<hazard>(random, first_hazards, hazards);
    // Operators with that hazard may not force anything.
    if (!random.chance(0.3)) o.hazards.set(hazard::older_legs, false);
    o.activities = swarm<activity>(random, first_activities, random.chance(0.5) ? 0.7 : 0.35);
    draw_more(o);
    draw_what_legs_hold(o);
    draw_what_copies_hold(o);
    draw_what_users_decide(o);
    draw_what_coincides(o);
    draw_what_is_compared(o);
    draw_what_is_kept(o);
    return o;
}

std::string to_text(const life_options& o)
{
    std::string text = "seed=" + std::to_string(o.seed);
    const auto add = [&](const char* name, std::uint64_t value) {
        text += ' ';
        text += name;
        text += '=' + std::to_string(value);
    };
    add("targets", o.targets);
    add("crashes", o.crashes);
    add("copies", o.copies);
    add("operations", o.operations);
    add("volume", o.volume_bytes);
    add("region", o.region_bytes);
    add("block", o.block_bytes);
    add("hot", o.hot_extents);
    add("deadline_ms", o.leg_deadline_ms);
    if (o.repository_bytes != life_options{}.repository_bytes)
        add("repository", o.repository_bytes);
    add("cache", o.cache);
    add("guarded", o.guarded);
    text += " hazards=" + names_of(o.hazards, hazard_names);
    text += " activities=" + names_of(o.activities, activity_names);
    return text;
}

std::optional<life_options> read_life(std::string_view text)
{
    life_options o;
    for (const std::string_view part : parts_of(text, ' ')) {
        const std::size_t at = part.find('=');
        if (at == std::string_view::npos) return std::nullopt;
        if (!read_part(part.substr(0, at), part.substr(at + 1), o)) return std::nullopt;
    }
    return o;
}

}  // namespace cimrep::test
