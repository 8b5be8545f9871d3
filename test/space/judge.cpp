// test/space/judge.cpp -- the table's word against what the library did.
// SPDX-License-Identifier: BSL-1.0
#include "judge.hpp"

#include <cimrep/service/conformance.hpp>

namespace cimrep::test {

namespace {

// `resting` is how the machine remembers what to show again; clients never see it.
bool same(const relationship_state& a, const relationship_state& b)
{
    if (a.copy_state == no_association) return b.copy_state == no_association;
    return a.copy_state == b.copy_state && a.progress == b.progress && a.requested == b.requested &&
           a.pending == b.pending && a.facts == b.facts;
}

std::string words_of(const relationship_state& state)
{
    return to_words(state.copy_state, state.facts) + " (" + std::string(to_name(state.progress)) +
           (state.pending == request::none ? ")" : ", pending)");
}

}  // namespace

void judgement::judge()
{
    if (what.what == act::ask) judge_request();
    if (what.what == act::create) judge_creation();
    judge_trace();
    judge_content();
    judge_host();
    judge_repair();
    if (what.what == act::crash || what.what == act::close) judge_restart();
}

bool judgement::unchanged() const
{
    return on.opened()->dump() == then.dump && on.durable == then.durable &&
           on.source.values() == then.source && on.target.values() == then.target &&
           on.trace.size() == then.trace_size && after.key() == before.key();
}

bool judgement::reached(const relationship_state& wanted) const
{
    for (std::size_t at = then.trace_size; at < on.trace.size(); ++at)
        if (same(on.trace[at], wanted)) return true;
    return false;
}

void judgement::judge_request()
{
    const step_result next = step(before.state, what.request, {.force = what.force});
    if (ended.refused) return judge_refusal(next.verdict);
    require(next.verdict == verdict::accepted, "accepted, and the table refuses it");
    require(is_built(before.state.kind, what.request), "carried out, and said not to be built");
    kind = end::carried_out;
    if (ended.error) {
        kind = end::failed;
        return require(before.source.failing || before.target.failing,
                       "failed without a reason: " + ended.error->sentence());
    }
    row =
        find_request(before.state.kind, before.state.copy_state, what.request, before.state.facts);
    const relationship_state wanted = settle(next.state);
    // A leg that turns out to be lost may be told of in the same breath.
    if (before.source.failing || before.target.failing) return;
    require(reached(wanted), "carried out, and never was " + words_of(wanted));
}

void judgement::judge_refusal(verdict by_table)
{
    require(unchanged(), "refused, and something has changed");
    const error_code code = ended.error->code;
    const std::string sentence = ": " + ended.error->sentence();
    kind = end::illegal;
    switch (by_table) {
    case verdict::illegal:
    case verdict::needs_force:
    case verdict::ignored:
        return require(code == errc::invalid_state_transition,
                       "refused for another reason" + sentence);
    case verdict::group_only:
        return require(code == errc::invalid_argument, "refused for another reason" + sentence);
    case verdict::in_use:
        return require(code == errc::element_in_use, "refused for another reason" + sentence);
    case verdict::accepted: break;
    }
    if (!is_built(before.state.kind, what.request)) {
        kind = end::not_built;
        return require(code == errc::not_supported, "not built, and another refusal" + sentence);
    }
    kind = end::absent;
    const bool away = before.source.failing || before.target.failing;
    require(away && code == std::errc::no_such_device, "the table accepts it" + sentence);
}

void judgement::judge_creation()
{
    const step_result next = step(before.state, what.request);
    const bool away = before.source.failing || before.target.failing;
    const bool differs = !before.equal[0] || !before.equal[1];
    if (ended.refused || ended.error) {
        kind = end::absent;
        require(!after.related(), "refused, and there is a relationship");
        const bool not_equal = what.request == request::create_identical && differs;
        return require(away || not_equal || before.read_only,
                       "creation failed: " + ended.error->sentence());
    }
    kind = end::carried_out;
    row = find_request(before.state.kind, no_association, what.request, before.state.facts);
    relationship_state wanted = settle(next.state);
    if (on.manual_recovery()) wanted.facts = wanted.facts | fact::manual_recovery;
    require(reached(wanted), "created, and never was " + words_of(wanted));
}

// Where a state can go in one step by what the action may bring about.
std::vector<std::pair<relationship_state, const event_row*>> judgement::steps(
    const relationship_state& from) const
{
    std::vector<std::pair<relationship_state, const event_row*>> all;
    if (from.pending != request::none) {
        all.emplace_back(settle(from), nullptr);
        all.emplace_back(fail(from), nullptr);
    } else if (what.what == act::ask || what.what == act::create) {
        const step_result asked = step(from, what.request, {.force = what.force});
        if (asked.verdict == verdict::accepted) all.emplace_back(asked.state, nullptr);
    }
    for (const event each : what.events()) {
        const step_result happened = step(from, each);
        if (happened.verdict == verdict::accepted)
            all.emplace_back(happened.state,
                             find_event(from.kind, from.copy_state, each, from.facts));
    }
    return all;
}

// What is announced together may be several steps: records of one state are written one at a time.
bool judgement::explain(const relationship_state& from, const relationship_state& to)
{
    constexpr unsigned steps_max = 4;
    struct reach {
        relationship_state state;
        std::vector<const event_row*> rows;
    };
    std::vector<reach> here{{from, {}}};
    for (unsigned depth = 0; depth <= steps_max; ++depth) {
        std::vector<reach> next;
        for (const reach& each : here) {
            if (same(each.state, to)) {
                event_rows.insert(each.rows.begin(), each.rows.end());
                event_rows.erase(nullptr);
                return true;
            }
            for (const auto& [state, used] : steps(each.state)) {
                next.push_back({state, each.rows});
                next.back().rows.push_back(used);
            }
        }
        here = std::move(next);
    }
    return false;
}

void judgement::judge_trace()
{
    relationship_state at = before.state;
    if (what.what == act::create && on.manual_recovery())
        at.facts = at.facts | fact::manual_recovery;
    for (std::size_t i = then.trace_size; i < on.trace.size(); ++i) {
        require(explain(at, on.trace[i]),
                "the table does not lead from " + words_of(at) + " to " + words_of(on.trace[i]));
        at = on.trace[i];
    }
    require(same(at, after.state) || !after.related() == (at.copy_state == no_association),
            "a change that nobody was told of: " + words_of(at) + " to " + words_of(after.state));
}

// Nobody writes to a leg but copies, and hosts where they may.
void judgement::judge_content()
{
    bool copied = false;
    for (std::size_t i = then.trace_size; i < on.trace.size(); ++i)
        copied |= on.trace[i].copy_state == copy_state::unsynchronized;
    const auto receives = [](const leg_view& leg) {
        return leg.there && leg.role != leg_role::tracking;
    };
    const region_values source = on.source.values(), target = on.target.values();
    for (std::size_t region = 0; region < space_regions; ++region) {
        const bool by_host = what.what == act::write_target && what.region == region;
        if (target[region] != then.target[region] && !by_host)
            require(copied || receives(before.target), "something wrote to a target that is apart");
        if (source[region] != then.source[region])
            require(copied || receives(before.source) || !before.open,
                    "something wrote to a source that is apart");
    }
}

void judgement::judge_host()
{
    const bool away = before.source.failing || before.target.failing;
    if (what.what == act::write_source || what.what == act::flush)
        require(!ended.code || away || before.read_only,
                "the host's operation failed: " + ended.code.message());
    if (what.what == act::write_source && !ended.code && before.synchronized())
        require(after.synchronized() != away, "a leg that failed is not told of");
    if (what.what != act::write_target) return;
    const bool allowed = host_access_of(before.state.kind, before.state.copy_state,
                                        before.state.facts) == host_access::read_write;
    if (!allowed) {
        require(ended.code == errc::element_not_accessible, "a host reached the target");
        return require(unchanged(), "a write to the target was refused and something has changed");
    }
    if (before.target.failed || before.target.failing) return;
    require(!ended.code, "the target's host was refused: " + ended.code.message());
    require(after.target.different[what.region], "a write to the target is not remembered");
}

void judgement::judge_repair()
{
    const bool well = !after.source.failing && !after.target.failing;
    if (what.what == act::copy_ends && well)
        require(after.synchronized(), "a copy ended and it is not Synchronized");
    if (what.what != act::come_back || !well || !before.related()) return;
    const step_result back = step(before.state, event::leg_back);
    if (what.on_target ? before.source.failed : before.target.failed) return;
    if (back.verdict == verdict::accepted && !ended.error)
        require(reached(back.state), "a leg came back and it never was " + words_of(back.state));
}

void judgement::judge_restart()
{
    using enum copy_state;
    require(after.related() == before.related(), "a relationship came or went with the process");
    if (!before.related()) return;
    const relationship_state& was = before.state;
    const bool away = before.source.failing || before.target.failing;
    event told = event::restart;
    if (was.copy_state == broken) told = event::leg_back;
    if (away) told = before.target.failing ? event::leg_lost : event::source_lost;
    const step_result next = step(was, told);
    const bool settled = was.copy_state == synchronized && !away;
    // What a failed flush may have lost is not flushed at the close either.
    const bool marked = (what.what == act::crash || before.read_only) && before.marked();
    if (next.verdict != verdict::accepted || (settled && !marked))
        return require(same(after.state, was) || away,
                       "opened again it is " + words_of(after.state) + " and was " + words_of(was));
    event_rows.insert(find_event(was.kind, was.copy_state, told, was.facts));
    event_rows.erase(nullptr);
    // The last flush may find more than one leg lost, one after the other.
    require(reached(next.state) || (away && what.what == act::close),
            "opened again it never was " + words_of(next.state));
}

}  // namespace cimrep::test
