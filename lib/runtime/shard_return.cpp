// lib/runtime/shard_return.cpp -- an element that was away is there again; what it is comes first.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>

#include "shard_core.hpp"

namespace cimrep::inline v0 {

outcome<> shard::implementation::element_returned(const object_path& element)
{
    relationship_core* asks = nullptr;
    leg* which = nullptr;
    bool known = find_volume(element) != nullptr;
    for (const auto& each : relationships_) {
        relationship_core& pair = each->parts();
        leg& source = pair.volume_->source();
        const bool is_target = pair.instance_.synced_element == element;
        if (!is_target && source.element != element) continue;
        known = true;
        if (pair.state_.copy_state != copy_state::broken || asks != nullptr) continue;
        leg& mine = is_target ? *pair.target_ : source;
        if (!mine.failed_with) continue;
        asks = &pair;
        which = &mine;
    }
    if (!known)
        return fail(errc::stale_reference, to_text(element), "name an element of a relationship");
    if (asks == nullptr) return success();
    volume_core& core = *asks->volume_;
    CIMREP_TRY(check_recovered(core));
    CIMREP_TRY(asks->open_again(*which));
    core.examine_returned(*which, [this, &core, which](const examination_result& found) {
        returned(core, *which, found);
    });
    return success();
}

// A target may be overwritten: it is behind, whatever it holds. Of what alone may hold the content
// nothing is believed that is not known, and nothing overwritten.
void shard::implementation::returned(volume_core& core, leg& which, const examination_result& found)
{
    if (found.unreadable) return core.turn_away(which, found.unreadable);
    if (found.verdict != leg_verdict::recognized) {
        if (which.index == 0 || which.role == leg_role::current)
            return core.turn_away(which, errc::leg_not_recognized);
        core.disbelieve(which);
    }
    core.believe(which);
    for_each_of(core, [&](relationship_core& each) {
        if (each.target_ == &which || which.index == 0) each.leg_returned();
    });
}

}  // namespace cimrep::inline v0
