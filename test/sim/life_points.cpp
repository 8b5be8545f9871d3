// test/sim/life_points.cpp -- what a point may hold, and whether it must be there.
// SPDX-License-Identifier: BSL-1.0
#include "life_points.hpp"

#include "scarce_memory.hpp"
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cimrep::test {

namespace {

constexpr std::size_t points_max = 5;
constexpr std::uint64_t read_sectors_max = 512;
constexpr std::uint64_t pool_head_bytes = 64 * kib;

std::string name_of(std::uint64_t number)
{
    return "point " + std::to_string(number);
}

// Points of a small pool break, and so do those of which few parts may be kept.
bool has_small_pool(const life_options& life)
{
    return seeded_random(seed_of_part(life.seed, 94)).chance(0.3);
}
std::size_t exceptions_max_of(const life_options& life)
{
    seeded_random random(seed_of_part(life.seed, 96));
    return random.chance(0.3) ? static_cast<std::size_t>(random.between(64, 200)) : 16384;
}

/// By what a life has they may.
bool may_break(const life_world& world)
{
    return world.legs_may_fail() || has_small_pool(world.options) ||
           exceptions_max_of(world.options) < 16384;
}

std::optional<point_info> listed(life_process& process, std::uint64_t number)
{
    for (const point_info& each : process.opened->points(process.world.leg_path(0)))
        if (each.number == number) return each;
    return std::nullopt;
}

void end_cut(life_world& world, known_point& which)
{
    which.content = world.oracle.fork(which.cut, ++world.volume_ids);
    world.tell_of_damage(*which.content);
    world.oracle.read_failed(std::exchange(which.cut, 0));
    // What a cache has dropped nobody knows before a flush tells.
    which.doubtful = world.options.has(hazard::early_losses);
}

// It was being taken when the process died, or could not be put on record as it seemed.
void found_untold(life_world& world, const point_info& found)
{
    std::vector<known_point*> may_be;
    for (known_point& each : world.points)
        if (!each.taken) may_be.push_back(&each);
    if (may_be.empty() || found.number <= world.last_point)
        return world.fail(name_of(found.number) + " is there, and nobody has taken it");
    known_point& which = *may_be.front();
    which.doubtful = which.doubtful || may_be.size() > 1;
    which.number = world.last_point = found.number;
    which.taken = true;
}

}  // namespace

life_points::life_points(life_process& process)
    : process_(process),
      world_(process.world),
      random_(seed_of_part(seed_of_part(world_.options.seed, 95), world_.report.crashes))
{
}

std::uint64_t life_points::pool_bytes(const life_options& life)
{
    seeded_random random(seed_of_part(life.seed, 97));
    return pool_head_bytes +
           (has_small_pool(life) ? random.between(2, 40) * 4 * kib : 6 * life.volume_bytes);
}

void life_points::choose_limits(const life_world& world, shard_options& options)
{
    if (!world.options.has(activity::points)) return;
    seeded_random random(seed_of_part(seed_of_part(world.options.seed, 98), world.report.crashes));
    options.exceptions_max = exceptions_max_of(world.options);
    if (random.chance(0.5)) options.chunk_bytes = 16 * kib;
    if (random.chance(0.4)) options.preservations_max = random.between(1, 4);
}

known_point* life_points::find(std::uint64_t id)
{
    const auto found = std::ranges::find(world_.points, id, &known_point::id);
    return found == world_.points.end() ? nullptr : &*found;
}

known_point* life_points::choose()
{
    if (world_.points.empty()) return nullptr;
    known_point& which = world_.points[random_.below(world_.points.size())];
    return which.taken && !which.dropping ? &which : nullptr;
}

void life_points::step()
{
    if (!world_.options.has(activity::points) || world_.machine.crashed()) return;
    judge_list();
    if (random_.chance(0.15)) take();
    if (random_.chance(0.02)) take();
    if (known_point* const which = choose(); which != nullptr && random_.chance(0.08)) drop(*which);
    if (random_.chance(0.6)) read_some();
}

void life_points::take()
{
    const bool restored = world_.other || std::ranges::any_of(world_.replicas, [](const auto& r) {
                              return r.gives_its_content;
                          });
    if (world_.machine.crashed() || restored || world_.points.size() >= points_max) return;
    const std::uint64_t id = ++world_.point_ids;
    world_.points.push_back({.id = id, .cut = world_.oracle.read_submitted(0, 0)});
    std::string refusal;
    const point_request request{.source = world_.leg_path(0),
                                .pool = simulated_elements::path_of("pool")};
    const bool started = process_.ask_directly<point_op>(
        [&](point_op& op) {
            const auto asked = process_.opened->take_point(request, op);
            const user_scope user;
            if (!asked) refusal = asked.error().sentence();
            return asked.has_value();
        },
        [&process = process_, id](point_op& op) { life_points(process).taken(id, op); });
    world_.tell(started ? "a point is being taken" : "no point: " + refusal);
    if (started) return;
    world_.oracle.read_failed(find(id)->cut);
    std::erase_if(world_.points, [&](const known_point& each) { return each.id == id; });
}

void life_points::taken(std::uint64_t id, const point_op& op)
{
    world_.notice_losses();
    process_.notice_read_only();
    known_point& which = *find(id);
    end_cut(world_, which);
    world_.tell(op.error ? "a point was not taken: " + op.error->sentence()
                         : name_of(op.number) + " is taken");
    if (op.error) {
        const bool may_fail = may_break(world_) || process_.disk->read_only();
        if (!may_fail) world_.fail("a point is not taken: " + op.error->sentence());
        return;
    }
    if (op.number <= world_.last_point)
        return world_.fail("the number of " + name_of(op.number) + " was another one's before");
    which.number = world_.last_point = op.number;
    which.taken = true;
    ++world_.report.points;
    if (!listed(process_, op.number)) world_.fail(name_of(op.number) + " is taken, and not there");
}

void life_points::drop(known_point& which)
{
    which.dropping = true;
    const std::uint64_t id = which.id;
    const object_path source = world_.leg_path(0);
    world_.tell(name_of(which.number) + " is being dropped");
    const bool started = process_.ask_directly<point_op>(
        [&](point_op& op) {
            op.number = which.number;
            return process_.opened->drop_point(source, op).has_value();
        },
        [&process = process_, id](point_op& op) { life_points(process).dropped(id, op); });
    if (started) return;
    which.dropping = false;
    if (!world_.options.has(hazard::allocation_failures))
        world_.fail(name_of(which.number) + " cannot be dropped");
}

void life_points::dropped(std::uint64_t id, const point_op& op)
{
    known_point& which = *find(id);
    world_.tell(op.error ? name_of(op.number) + " is not dropped: " + op.error->sentence()
                         : name_of(op.number) + " is dropped");
    if (op.error) {
        which.dropping = false;
        which.may_be_gone = true;
        return;
    }
    if (listed(process_, op.number)) world_.fail(name_of(op.number) + " is dropped, and there");
    std::erase_if(world_.points, [&](const known_point& each) { return each.id == id; });
}

void life_points::read_some()
{
    for (std::uint64_t i = 1 + random_.below(3); i > 0; --i) {
        known_point* const which = choose();
        if (which == nullptr) return;
        const std::uint64_t step = world_.options.block_bytes / stamp_sector_bytes;
        const std::uint64_t blocks = world_.options.volume_bytes / world_.options.block_bytes;
        const bool hot = random_.chance(0.4);
        const std::uint64_t at = hot ? 0 : random_.below(blocks);
        const std::uint64_t most = std::min(blocks - at, (hot ? 64 : read_sectors_max) / step);
        read(*which, at * step, random_.between(1, most) * step, false);
    }
}

void life_points::read(known_point& which, std::uint64_t first, std::uint64_t count,
                       bool must_succeed)
{
    struct record : io_op {
        life_process* owner = nullptr;
        std::uint64_t id = 0, number = 0;
        content_oracle::operation_id read = 0;
        std::vector<std::byte> memory;
        bool broken = false, doubted = false, must_succeed = false;
    };
    const auto device = process_.opened->point(world_.leg_path(0), which.number);
    if (!device) return world_.fail(name_of(which.number) + ": " + device.error().sentence());
    auto op = std::make_unique<record>();
    op->owner = &process_;
    op->id = which.id;
    op->number = which.number;
    op->must_succeed = must_succeed;
    op->memory.resize(static_cast<std::size_t>(count * stamp_sector_bytes));
    op->read = which.content->read_submitted(first, count);
    op->broken = which.broken;
    op->doubted = which.doubtful || world_.has_untold_loss();
    op->prepare_read(first * stamp_sector_bytes, std::span(op->memory));
    op->done = [](io_op& base, error_code error) noexcept {
        const user_scope user;
        const std::unique_ptr<record> self(static_cast<record*>(&base));
        if (!self->owner->call_ended()) return;
        life_world& world = self->owner->world;
        known_point* const of = life_points(*self->owner).find(self->id);
        // It was asked for before the point was dropped, and is about nothing now.
        if (of == nullptr) return;
        if (error && self->must_succeed && !listed(*self->owner, self->number)->broken)
            world.fail(name_of(self->number) + " cannot be read: " + error.message());
        if (error && !may_break(world) && !of->dropping)
            world.fail(name_of(self->number) + " cannot be read: " + error.message());
        if (!error && self->broken) world.fail(name_of(self->number) + " is broken, and was read");
        if (error || self->doubted || world.has_untold_loss())
            return of->content->read_failed(self->read);
        ++world.report.point_reads;
        if (const auto wrong = of->content->read_returned(self->read, self->memory))
            world.fail(name_of(self->number) + ": " + wrong->text);
    };
    process_.call_begins();
    record& started = *op.release();
    const library_scope library;
    device.value()->submit(started);
}

void life_points::judge_list()
{
    const auto all = process_.opened->points(world_.leg_path(0));
    for (known_point& each : world_.points) {
        if (!each.taken) continue;
        const auto found = std::ranges::find(all, each.number, &point_info::number);
        if (found == all.end()) return world_.fail(name_of(each.number) + " is not there");
        if (each.broken && !found->broken)
            return world_.fail(name_of(each.number) + " was broken, and is not");
        if (found->broken && !std::exchange(each.broken, true)) {
            ++world_.report.points_broken;
            world_.tell(name_of(each.number) + " is broken");
            if (!may_break(world_) && world_.report.restores == 0)
                return world_.fail(name_of(each.number) + " is broken, and nothing has failed");
        }
    }
    for (const point_info& each : all)
        if (std::ranges::find(world_.points, each.number, &known_point::number) ==
            world_.points.end())
            return world_.fail(name_of(each.number) + " is there, and nobody has taken it");
}

void life_points::judge_found(life_process& process)
{
    life_world& world = process.world;
    if (!world.options.has(activity::points)) return;
    const auto all = process.opened->points(world.leg_path(0));
    const auto is_listed = [&](const known_point& each) {
        return std::ranges::find(all, each.number, &point_info::number) != all.end();
    };
    for (const point_info& each : all) {
        const auto known = std::ranges::find(world.points, each.number, &known_point::number);
        if (known == world.points.end()) found_untold(world, each);
        ++world.report.points_found;
    }
    std::erase_if(world.points, [&](const known_point& each) {
        const bool may_be_gone = !each.taken || each.dropping || each.may_be_gone;
        return may_be_gone && !is_listed(each);
    });
    for (known_point& each : world.points) each.dropping = each.may_be_gone = false;
    // A volume that nobody needs is forgotten, and begins anew.
    std::size_t pairs = 0;
    process.opened->for_each_relationship([&](relationship&) { ++pairs; });
    if (pairs == 0 && all.empty()) world.last_point = 0;
    life_points(process).judge_list();
}

void life_points::crashed(life_world& world)
{
    for (known_point& each : world.points) {
        if (each.cut != 0) end_cut(world, each);
        // It lies where no cache is needed.
        each.content->process_killed();
    }
}

void life_points::read_all(bool must_succeed)
{
    if (!world_.options.has(activity::points) || world_.wrong()) return;
    judge_list();
    const std::uint64_t sectors = world_.options.volume_bytes / stamp_sector_bytes;
    for (known_point& each : world_.points) {
        if (each.broken) continue;
        for (std::uint64_t at = 0; at < sectors && !world_.wrong(); at += read_sectors_max) {
            read(each, at, std::min(read_sectors_max, sectors - at), must_succeed);
            if (!world_.until("a read of a point", [&] { return process_.calls() == 0; })) return;
        }
    }
    judge_list();
}

void life_points::drop_all()
{
    if (!world_.options.has(activity::points) || world_.wrong()) return;
    for (known_point& each : world_.points)
        if (each.taken) drop(each);
    if (!world_.until("dropping all points", [&] { return process_.calls() == 0; })) return;
    for (const known_point& each : world_.points)
        if (each.taken) return world_.fail(name_of(each.number) + " cannot be dropped");
    // Those that nobody has heard of go by themselves.
    world_.machine.loop().run_until([] { return false; }, milliseconds(50));
    for (const pool_info& each : process_.opened->pools())
        if (each.used_bytes != 0)
            world_.fail("of a pool without points " + std::to_string(each.used_bytes) +
                        " bytes are in use");
}

}  // namespace cimrep::test
