// test/state/relationship_test.cpp -- one relationship: requests, their end, and events.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/state/relationship.hpp>

#include "catch.hpp"

using namespace cimrep;

namespace {

constexpr relationship_state unrelated{
    {sync_type::mirror, mode::synchronous, local_or_remote::local}};

constexpr relationship_state after(const relationship_state& state, request what,
                                   request_terms terms = {})
{
    const auto result = step(state, what, terms);
    return result.verdict == verdict::accepted ? settle(result.state) : relationship_state{};
}

constexpr relationship_state after(const relationship_state& state, event what)
{
    return step(state, what).state;
}

constexpr relationship_state in_sync = after(after(unrelated, request::create), event::copy_done);

}  // namespace

TEST_CASE("a created mirror copies and is then synchronized")
{
    const auto accepted = step(unrelated, request::create);
    REQUIRE(accepted.verdict == verdict::accepted);
    CHECK(accepted.does == (effect::mark_all_different | effect::start_copy));
    CHECK(accepted.state.progress == progress_status::initializing);
    CHECK(accepted.state.copy_state == no_association);
    const auto copying = settle(accepted.state);
    CHECK(copying.copy_state == copy_state::unsynchronized);
    CHECK(copying.progress == progress_status::synchronizing);
    CHECK(copying.requested == copy_state::synchronized);
    const auto done = after(copying, event::copy_done);
    CHECK(done.copy_state == copy_state::synchronized);
    CHECK(done.progress == progress_status::completed);
    CHECK(done.requested == copy_state::not_applicable);
    CHECK(has(done.facts, fact::target_whole));
}

TEST_CASE("between acceptance and settlement the CopyState stays and nothing else is accepted")
{
    const auto fracturing = step(in_sync, request::fracture).state;
    CHECK(fracturing.copy_state == copy_state::synchronized);
    CHECK(fracturing.progress == progress_status::fracturing);
    CHECK(fracturing.requested == copy_state::fractured);
    const auto second = step(fracturing, request::split);
    CHECK(second.verdict == verdict::in_use);
    CHECK(second.state == fracturing);
    CHECK(second.does == effect::none);
    CHECK(settle(fracturing).copy_state == copy_state::fractured);
    CHECK(fail(fracturing) == in_sync);
}
