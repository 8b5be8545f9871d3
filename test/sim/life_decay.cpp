// test/sim/life_decay.cpp -- which bit flips, and how it is undone.
// SPDX-License-Identifier: BSL-1.0
#include "life_decay.hpp"

#include <cimrep/store/layout.hpp>
#include <cimrep/store/superblock.hpp>

#include <algorithm>
#include <utility>

namespace cimrep::test {

namespace {

// What a superblock says lies in its first bytes.
constexpr std::uint64_t superblock_said_bytes = 224;
constexpr std::uint64_t checkpoint_head_said_bytes = 60;

std::optional<superblock> superblock_at(const sparse_image& image, std::uint64_t slot)
{
    std::vector<std::byte> block(store_block_bytes);
    image.read(slot * store_block_bytes, block);
    auto found = decode_superblock(block, slot * store_block_bytes);
    if (!found) return std::nullopt;
    return std::move(found).value();
}

bool blank(std::span<const std::byte> block)
{
    return std::all_of(block.begin(), block.end(), [](std::byte b) { return b == std::byte{}; });
}

}  // namespace

life_decay::life_decay(life_world& world)
    : world_(world), random_(seed_of_part(world.options.seed, 48))
{
    const std::size_t copies = world_.repository.size();
    copy_ = static_cast<std::size_t>(random_.below(copies));
    if (world_.options.has(hazard::copy_lies) && copy_ == world_.honest_copy)
        copy_ = (copy_ + 1) % copies;
    world_.mend_copy = [this] { return mend(); };
}

// The content of the one copy that has everything, just after another had failed: that one must not
// be believed in its place.
std::optional<std::uint64_t> life_decay::choose_byte_that_counts(const sparse_image& image)
{
    std::optional<superblock> newest;
    for (unsigned slot = 0; slot < repository_layout::superblock_count; ++slot) {
        auto found = superblock_at(image, slot);
        if (found && (!newest || found->sequence > newest->sequence)) newest = std::move(found);
    }
    if (!newest) return std::nullopt;
    return newest->layout.checkpoint(newest->checkpoint_area).offset_bytes +
           random_.below(checkpoint_head_said_bytes);
}

std::optional<std::uint64_t> life_decay::choose_byte(const sparse_image& image)
{
    const auto layout = repository_layout::divide(world_.options.repository_bytes).value();
    const bool honest = copy_ == world_.honest_copy;
    const std::uint64_t kind = random_.below(honest ? 2 : 3);
    if (kind == 0) {
        const std::uint64_t slot = random_.below(repository_layout::superblock_count);
        const std::uint64_t within = random_.below(superblock_said_bytes);
        // A crash has torn the other one: nobody would know it for a copy any more.
        if (honest && world_.repository.size() > 1 && !superblock_at(image, slot ^ 1u))
            return std::nullopt;
        return slot * store_block_bytes + within;
    }
    const std::uint64_t block = image.block_bytes();
    const byte_extent areas{layout.checkpoint(0).offset_bytes, 2 * layout.checkpoint_bytes};
    const byte_extent within = kind == 1 ? areas : layout.log();
    std::vector<std::uint64_t> written;
    image.data_extents([&](byte_extent run) {
        for (std::uint64_t at = run.offset_bytes; at < run.end_bytes(); at += block)
            if (at >= within.offset_bytes && at < within.end_bytes() &&
                !blank(image.block(at / block)))
                written.push_back(at);
    });
    if (written.empty()) return std::nullopt;
    return written[static_cast<std::size_t>(random_.below(written.size()))] + random_.below(block);
}

// What flipped before goes first, so that one bit at a time is wrong.
void life_decay::strike()
{
    if (!world_.options.has(hazard::decay)) return;
    mend();
    if (world_.repository.size() == 1 && world_.options.has(hazard::copy_lies)) return;
    if (!random_.chance(0.7)) return;
    const bool counts =
        std::exchange(world_.copy_failed_last, false) && !world_.options.has(hazard::copy_lies);
    if (counts) copy_ = world_.honest_copy;
    // Beside one that has gone its own way it is all there is: nothing tells then which is true.
    if (world_.options.has(hazard::strayed_copies) && copy_ == world_.honest_copy) return;
    simulated_disk& disk = *world_.repository[copy_];
    sparse_image image = disk.image();
    const auto at = counts ? choose_byte_that_counts(image) : choose_byte(image);
    const std::uint64_t block = image.block_bytes();
    if (!at || disk.is_unreadable(*at / block)) return;
    flipped made{.copy = copy_, .offset_bytes = *at / block * block, .before = {}, .after = {}};
    const auto content = [&] {
        const auto bytes = image.block(*at / block);
        return std::vector<std::byte>(bytes.begin(), bytes.end());
    };
    made.before = content();
    image.flip_bit(*at, static_cast<unsigned>(random_.below(8)));
    made.after = content();
    disk.scribble(made.offset_bytes, made.after);
    world_.tell(disk.name() + " has a flipped bit at byte " + std::to_string(*at));
    flipped_ = std::move(made);
}

bool life_decay::mend()
{
    if (!flipped_) return false;
    const flipped was = *std::exchange(flipped_, std::nullopt);
    simulated_disk& disk = *world_.repository[was.copy];
    const sparse_image image = disk.image();
    const auto now = image.block(was.offset_bytes / image.block_bytes());
    // It was written again meanwhile.
    if (!std::equal(now.begin(), now.end(), was.after.begin(), was.after.end())) return false;
    world_.tell(disk.name() + " has the bit that it had");
    disk.scribble(was.offset_bytes, was.before);
    return true;
}

}  // namespace cimrep::test
