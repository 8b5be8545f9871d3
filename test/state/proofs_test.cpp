// test/state/proofs_test.cpp -- what the compiler proves of the tables beyond their order.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/state/query.hpp>

#include "catch.hpp"
#include "reach.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

using enum sync_type;
using enum mode;
using enum local_or_remote;

constexpr bool sound(sync_type sync, mode flow, local_or_remote locality, fact recovery)
{
    const replication_kind kind{sync, flow, locality};
    const reach all = explore(kind, recovery);
    return reaches_what_is_documented(all, kind) && has_no_dead_end(all);
}

constexpr auto automatic = fact::none;
constexpr auto manual = fact::manual_recovery;

// Every CopyState that the documents name is within reach and no other, and out of everything
// within reach there is a way to Synchronized and a way to the end of the relationship.
static_assert(sound(mirror, synchronous, local, automatic));
static_assert(sound(mirror, synchronous, local, manual));
static_assert(sound(mirror, asynchronous, local, automatic));
static_assert(sound(mirror, asynchronous, local, manual));
static_assert(sound(mirror, adaptive, local, automatic));
static_assert(sound(mirror, synchronous, remote, automatic));
static_assert(sound(mirror, synchronous, remote, manual));
static_assert(sound(mirror, asynchronous, remote, automatic));
static_assert(sound(mirror, asynchronous, remote, manual));
static_assert(sound(mirror, adaptive, remote, automatic));
static_assert(sound(snapshot, synchronous, local, automatic));
static_assert(sound(snapshot, asynchronous, remote, automatic));
static_assert(sound(clone, synchronous, local, automatic));
static_assert(sound(clone, asynchronous, remote, automatic));

// Facts of the model, each in one line.
constexpr replication_kind a_mirror{mirror, synchronous, local};
constexpr replication_kind a_snapshot{snapshot, synchronous, local};
constexpr replication_kind a_clone{clone, synchronous, local};

constexpr bool legal(const replication_kind& kind, copy_state from, operation what)
{
    return is_legal(kind, from, request_of(what));
}

constexpr bool only_from(operation what, const replication_kind& kind, copy_state from)
{
    const auto states = states_accepting(kind, what);
    return states.size() == 1 && *states.begin() == from;
}

static_assert(!legal(a_mirror, copy_state::aborted, operation::resume), "restart is by Resync");
static_assert(!legal(a_mirror, copy_state::aborted, operation::activate), "restart is by Resync");
static_assert(legal(a_mirror, copy_state::aborted, operation::resync_replica));
static_assert(legal(a_mirror, copy_state::broken, operation::resync_replica));
static_assert(only_from(operation::resume, a_mirror, copy_state::suspended));
static_assert(only_from(operation::split, a_mirror, copy_state::synchronized));
static_assert(only_from(operation::failback, a_mirror, copy_state::failedover));
static_assert(only_from(operation::reset_replica, a_snapshot, copy_state::skewed));
static_assert(states_accepting(a_mirror, operation::return_to_resourcepool).empty());
static_assert(states_accepting(a_clone, operation::return_to_resourcepool).empty());
static_assert(states_accepting(a_snapshot, operation::failover).empty());
static_assert(request_of(operation::unprepare) == request::prepare, "deprecated: as Prepare");
static_assert(can_reach(a_snapshot, request::restore_from_replica, copy_state::restored));
static_assert(!can_reach(a_mirror, request::restore_from_replica, copy_state::restored));
static_assert(can_reach(a_mirror, request::create, copy_state::synchronized));
static_assert(can_reach(a_mirror, request::create, copy_state::unsynchronized));
static_assert(!can_reach(a_mirror, request::create, copy_state::initialized));

}  // namespace

TEST_CASE("every kind of relationship reaches its documented states and no dead end")
{
    for (const auto& [type, name] : replication_type_names) {
        const auto kind = kind_of(type);
        if (kind.sync == sync_type::tokenized_clone) continue;
        CAPTURE(name);
        for (const fact recovery : {automatic, manual}) {
            const reach all = explore(kind, recovery);
            CHECK(reaches_what_is_documented(all, kind));
            CHECK(has_no_dead_end(all));
        }
    }
}
