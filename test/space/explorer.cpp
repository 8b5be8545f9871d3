// test/space/explorer.cpp -- lives the shortest way to a state again, and tries what comes next.
// SPDX-License-Identifier: BSL-1.0
#include "explorer.hpp"

#include <cimrep/service/conformance.hpp>

#include "judge.hpp"
#include <algorithm>

namespace cimrep::test {

namespace {

constexpr std::size_t complaints_max = 20;

// A request that makes what one leg holds the volume's content, whatever the other has.
void replace_content(world& on, const view& before, const action& what, const region_values& source,
                     const region_values& target)
{
    const request_row* row =
        find_request(before.state.kind, before.state.copy_state, what.request, before.state.facts);
    if (what.what != act::ask || row == nullptr) return;
    const bool restores = what.request == request::restore_from_replica;
    const bool gives_up = has(before.state.facts, fact::source_behind) &&
                          has(row->does, effect::start_copy | effect::drop_association);
    if (!restores && !gives_up) return;
    const region_values& chosen = restores ? target : source;
    const view after = look_at(on);
    const leg_view& holder = restores ? after.target : after.source;
    if (holder.there && holder.role == leg_role::current) on.volume_values = chosen;
}

outcome_of_action perform(world& on, const view& before, const action& what)
{
    const region_values source = on.source.values(), target = on.target.values();
    outcome_of_action ended = carry_out(on, what);
    if (!ended.refused) replace_content(on, before, what, source, target);
    return ended;
}

}  // namespace

explorer::explorer(bool manual_recovery, bool each_region)
    : manual_recovery_(manual_recovery), actions_(all_actions(each_region))
{
}

void explorer::complain(const std::string& sentence)
{
    if (wrong_.size() < complaints_max) wrong_.push_back(way_ + ": " + sentence);
}

std::uint32_t explorer::index_of(const view& seen, std::uint32_t parent, std::uint16_t by)
{
    const auto [found, fresh] =
        known_.emplace(seen.key(), static_cast<std::uint32_t>(nodes_.size()));
    if (fresh) nodes_.push_back({seen, parent, by, {}});
    return found->second;
}

explorer::world_at explorer::live(std::uint32_t wanted)
{
    std::vector<std::uint32_t> way;
    for (std::uint32_t at = wanted; at != 0; at = nodes_[at].parent) way.push_back(at);
    auto on = std::make_unique<world>(manual_recovery_);
    way_ = "nothing";
    std::uint32_t before = 0;
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
        const action& what = actions_[nodes_[*at].by];
        way_ += ", " + what.name();
        (void)perform(*on, nodes_[before].seen, what);
        before = *at;
    }
    ++counted_.replays;
    if (look_at(*on).key() != nodes_[wanted].seen.key())
        complain("the same way led to two states: " + nodes_[wanted].seen.key() + " and " +
                 look_at(*on).key());
    return on;
}

bool explorer::explore(std::size_t states_max, std::size_t sources_max)
{
    {
        const world first(manual_recovery_);
        index_of(look_at(first), 0, 0);
    }
    for (std::uint32_t at = 0; at < std::min(nodes_.size(), sources_max); ++at) {
        if (nodes_.size() > states_max) return false;
        if (wrong_.size() >= complaints_max) return true;
        world_at on;
        for (std::uint16_t each = 0; each < actions_.size(); ++each) {
            if (!actions_[each].possible(nodes_[at].seen)) continue;
            if (on == nullptr) on = live(at);
            if (try_action(*on, at, each)) continue;
            on.reset();
            dump_.clear();
        }
    }
    return true;
}

// True: the world is still in the state that it was in.
bool explorer::try_action(world& on, std::uint32_t at, std::uint16_t number)
{
    const action& what = actions_[number];
    const view before = nodes_[at].seen;
    const std::string way = way_;
    way_ += ", then " + what.name();
    // Between two refusals nothing changes: what was dumped after the first is still true.
    const bool may_be_refused = what.what == act::ask || what.what == act::write_target;
    if (may_be_refused && dump_.empty()) dump_ = on.opened()->dump();
    const moment then{may_be_refused ? dump_ : "", on.durable, on.source.values(),
                      on.target.values(), on.trace.size()};
    const view exactly = look_at(on);
    const outcome_of_action ended = perform(on, before, what);
    const view after = look_at(on);
    judgement verdict{on, before, what, ended, after, then};
    verdict.judge();
    for (const std::string& each : verdict.wrong)
        complain(each + "; found " + after.full_key() + "; before " + exactly.full_key());
    for (const std::string& each : violations(after))
        complain(each + "; found " + after.full_key() + "; before " + exactly.full_key());
    event_rows_.merge(verdict.event_rows);
    if (verdict.row != nullptr) request_rows_.insert(verdict.row);
    counted_.accepted += verdict.kind == judgement::end::carried_out;
    counted_.refused += verdict.kind == judgement::end::illegal;
    counted_.not_built += verdict.kind == judgement::end::not_built;
    counted_.absent += verdict.kind == judgement::end::absent;
    counted_.failed += verdict.kind == judgement::end::failed;
    way_ = way;
    if (ended.refused && what.what == act::ask) return after.full_key() == exactly.full_key();
    const std::uint32_t to = index_of(after, at, number);
    nodes_[at].ways.push_back({to, number});
    ++counted_.edges;
    dump_.clear();
    return after.full_key() == exactly.full_key();
}

std::set<space_situation> explorer::situations() const
{
    std::set<space_situation> all;
    for (const node& each : nodes_)
        if (each.seen.related()) all.emplace(each.seen.state.copy_state, each.seen.state.facts);
    return all;
}

std::size_t explorer::dead_ends(bool (*goal)(const view&))
{
    std::vector<bool> leads(nodes_.size());
    for (std::size_t at = 0; at < nodes_.size(); ++at) leads[at] = goal(nodes_[at].seen);
    for (bool grew = true; grew;) {
        grew = false;
        for (std::size_t at = nodes_.size(); at-- > 0;) {
            if (leads[at]) continue;
            for (const edge& way : nodes_[at].ways)
                if (leads[way.to] && actions_[way.action].helps()) leads[at] = grew = true;
        }
    }
    const auto dead = std::find(leads.begin(), leads.end(), false);
    if (dead != leads.end())
        wrong_.push_back("no way on from " +
                         nodes_[static_cast<std::size_t>(dead - leads.begin())].seen.key());
    return static_cast<std::size_t>(std::count(leads.begin(), leads.end(), false));
}

void explorer::check_reopening()
{
    const auto after = [&](std::uint32_t at, act what) {
        for (const edge& way : nodes_[at].ways)
            if (actions_[way.action].what == what) return way.to;
        return at;
    };
    for (std::uint32_t at = 0; at < nodes_.size(); ++at)
        for (const act what : {act::close, act::crash}) {
            const std::uint32_t once = after(at, what), twice = after(once, what);
            const relationship_state &first = nodes_[once].seen.state,
                                     &second = nodes_[twice].seen.state;
            way_ = nodes_[at].seen.key() + (what == act::close ? ", closed" : ", crashed");
            // Not the marks: more may differ by the record than does.
            if (first.copy_state != second.copy_state || first.facts != second.facts)
                complain("opened once it is " + nodes_[once].seen.key() + ", opened again it is " +
                         nodes_[twice].seen.key());
        }
}

}  // namespace cimrep::test
