// test/sim/life_hosts.cpp -- the hosts of a process: of its volume, and of targets that are apart.
// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include "../../lib/runtime/shard_core.hpp"
#include "life_process.hpp"
#include "life_spread.hpp"
#include <string_view>

namespace cimrep::test {

namespace {

constexpr const char* io_names[] = {"read",         "write",   "flush",
                                    "write_zeroes", "discard", "compare_and_write"};

// What nothing has been sent of, by what the volume says of it: whom it says nothing of has not
// even begun.
bool waits_in(volume& disk, const io_op& op)
{
    std::string_view waits;
    disk.parts().core.for_each_request([&](const io_op& which, const char* what) {
        if (&which == &op) waits = what;
    });
    return waits.empty() || waits == "its range" || waits == "memory of the library" ||
           waits == "room among the hot extents" || (op.reads() && waits == "a durable membership");
}

}  // namespace

void life_process::before_end(const io_op& op, error_code error)
{
    const user_scope user;
    if (world.machine.crashed()) return;
    if (error == std::errc::operation_canceled) ++world.report.canceled;
    if (error == errc::deadline_exceeded) ++world.report.late;
    if (life_world::tells)
        world.tell(fmt::format("{} {} +{}{}: {}", io_names[static_cast<std::size_t>(op.kind)],
                               op.offset_bytes / 512, op.length_bytes / 512, op.fua ? " FUA" : "",
                               error ? error.message() : "done"));
    world.notice_losses();
    notice_read_only();
}

host_habits life_process::habits_of_a_host(std::uint64_t operations, std::size_t depth) const
{
    const life_options& life = world.options;
    return {.operations = operations,
            .depth = depth,
            .scribbles = life.has(hazard::scribbling),
            .faithless = true,
            .cancels = life.has(activity::cancels),
            .hurries = life.has(activity::deadlines),
            .legs_hurry = life.leg_deadline_ms != 0};
}

// More than the library has requests or memory for, sometimes: so there is something that waits.
std::size_t life_process::depth_of_a_host(std::size_t ordinary, std::size_t greatest)
{
    const life_options& life = world.options;
    if (!life.has(activity::cancels) && !life.has(activity::deadlines)) return ordinary;
    return depths_.chance(0.7) ? ordinary : greatest;
}

void life_process::start_host()
{
    const life_options& life = world.options;
    depth_ = depth_of_a_host(host_habits{}.depth, 40);
    host_habits habits = habits_of_a_host(life.operations, depth_);
    habits.compares = life.has(activity::comparing);
    habits.promises = life.leg_deadline_ms != 0 && world.random.chance(0.5);
    const std::uint64_t seed = world.random.next();
    host = std::make_unique<sim_host>(disk->front(), &world.oracle, seed, habits,
                                      [this](const io_op& op, error_code error) {
                                          if (op.changes() && !error) look_at_missed();
                                          before_end(op, error);
                                      });
    host->doubts = [this] { return world.has_untold_loss(); };
    host->moment = [this] { return ++world.moments; };
    host->at_read = [this](const io_op& op, std::uint64_t sent) {
        life_spread(*this).judge_read(op, sent);
    };
    host->waits = [this](const io_op& op) { return waits_in(*disk, op); };
    host->judged = [this] { return !world.machine.crashed(); };
    host->go_on();
}

sim_host& life_process::host_of(std::size_t index)
{
    auto& known = target_hosts[index];
    replica& each = world.replicas[index];
    block_device& front = *opened->front(world.leg_path(index + 1)).value();
    std::uint64_t operations = world.random.between(1, 12);
    const std::uint64_t seed = world.random.next();
    const std::size_t depth = depth_of_a_host(4, 100);
    if (depth != 4) operations *= depths_.chance(0.3) ? 10 : 2;
    known = std::make_unique<sim_host>(
        front, each.content ? &*each.content : nullptr, seed, habits_of_a_host(operations, depth),
        [this](const io_op& op, error_code error) { before_end(op, error); });
    known->judged = [this] { return !world.machine.crashed(); };
    return *known;
}

}  // namespace cimrep::test
