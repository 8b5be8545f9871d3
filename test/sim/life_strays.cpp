// test/sim/life_strays.cpp -- which copy strays, and how far.
// SPDX-License-Identifier: BSL-1.0
#include "life_strays.hpp"

#include <cimrep/store/device_repository.hpp>

#include "life_process.hpp"
#include <array>

namespace cimrep::test {

namespace {

constexpr std::uint64_t records_max = 300;

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
    waited<repository_open_op> open;
    open.copies = {copies[which]};
    open.options.accept_missing = true;
    device_repository::open(open);
    world.drain("opening one copy", [&] { return open.over; });
    if (open.error) world.fail("opening one copy: " + open.error->sentence());
    if (!open.opened) return copies[which];
    for (std::uint64_t left = random.between(1, records_max); left != 0; --left) {
        removal op;
        open.opened->commit(op);
        world.drain("a commit to one copy", [&] { return op.over; });
    }
    waited<repository_close_op> close;
    open.opened->close(close);
    world.drain("closing one copy", [&] { return close.over; });
    return copies[which];
}

}  // namespace cimrep::test
