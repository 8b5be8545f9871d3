// test/sim/life_audit.cpp -- reads everything, brings everything up, compares everything.
// SPDX-License-Identifier: BSL-1.0
#include "life_audit.hpp"

#include <cimrep/testing/stamped_host.hpp>

#include "life_damage.hpp"
#include "life_verification.hpp"
#include "plain_op.hpp"
#include "scarce_memory.hpp"
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace cimrep::test {

namespace {

constexpr std::uint64_t audit_blocks = 64 * kib;

}  // namespace

std::optional<std::vector<std::byte>> life_audit::read_all()
{
    std::vector<std::byte> all(static_cast<std::size_t>(world_.options.volume_bytes));
    plain_op op;
    op.prepare_read(0, std::span(all));
    process_.disk->front().submit(op);
    world_.until("reading the volume", [&] { return op.over; });
    // The crash has ended it, and nobody has heard of that.
    if (world_.machine.crashed()) {
        world_.machine.loop().resume();
        world_.drain("a read of a dead process", [&] { return op.over; });
        return std::nullopt;
    }
    if (op.error) return std::nullopt;
    return all;
}

bool life_audit::flush()
{
    plain_op op;
    op.prepare_flush();
    process_.disk->front().submit(op);
    world_.until("a flush", [&] { return op.over; });
    if (world_.machine.crashed()) {
        world_.machine.loop().resume();
        world_.drain("a flush of a dead process", [&] { return op.over; });
        return false;
    }
    return !op.error;
}

bool life_audit::decide()
{
    if (!world_.other) return true;
    // No flush of the volume is one of a target that is apart.
    const content_oracle apart = *world_.other;
    const auto main_flush = world_.oracle.flush_submitted();
    const auto other_flush = world_.other->flush_submitted();
    if (!flush()) return false;
    world_.oracle.flush_acknowledged(main_flush);
    world_.other->flush_acknowledged(other_flush);
    const std::uint64_t sectors = world_.oracle.sector_count();
    const auto read = world_.oracle.read_submitted(0, sectors);
    const auto other_read = world_.other->read_submitted(0, sectors);
    const auto all = read_all();
    if (!all) {
        world_.oracle.read_failed(read);
        world_.other->read_failed(other_read);
        return false;
    }
    const bool is_old = !world_.oracle.check(0, *all);
    const auto wrong = world_.other->check(0, *all);
    if (!is_old && wrong) {
        world_.fail("after an interrupted restore the volume holds neither content: " +
                    wrong->text);
        return false;
    }
    if (is_old) {
        world_.oracle.read_returned(read, *all);
        if (wrong) nothing_was_restored(apart);
    } else {
        world_.other->read_returned(other_read, *all);
        world_.oracle = *world_.other;
    }
    world_.other.reset();
    for (replica& each : world_.replicas) each.gives_its_content = false;
    return true;
}

// Whatever has kept the volume's content keeps what was to take its place as well.
void life_audit::nothing_was_restored(const content_oracle& apart)
{
    for (std::size_t i = 0; i < world_.replicas.size(); ++i) {
        replica& each = world_.replicas[i];
        const relationship* pair = process_.pair(i);
        if (!std::exchange(each.gives_its_content, false) || pair == nullptr) continue;
        const copy_state state = pair->info().copy_state;
        if (state == copy_state::unsynchronized || state == copy_state::synchronized)
            world_.fail("nothing was restored from " + each.name + ", and it is " +
                        std::string(to_name(state)));
        if (state == copy_state::split || state == copy_state::fractured) each.content = apart;
    }
}

void life_audit::audit()
{
    // Its reader is none of the library, which calls it.
    scarce_memory::suffice();
    const std::uint64_t size = process_.disk->front().shape().size_bytes;
    if (size != world_.options.volume_bytes)
        return world_.fail("the volume has " + std::to_string(size) + " bytes:\n" +
                           process_.opened->dump());
    if (!decide()) {
        if (!world_.wrong()) world_.fail("the volume cannot be read when faults are over");
        return;
    }
    const auto wrong = read_and_compare();
    if (!wrong || world_.wrong()) return;
    if (wrong->empty())
        return world_.fail("the volume cannot be read when faults are over:\n" +
                           process_.opened->dump());
    world_.fail("the audit: " + *wrong);
}

// A disk may tell only now, by the flush of a copy, of what it had lost before. What was read
// meanwhile is looked at anew, with that in mind.
std::optional<std::string> life_audit::read_and_compare()
{
    for (;;) {
        const bool was_read_only = process_.disk->read_only();
        process_.notice_read_only();
        stamped_host reader(process_.disk->front(), world_.oracle, world_.random.next(),
                            {.blocks_max = audit_blocks / world_.options.block_bytes});
        reader.start_audit();
        world_.until("the audit", [&] { return reader.finished(); });
        if (!reader.violation() && reader.failed() == 0) return std::nullopt;
        if (process_.disk->read_only() != was_read_only) continue;
        return reader.violation() ? reader.violation()->text : std::string();
    }
}

bool life_audit::ask_for_a_copy(std::size_t index, relationship& pair)
{
    replica& each = world_.replicas[index];
    each.told_to_go_on = true;
    const bool asked = ask_for_a_copy(pair, each.by_hand);
    each.told_to_go_on = false;
    return asked;
}

bool life_audit::ask_for_a_copy(relationship& pair, bool by_hand)
{
    // Resume goes on in the direction in which there is something to do.
    const bool stands = by_hand && pair.info().copy_state == copy_state::suspended;
    // Where the target alone has the content the source follows; nothing is given up.
    const bool behind = process_.disk->legs().front().role != leg_role::current;
    for (const operation what : {operation::restore_from_replica, operation::resync_replica,
                                 operation::resume, operation::activate}) {
        if (stands ? what != operation::resume
                   : (what == operation::restore_from_replica) != behind)
            continue;
        waited<control_op> op;
        if (!pair.request(what, true, op)) continue;
        return world_.until("a request", [&] { return op.over; });
    }
    return false;
}

void life_audit::bring_up(std::size_t index)
{
    for (unsigned attempt = 0; attempt < 20 && !world_.wrong(); ++attempt) {
        // What follows from the crash takes its time, and refuses requests meanwhile.
        world_.machine.loop().run_until([] { return false; }, milliseconds(20));
        process_.look_at_legs();
        relationship* pair = process_.pair(index);
        if (pair == nullptr) {
            waited<control_op> op;
            const mirror_request request{.source = world_.leg_path(0),
                                         .target = world_.leg_path(index + 1)};
            world_.replicas[index].by_hand = false;
            if (process_.opened->create_mirror(request, op))
                world_.until("a creation", [&] { return op.over; });
        } else if (pair->info().copy_state == copy_state::synchronized) {
            return;
        } else {
            ask_for_a_copy(index, *pair);
        }
        world_.until("a copy", [&] {
            const relationship* now = process_.pair(index);
            return now == nullptr || now->info().copy_state != copy_state::unsynchronized;
        });
    }
    world_.fail("the relationship with " + world_.replicas[index].name +
                " does not become Synchronized:\n" + process_.opened->dump());
}

// A disk tells once, by a flush, of what it failed to write while faults were on. The copy fails by
// it and says so, for no flush is tried again, and whoever mends it asks once more; where memory
// may run out still, more than once.
void life_audit::mend_copy(unsigned copy)
{
    const disk_statistics& disk = world_.repository[copy]->statistics();
    unsigned attempts = disk.struck_by(disk_fault::write_back_failure) != 0 ? 2 : 1;
    if (world_.options.has(hazard::allocation_failures)) attempts = 20;
    for (unsigned attempt = 0; attempt < attempts; ++attempt) {
        process_.resilver(copy);
        if (!world_.until("resilvering", [&] { return process_.calls() == 0; })) return;
        if (process_.store->condition(copy) == copy_condition::current) return;
    }
    world_.fail("a copy of the repository does not come back when faults are over");
}

void life_audit::mend_repository()
{
    for (unsigned i = 0; i < process_.store->copy_count(); ++i)
        if (process_.lacks(i)) mend_copy(i);
}

// Nothing but a comparison knows of damage.
void life_audit::compare()
{
    for (std::size_t i = 0; i < world_.replicas.size(); ++i) {
        unsigned attempts = 20;
        if (!world_.wrong()) life_verification(process_).looks_first(i);
        while (!world_.wrong() && !life_verification(process_).finds_nothing(i)) {
            if (attempts-- == 0)
                world_.fail("no verification makes " + world_.replicas[i].name + " equal:\n" +
                            process_.opened->dump());
            else
                bring_up(i);
        }
    }
}

// Where nothing on record tells which of two legs that differ is right, nobody serves the volume
// before an operator says it.
void life_audit::choose_the_source()
{
    waited<control_op> looked;
    process_.opened->await_recovery(looked);
    if (!world_.until("a look at the legs", [&] { return looked.over; })) return;
    const auto strange = [](const leg_info& each) {
        return each.error == errc::leg_not_recognized && each.role == leg_role::current;
    };
    if (process_.legs_in_sync() != 0 || !strange(process_.disk->legs().front())) return;
    for (unsigned attempt = 0; attempt < 20 && process_.legs_in_sync() == 0; ++attempt) {
        for (std::size_t i = 0; i < world_.replicas.size(); ++i) {
            waited<control_op> op;
            relationship* const pair = process_.pair(i);
            world_.replicas[i].told_to_go_on = true;
            if (pair != nullptr && pair->request(operation::resync_replica, true, op))
                world_.until("the choice of a source", [&] { return op.over; });
            world_.replicas[i].told_to_go_on = false;
        }
        world_.machine.loop().run_until([] { return false; }, milliseconds(20));
    }
}

void life_audit::settle()
{
    mend_repository();
    if (world_.report.damaged != 0) choose_the_source();
    if (world_.wrong()) return;
    audit();
    // Who holds the content comes first, for a source that was turned away follows only when it is
    // asked to. Twice: a restore for the one lets the other follow.
    for (unsigned round = 0; round < 2; ++round)
        for (const bool holds : {true, false})
            for (std::size_t i = 0; i < world_.replicas.size() && !world_.wrong(); ++i)
                if (process_.holds_content(i) == holds) bring_up(i);
    if (world_.report.damaged != 0) compare();
    if (world_.wrong()) return;
    process_.watch_jobs();
    if (!process_.jobs_ended()) world_.fail("everything is Synchronized, and a job has not ended");
    for (const leg_info& each : process_.disk->legs())
        if (each.role != leg_role::current)
            world_.fail("everything is Synchronized, and a leg is not in sync");
    life_damage::judge(process_);
}

void life_audit::compare_legs(life_world& world)
{
    // In pieces that stay in the processor's cache: volumes are large, and most of them is empty.
    std::array<std::byte, 16 * kib> truth;
    std::array<std::byte, truth.size()> other;
    std::vector<bool> differs(world.leg_count());
    for (std::uint64_t from = 0; from < world.options.volume_bytes; from += truth.size()) {
        const auto bytes = static_cast<std::size_t>(
            std::min<std::uint64_t>(truth.size(), world.options.volume_bytes - from));
        world.leg(0).image().read(from, std::span(truth).first(bytes));
        if (const auto wrong =
                world.oracle.check(from / stamp_sector_bytes, std::span(truth).first(bytes)))
            world.fail("the source: " + wrong->text);
        for (std::size_t i = 1; i < world.leg_count(); ++i) {
            if (differs[i]) continue;
            world.leg(i).image().read(from, std::span(other).first(bytes));
            if (std::memcmp(truth.data(), other.data(), bytes) == 0) continue;
            const auto at = std::mismatch(truth.begin(), truth.begin() + bytes, other.begin());
            world.fail(world.leg_name(i) + " differs from the source at byte " +
                       std::to_string(from + static_cast<std::uint64_t>(at.first - truth.begin())));
            differs[i] = true;
        }
    }
    for (std::size_t i = 0; i < world.machine.disk_count(); ++i)
        for (const std::string& each : world.machine.disk(i).violations()) world.fail(each);
}

}  // namespace cimrep::test
