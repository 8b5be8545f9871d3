// test/sim/life_strays.cpp -- which copy strays, and how far.
// SPDX-License-Identifier: BSL-1.0
#include "life_strays.hpp"

#include <cimrep/store/device_repository.hpp>
#include <cimrep/store/layout.hpp>

#include "life_process.hpp"
#include <array>

namespace cimrep::test {

namespace {

constexpr std::uint64_t records_max = 300;
// Each makes a checkpoint, as the processes of a life do, which are a few.
constexpr std::uint64_t openings_more_max = 5;
constexpr std::uint64_t records_more_max = 3;

/// Of the first target of the first volume, as a life will have them.
struct removal : commit_op {
    bool over = false;
    std::array<record_change, 1> all;

    removal()
    {
        all[0].key = {record_kind::relationship_state, 1, 1};
        all[0].erase = true;
        changes = all;
        done = [](commit_op& op, error_code) noexcept { static_cast<removal&>(op).over = true; };
    }
};

void open_alone(life_world& world, block_device& copy, std::uint64_t records)
{
    waited<repository_open_op> open;
    open.copies = {&copy};
    open.options.accept_missing = true;
    device_repository::open(open);
    world.drain("opening one copy", [&] { return open.over; });
    if (open.error) world.fail("opening one copy: " + open.error->sentence());
    if (!open.opened) return;
    for (; records != 0; --records) {
        removal op;
        open.opened->commit(op);
        world.drain("a commit to one copy", [&] { return op.over; });
    }
    waited<repository_close_op> close;
    open.opened->close(close);
    world.drain("closing one copy", [&] { return close.over; });
}

}  // namespace

block_device* let_a_copy_stray(life_world& world, const std::vector<block_device*>& copies)
{
    seeded_random random(seed_of_part(world.options.seed, 56));
    if (copies.size() < 2) return nullptr;
    const std::size_t others = copies.size() - 1;
    const std::size_t which = (world.honest_copy + 1 + random.below(others)) % copies.size();
    world.tell(world.repository[which]->name() + " goes its own way");
    world.copies_lost[which] = true;
    ++world.report.copies_lost;
    open_alone(world, *copies[which], random.between(1, records_max));
    if (!world.options.has(hazard::familiar_strays)) return copies[which];
    seeded_random familiar(seed_of_part(world.options.seed, 79));
    for (std::uint64_t left = familiar.below(openings_more_max + 1); left != 0; --left)
        open_alone(world, *copies[which], familiar.between(1, records_more_max));
    return copies[which];
}

// One that lies may not be the one that counts, which any copy may be where copies are lost.
void let_a_copy_lose_its_checkpoint(life_world& world, std::size_t copy)
{
    const life_options& life = world.options;
    if (!life.has(hazard::familiar_strays) || life.has(hazard::lost_copies)) return;
    if (copy == world.honest_copy) return;
    seeded_random random(seed_of_part(seed_of_part(life.seed, 79), world.machine.io_count()));
    if (!random.chance(0.8)) return;
    const auto layout = repository_layout::divide(life.repository_bytes).value();
    const byte_extent areas{layout.checkpoint(0).offset_bytes, 2 * layout.checkpoint_bytes};
    // Its records, which fit into one write, and its head.
    world.repository[copy]->add(
        {.fault = disk_fault::lost_write, .kind = io_kind::write, .times = 2, .extent = areas});
    world.tell(world.repository[copy]->name() + " loses its checkpoint");
    world.machine.crash_at(random.between(8, 120), world.next_crash);
}

}  // namespace cimrep::test
