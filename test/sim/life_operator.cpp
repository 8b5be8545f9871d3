// test/sim/life_operator.cpp -- mirrors are made, parted, joined and removed while all goes on.
// SPDX-License-Identifier: BSL-1.0
#include "life_operator.hpp"

#include <cimrep/cim/format.hpp>

#include "life_audit.hpp"
#include "life_recovery.hpp"
#include "life_spread.hpp"
#include "life_strays.hpp"
#include "life_verification.hpp"
#include <algorithm>
#include <iterator>
#include <utility>

namespace cimrep::test {

namespace {

/// Each look at a leg may find something else wrong with it.
std::string without_remarks(std::string dump)
{
    constexpr std::string_view begin = "\"remark\":\"";
    for (std::size_t at = dump.find(begin); at != std::string::npos; at = dump.find(begin, at)) {
        at += begin.size();
        std::size_t end = at;
        while (end < dump.size() && dump[end] != '"') end += dump[end] == '\\' ? 2 : 1;
        dump.erase(at, std::min(end, dump.size()) - at);
    }
    return dump;
}

/// The state in which a pair stays until somebody asks for something else.
std::optional<copy_state> resting_state(operation what)
{
    switch (what) {
    case operation::fracture: return copy_state::fractured;
    case operation::split: return copy_state::split;
    case operation::suspend: return copy_state::suspended;
    case operation::deactivate: return copy_state::inactive;
    case operation::abort:
    case operation::activate_consistency:
    case operation::activate:
    case operation::add_sync_pair:
    case operation::deactivate_consistency:
    case operation::detach:
    case operation::dissolve:
    case operation::failover:
    case operation::failback:
    case operation::remove_sync_pair:
    case operation::resync_replica:
    case operation::restore_from_replica:
    case operation::resume:
    case operation::reset_to_sync:
    case operation::reset_to_async:
    case operation::return_to_resourcepool:
    case operation::reverse_roles:
    case operation::unprepare:
    case operation::prepare:
    case operation::reset_to_adaptive:
    case operation::reset_to_active:
    case operation::reset_replica: return std::nullopt;
    }
    return std::nullopt;
}

bool parts(operation what)
{
    return what == operation::fracture || what == operation::split;
}
bool removes(operation what)
{
    return what == operation::detach || what == operation::dissolve;
}

}  // namespace

void life_operator::step()
{
    seeded_random& random = world_.random;
    if (random.chance(0.3)) accept_after_failed_flush();
    if (world_.options.has(activity::resilvering) && random.chance(0.1)) resilver();
    if (world_.options.has(hazard::familiar_strays) && careless_.chance(0.1)) resilver();
    if (world_.options.has(activity::refusals) && random.chance(0.05)) be_refused();
    if (world_.options.has(activity::careless_removals)) remove_carelessly();
    const std::size_t index = static_cast<std::size_t>(random.below(world_.replicas.size()));
    if (world_.options.has(activity::target_writes) && random.chance(0.4)) write_to_a_target(index);
    if (world_.replicas[index].asked || world_.machine.crashed() || world_.wrong()) return;
    // Whoever holds the content of a target has to end first.
    const auto& its_host = process_.target_hosts[index];
    if (its_host && !its_host->quiet()) return;
    relationship* pair = process_.pair(index);
    if (pair == nullptr) return create(index);
    // While what the target holds is known; which does not last.
    if (world_.options.has(activity::restores) && world_.replicas[index].content &&
        random.chance(0.3))
        return restore(index);
    if (world_.options.has(activity::verifying) && random.chance(0.15))
        return life_verification(process_).begin(index, random.chance(0.5));
    if (life_verification(process_).attends_to(index)) return;
    modify(index, *pair);
}

void life_operator::create(std::size_t index)
{
    // A source that announces less than it has would become a smaller volume.
    if (world_.leg(0).size_bytes() != world_.options.volume_bytes) return;
    replica& each = world_.replicas[index];
    each.forget_content();
    each.asked = true;
    ++each.mirrors;
    each.by_hand = false;
    const auto ended = [this, index](const std::optional<failure>& error) {
        const bool succeeded = !error;
        replica& made = world_.replicas[index];
        made.asked = false;
        const bool is_there = process_.pair(index) != nullptr;
        made.told = is_there;
        // A method that waits has created what it then waits for in vain.
        const bool may_be_there =
            (world_.options.has(activity::waiting) && world_.legs_may_fail()) ||
            world_.options.has(hazard::allocation_failures);
        if (succeeded && !is_there)
            world_.fail("the creation with " + made.name + " was answered, and there is none");
        if (!succeeded && is_there && !may_be_there)
            world_.fail("the creation with " + made.name +
                        " failed, and there is a relationship: " + error->sentence());
        ++(succeeded ? world_.report.requests : world_.report.refused);
    };
    seeded_random& random = world_.random;
    if (world_.options.has(activity::older_methods) && random.chance(0.3)) {
        process_.ask<attach_or_modify_replica>({.source_element = world_.leg_path(0),
                                                .target_element = world_.leg_path(index + 1),
                                                .copy_type = attach_or_modify_copy_type::sync,
                                                .goal = {},
                                                .replication_pipe = {}},
                                               [ended](const auto& r) { ended(r.error); });
        return;
    }
    // The older method knows of no such setting.
    each.by_hand = recovers_by_hand(world_, index);
    replication_setting_data settings;
    if (each.by_hand) settings.copy_recovery_mode = desired_copy_recovery_mode::manual;
    if (random.chance(0.2)) {
        constexpr initial_synchronization ways[] = {initial_synchronization::none,
                                                    initial_synchronization::inactive,
                                                    initial_synchronization::identical};
        const mirror_request request{.source = world_.leg_path(0),
                                     .target = world_.leg_path(index + 1),
                                     .initial = ways[random.below(std::size(ways))],
                                     .check = identity_check::full,
                                     .settings = settings};
        const bool started = process_.ask_directly<control_op>(
            [&](control_op& op) { return process_.opened->create_mirror(request, op).has_value(); },
            [ended](control_op& op) { ended(op.error); });
        if (!started) each.asked = false;
        return;
    }
    create_element_replica::inputs in;
    in.sync_type = sync_type::mirror;
    in.source_element = world_.leg_path(0);
    in.target_element = world_.leg_path(index + 1);
    if (each.by_hand) in.replication_setting_data = settings;
    if (world_.options.has(activity::waiting) && random.chance(0.5))
        in.wait_for_copy_state = copy_state::synchronized;
    process_.ask<create_element_replica>(std::move(in), [ended](const auto& r) { ended(r.error); });
}

operation life_operator::choose()
{
    using enum operation;
    const life_options& life = world_.options;
    std::vector<operation> all = {resync_replica, resync_replica, resync_replica, resume, activate};
    const auto add = [&](activity which, std::initializer_list<operation> what) {
        if (life.has(which)) all.insert(all.end(), what);
    };
    add(activity::separations, {fracture, fracture, split, split, split});
    add(activity::suspensions, {suspend, resume, resume});
    add(activity::deactivations, {deactivate, activate});
    add(activity::aborts, {abort});
    add(activity::detaching, {detach, dissolve});
    add(activity::restores, {restore_from_replica, restore_from_replica, split});
    return all[static_cast<std::size_t>(world_.random.below(all.size()))];
}

void life_operator::modify(std::size_t index, relationship& pair)
{
    const operation what = choose();
    seeded_random& random = world_.random;
    if (what == operation::restore_from_replica) {
        // Where the target alone holds the volume the source follows; nothing is given up.
        const relationship_info now = pair.info();
        if (now.copies_to_source && process_.holds_content(index)) return send(index, what, true);
        return restore(index);
    }
    if (world_.options.has(activity::lists) && random.chance(0.2)) return list(what);
    if (world_.options.has(activity::older_methods) && random.chance(0.2))
        return older(index, what);
    if (parts(what)) cuts_.before();
    if (world_.machine.crashed()) return;
    send(index, what, false);
}

void life_operator::cut_begins(std::size_t index)
{
    world_.replicas[index].cut = world_.oracle.read_submitted(0, 0);
}

void life_operator::cut_ends(std::size_t index, bool done)
{
    replica& each = world_.replicas[index];
    if (each.cut == 0) return;
    if (done) {
        each.content = world_.oracle.fork(each.cut, ++world_.volume_ids);
        world_.tell_of_damage(*each.content);
        each.blocks_lost = world_.leg(index + 1).statistics().blocks_lost;
    }
    world_.oracle.read_failed(each.cut);
    each.cut = 0;
}

void life_operator::send(std::size_t index, operation what, bool force)
{
    replica& each = world_.replicas[index];
    relationship* pair = process_.pair(index);
    if (pair == nullptr || each.asked) return;
    each.asked = true;
    each.forget_content();
    if (removes(what)) each.told = false;
    const bool cuts = parts(what) && pair->info().copy_state == copy_state::synchronized;
    if (cuts) cut_begins(index);
    modify_replica_synchronization::inputs in;
    in.operation = what;
    in.synchronization = pair->path();
    // By force an operator says that what a leg holds is right, whatever it is.
    in.force = force && !world_.options.has(hazard::older_legs);
    const bool copies = what == operation::resync_replica || what == operation::resume ||
                        what == operation::activate || what == operation::restore_from_replica;
    if (copies && world_.options.has(activity::waiting) && world_.random.chance(0.5))
        in.wait_for_copy_state = copy_state::synchronized;
    process_.ask<modify_replica_synchronization>(
        std::move(in), [this, index, what](const auto& r) { answered(index, what, r); });
}

void life_operator::answered(std::size_t index, operation what, const method_answer& answer)
{
    replica& each = world_.replicas[index];
    each.asked = false;
    world_.tell(std::string(to_name(what)) + " of " + each.name +
                (answer.error ? ": " + answer.error->sentence() : " done"));
    const relationship* pair = process_.pair(index);
    const bool done = answer.succeeded();
    ++(done ? world_.report.requests : world_.report.refused);
    cut_ends(index, done);
    if (removes(what)) {
        if (done && pair != nullptr)
            world_.fail("the relationship with " + each.name + " was removed, and is there");
        each.told = pair != nullptr;
        return;
    }
    if (pair == nullptr) return world_.fail("the relationship with " + each.name + " has gone");
    each.told = true;
    const auto expected = resting_state(what);
    if (!done || !expected) return;
    const copy_state state = pair->info().copy_state;
    if (parts(what) && !answer.job && state == copy_state::broken)
        world_.fail(std::string(to_name(what)) + " of " + each.name +
                    " was answered as done, and it is Broken");
    if (state == *expected)
        each.told_state = expected;
    else if (state != copy_state::broken && !world_.legs_may_fail())
        world_.fail(std::string(to_name(what)) + " of " + each.name + " was answered, and it is " +
                    std::string(to_name(state)));
}

// What is saved and flushed meanwhile is of the one set or of the other: the crash comes near it,
// mostly just after the content has been replaced, when the set alone is not on record yet.
void life_operator::crowd(std::size_t index)
{
    keep_busy(index);
    if (!world_.random.chance(0.8)) return;
    const std::uint64_t soon = 1 + world_.random.below(16);
    if (world_.random.chance(0.3))
        return world_.machine.crash_at(1 + world_.random.below(40), world_.next_crash);
    world_.at_state = [this, soon](copy_state now) {
        if (now == copy_state::unsynchronized) world_.machine.crash_at(soon, world_.next_crash);
    };
}

// Their writes save the maps of targets that are apart.
void life_operator::keep_busy(std::size_t but_not)
{
    for (std::size_t i = 0; i < world_.replicas.size(); ++i)
        if (i != but_not) write_to_a_target(i);
}

bool life_operator::end_of_restore(std::size_t index)
{
    const auto over = [&] { return process_.calls() == 0; };
    if (!world_.options.has(activity::busy_restores)) return world_.until("a restore", over);
    struct flush_op : io_op {
        bool over = true;
    } flush;
    flush.done = [](io_op& op, error_code) noexcept { static_cast<flush_op&>(op).over = true; };
    flush.prepare_flush();
    const bool lives = world_.until("a restore", [&] {
        if (!over()) keep_busy(index);
        if (!over() && std::exchange(flush.over, false)) process_.disk->front().submit(flush);
        return over() && flush.over;
    });
    world_.at_state = [](copy_state) {};
    if (lives || flush.over) return lives;
    world_.machine.loop().resume();
    world_.drain("a flush of a dead process", [&] { return flush.over; });
    return false;
}

// The volume becomes what the target holds: the hosts of both wait for that.
void life_operator::restore(std::size_t index)
{
    replica& each = world_.replicas[index];
    if (!each.content || !process_.quieten()) return;
    const relationship* pair = process_.pair(index);
    if (pair == nullptr || !each.content) return process_.let_hosts_go_on();
    world_.notice_losses();
    world_.other = *each.content;
    world_.tell_of_damage(*world_.other);
    life_spread::anywhere(world_);
    const std::uint64_t before = world_.report.requests;
    if (world_.options.has(activity::busy_restores)) crowd(index);
    send(index, operation::restore_from_replica, true);
    each.gives_its_content = each.asked;
    if (!end_of_restore(index)) return;
    if (world_.report.requests != before) {
        world_.oracle = *std::exchange(world_.other, std::nullopt);
        each.gives_its_content = false;
        ++world_.report.restores;
    } else {
        life_audit(process_).decide();
    }
    if (!world_.other) process_.let_hosts_go_on();
}

void life_operator::list(operation what)
{
    modify_list_synchronization::inputs in;
    in.operation = what;
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < world_.replicas.size(); ++i) {
        const relationship* pair = process_.pair(i);
        const auto& its_host = process_.target_hosts[i];
        if (pair == nullptr || world_.replicas[i].asked || (its_host && !its_host->quiet()))
            continue;
        in.synchronization.push_back(pair->path());
        asked.push_back(i);
    }
    if (asked.empty()) return;
    for (const std::size_t i : asked) {
        replica& each = world_.replicas[i];
        each.asked = true;
        each.forget_content();
        if (removes(what)) each.told = false;
    }
    process_.ask<modify_list_synchronization>(std::move(in), [this, asked](const auto& r) {
        ++(r.succeeded() ? world_.report.requests : world_.report.refused);
        for (const std::size_t i : asked) {
            world_.replicas[i].asked = false;
            world_.replicas[i].told = process_.pair(i) != nullptr;
        }
    });
}

void life_operator::older(std::size_t index, operation what)
{
    legacy_operation asked = legacy_operation::resync_replica;
    if (what == operation::fracture || what == operation::split) asked = legacy_operation::fracture;
    if (removes(what)) asked = legacy_operation::detach;
    if (what == operation::suspend) asked = legacy_operation::quiesce;
    if (what == operation::resume) asked = legacy_operation::unquiesce;
    if (what == operation::abort) asked = legacy_operation::stop_copy;
    if (what == operation::activate) asked = legacy_operation::start_copy;
    replica& each = world_.replicas[index];
    each.asked = true;
    each.forget_content();
    if (asked == legacy_operation::detach) each.told = false;
    process_.ask<modify_synchronization>(
        {.operation = asked, .synchronization = process_.pair(index)->path()},
        [this, index](const auto& r) {
            ++(r.succeeded() ? world_.report.requests : world_.report.refused);
            world_.replicas[index].asked = false;
            world_.replicas[index].told = process_.pair(index) != nullptr;
        });
}

// Whatever is refused changes nothing that a client can see.
void life_operator::be_refused()
{
    using enum operation;
    constexpr operation all[] = {resume,
                                 activate,
                                 add_sync_pair,
                                 failback,
                                 failover,
                                 reverse_roles,
                                 reset_to_async,
                                 reset_replica,
                                 unprepare,
                                 prepare,
                                 split,
                                 resync_replica,
                                 return_to_resourcepool,
                                 remove_sync_pair,
                                 restore_from_replica,
                                 activate_consistency,
                                 reset_to_sync};
    if (!process_.quieten()) return;
    const std::size_t index = static_cast<std::size_t>(world_.random.below(world_.replicas.size()));
    const auto failed_legs = [&] {
        std::vector<bool> failed;
        for (const leg_info& each : process_.disk->legs()) failed.push_back(bool(each.error));
        return failed;
    };
    const std::vector<bool> failed = failed_legs();
    const auto dump = [&] { return without_remarks(process_.opened->dump()); };
    const std::string before = dump();
    world_.machine.loop().run_until([&] { return world_.machine.crashed(); }, milliseconds(5));
    const std::uint64_t refused = world_.report.refused;
    // Something goes on by itself, or is about to: nothing can be told from a difference.
    const bool rests = !world_.machine.crashed() && dump() == before;
    if (rests && !process_.has_untold_failure()) {
        const auto content = world_.replicas[index].content;
        const auto told_state = world_.replicas[index].told_state;
        const operation what = all[world_.random.below(std::size(all))];
        send(index, what, false);
        if (!world_.until("a refusal", [&] { return process_.calls() == 0; })) return;
        if (world_.report.refused != refused) {
            world_.replicas[index].content = content;
            world_.replicas[index].told_state = told_state;
            const std::string after = dump();
            // A leg that failed meanwhile has ended the request, and changed more than that.
            const bool judged = !world_.options.has(hazard::allocation_failures);
            if (after != before && failed_legs() == failed && judged)
                world_.fail(std::string(to_name(what)) + " was refused, and has changed\n" +
                            before + "to\n" + after);
        }
    }
    process_.let_hosts_go_on();
}

void life_operator::resilver()
{
    for (unsigned i = 0; i < process_.store->copy_count(); ++i)
        if (process_.lacks(i)) {
            let_a_copy_lose_its_checkpoint(world_, i);
            return process_.resilver(i);
        }
}

void life_operator::write_to_a_target(std::size_t index)
{
    const auto& known = process_.target_hosts[index];
    const replica& each = world_.replicas[index];
    if (each.asked || process_.pair(index) == nullptr || (known && !known->quiet())) return;
    if (known && known->violation())
        return world_.fail("the host of a target: " + *known->violation());
    process_.host_of(index).go_on();
}

void life_operator::accept_after_failed_flush()
{
    if (!process_.disk->read_only()) return;
    process_.notice_read_only();
    process_.disk->accept_after_failed_flush();
    process_.notice_read_only();
}

}  // namespace cimrep::test
