// test/sim/life_process.cpp -- opens what a crash has left, and takes apart what crashes.
// SPDX-License-Identifier: BSL-1.0
#include "life_process.hpp"

#include <cimrep/cim/format.hpp>

#include "life_damage.hpp"
#include "life_points.hpp"
#include "life_spread.hpp"
#include "life_strays.hpp"
#include <algorithm>
#include <vector>

namespace cimrep::test {

namespace {

constexpr unsigned attempts_max = 200;  // to open something for which there was no memory

}  // namespace

life_process::life_process(life_world& of)
    : world(of),
      teller_(*this),
      depths_(seed_of_part(seed_of_part(of.options.seed, 59), of.report.crashes))
{
    target_hosts.resize(world.replicas.size());
    world.begin_process();
    // What was not on record begins again.
    for (told_job& each : world.jobs) each.percent = 0;
}

shard_options life_process::options_of()
{
    const life_options& life = world.options;
    shard_options o;
    o.elements = &world.elements;
    o.repository = store.get();
    o.watcher = &teller_;
    o.region_bytes = life.region_bytes;
    o.window_bytes = std::max<std::uint64_t>(64 * kib, life.region_bytes);
    o.windows_max = copy_windows_max;
    o.windows_busy = 2;
    o.requests_max = life.seed % 3 == 0 ? 4 : 16;
    o.hot_extents_max = static_cast<std::size_t>(life.hot_extents);
    o.leg_deadline = milliseconds(static_cast<std::int64_t>(life.leg_deadline_ms));
    o.guard_volatile_host_buffers = life.guarded;
    life_points::choose_limits(world, o);
    return o;
}

bool life_process::finish_opening(waited<repository_open_op>& open)
{
    world.until("opening the repository", [&] { return open.over; });
    const bool crashed = world.machine.crashed();
    if (crashed) world.machine.loop().resume();
    world.drain("opening the repository", [&] { return open.over; });
    store = std::move(open.opened);
    return !crashed;
}

bool life_process::open_store(waited<repository_open_op>& open)
{
    for (unsigned i = 0; i < attempts_max; ++i) {
        open.over = false;
        open.error.reset();
        {
            const library_scope library;
            device_repository::open(open);
        }
        if (!finish_opening(open)) return false;
        if (!open.error || open.error->code != std::errc::not_enough_memory) return true;
    }
    return true;
}

// Here memory does not fail: the JSON library, by which records are read, ends the program where
// there is none to let go of a value.
bool life_process::open_shard()
{
    auto made = shard::open(world.machine.loop(), options_of());
    if (!made) return world.fail("opening the shard: " + made.error().sentence()), false;
    opened = std::move(made).value();
    return true;
}

// An operator knows of a lost copy that another had everything that it had. One that was lost and
// is there again may have gone its own way: the one that had everything is true.
bool life_process::open_without_lost(waited<repository_open_op>& open)
{
    if (world.report.copies_lost == 0) return true;
    if (open.error->code == errc::repository_diverged)
        open.copies = {copies_[world.honest_copy].get()};
    else if (open.error->code != errc::repository_incomplete)
        return true;
    world.tell("opened without those that are lost: " + open.error->sentence());
    open.options.accept_missing = true;
    return open_store(open);
}

bool life_process::open_repository(bool first)
{
    simulated_machine& machine = world.machine;
    std::vector<block_device*> copies;
    for (std::size_t i = 0; i < world.repository.size(); ++i) {
        simulated_disk* const each = world.repository[i];
        if (world.elements.opener) {
            copies_.push_back(world.elements.opener(*each));
        } else {
            auto device = each->open(machine.loop());
            if (!device) return world.fail("a disk of the repository cannot be opened"), false;
            copies_.push_back(std::move(device).value());
        }
        if (world.tap_copy) copies_.back() = world.tap_copy(i, std::move(copies_.back()));
        if (!world.copies_lost[i]) copies.push_back(copies_.back().get());
    }
    if (first) {
        waited<repository_format_op> format;
        format.copies = copies;
        format.options.size_bytes = world.options.repository_bytes;
        device_repository::format(format);
        if (!world.until("the format", [&] { return format.over; })) return false;
        if (format.error) return world.fail(format.error->sentence()), false;
        if (world.options.has(hazard::strayed_copies))
            std::erase(copies, let_a_copy_stray(world, copies));
    }
    waited<repository_open_op> open;
    open.copies = copies;
    if (!open_store(open)) return false;
    if (open.error && !open_without_lost(open)) return false;
    // What has flipped must have been noticed, and what was there must be good enough.
    if (open.error && world.mend_copy()) {
        world.tell("refused, and mended: " + open.error->sentence());
        if (!open_store(open)) return false;
    }
    if (open.error && open.error->code == errc::repository_incomplete) {
        // A copy that cannot be read is as good as missing. The honest one knows everything.
        open.options.accept_missing = true;
        if (!open_store(open)) return false;
    }
    if (open.error) world.fail("opening the repository: " + open.error->sentence());
    return !world.wrong();
}

void life_process::boot(bool first)
{
    world.tell("a process begins");
    world.forget_damage();
    life_spread::begin_process(world);
    if (!open_repository(first)) return;
    if (!open_shard()) return;
    service = std::make_unique<replication_service>(
        *opened, service_options{.job_time_before_removal = seconds(36'000)});
    look_at_what_was_found();
    const object_path path = world.leg_path(0);
    const auto open_volume = [&] {
        const library_scope library;
        return opened->volume(path);
    };
    auto source = open_volume();
    for (unsigned i = 0; i < attempts_max && source.has_error() &&
                         source.error().code == std::errc::not_enough_memory;
         ++i)
        source = open_volume();
    if (source)
        disk = source.value();
    else if (world.leg(0).present())
        world.fail("opening the volume: " + source.error().sentence());
    // A source that announces less than it has, and is in no relationship, is another volume.
    if (disk != nullptr && disk->front().shape().size_bytes != world.options.volume_bytes)
        disk = nullptr;
    world.at_moment(moment::opened);
}

bool life_process::lacks(unsigned copy) const
{
    const copy_condition now = store->condition(copy);
    const bool may_be_lost =
        world.options.has(hazard::lost_copies) || world.options.has(hazard::strayed_copies);
    return now == copy_condition::stale || (now == copy_condition::absent && may_be_lost);
}

void life_process::look_at_what_was_found()
{
    opened->for_each_relationship([&](relationship& each) {
        const relationship_info now = each.info();
        if (now.copy_state == copy_state::synchronized && now.different_bytes != 0)
            world.fail("just opened, a relationship is Synchronized and its legs differ");
    });
    for (std::size_t i = 0; i < world.replicas.size(); ++i)
        check_replica(world.replicas[i], pair(i), i);
    life_damage::judge(*this);
    life_points::judge_found(*this);
}

// What it was told to be it is, unless its leg has failed meanwhile; and what a host wrote to a
// target that is apart is there.
void life_process::check_replica(replica& each, const relationship* found, std::size_t index)
{
    if (found != nullptr) ++world.report.recovered;
    if (each.told && found == nullptr)
        return world.fail("the relationship with " + each.name + " is forgotten");
    if (each.asked || found == nullptr) {
        each.content.reset();
        each.told_state.reset();
        each.asked = false;
        return;
    }
    check_recovery_mode(each, *found);
    const copy_state state = found->info().copy_state;
    if (each.told_state && state != *each.told_state && state != copy_state::broken) {
        // What follows when a leg that had failed comes back.
        const bool may_come_back = world.legs_may_fail() && (state == copy_state::suspended ||
                                                             state == copy_state::fractured);
        if (!may_come_back)
            world.fail(each.name + " was told to be " + std::string(to_name(*each.told_state)) +
                       " and is " + std::string(to_name(state)));
    }
    simulated_disk& leg = world.leg(index + 1);
    if (!each.content || !leg.present() || leg.size_bytes() < world.options.volume_bytes) return;
    // A power loss in the midst of opening has taken caches, and the oracle hears of it later: the
    // next process judges.
    if (world.machine.crashed()) return;
    std::vector<std::byte> bytes(static_cast<std::size_t>(world.options.volume_bytes));
    leg.image().read(0, bytes);
    if (const auto wrong = each.content->check(0, bytes))
        world.fail(each.name + ", which is apart: " + wrong->text);
}

relationship* life_process::pair(std::size_t replica) const
{
    relationship* found = nullptr;
    const object_path path = world.leg_path(replica + 1);
    opened->for_each_relationship([&](relationship& each) {
        if (each.info().synced_element == path) found = &each;
    });
    return found;
}

bool life_process::holds_content(std::size_t replica) const
{
    for (const leg_info& each : disk->legs())
        if (each.element == world.leg_path(replica + 1)) return each.role == leg_role::current;
    return false;
}

std::uint32_t life_process::legs_in_sync() const
{
    return legs_where([](leg_role role) { return role == leg_role::current; });
}

std::uint32_t life_process::legs_in_use() const
{
    return legs_where([](leg_role role) { return role != leg_role::tracking; });
}

std::uint32_t life_process::legs_where(bool (*wanted)(leg_role role)) const
{
    std::uint32_t found = 0;
    if (disk == nullptr) return found;
    for (std::size_t i = 0; i < world.leg_count(); ++i)
        for (const leg_info& each : disk->legs())
            if (each.element == world.leg_path(i) && wanted(each.role) && !each.error)
                found |= 1u << i;
    return found;
}

bool life_process::has_untold_failure() const
{
    for (std::size_t i = 0; i < world.replicas.size(); ++i) {
        const relationship* const pair = this->pair(i);
        if (pair == nullptr) continue;
        const copy_state now = pair->info().copy_state;
        if (now != copy_state::synchronized && now != copy_state::unsynchronized) continue;
        for (const leg_info& each : disk->legs())
            if (each.error &&
                (each.element == world.leg_path(0) || each.element == world.leg_path(i + 1)))
                return true;
    }
    return false;
}

// Its leg has failed, and nobody is looking at it.
bool life_process::is_away(std::size_t replica) const
{
    for (const leg_info& each : disk->legs())
        if (each.element == world.leg_path(replica + 1))
            return each.error && each.role == leg_role::tracking;
    return false;
}

// What was under way when a leg left may have been taken by it; one more than that was begun later.
void life_process::look_at_missed()
{
    // What cannot be recorded without memory is recorded a little later.
    if (world.machine.crashed() || world.options.has(hazard::allocation_failures)) return;
    missed_.resize(world.replicas.size());
    for (std::size_t i = 0; i < world.replicas.size(); ++i) {
        const replica& each = world.replicas[i];
        const relationship* found = pair(i);
        const bool missed = !each.asked && found != nullptr && is_away(i) &&
                            found->info().copy_state == copy_state::synchronized;
        missed_[i] = missed ? missed_[i] + 1 : 0;
        if (missed_[i] > depth_)
            world.fail("a host is told of writes without " + each.name +
                       ", whose relationship is Synchronized");
    }
}

void life_process::look_at_legs()
{
    // Where legs fail, one that is being copied to has been called strange: it is not mended yet.
    const bool judged = !world.legs_may_fail();
    for (const leg_info& each : disk->legs())
        if (judged && each.error == errc::leg_not_recognized)
            world.fail(to_text(each.element) +
                       " is what it was, and is not recognized: " + each.remark);
    // Without a deadline of the legs' own only a host's can have come to one.
    for (const leg_info& each : disk->legs())
        if (each.error == errc::deadline_exceeded && world.options.leg_deadline_ms == 0)
            world.fail(to_text(each.element) + " has failed by what a host gave up");
    for (std::size_t i = 0; i < world.replicas.size(); ++i) {
        const relationship* found = pair(i);
        if (found != nullptr && found->info().copy_state == copy_state::synchronized)
            world.replicas[i].labelled = true;
    }
}

// The host hears of it by the error of every write from then on; what is told of each flush that
// failed is that more may be gone, also while the volume is read-only.
void life_process::notice_read_only()
{
    const bool read_only = disk->read_only();
    const bool again = std::exchange(failed_last_flushes_, 0u) != 0 && was_read_only_;
    if (read_only && (!was_read_only_ || again)) {
        if (!world.legs_may_fail()) world.fail("the volume is read-only, and no flush has failed");
        world.volume_lost_cache();
    }
    was_read_only_ = read_only;
}

void life_process::resilver(unsigned copy)
{
    // One at a time.
    if (resilvering_) return;
    resilvering_ = true;
    struct record : repository_resilver_op {
        life_process* owner = nullptr;
    };
    auto op = std::make_unique<record>();
    op->owner = this;
    op->copy = copy;
    op->done = [](repository_resilver_op& base) noexcept {
        const user_scope user;
        const std::unique_ptr<record> self(static_cast<record*>(&base));
        --self->owner->calls_;
        self->owner->resilvering_ = false;
        if (!self->error) self->owner->world.at_moment(moment::copy_back);
    };
    // What lies on it may be unreadable or another's: the operator knows the device.
    op->overwrite = true;
    if (store->condition(copy) == copy_condition::absent) op->device = copies_[copy].get();
    ++calls_;
    record& started = *op.release();
    const library_scope library;
    store->resilver(started);
}

bool life_process::quiet() const noexcept
{
    if (calls_ != 0 || (host && !host->quiet())) return false;
    return std::all_of(target_hosts.begin(), target_hosts.end(),
                       [](const auto& each) { return !each || each->quiet(); });
}

void life_process::pause_hosts() noexcept
{
    if (host) host->pause();
    for (const auto& each : target_hosts)
        if (each) each->stop();
}

void life_process::let_hosts_go_on()
{
    if (host && !host->violation() && !world.machine.crashed()) host->go_on();
}

bool life_process::quieten()
{
    pause_hosts();
    // A request may wait for a copy.
    let_copies_go_on();
    return world.until("what is in flight", [&] { return quiet(); });
}

void life_process::note_job(const method_answer& answer)
{
    const bool started = answer.return_code == return_code::job_started;
    if (answer.job.has_value() != started) world.fail("4096 and a job, or neither");
    if (!answer.succeeded() && !answer.error) world.fail("a method fails and does not say why");
    if (!answer.job) return;
    ++world.report.jobs;
    world.jobs.push_back({*answer.job});
}

void life_process::watch_jobs()
{
    for (told_job& each : world.jobs) {
        const concrete_job* job = service->find_job(each.path);
        if (job == nullptr) {
            if (!each.ended) world.fail("a job that was told of is gone before it has ended");
            continue;
        }
        if (job->percent_complete() < each.percent) world.fail("a job's percentage falls");
        each.percent = job->percent_complete();
        each.ended = job->finished();
        if (each.ended != (each.percent == 100)) world.fail("a job is at 100 before its end");
    }
}

bool life_process::jobs_ended() const
{
    return std::all_of(world.jobs.begin(), world.jobs.end(),
                       [](const told_job& each) { return each.ended; });
}

void life_process::die()
{
    if (life_world::tells && opened) world.tell("a process dies:\n" + opened->dump());
    dying_ = true;
    if (host && host->violation()) world.fail(*host->violation());
    for (const auto& each : target_hosts)
        if (each && each->violation()) world.fail("the host of a target: " + *each->violation());
    pause_hosts();
    world.machine.loop().resume();
    world.drain("the end of a dead host", [&] {
        return (!host || host->quiet()) &&
               std::all_of(target_hosts.begin(), target_hosts.end(),
                           [](const auto& each) { return !each || each->quiet(); });
    });
    if (opened && disk != nullptr)
        for (const leg_info& each : disk->legs()) world.report.legs_lost += each.error ? 1 : 0;
    take_apart();
}

bool life_process::close()
{
    dying_ = true;
    const bool ended = quiet();
    if (!ended) world.fail("a process is to end in order, and has something in flight");
    take_apart();
    return ended;
}

void life_process::take_apart()
{
    if (opened) {
        waited<control_op> closing;
        {
            const library_scope library;
            opened->close(closing);
        }
        world.drain("closing the shard", [&] { return closing.over; });
        closed_in_order_ = disk != nullptr && !closing.error;
    }
    if (host) {
        world.report.operations += host->completed();
        world.report.failed += host->failed();
    }
    host.reset();
    target_hosts.clear();
    service.reset();
    opened.reset();
    if (store) {
        waited<repository_close_op> closing;
        store->close(closing);
        world.drain("the repository's last calls", [&] { return calls_ == 0; });
        world.drain("closing the repository", [&] { return closing.over; });
    }
    store.reset();
    copies_.clear();
}

}  // namespace cimrep::test
