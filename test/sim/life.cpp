// test/sim/life.cpp -- safety while things go wrong, then healing, liveness, and the audit.
// SPDX-License-Identifier: BSL-1.0
#include "life.hpp"

#include "life_absences.hpp"
#include "life_audit.hpp"
#include "life_copies.hpp"
#include "life_crossings.hpp"
#include "life_damage.hpp"
#include "life_decay.hpp"
#include "life_faults.hpp"
#include "life_haste.hpp"
#include "life_holding.hpp"
#include "life_loneliness.hpp"
#include "life_moments.hpp"
#include "life_operator.hpp"
#include "life_past.hpp"
#include "life_points.hpp"
#include "life_process.hpp"
#include "life_trim.hpp"
#include "scarce_memory.hpp"
#include <algorithm>

namespace cimrep::test {

namespace {

class life {
public:
    explicit life(const life_options& options)
        : world_(options),
          faults_(world_),
          past_(world_),
          decay_(world_),
          rest_random_(seed_of_part(options.seed, 49)),
          copies_(world_),
          moments_(world_),
          crossings_(world_),
          absences_(world_, faults_),
          idleness_(seed_of_part(options.seed, 52)),
          early_(seed_of_part(options.seed, 52)),
          damage_(world_),
          loneliness_(world_),
          found_(seed_of_part(options.seed, 87))
    {
        // In half of them a write to it fails when damage was found: then the target is the truth.
        world_.source_has_left = found_.chance(0.5) || options.has(hazard::lonely_differences) ||
                                 options.has(hazard::several_differences);
    }

    life_report run()
    {
        for (unsigned i = 0; i < world_.options.crashes && !world_.wrong(); ++i) work(i == 0);
        if (!world_.wrong()) rest(world_.options.crashes == 0);
        for (std::size_t i = 0; i < world_.leg_count(); ++i)
            world_.report.losses += world_.leg(i).statistics().blocks_lost;
        world_.report.trace_hash = world_.machine.trace_hash();
        return world_.report;
    }

private:
    void work(bool first);
    void go_on_working(life_process& p, life_operator& operators, bool first);
    bool rests();
    bool restored_early(life_process& p, life_operator& operators);
    bool may_settle() const noexcept;
    void come_to_rest(life_process& p);
    void crash(life_process& p, crash_kind kind);
    void difference_found(life_process& p);
    void begin_to_starve() noexcept;
    void enough_memory() noexcept;
    void rest(bool first);
    void close_and_open_again();
    bool does_without_lost_leg();
    void lose_power_at_last();

    life_world world_;
    life_faults faults_;
    life_past past_;
    life_decay decay_;
    seeded_random rest_random_;
    life_copies copies_;
    life_moments moments_;
    life_crossings crossings_;
    life_absences absences_;
    seeded_random idleness_;
    seeded_random early_;  ///< of restores
    life_damage damage_;
    life_loneliness loneliness_;
    seeded_random found_;  ///< what comes just after damage was found
};

void life::work(bool first)
{
    seeded_random& random = world_.random;
    const auto kind = random.chance(0.33) ? crash_kind::process_kill : crash_kind::power_loss;
    bool ends = world_.options.has(activity::orderly_ends) && random.chance(0.2);
    world_.next_crash = kind;
    faults_.before_boot();
    if (!first) decay_.strike();
    if (!first) absences_.before_boot();
    if (first) use_and_trim_the_source(world_);
    life_process p(world_);
    life_operator operators(p);
    if (!first) begin_to_starve();
    // Also in the midst of opening: recovery is where the bugs are.
    std::uint64_t range = random.chance(0.5) ? 60 : 1200;
    // There is more to copy there before damage can lie on what is in sync.
    if (world_.options.has(hazard::lonely_differences)) range = 3000;
    if (!first) world_.machine.crash_at(1 + random.below(range), kind);
    loneliness_.begin_process();
    if (!first) moments_.begin_process(kind);
    p.boot(first);
    if (first) world_.machine.crash_at(1 + random.below(range), kind);
    if (first) moments_.begin_process(kind);
    crossings_.begin_process(kind);
    if (first) begin_to_starve();
    if (p.works() && !world_.machine.crashed() && !world_.wrong())
        go_on_working(p, operators, first);
    const bool settles =
        world_.options.has(activity::settling) && may_settle() && p.works() && random.chance(0.6);
    if (loneliness_.ends_process())
        ends = true;
    else if (settles || (operators.cuts().came_to_rest() && may_settle()))
        come_to_rest(p);
    if (!ends || world_.machine.crashed() || world_.wrong()) return crash(p, kind);
    // Faults of the last moments would make the end a crash of which nobody was told.
    moments_.calm();
    crossings_.calm();
    world_.machine.do_not_crash();
    faults_.calm();
    enough_memory();
    world_.at_difference = [] {};
    if (!p.quieten()) return crash(p, kind);
    const std::uint32_t in_sync = p.legs_in_sync();
    past_.keep(p.legs_in_use());
    p.close();
    copies_.put_back();
    // Somebody may have lost what was never flushed.
    if (world_.lost_something()) world_.volume_lost_cache();
    world_.machine.restart();
    past_.put_back();
    past_.process_ended(p.closed_in_order(), in_sync);
}

void life::begin_to_starve() noexcept
{
    if (!world_.options.has(hazard::allocation_failures)) return;
    scarce_memory::fail_at_random(
        seed_of_part(seed_of_part(world_.options.seed, 62), world_.report.crashes));
}

void life::enough_memory() noexcept
{
    if (!world_.options.has(hazard::allocation_failures)) return;
    world_.report.starved += scarce_memory::failures();
    scarce_memory::fail(UINT64_MAX);
}

// A leg that nobody writes to has next to nothing by which it could be told from another. What a
// volume's host writes is marked, and after a crash a small volume is copied as a whole: that
// hides what is forgotten of targets that are apart.
bool life::rests()
{
    return world_.options.has(activity::resting) && !world_.options.has(hazard::older_legs) &&
           rest_random_.chance(0.6);
}

// What the last process knew of the volume's content is of another one, and no write says so. True
// if the process ends with that.
bool life::restored_early(life_process& p, life_operator& operators)
{
    if (!world_.options.has(activity::early_restores) || !early_.chance(0.7)) return false;
    const auto crashed = [&] { return world_.machine.crashed(); };
    world_.machine.loop().run_until(crashed, milliseconds(5));
    for (std::size_t i = 0; i < world_.replicas.size() && !crashed(); ++i) {
        if (!world_.replicas[i].content || p.pair(i) == nullptr) continue;
        world_.tell("an early restore from " + world_.replicas[i].name);
        operators.restore(i);
        if (crashed() || world_.wrong()) break;
        if (early_.chance(0.7)) world_.machine.loop().run_until(crashed, milliseconds(50));
        return early_.chance(0.6);
    }
    return false;
}

void life::go_on_working(life_process& p, life_operator& operators, bool first)
{
    faults_.begin();
    world_.at_difference = [&] { difference_found(p); };
    const bool idles = !first && world_.options.has(activity::idling) && idleness_.chance(0.5);
    const bool decided = life_audit(p).decide();
    if (decided && restored_early(p, operators)) return;
    if (world_.machine.crashed() || world_.wrong()) return;
    const bool alone = first && leaves_trimmed_source_alone(world_);
    if (decided && !world_.other && !idles && !rests() && !alone) p.start_host();
    life_haste haste(p, operators);
    life_holding holding(p);
    life_points points(p);
    std::uint64_t steps = 0;
    while (!world_.machine.crashed() && !world_.wrong() && ++steps < 400) {
        if (p.host && p.host->finished() && !loneliness_.waits()) break;
        if (!p.host && steps > 40) break;
        if (!loneliness_.lasts()) operators.step();
        if (world_.machine.crashed()) return;
        p.look_at_legs();
        if (operators.cuts().comes_to_rest() || loneliness_.ends_process()) break;
        loneliness_.step(p);
        faults_.step(p);
        damage_.step(p);
        holding.step();
        points.step();
        p.watch_jobs();
        const duration pause{static_cast<std::int64_t>(200 + world_.random.below(3000)) * 1000};
        world_.machine.loop().run_until(
            [&] {
                haste.look();
                operators.cuts().look();
                const bool over = p.host && p.host->finished() && !loneliness_.waits();
                return over || world_.machine.crashed();
            },
            pause);
        if (p.host && p.host->violation()) world_.fail(*p.host->violation());
    }
    if (world_.machine.crashed() || world_.wrong()) return;
    p.pause_hosts();
    p.let_copies_go_on();
    world_.until("the host's work", [&] { return !p.host || p.host->quiet(); });
}

// The last leg that was pulled out is not opened again while a process lives. A leg that has yet to
// tell of what it dropped reads as no other does. One that is not what
// it was must not be called right, and coming to rest forces that.
bool life::may_settle() const noexcept
{
    return !world_.options.has(hazard::vanishing) && !world_.options.has(hazard::shrinking) &&
           !world_.options.has(hazard::older_legs) && !world_.options.has(hazard::early_losses);
}

// After a crash much is copied that need not be, which hides what was forgotten before: here
// nothing but what the process itself knows to differ is.
void life::come_to_rest(life_process& p)
{
    if (world_.machine.crashed() || world_.wrong()) return;
    moments_.calm();
    crossings_.calm();
    world_.machine.do_not_crash();
    world_.at_difference = [] {};
    world_.tell("everything is to come to rest");
    faults_.heal();
    if (!p.quieten()) return;
    const auto a_moment = [&] {
        world_.machine.loop().run_until([] { return false; }, milliseconds(50));
    };
    a_moment();
    // A leg with something late on its way is not taken back; and while a slow operation of the
    // repository lasts, as long as it began before the faults were over, no request can settle.
    world_.until("what is late", [&] {
        for (const leg_info& each : p.disk->legs())
            if (each.statistics.outstanding != 0) return false;
        return std::none_of(world_.repository.begin(), world_.repository.end(),
                            [](const simulated_disk* each) { return each->in_flight() != 0; });
    });
    // What was on its way when the faults ended may have broken a leg since, or one of its sectors.
    faults_.mend();
    for (std::size_t i = 0; i < world_.leg_count(); ++i)
        (void)p.opened->element_returned(world_.leg_path(i));
    a_moment();
    p.notice_read_only();
    p.disk->accept_after_failed_flush();
    p.notice_read_only();
    if (world_.lost_something()) world_.volume_lost_cache();
    for (replica& each : world_.replicas) {
        each.forget_content();
    }
    life_audit(p).settle();
    // A disk may tell only now, by a failed flush, of what it had lost before.
    p.notice_read_only();
    for (std::size_t i = 0; i < world_.replicas.size(); ++i)
        world_.replicas[i].told = p.pair(i) != nullptr;
    if (!world_.wrong()) life_audit::compare_legs(world_);
}

// What is known to differ must not be forgotten by whatever comes just after that.
void life::difference_found(life_process& p)
{
    if (loneliness_.difference_found(p)) return;
    seeded_random& random = world_.damage_random;
    if (random.chance(0.3)) faults_.lose(p, 0);
    if (world_.source_has_left && found_.chance(0.7))
        world_.leg(0).add({.fault = disk_fault::transient_error, .kind = io_kind::write});
    if (random.chance(0.3)) world_.machine.crash_at(1 + random.below(24), world_.next_crash);
}

void life::crash(life_process& p, crash_kind kind)
{
    enough_memory();
    if (!world_.machine.crashed()) world_.machine.crash(kind);
    moments_.calm();
    crossings_.calm();
    world_.machine.do_not_crash();
    ++world_.report.crashes;
    world_.tell(kind == crash_kind::power_loss ? "power loss" : "process kill");
    // A flush that has failed has lost what it should have saved, also if nobody had heard of it.
    const bool lost = kind == crash_kind::process_kill && world_.lost_something();
    const auto tell = [&](content_oracle& which) {
        kind == crash_kind::power_loss ? which.power_lost() : which.process_killed();
    };
    life_points::crashed(world_);
    tell(world_.oracle);
    if (world_.other) tell(*world_.other);
    for (replica& each : world_.replicas) {
        if (each.content) tell(*each.content);
        each.cut = 0;  // nobody was told of its end
    }
    if (lost) world_.volume_lost_cache();
    if (lost) world_.notice_losses();
    copies_.crashed(p);
    world_.at_difference = [] {};
    const std::uint32_t in_sync = p.legs_in_sync();
    past_.keep(p.legs_in_use());
    p.die();
    world_.machine.restart();
    for (std::size_t i = 0; kind == crash_kind::process_kill && i < world_.machine.disk_count();
         ++i)
        world_.machine.disk(i).land_zombies();
    world_.look_for_labels();
    past_.put_back();
    past_.process_ended(false, in_sync);
}

void life::rest(bool first)
{
    faults_.heal();
    past_.put_back_what_was_away();
    if (!does_without_lost_leg()) past_.put_back();
    if (!first) decay_.strike();
    if (!first && world_.options.has(activity::reopenings)) close_and_open_again();
    if (world_.wrong()) return;
    life_process p(world_);
    p.boot(first);
    if (!p.works()) world_.fail("the source cannot be opened when faults are over");
    life_points points(p);
    if (!world_.wrong()) points.read_all(false);
    if (!world_.wrong()) life_audit(p).settle();
    if (!world_.wrong()) points.read_all(true);
    if (!world_.wrong()) points.drop_all();
    if (p.quiet()) p.close();
    // A disk may tell only now, by a failed flush, of what it had lost before.
    if (world_.lost_something())
        world_.volume_lost_cache();
    else if (p.closed_in_order())
        lose_power_at_last();
    if (!world_.wrong()) life_audit::compare_legs(world_);
}

// A disk may be lost for good, and another one be in its place, as long as the volume is served
// without it: it is no leg before all of it was copied to.
bool life::does_without_lost_leg()
{
    const auto lost = past_.lost();
    if (!lost || !world_.options.has(hazard::lost_legs)) return false;
    life_process p(world_);
    p.boot(false);
    waited<control_op> looked;
    if (p.works()) p.opened->await_recovery(looked);
    world_.until("a look at the legs", [&] { return !p.works() || looked.over; });
    const bool served = (p.legs_in_sync() & ~(1u << *lost)) != 0;
    world_.tell(served ? "it is lost for good" : "nobody can do without it");
    p.close();
    if (world_.lost_something()) world_.volume_lost_cache();
    world_.machine.restart();
    return served;
}

// What differs must be on record after an orderly end, with nobody there who copies it.
void life::close_and_open_again()
{
    life_process p(world_);
    p.boot(false);
    if (p.works() && !world_.wrong() && life_audit(p).decide()) {
        p.start_host();
        world_.until("a host before an orderly end", [&] { return p.host->finished(); });
        if (p.host->violation()) world_.fail(*p.host->violation());
    }
    p.close();
    if (world_.lost_something()) world_.volume_lost_cache();
    world_.machine.restart();
}

// An orderly end has left nothing in any cache that it needs.
void life::lose_power_at_last()
{
    const auto flushed = world_.oracle.flush_submitted();
    world_.oracle.flush_acknowledged(flushed);
    world_.machine.crash(crash_kind::power_loss);
    world_.oracle.power_lost();
    world_.machine.restart();
}

}  // namespace

life_report live(const life_options& options)
{
    return life(options).run();
}

}  // namespace cimrep::test
