// service/indication_hub.hpp -- passes indications to subscribers, one after the other.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/indication.hpp>

#include <boost/intrusive/list.hpp>

#include <deque>
#include <optional>

namespace cimrep::inline v0 {

/// Invariant:  every subscriber hears every indication in the order in which they were raised; what
///             is raised while another is told comes after it.
class indication_hub {
public:
    void subscribe(indication_listener& listener) noexcept { listeners_.push_back(listener); }

    void created(instance now) { raise({indication_kind::creation, std::move(now), {}}); }
    void deleted(instance last) { raise({indication_kind::deletion, std::move(last), {}}); }
    /// Nothing if nothing but `ignored` differs.
    void modified(instance before, instance now);

    /// True while subscribers are being told.
    bool busy() const noexcept { return telling_; }

private:
    struct event {
        indication_kind kind;
        instance now;
        std::optional<instance> before;
    };
    using listener_list =
        boost::intrusive::list<indication_listener, boost::intrusive::constant_time_size<false>>;

    void raise(event what);
    void tell(const event& what);

    listener_list listeners_;
    std::deque<event> waiting_;
    bool telling_ = false;
};

}  // namespace cimrep::inline v0
