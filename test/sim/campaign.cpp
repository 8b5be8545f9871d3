// test/sim/campaign.cpp -- runs lives by number or by time, and shrinks what fails.
// SPDX-License-Identifier: BSL-1.0
#include "campaign.hpp"

#include <fmt/format.h>

#include "../../lib/base/mark.hpp"
#include <chrono>
#include <map>

namespace cimrep::test {

namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point begin)
{
    return std::chrono::duration<double>(clock::now() - begin).count();
}

/// Puts `value` in the place of `member` if the life still fails.
template <class Value>
bool try_with(life_options& life, Value life_options::*member, const Value& value,
              const std::function<bool(const life_options&)>& fails)
{
    if (life.*member == value) return false;
    life_options smaller = life;
    smaller.*member = value;
    if (!fails(smaller)) return false;
    life = smaller;
    return true;
}

template <class Kind>
bool try_without(life_options& life, choice<Kind> life_options::*member, std::size_t count,
                 const std::function<bool(const life_options&)>& fails)
{
    bool any = false;
    for (std::size_t i = 0; i < count; ++i) {
        choice<Kind> fewer = life.*member;
        fewer.set(static_cast<Kind>(i), false);
        any |= try_with(life, member, fewer, fails);
    }
    return any;
}

bool shrink_once(life_options& life, const std::function<bool(const life_options&)>& fails)
{
    using o = life_options;
    bool any = try_with(life, &o::hazards, {}, fails);
    any |= try_with(life, &o::activities, {}, fails);
    any |= try_without(life, &o::hazards, hazard_count, fails);
    any |= try_without(life, &o::activities, activity_count, fails);
    for (unsigned crashes = 0; crashes < life.crashes; ++crashes)
        if (try_with(life, &o::crashes, crashes, fails)) any = true;
    for (std::uint64_t part = 8; part > 1; --part)
        any |= try_with(life, &o::operations, life.operations * (part - 1) / part, fails);
    any |= try_with(life, &o::targets, 1u, fails);
    any |= try_with(life, &o::copies, 1u, fails);
    any |= try_with(life, &o::leg_deadline_ms, std::uint64_t{0}, fails);
    any |= try_with(life, &o::guarded, false, fails);
    any |= try_with(life, &o::cache, false, fails);
    any |= try_with(life, &o::hot_extents, std::uint64_t{64}, fails);
    any |= try_with(life, &o::block_bytes, std::uint64_t{512}, fails);
    any |= try_with(life, &o::volume_bytes, std::uint64_t{128 * kib}, fails);
    return any;
}

std::string story(const life_options& life, const std::string& wrong)
{
    std::string text =
        "seed " + std::to_string(life.seed) + ": " + wrong + "\nagain:    " + replay(life);
    const life_options small =
        shrink(life, [](const life_options& each) { return !live(each).wrong.empty(); });
    if (small == life) return text;
    return text + "\nsmallest: " + replay(small) + "\n          " + live(small).wrong;
}

}  // namespace

std::string replay(const life_options& life)
{
    return "CIMREP_SIM_TELL=1 CIMREP_SIM_LIFE=\"" + to_text(life) + "\" test_sim \"[life]\"";
}

life_options shrink(life_options life, const std::function<bool(const life_options&)>& fails)
{
    constexpr double patience_seconds = 20;
    const auto begin = clock::now();
    const auto patient = [&](const life_options& smaller) {
        return seconds_since(begin) < patience_seconds && fails(smaller);
    };
    while (shrink_once(life, patient)) {
    }
    return life;
}

campaign_report run(const campaign_options& options)
{
    campaign_report report;
    const auto begin = clock::now();
    for (std::uint64_t i = 0; i < options.count; ++i) {
        const bool over = options.seconds > 0 && seconds_since(begin) >= options.seconds;
        if (over && i >= options.floor) break;
        const std::string drawn = to_text(draw_life(options.first + i * options.step));
        const auto wanted = read_life(drawn + ' ' + options.more);
        if (!wanted) {
            report.wrong = "\"" + options.more + "\" is no part of a life";
            break;
        }
        life_options life = *wanted;
        if (options.older_legs) life.hazards.set(hazard::older_legs);
        if (options.allocation_failures) life.hazards.set(hazard::allocation_failures);
        const life_report seen = live(life);
        ++report.seeds;
        report.crashed += seen.crashes > 0 ? 1 : 0;
        report.seen += seen;
        if (seen.wrong.empty()) continue;
        report.wrong = story(life, seen.wrong);
        break;
    }
    report.seconds = seconds_since(begin);
    return report;
}

std::map<std::string, std::uint64_t> hits_of_marks()
{
    std::map<std::string, std::uint64_t> all;
#if defined(CIMREP_TEST_MARKS)
    for (const coverage_mark* at = coverage_mark::first; at != nullptr; at = at->next)
        all[at->name] = at->hits;
#endif
    return all;
}

std::string marks()
{
    std::string text;
    for (const auto& [name, hits] : hits_of_marks())
        text += fmt::format("{:>10}  {}\n", hits, name);
    return text;
}

std::string summary(const campaign_report& report)
{
    const life_report& s = report.seen;
    return fmt::format(
        "{} lives in {:.1f} s, {:.1f} a second; {} with a crash, {} crashes\n"
        "{} operations of hosts, {} failed; {} requests of operators, {} refused, {} jobs\n"
        "{} restores of a known content, {} relationships found again, {} legs lost, {} returned, "
        "{} blocks lost, {} replaced, {} allocations failed\n"
        "{} operations cancelled, {} late; {} relationships recovered by hand; {} copies held\n"
        "{} blocks of targets damaged, {} of them found; {} verifications ended, {} of them with a "
        "difference\n"
        "{} points taken, {} found again, {} broken, {} reads of points\n{}",
        report.seeds, report.seconds,
        report.seconds > 0 ? static_cast<double>(report.seeds) / report.seconds : 0.0,
        report.crashed, s.crashes, s.operations, s.failed, s.requests, s.refused, s.jobs,
        s.restores, s.recovered, s.legs_lost, s.returns, s.losses, s.replaced, s.starved,
        s.canceled, s.late, s.by_hand, s.held, s.damaged, s.damage_found, s.verified, s.different,
        s.points, s.points_found, s.points_broken, s.point_reads,
        report.wrong.empty() ? "no violation" : report.wrong);
}

}  // namespace cimrep::test
