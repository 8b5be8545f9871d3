// test/runtime/random_steps.hpp -- what hosts, operators and devices do by chance.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "random_rig.hpp"

namespace cimrep::test {

inline void random_rig::one_step()
{
    const auto dice = random() % 100;
    if (dice < 70) return host_step();
    if (dice < 78) return target_step();
    if (dice < 90) return request_step();
    fault_step();
}

inline void random_rig::host_step()
{
    if (calls.size() > 40) return;
    auto op = std::make_unique<host_call>();
    op->owner = this;
    op->done = &random_rig::on_done;
    const std::uint64_t blocks = size / block;
    // Mostly in few places, so that operations overlap.
    const std::uint64_t base = random() % 3 == 0 ? random() % blocks : random() % 4 * (blocks / 4);
    const std::uint64_t first = std::min(blocks - 1, base + random() % 24);
    const std::uint64_t count = std::min<std::uint64_t>(blocks - first, 1 + random() % 40);
    const std::uint64_t bytes = count * block;
    const auto dice = random() % 100;
    if (dice < 40) {
        op->data.resize(bytes);
        op->prepare_read(first * block, std::span(op->data));
        op->expected = oracle->read_submitted(first, count);
    } else if (dice < 52) {
        op->prepare_flush();
    } else if (dice < 62) {
        op->writes = true;
        op->order = oracle->write_submitted(first, count, true);
        if (dice < 57)
            op->prepare_write_zeroes(first * block, bytes);
        else if (pairs[0].which != nullptr)
            op->prepare_discard(first * block, bytes);  // of a mirror: zeros
        else
            op->prepare_write_zeroes(first * block, bytes);
    } else {
        op->writes = true;
        const bool compares = dice >= 95;
        if (compares) {
            op->compared.resize(bytes);
            bool certain = true, right = true;
            for (std::uint64_t i = 0; i < count; ++i) {
                const auto* known = oracle->certain(first + i);
                certain &= known != nullptr;
                const bool lie = random() % (4 * count) == 0;
                right &= !lie;
                const auto told = lie ? 12345u : known != nullptr ? *known : 0u;
                content_oracle::fill(op->compared, i, told);
            }
            op->epoch = oracle->epoch();
            op->must_match = certain || !right ? static_cast<std::int8_t>(right) : -1;
        }
        op->order = oracle->write_submitted(first, count, false);
        op->data.resize(bytes);
        for (std::uint64_t i = 0; i < count; ++i)
            content_oracle::fill(op->data, i, content_oracle::value_of(op->order, first + i));
        if (compares)
            op->prepare_compare_and_write(first * block, op->compared, op->data);
        else
            op->prepare_write(first * block, std::span<const std::byte>(op->data));
        op->fua = random() % 8 == 0;
        op->unstable_buffer = random() % 4 == 0;
        op->stable_until_released = !compares && random() % 4 == 0;
        op->released = [](io_op& done) noexcept {
            auto& self = static_cast<host_call&>(done);
            if (self.released_too) self.owner->complaint = "released twice";
            if (!self.over) self.owner->complaint = "released before done";
            self.released_too = true;
        };
    }
    submit(opened->front(), std::move(op));
}

// To a target that is apart; what it then holds is known from its memory when it matters.
inline void random_rig::target_step()
{
    if (calls.size() > 40) return;
    const pair& at = pairs[random() % pairs.size()];
    if (at.which == nullptr) return;
    const auto front = rig.opened->front(element_path(at.target));
    REQUIRE(front.has_value());
    auto op = std::make_unique<host_call>();
    op->owner = this;
    op->done = &random_rig::on_done;
    op->front = true;
    const std::uint64_t first = random() % (size / block - 16);
    if (random() % 4 == 0) {
        op->prepare_flush();
    } else {
        op->data.resize((1 + random() % 16) * block);
        for (std::uint64_t i = 0; i < op->data.size() / block; ++i)
            content_oracle::fill(
                op->data, i, content_oracle::value_of((1u << 31) + random() % 99999, first + i));
        op->prepare_write(first * block, std::span<const std::byte>(op->data));
    }
    submit(*front.value(), std::move(op));
}

inline void random_rig::create(unsigned index)
{
    auto op = std::make_unique<asked>();
    op->owner = this;
    op->index = index;
    op->creates = true;
    op->done = &random_rig::on_asked;
    constexpr initial_synchronization ways[] = {
        initial_synchronization::copy, initial_synchronization::copy, initial_synchronization::none,
        initial_synchronization::inactive, initial_synchronization::identical};
    const auto made = rig.opened->create_mirror({.source = element_path("s"),
                                                 .target = element_path(pairs[index].target),
                                                 .initial = ways[random() % 5],
                                                 .check = identity_check::full},
                                                *op);
    if (made) asking.push_back(std::move(op));
}

inline void random_rig::request_step()
{
    const unsigned index = static_cast<unsigned>(random() % pairs.size());
    pair& at = pairs[index];
    for (const auto& each : asking)
        if (each->index == index) return;
    if (at.which == nullptr) return create(index);
    using enum operation;
    constexpr operation all[] = {fracture,
                                 split,
                                 split,
                                 resync_replica,
                                 resync_replica,
                                 suspend,
                                 resume,
                                 resume,
                                 deactivate,
                                 activate,
                                 abort,
                                 detach,
                                 dissolve,
                                 resync_replica,
                                 restore_from_replica,
                                 restore_from_replica,
                                 activate};
    auto op = std::make_unique<asked>();
    op->owner = this;
    op->index = index;
    op->what = all[random() % std::size(all)];
    op->done = &random_rig::on_asked;
    leg_role source = leg_role::current, target = leg_role::current;
    unsigned current = 0;
    for (const leg_info& each : opened->legs()) {
        current += each.role == leg_role::current ? 1 : 0;
        if (each.element == element_path("s")) source = each.role;
        if (each.element == element_path(at.target)) target = each.role;
    }
    using content = asked::content;
    if (op->what == restore_from_replica && target == leg_role::tracking)
        op->becomes = content::targets;
    const bool behind = at.which->info().copies_to_source;
    if (op->what == resync_replica && behind && source == leg_role::tracking)
        op->becomes = content::sources;
    const bool ends = op->what == detach || op->what == dissolve;
    if (ends && target == leg_role::current && current == 1) op->becomes = content::sources;
    const auto started = at.which->request(op->what, random() % 2 == 0, *op);
    if (started) asking.push_back(std::move(op));
}

inline void random_rig::fault_step()
{
    const std::string& name = names[random() % names.size()];
    const auto dice = random() % 10;
    if (dice == 0) return rig.elements.faults(name).clear();
    if (dice == 1) {
        rig.elements[name].device->release();
        return;
    }
    fault f;
    constexpr io_kind kinds[] = {io_kind::read, io_kind::write, io_kind::write, io_kind::flush,
                                 io_kind::write_zeroes};
    f.kind = kinds[random() % 5];
    f.nth = 1 + random() % 12;
    f.times = 1 + random() % 2;
    f.delay = microseconds(static_cast<std::int64_t>(1 + random() % 2000));
    f.short_bytes = random() % 4 * block;
    constexpr fault_action gentle[] = {fault_action::delay, fault_action::delay_done,
                                       fault_action::hold, fault_action::hold_done};
    constexpr fault_action rough[] = {fault_action::fail, fault_action::fail_late,
                                      fault_action::cut_short, fault_action::lose_cache};
    f.action = traits.faults && dice < 6 ? rough[random() % 4] : gentle[random() % 4];
    if (f.action == fault_action::lose_cache && !traits.losses) f.action = fault_action::fail;
    if (f.action == fault_action::lose_cache) f.kind = io_kind::flush;
    if (f.action == fault_action::cut_short && f.kind == io_kind::flush)
        f.action = fault_action::fail;
    rig.elements.faults(name).add(f);
}

// What an operator does to bring a relationship back.
inline void random_rig::help(pair& each)
{
    const unsigned index = static_cast<unsigned>(&each - pairs.data());
    for (const auto& other : asking)
        if (other->index == index) return;
    if (each.which == nullptr) return create(index);
    using enum operation;
    const auto ask = [&](operation what) {
        auto op = std::make_unique<asked>();
        op->owner = this;
        op->index = index;
        op->what = what;
        op->done = &random_rig::on_asked;
        leg_role source = leg_role::current;
        for (const leg_info& leg : opened->legs())
            if (leg.element == element_path("s")) source = leg.role;
        const bool behind = each.which->info().copies_to_source;
        if (what == resync_replica && behind && source == leg_role::tracking)
            op->becomes = asked::content::sources;
        const bool started = each.which->request(what, true, *op).has_value();
        if (started) asking.push_back(std::move(op));
        return started;
    };
    const auto state = each.which->info();
    if (state.copy_state == copy_state::synchronized) return;
    // Where the target alone holds the volume, the source follows.
    bool serves = false;
    for (const leg_info& leg : opened->legs())
        serves |= leg.element == element_path(each.target) && leg.role == leg_role::current;
    const bool behind = opened->legs().front().role != leg_role::current;
    if (behind && serves && ask(restore_from_replica)) return;
    for (const operation what : {resync_replica, resume, activate})
        if (ask(what)) return;
}

}  // namespace cimrep::test
