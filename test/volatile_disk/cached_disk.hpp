// volatile_disk/cached_disk.hpp -- a disk that forgets what it was not told to flush.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/testing/seeded_random.hpp>

#include "wire.hpp"
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

namespace cimrep::test {

/// What a power loss leaves of each write that no flush has covered.
struct survival {
    std::uint32_t of_256 = 0;  ///< writes, whole; of those that are lost a part by sectors
    seeded_random* random = nullptr;
};

/// A medium, a cache before it, and the writes in the cache in the order in which they came.
class cached_disk {
public:
    cached_disk(std::string name, std::uint64_t size_bytes);

    const std::string& name() const noexcept { return name_; }
    std::uint64_t size_bytes() const noexcept { return cache_.size(); }
    bool has(std::uint64_t offset_bytes, std::uint64_t length_bytes) const noexcept;

    /// What the next read returns.
    std::span<const std::byte> read(std::uint64_t offset_bytes, std::uint64_t length_bytes) const;

    /// @param durable  this write outlives a power loss, whatever becomes of those before it.
    void write(std::uint64_t offset_bytes, std::span<const std::byte> data, bool durable);
    void zero(std::uint64_t offset_bytes, std::uint64_t length_bytes);
    void flush();

    /// A write that has come and was not answered.
    void write_held(std::uint64_t offset_bytes, std::span<const std::byte> data);

    /// The cache is gone; a part of what was in it had reached the medium.
    void lose(const survival& odds, disk_answer& count);

private:
    static constexpr std::uint64_t sector_bytes = 512;
    static constexpr std::uint64_t unflushed_bytes_max = 64ull * 1024 * 1024;

    struct cached_write {
        std::uint64_t offset_bytes = 0;
        std::vector<std::byte> data;
        bool durable = false;
        bool held = false;
    };

    void keep(cached_write write);
    void settle(std::uint64_t offset_bytes, std::span<const std::byte> data);
    void settle_some(const cached_write& write, const survival& odds, disk_answer& count);

    std::string name_;
    std::vector<std::byte> medium_;
    std::vector<std::byte> cache_;  // the medium with everything that came after
    std::deque<cached_write> unflushed_;
    std::uint64_t unflushed_bytes_ = 0;
};

}  // namespace cimrep::test
