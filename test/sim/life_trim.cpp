// test/sim/life_trim.cpp -- what the program writes, and what it gives back.
// SPDX-License-Identifier: BSL-1.0
#include "life_trim.hpp"

#include "plain_op.hpp"
#include <algorithm>
#include <vector>

namespace cimrep::test {

namespace {

/// The program, with the oracle of what will be the volume.
class earlier_program {
public:
    earlier_program(life_world& world, seeded_random& random)
        : world_(world), random_(random), device_(world.leg(0).open(world.machine.loop()).value())
    {
    }
    void write();
    void flush();
    void trim(std::uint64_t first, std::uint64_t sectors);

private:
    void carry_out(plain_op& op);

    life_world& world_;
    seeded_random& random_;
    std::unique_ptr<block_device> device_;
};

void earlier_program::carry_out(plain_op& op)
{
    device_->submit(op);
    world_.until("a program before the first process", [&] { return op.over; });
    if (op.error) world_.fail("a disk without faults fails: " + op.error.message());
}

void earlier_program::write()
{
    const std::uint64_t block = world_.options.block_bytes, per_block = block / stamp_sector_bytes;
    const std::uint64_t blocks = world_.options.volume_bytes / block;
    const std::uint64_t first = random_.below(blocks);
    const std::uint64_t count = random_.between(1, std::min<std::uint64_t>(64, blocks - first));
    std::vector<std::byte> memory(static_cast<std::size_t>(count * block));
    const auto id = world_.oracle.write_submitted(first * per_block, count * per_block,
                                                  world_.machine.loop().now(), false);
    world_.oracle.fill(id, memory);
    plain_op op;
    op.prepare_write(first * block, std::span<const std::byte>(memory));
    carry_out(op);
    world_.oracle.write_acknowledged(id);
}

void earlier_program::flush()
{
    plain_op op;
    op.prepare_flush();
    const auto id = world_.oracle.flush_submitted();
    carry_out(op);
    world_.oracle.flush_acknowledged(id);
}

void earlier_program::trim(std::uint64_t first, std::uint64_t sectors)
{
    const bool zeroes = random_.chance(0.7);
    plain_op op;
    if (zeroes)
        op.prepare_write_zeroes(first * stamp_sector_bytes, sectors * stamp_sector_bytes);
    else
        op.prepare_discard(first * stamp_sector_bytes, sectors * stamp_sector_bytes);
    const auto id = zeroes ? world_.oracle.zeroes_submitted(first, sectors)
                           : world_.oracle.discard_submitted(first, sectors);
    carry_out(op);
    world_.oracle.write_acknowledged(id);
}

}  // namespace

void use_and_trim_the_source(life_world& world)
{
    if (!world.options.has(activity::trimmed_sources)) return;
    seeded_random random(seed_of_part(world.options.seed, 73));
    earlier_program program(world, random);
    for (std::uint64_t left = random.between(1, 6); left > 0; --left) program.write();
    if (random.chance(0.9)) program.flush();
    const std::uint64_t sectors = world.options.volume_bytes / stamp_sector_bytes;
    const std::uint64_t per_page = 4 * kib / stamp_sector_bytes;
    const std::uint64_t kept = random.chance(0.7) ? 0 : random.below(sectors / per_page) * per_page;
    program.trim(kept, sectors - kept);
    world.tell("the source was used and trimmed before, from sector " + std::to_string(kept));
}

bool leaves_trimmed_source_alone(const life_world& world)
{
    return world.options.has(activity::trimmed_sources) &&
           seeded_random(seed_of_part(world.options.seed, 74)).chance(0.6);
}

}  // namespace cimrep::test
