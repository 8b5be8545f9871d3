// lib/runtime/shard_return.cpp -- an element that was away is there again; what it is comes first.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/cim/format.hpp>

#include <fmt/format.h>

#include "absent_device.hpp"
#include "shard_core.hpp"
#include <utility>

namespace cimrep::inline v0 {

outcome<> shard::implementation::open_again(volume_core& of, leg& which)
{
    if (which.examined)
        return fail(errc::element_in_use,
                    which.element_text + " is being looked at since it is back",
                    "wait until it is known what it holds");
    // Until then its relationship takes it for one that is in sync, or that was parted in order.
    if (which.loss_untold && !CIMREP_MUTANT(return_heard_before_the_loss))
        return fail(errc::element_in_use,
                    which.element_text + " has failed, and that is being recorded",
                    "wait until that is on record, then try again");
    const bool only_stuck = !which.examined && which.outstanding() == which.stuck;
    if (!which.quiet() && !(only_stuck && CIMREP_MUTANT(stuck_leg_not_fenced)))
        return fail(errc::element_in_use,
                    fmt::format("{} has {} requests in flight from before it failed",
                                which.element_text, which.outstanding()),
                    "wait until they have returned");
    // A write that waits for its mark would go to the new device.
    bool waiting = false;
    for_each_of(of, [&](const relationship_core& pair) {
        waiting |= pair.target_ == &which && pair.front_->in_flight() != 0;
    });
    if (waiting)
        return fail(errc::element_in_use,
                    which.element_text + " has writes of its host that have not ended",
                    "wait until they have");
    // The old handle's exclusive claim would refuse the new one.
    const geometry shape = which.device->shape();
    which.adopt(std::make_unique<absent_device>(*loop_, shape, which.failed_with));
    CIMREP_TRY(auto device,
               reopen(which, which.index == 0 ? open_purpose::source : open_purpose::target));
    of.shape_.volatile_cache |= device->shape().volatile_cache;
    which.adopt(std::move(device));
    // Without an identity nothing tells it from another device in the same place.
    if (which.identity.empty() && which.role == leg_role::tracking) of.disbelieve(which);
    of.evidence_.make_room(which);
    return success();
}

outcome<> shard::implementation::element_returned(const object_path& element)
{
    class volume* const opened = find_volume(element);
    volume_core* core = opened == nullptr ? nullptr : &opened->parts().core;
    // Where nothing flows nobody has told of its loss, and it has to be opened all the same.
    leg* which = core != nullptr && core->source().failed_with ? &core->source() : nullptr;
    for (const auto& each : relationships_) {
        const relationship_core& pair = each->parts();
        if (pair.instance_.synced_element != element) continue;
        core = pair.volume_;
        if (pair.target_->failed_with) which = pair.target_;
    }
    if (core == nullptr)
        return fail(errc::stale_reference, to_text(element), "name an element of a relationship");
    // Nothing may follow before it is known who holds the content.
    auto recovered = check_recovered(*core);
    if (!recovered && !CIMREP_MUTANT(return_heard_in_recovery)) return std::move(recovered).error();
    // A copy that could not read the last leg has ended, and no leg has left.
    for_each_of(*core, [&](relationship_core& pair) {
        const leg& source = core->source();
        const bool concerned =
            pair.instance_.synced_element == element || source.element == element;
        if (concerned && !pair.target_->failed_with && !source.failed_with) pair.leg_returned();
    });
    if (which == nullptr) return success();
    CIMREP_TRY(open_again(*core, *which));
    core->examine_returned(*which, [this, core, which](const examination_result& found) {
        returned(*core, *which, found);
    });
    return success();
}

// Of what is not what it was nothing is believed, and nothing overwritten unasked.
void shard::implementation::returned(volume_core& core, leg& which, const examination_result& found)
{
    if (found.unreadable) return core.turn_away(which, found.unreadable);
    if (core.repository_is_older_) return core.turn_away(which, errc::leg_not_recognized);
    if (found.verdict != leg_verdict::recognized) {
        // Of the only one that serves nothing is forgotten: it may come back as it was.
        if (which.role != leg_role::current) core.disown(which);
        return core.turn_away(which, errc::leg_not_recognized);
    }
    core.believe(which);
    for_each_of(core, [&](relationship_core& each) {
        if (each.target_ == &which || which.index == 0) each.leg_returned();
    });
}

}  // namespace cimrep::inline v0
