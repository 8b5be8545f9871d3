// torture/torture.cpp -- what is asked of the workers, and when they are killed.
// SPDX-License-Identifier: BSL-1.0
#include "torture.hpp"

#include <cimrep/cim/format.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cimrep::test {

namespace {

constexpr std::uint64_t repository_bytes = 2 * mib;
constexpr monotonic_time never{INT64_MAX};
constexpr duration microseconds(std::uint64_t n)
{
    return duration{static_cast<std::int64_t>(n) * 1000};
}

}  // namespace

torture::torture(const torture_options& options)
    : options_(options),
      random_(options.seed),
      power_(seed_of_part(options.seed, 1)),
      stage_(options.loop_devices, options.volatile_cache),
      oracle_(1, volume_bytes / stamp_sector_bytes)
{
    source_ = stage_.add("source", volume_bytes);
    targets_.push_back({.path = source_});
    for (unsigned i = 1; i <= options.targets; ++i)
        targets_.push_back({.path = stage_.add("target" + std::to_string(i), volume_bytes)});
    for (unsigned i = 0; i < options.copies; ++i)
        copies_.push_back(stage_.add("repository" + std::to_string(i), repository_bytes));
}

void torture::fail(std::string what)
{
    if (report_.wrong.empty()) report_.wrong = std::move(what);
}

bool torture::until(const char* what, const std::function<bool()>& reached)
{
    const monotonic_time late = clock_.now() + seconds(60);
    while (report_.wrong.empty()) {
        if (reached()) return true;
        if (time_to_kill()) return false;
        if (clock_.now() >= late) {
            fail(std::string(what) + " does not end");
            return false;
        }
        const duration left = kill_at_ - clock_.now();
        if (!worker_->pump(std::clamp(left, duration{}, milliseconds(20)))) {
            fail(fmt::format("{}: the worker ended by itself, with {}: {}", what, worker_->reap(),
                             last_words_));
            return false;
        }
        if (host_ && host_->violation()) fail(host_->violation()->text);
    }
    return false;
}

void torture::run_for(duration how_long)
{
    const monotonic_time end = clock_.now() + how_long;
    until("a while", [&] { return clock_.now() >= end; });
}

void torture::start(bool format)
{
    ready_ = clean_ = false;
    last_words_.clear();
    worker_devices devices{
        .format = format, .copies = copies_, .elements = {}, .hot_extents_max = hot_extents_least};
    for (const target_view& each : targets_) devices.elements.push_back(each.path);
    // Where every extent may be hot, nothing is flushed to make room.
    if (stage_.cache() != nullptr && power_.below(2) == 0) devices.hot_extents_max = extents + 1;
    worker_ = std::make_unique<worker_process>(clock_, devices, volume_bytes,
                                               [this](const message& m) { hear(m); });
}

void torture::hear(const message& m)
{
    target_view& view = targets_[m.target];
    switch (m.what) {
    case topic::found: return recovered(view, m);
    case topic::told:
        view.exists = m.exists;
        view.state = static_cast<copy_state>(m.state);
        if (kill_at_news_ != 0 && --kill_at_news_ == 0) kill_at_ = clock_.now();
        return;
    case topic::ask:
        view.asked = false;
        if (m.error == 0) ++report_.requests;
        return;
    case topic::looked: looked_ = true; return;
    case topic::ready:
        ready_ = formatted_ = true;
        clean_ = m.clean;
        return;
    case topic::failed: last_words_ = m.text; return;
    case topic::transfer:
    case topic::look:
    case topic::close: return fail("a worker gives orders");
    }
}

void torture::ask(std::size_t target, std::optional<operation> what, bool force)
{
    targets_[target].asked = true;
    targets_[target].frozen.reset();
    worker_->send({.what = topic::ask,
                   .kind = what ? static_cast<std::uint32_t>(*what) : 0u,
                   .target = static_cast<std::uint32_t>(target),
                   .force = force});
}

void torture::ask_something()
{
    const auto target = static_cast<std::size_t>(1 + random_.below(targets_.size() - 1));
    const target_view& view = targets_[target];
    if (view.asked) return;
    if (!view.exists) return ask(target, std::nullopt, false);
    using enum operation;
    constexpr operation all[] = {fracture, split,  resync_replica, resync_replica, suspend,
                                 resume,   resume, deactivate,     activate,       abort,
                                 detach,   split,  fracture,       resync_replica};
    // Never by force, which may give up what the host was told.
    ask(target, all[random_.below(std::size(all))], false);
}

bool torture::look()
{
    looked_ = false;
    worker_->send({.what = topic::look});
    return until("looking", [&] { return looked_; });
}

bool torture::audit()
{
    host_ = std::make_unique<stamped_host>(*worker_, oracle_, random_.next(),
                                           host_workload{.depth = slots_max, .blocks_max = 512});
    host_->start_audit();
    return until("reading the volume", [&] { return host_->finished(); });
}

/// Nothing is in flight: what is called Synchronized is equal, what is apart stays as it is now.
void torture::calm()
{
    if (host_) {
        host_->stop();
        if (!until("the host's last operations", [&] { return host_->in_flight() == 0; })) return;
    }
    if (!look()) return;
    for (std::size_t i = 1; i < targets_.size(); ++i) {
        target_view& view = targets_[i];
        if (view.asked || !view.exists) continue;
        using enum copy_state;
        if (view.state == synchronized) compare(view);
        const bool apart = view.state == fractured || view.state == split;
        if (apart && view.frozen) judge_frozen(view);
        if (apart && !view.frozen) view.frozen = content_of(view.path, volume_bytes);
    }
}

/// What a power loss has taken from one leg comes from another: then they are equal.
void torture::await_copies()
{
    until("copies", [&] {
        return std::ranges::none_of(targets_, [](const target_view& each) {
            return each.exists && each.state == copy_state::unsynchronized;
        });
    });
    calm();
}

void torture::work()
{
    host_workload load{.operations = UINT64_MAX, .depth = 12, .blocks_max = 64, .discards = 0};
    // Few flushes: what none has covered is what a power loss takes.
    if (stage_.cache() != nullptr) load.fua_writes = load.flushes = 2;
    host_ = std::make_unique<stamped_host>(*worker_, oracle_, random_.next(), load);
    host_->start();
    while (report_.wrong.empty() && !time_to_kill()) {
        // Rarely enough that copies come to their end in between.
        if (random_.below(3) == 0) ask_something();
        if (random_.below(8) == 0) {
            calm();
            if (host_->in_flight() == 0) host_->start();
        }
        run_for(microseconds(100 + random_.below(4000)));
    }
}

/// Opening, recovery, reading and work: any of them may be the last that this worker does.
void torture::round(bool first)
{
    const std::uint64_t way = random_.below(8);
    const bool in_recovery = !first && way < 2;
    kill_at_ = in_recovery ? clock_.now() + microseconds(1000 + random_.below(30000)) : never;
    start(!formatted_);
    if (until("opening", [&] { return ready_; })) {
        if (way == 2) kill_at_ = clock_.now() + microseconds(random_.below(30000));
        if (stage_.cache() != nullptr && power_.below(2) == 0) await_copies();
        if (random_.below(2) == 0) calm();
        if (random_.below(4) == 0) audit();
        if (!in_recovery && way != 2)
            kill_at_ = clock_.now() + microseconds(2000 + random_.below(150000));
        kill_at_news_ = way == 3 ? 1 + static_cast<unsigned>(random_.below(10)) : 0;
        if (report_.wrong.empty() && !time_to_kill()) work();
    } else {
        ++report_.kills_in_recovery;
    }
    finish_with_kill();
}

/// The worker and the caches end at one moment; neither sees the end of the other.
void torture::lose_power()
{
    ++report_.power_losses;
    stage_.cache()->hold();
    worker_->strike();
    // All of it, or a half, or anything.
    const std::uint32_t ways[] = {0, 128, static_cast<std::uint32_t>(power_.below(257))};
    const auto survive = ways[power_.below(std::size(ways))];
    const disk_answer met = stage_.cache()->lose(survive, power_.next());
    report_.caches.unflushed += met.unflushed;
    report_.caches.lost += met.lost;
    report_.caches.torn += met.torn;
    report_.caches.held += met.held;
    worker_->kill();
    oracle_.power_lost();
}

void torture::kill_worker()
{
    // What it had answered counts, however late it was read.
    if (stage_.cache() != nullptr && power_.below(5) != 0) return lose_power();
    worker_->kill();
    oracle_.process_killed();
}

void torture::finish_with_kill()
{
    if (host_) host_->stop();
    const std::uint64_t losses = report_.power_losses;
    kill_worker();
    ++report_.kills;
    kill_at_ = never;
    kill_at_news_ = 0;
    worker_->end_transfers();
    if (host_ && host_->violation()) fail(host_->violation()->text);
    if (host_) report_.operations += host_->completed() - host_->failed();
    host_.reset();
    worker_.reset();
    wait_for_claims();
    if (report_.power_losses != losses) stage_.power_on();
    if (report_.wrong.empty()) judge_devices();
}

/// Until the last request of the killed one has ended.
void torture::wait_for_claims()
{
    const monotonic_time late = clock_.now() + seconds(60);
    std::vector<std::string> paths = copies_;
    for (const target_view& each : targets_) paths.push_back(each.path);
    for (const std::string& path : paths)
        while (!claim_is_free(path)) {
            if (clock_.now() > late) return fail("the claim of " + path + " does not end");
            clock_.run_once(milliseconds(1));
        }
}

/// Healed: every relationship becomes Synchronized, or is made again.
void torture::settle()
{
    start(!formatted_);
    if (!until("opening", [&] { return ready_; })) return;
    calm();
    if (!audit()) return;
    report_.operations += host_->completed();
    for (std::size_t i = 1; i < targets_.size(); ++i) {
        target_view& view = targets_[i];
        for (unsigned attempt = 0; attempt < 40 && report_.wrong.empty(); ++attempt) {
            if (!look()) return;
            if (view.exists && view.state == copy_state::synchronized) break;
            using enum operation;
            constexpr operation ways[] = {resync_replica, resume, activate};
            const bool copying = view.exists && view.state == copy_state::unsynchronized;
            if (!copying) {
                if (view.exists)
                    ask(i, ways[attempt % std::size(ways)], true);
                else
                    ask(i, std::nullopt, false);
            }
            until("a request", [&] { return !view.asked; });
            until("a copy",
                  [&] { return !view.exists || view.state != copy_state::unsynchronized; });
            run_for(milliseconds(1));
        }
        if (report_.wrong.empty() && !(view.exists && view.state == copy_state::synchronized))
            fail(fmt::format("{} does not become Synchronized: it is {}", view.path, view.state));
    }
}

/// Something that the closing has to flush.
void torture::leave_unflushed()
{
    const host_workload load{.operations = 100,
                             .depth = 12,
                             .blocks_max = 64,
                             .fua_writes = 0,
                             .flushes = 0,
                             .discards = 0};
    host_ = std::make_unique<stamped_host>(*worker_, oracle_, random_.next(), load);
    host_->start();
    until("writing before the end", [&] { return host_->finished(); });
    report_.operations += host_->completed();
}

/// After an orderly end everything is equal, and the next process has nothing to copy.
void torture::close_and_compare()
{
    for (const bool again : {false, true}) {
        if (again) {
            start(false);
            if (!until("opening", [&] { return ready_; })) return;
            if (!clean_) fail("the repository was closed, and is not clean");
            for (std::size_t i = 1; i < targets_.size(); ++i)
                if (!targets_[i].exists || targets_[i].state != copy_state::synchronized)
                    fail(targets_[i].path + " is not Synchronized after an orderly close");
        }
        if (!again) leave_unflushed();
        if (!report_.wrong.empty()) return;
        host_.reset();
        worker_->send({.what = topic::close});
        while (worker_->pump(milliseconds(20))) {
        }
        if (const int status = worker_->reap(); status != 0)
            fail(fmt::format("closing ended with {}: {}", status, last_words_));
        worker_.reset();
        wait_for_claims();
        if (stage_.cache() != nullptr) {
            // It closed in order: nothing that was answered is left in a cache.
            stage_.cache()->lose(0, power_.next());
            stage_.power_on();
        }
        for (std::size_t i = 1; i < targets_.size(); ++i) compare(targets_[i]);
        judge_devices();
    }
}

torture_report torture::run()
{
    for (unsigned i = 0; i < options_.rounds && report_.wrong.empty(); ++i) {
        round(i == 0);
        if (!report_.wrong.empty())
            report_.wrong = fmt::format("round {} of {}: {}", i, options_.rounds, report_.wrong);
    }
    if (report_.wrong.empty()) settle();
    if (report_.wrong.empty()) close_and_compare();
    if (host_) host_->stop();
    if (worker_) {
        worker_->kill();
        oracle_.process_killed();
        worker_->end_transfers();
    }
    host_.reset();
    worker_.reset();
    return report_;
}

}  // namespace cimrep::test
