// service/indication_hub.cpp -- the order of indications.
// SPDX-License-Identifier: BSL-1.0
#include "indication_hub.hpp"

#include <algorithm>
#include <new>

namespace cimrep::inline v0 {

void indication_hub::modified(instance before, instance now)
{
    // A percentage alone is read when wanted; telling it would flood subscribers.
    const auto names = changed_properties(before, now);
    const bool worth_telling = std::any_of(names.begin(), names.end(), [](std::string_view name) {
        return name != "PercentSynced" && name != "PercentComplete" && name != "ElapsedTime";
    });
    if (worth_telling) raise({indication_kind::modification, std::move(now), std::move(before)});
}

void indication_hub::raise(event what)
{
    waiting_.push_back(std::move(what));
    if (telling_) return;
    telling_ = true;
    while (!waiting_.empty()) {
        const auto next = std::move(waiting_.front());
        waiting_.pop_front();
        try {
            tell(next);
        } catch (const std::bad_alloc&) {  // nobody has been told of this one
        }
    }
    telling_ = false;
}

void indication_hub::tell(const event& what)
{
    const auto names = what.before.has_value() ? changed_properties(*what.before, what.now)
                                               : std::vector<std::string_view>{};
    const indication told{what.kind, what.now, what.before.has_value() ? &*what.before : nullptr,
                          names};
    // Listeners leave `round` before they are called, so that any of them may unlink any other.
    listener_list round;
    round.swap(listeners_);
    while (!round.empty()) {
        auto& listener = round.front();
        round.pop_front();
        listeners_.push_back(listener);
        listener.received(listener, told);
    }
}

}  // namespace cimrep::inline v0
