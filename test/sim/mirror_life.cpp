// test/sim/mirror_life.cpp -- boots, works, crashes, recovers, and looks for what must not be.
// SPDX-License-Identifier: BSL-1.0
#include "mirror_life.hpp"

#include <cimrep/cim/format.hpp>
#include <cimrep/cim/object_path_parse.hpp>

#include <algorithm>
#include <utility>

namespace cimrep::test {

namespace {

constexpr std::uint64_t repository_bytes = 2 * mib;

shard_options options_of(const life_options& life, element_provider& elements, repository& store)
{
    const std::uint64_t seed = life.seed;
    shard_options o;
    o.elements = &elements;
    o.repository = &store;
    o.region_bytes = seed % 2 == 0 ? 4 * kib : 64 * kib;
    o.window_bytes = 64 * kib;
    o.windows_max = 4;
    o.windows_busy = 2;
    o.requests_max = 16;
    o.hot_extents_max = life.large ? 4 : 64;
    return o;
}

template <class Op>
struct waited : Op {
    bool over = false;
    waited()
    {
        this->done = [](Op& op) noexcept { static_cast<waited&>(op).over = true; };
    }
};

}  // namespace

object_path simulated_elements::path_of(const std::string& name)
{
    return make_object_path({.name_space = "root/cimv2",
                             .class_name = "CIM_StorageVolume",
                             .keys = {{"DeviceID", name}}})
        .value();
}

simulated_disk* simulated_elements::find(const object_path& path) const
{
    for (std::size_t i = 0; i < machine_.disk_count(); ++i)
        if (path_of(machine_.disk(i).name()) == path && machine_.disk(i).present())
            return &machine_.disk(i);
    return nullptr;
}

outcome<element_description> simulated_elements::describe(const object_path& path) const
{
    const simulated_disk* disk = find(path);
    if (disk == nullptr)
        return cimrep::fail(errc::stale_reference, to_text(path), "name a disk of the machine");
    return element_description{path, disk->identity(), disk->name(), disk->size_bytes(), 512};
}

outcome<std::unique_ptr<block_device>> simulated_elements::open(event_loop&,
                                                                const object_path& path,
                                                                const element_open_request&)
{
    CIMREP_TRY(describe(path));
    auto device = find(path)->open(machine_.loop());
    if (!device) return cimrep::fail(device.error(), to_text(path), "bring the disk back");
    return std::unique_ptr<block_device>(std::move(device).value());
}

/// A write to a target that is apart, of which the oracle knows nothing.
struct mirror_life::target_write : io_op {
    std::vector<std::byte> data;
    bool over = false;
    target_write()
    {
        done = [](io_op& op, error_code) noexcept { static_cast<target_write&>(op).over = true; };
    }
};

/// What runs between two crashes.
struct mirror_life::process {
    std::vector<std::unique_ptr<block_device>> copies;
    std::unique_ptr<device_repository> store;
    std::unique_ptr<shard> opened;
    volume* disk = nullptr;
    std::unique_ptr<stamped_host> host;
    std::vector<std::pair<std::unique_ptr<waited<control_op>>, std::size_t>> asked;
    std::vector<std::unique_ptr<target_write>> target_writes;

    relationship* pair(const std::string& target) const
    {
        relationship* found = nullptr;
        opened->for_each_relationship([&](relationship& each) {
            if (each.info().synced_element == simulated_elements::path_of(target)) found = &each;
        });
        return found;
    }
};

mirror_life::mirror_life(const life_options& options)
    : options_(options),
      volume_bytes_(options.large ? 24 * mib : 512 * kib),
      random_(options.seed),
      machine_({.seed = options.seed}),
      elements_(machine_),
      oracle_(1, volume_bytes_ / stamp_sector_bytes)
{
    const auto add = [&](std::string name, std::uint64_t size) -> simulated_disk& {
        return machine_.add({.name = std::move(name), .size_bytes = size});
    };
    names_ = {"s", "t"};
    if (options.targets == 2) names_.push_back("u");
    for (const std::string& name : names_) add(name, volume_bytes_);
    for (unsigned i = 0; i < options.copies; ++i)
        repository_disks_.push_back(&add("repository" + std::to_string(i), repository_bytes));
    exists_.resize(names_.size());
}

void mirror_life::fail(std::string what)
{
    if (report_.wrong.empty()) report_.wrong = std::move(what);
}

bool mirror_life::until(const char* what, const std::function<bool()>& reached)
{
    if (machine_.crashed()) return false;
    const auto report =
        machine_.loop().run_until([&] { return reached() || machine_.crashed(); }, seconds(3600));
    if (machine_.crashed()) return false;
    if (!report) fail(std::string(what) + " does not end: " + report.queued);
    return static_cast<bool>(report);
}

void mirror_life::boot(process& p, bool first)
{
    std::vector<block_device*> copies;
    for (simulated_disk* disk : repository_disks_) {
        auto device = disk->open(machine_.loop());
        if (!device) return fail("a disk of the repository cannot be opened");
        p.copies.push_back(std::move(device).value());
        copies.push_back(p.copies.back().get());
    }
    if (first) {
        waited<repository_format_op> format;
        format.copies = copies;
        format.options.size_bytes = repository_bytes;
        device_repository::format(format);
        if (!until("the format", [&] { return format.over; })) return;
        if (format.error) return fail(format.error->sentence());
    }
    waited<repository_open_op> open;
    open.copies = copies;
    device_repository::open(open);
    until("opening the repository", [&] { return open.over; });
    if (machine_.crashed()) machine_.loop().resume();
    machine_.loop().run_until([&] { return open.over; });
    p.store = std::move(open.opened);
    if (machine_.crashed()) return;
    if (open.error) return fail(open.error->sentence());
    auto opened = shard::open(machine_.loop(), options_of(options_, elements_, *p.store));
    if (!opened) return fail(opened.error().sentence());
    p.opened = std::move(opened).value();
    p.opened->for_each_relationship([&](relationship& each) {
        const relationship_info now = each.info();
        if (now.copy_state == copy_state::synchronized && now.different_bytes != 0)
            fail("just opened, a relationship is Synchronized and its legs differ");
    });
    auto disk = p.opened->volume(simulated_elements::path_of("s"));
    if (!disk) return fail(disk.error().sentence());
    p.disk = disk.value();
    for (std::size_t i = 1; i < names_.size(); ++i) {
        const bool found = p.pair(names_[i]) != nullptr;
        report_.recovered += found ? 1 : 0;
        if (exists_[i] && !found) fail("the relationship with " + names_[i] + " is forgotten");
    }
}

// What has been answered counts; what was in flight may or may not have happened.
void mirror_life::ask_something(process& p)
{
    std::erase_if(p.asked, [&](const auto& each) {
        if (!each.first->over) return false;
        const std::size_t i = each.second;
        exists_[i] = p.pair(names_[i]) != nullptr;
        return true;
    });
    const std::size_t i = 1 + random_.below(names_.size() - 1);
    for (const auto& each : p.asked)
        if (each.second == i) return;
    auto op = std::make_unique<waited<control_op>>();
    relationship* pair = p.pair(names_[i]);
    bool started = false;
    if (pair == nullptr) {
        started = p.opened
                      ->create_mirror({.source = simulated_elements::path_of("s"),
                                       .target = simulated_elements::path_of(names_[i])},
                                      *op)
                      .has_value();
    } else {
        using enum operation;
        constexpr operation all[] = {fracture, split,  resync_replica, resync_replica, suspend,
                                     resume,   resume, deactivate,     activate,       abort,
                                     detach,   split,  fracture,       resync_replica};
        const operation what = all[random_.below(std::size(all))];
        if (what == detach) exists_[i] = false;
        // Never by force, which may give up what the host was told.
        started = pair->request(what, false, *op).has_value();
        if (!started && what == detach) exists_[i] = true;
    }
    if (!started) return;
    ++report_.requests;
    p.asked.emplace_back(std::move(op), i);
}

void mirror_life::write_to_a_target(process& p)
{
    std::erase_if(p.target_writes, [](const auto& each) { return each->over; });
    const std::string& name = names_[1 + random_.below(names_.size() - 1)];
    if (p.pair(name) == nullptr || p.target_writes.size() > 4) return;
    auto op = std::make_unique<target_write>();
    op->data.assign((1 + random_.below(8)) * 512, static_cast<std::byte>(random_.next()));
    op->prepare_write(random_.below(volume_bytes_ / 512 - 8) * 512,
                      std::span<const std::byte>(op->data));
    p.opened->front(simulated_elements::path_of(name)).value()->submit(*op);
    p.target_writes.push_back(std::move(op));
    ++report_.target_writes;
}

// Some seeds have legs that fail, the source in some of them; the others have none.
void mirror_life::spoil_legs()
{
    if (!options_.faults) return;
    fault_plan plan;
    // A flush that loses the cache may tell of it by another flush than the host's, of which the
    // oracle would not know: test/runtime has those.
    plan.set(disk_fault::transient_error, 0.006);
    for (std::size_t i = random_.below(2); i < names_.size(); ++i) machine_.disk(i).use(plan);
}

void mirror_life::work(process& p)
{
    spoil_legs();
    p.host = std::make_unique<stamped_host>(p.disk->front(), oracle_, random_.next(),
                                            host_workload{.operations = 150});
    p.host->start();
    while (!machine_.crashed() && !p.host->finished() && report_.wrong.empty()) {
        ask_something(p);
        write_to_a_target(p);
        machine_.loop().run_until(
            [&] { return p.host->finished() || machine_.crashed(); },
            duration{static_cast<std::int64_t>(200 + random_.below(3000)) * 1000});
    }
    until("the host's work", [&] { return p.host->finished(); });
}

// Takes a dead process apart; nothing that is done now reaches a disk.
void mirror_life::die(process& p)
{
    report_.operations += p.host ? p.host->completed() : 0;
    if (p.host && p.host->violation()) fail(p.host->violation()->text);
    if (p.host) p.host->stop();
    machine_.loop().resume();
    for (std::size_t i = 0; i < names_.size(); ++i) machine_.disk(i).use({});
    machine_.loop().run_until([&] {
        return (!p.host || p.host->in_flight() == 0) &&
               std::all_of(p.target_writes.begin(), p.target_writes.end(),
                           [](const auto& each) { return each->over; });
    });
    if (p.opened && p.disk != nullptr)
        for (const leg_info& each : p.disk->legs()) report_.legs_lost += each.error ? 1 : 0;
    close(p);
}

void mirror_life::close(process& p)
{
    if (p.opened) {
        waited<control_op> closing;
        p.opened->close(closing);
        const auto report = machine_.loop().run_until([&] { return closing.over; }, seconds(3600));
        if (!report) fail("closing the shard does not end: " + report.queued);
    }
    p.host.reset();
    p.opened.reset();
    if (p.store) {
        waited<repository_close_op> closing;
        p.store->close(closing);
        const auto report = machine_.loop().run_until([&] { return closing.over; }, seconds(3600));
        if (!report) fail("closing the repository does not end: " + report.queued);
    }
    p.store.reset();
    p.copies.clear();
}

// Faults are over: what was interrupted goes on, and every relationship comes to rest.
void mirror_life::settle(process& p)
{
    stamped_host audit(p.disk->front(), oracle_, random_.next(), {.blocks_max = 2048});
    audit.start_audit();
    until("the audit", [&] { return audit.finished(); });
    if (audit.violation()) return fail("after the crash: " + audit.violation()->text);
    for (std::size_t i = 1; i < names_.size(); ++i) {
        for (unsigned attempt = 0; attempt < 20 && report_.wrong.empty(); ++attempt) {
            // What follows from the crash takes its time, and refuses requests meanwhile.
            machine_.loop().run_until([] { return false; }, milliseconds(20));
            relationship* pair = p.pair(names_[i]);
            waited<control_op> op;
            bool started = false;
            if (pair == nullptr) {
                started = p.opened
                              ->create_mirror({.source = simulated_elements::path_of("s"),
                                               .target = simulated_elements::path_of(names_[i])},
                                              op)
                              .has_value();
            } else if (pair->info().copy_state == copy_state::synchronized) {
                break;
            } else {
                // Where the target alone has the content the source follows; nothing is given up.
                const bool behind = p.disk->legs().front().role != leg_role::current;
                for (const operation what :
                     {operation::restore_from_replica, operation::resync_replica, operation::resume,
                      operation::activate}) {
                    const bool restores = what == operation::restore_from_replica;
                    if (!started && restores == behind)
                        started = pair->request(what, true, op).has_value();
                }
            }
            if (started) until("a request", [&] { return op.over; });
            until("a copy", [&] {
                const relationship* now = p.pair(names_[i]);
                return now == nullptr || now->info().copy_state != copy_state::unsynchronized;
            });
        }
        const relationship* pair = p.pair(names_[i]);
        if (pair == nullptr || pair->info().copy_state != copy_state::synchronized)
            fail("the relationship with " + names_[i] + " does not become Synchronized:\n" +
                 p.opened->dump());
    }
}

void mirror_life::compare_legs()
{
    std::vector<std::byte> truth(volume_bytes_), other(volume_bytes_);
    machine_.disk(0).image().read(0, truth);
    if (const auto wrong = oracle_.check(0, truth)) fail("the source: " + wrong->text);
    for (std::size_t i = 1; i < names_.size(); ++i) {
        machine_.disk(i).image().read(0, other);
        const auto at = std::mismatch(truth.begin(), truth.end(), other.begin());
        if (at.first != truth.end())
            fail(names_[i] + " differs from the source at byte " +
                 std::to_string(at.first - truth.begin()));
    }
}

life_report mirror_life::run()
{
    for (unsigned life = 0; life <= options_.crashes && report_.wrong.empty(); ++life) {
        const bool last = life == options_.crashes;
        process p;
        // Also in the midst of opening: recovery is where the bugs are.
        const auto kind = random_.below(3) == 0 ? crash_kind::process_kill : crash_kind::power_loss;
        if (!last && life != 0) machine_.crash_at(1 + random_.below(600), kind);
        boot(p, life == 0);
        if (!last && life == 0) machine_.crash_at(1 + random_.below(600), kind);
        if (p.disk != nullptr && !machine_.crashed() && report_.wrong.empty()) {
            if (last)
                settle(p);
            else
                work(p);
        }
        if (last) {
            close(p);
            break;
        }
        if (!machine_.crashed()) machine_.crash(kind);
        ++report_.crashes;
        kind == crash_kind::power_loss ? oracle_.power_lost() : oracle_.process_killed();
        die(p);
        machine_.restart();
        for (std::size_t i = 0; kind == crash_kind::process_kill && i < machine_.disk_count(); ++i)
            machine_.disk(i).land_zombies();
    }
    if (report_.wrong.empty()) compare_legs();
    report_.trace_hash = machine_.trace_hash();
    return report_;
}

}  // namespace cimrep::test
