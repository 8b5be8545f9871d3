// volatile_disk/cached_disk.cpp -- two images, and the writes that lie between them.
// SPDX-License-Identifier: BSL-1.0
#include "cached_disk.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cimrep::test {

cached_disk::cached_disk(std::string name, std::uint64_t size_bytes)
    : name_(std::move(name)),
      medium_(static_cast<std::size_t>(size_bytes)),
      cache_(static_cast<std::size_t>(size_bytes))
{
}

bool cached_disk::has(std::uint64_t offset_bytes, std::uint64_t length_bytes) const noexcept
{
    return offset_bytes <= size_bytes() && length_bytes <= size_bytes() - offset_bytes;
}

std::span<const std::byte> cached_disk::read(std::uint64_t offset_bytes,
                                             std::uint64_t length_bytes) const
{
    return std::span(cache_).subspan(static_cast<std::size_t>(offset_bytes),
                                     static_cast<std::size_t>(length_bytes));
}

void cached_disk::write(std::uint64_t offset_bytes, std::span<const std::byte> data, bool durable)
{
    std::memcpy(cache_.data() + offset_bytes, data.data(), data.size());
    keep({offset_bytes, {data.begin(), data.end()}, durable, false});
}

/// A cache ends somewhere: what has lain there longest goes to the medium.
void cached_disk::keep(cached_write write)
{
    unflushed_bytes_ += write.data.size();
    unflushed_.push_back(std::move(write));
    while (unflushed_bytes_ > unflushed_bytes_max) {
        const cached_write& oldest = unflushed_.front();
        settle(oldest.offset_bytes, oldest.data);
        unflushed_bytes_ -= oldest.data.size();
        unflushed_.pop_front();
    }
}

void cached_disk::zero(std::uint64_t offset_bytes, std::uint64_t length_bytes)
{
    write(offset_bytes, std::vector<std::byte>(static_cast<std::size_t>(length_bytes)), false);
}

void cached_disk::write_held(std::uint64_t offset_bytes, std::span<const std::byte> data)
{
    keep({offset_bytes, {data.begin(), data.end()}, false, true});
}

void cached_disk::settle(std::uint64_t offset_bytes, std::span<const std::byte> data)
{
    std::memcpy(medium_.data() + offset_bytes, data.data(), data.size());
}

void cached_disk::flush()
{
    for (const cached_write& each : unflushed_) settle(each.offset_bytes, each.data);
    unflushed_.clear();
    unflushed_bytes_ = 0;
}

/// Some of its sectors, whichever.
void cached_disk::settle_some(const cached_write& write, const survival& odds, disk_answer& count)
{
    const std::span data(write.data);
    bool any = false;
    for (std::size_t at = 0; at < data.size(); at += sector_bytes) {
        if (odds.random->below(2) == 0) continue;
        any = true;
        settle(write.offset_bytes + at,
               data.subspan(at, std::min<std::size_t>(sector_bytes, data.size() - at)));
    }
    ++(any ? count.torn : count.lost);
}

void cached_disk::lose(const survival& odds, disk_answer& count)
{
    for (const cached_write& each : unflushed_) {
        if (each.durable) {
            settle(each.offset_bytes, each.data);
            continue;
        }
        ++count.unflushed;
        count.held += each.held ? 1 : 0;
        const bool survives = odds.random->below(256) < odds.of_256;
        const bool torn = odds.of_256 != 0 && odds.random->below(8) == 0;
        if (survives)
            settle(each.offset_bytes, each.data);
        else if (torn)
            settle_some(each, odds, count);
        else
            ++count.lost;
    }
    unflushed_.clear();
    unflushed_bytes_ = 0;
    cache_ = medium_;
}

}  // namespace cimrep::test
