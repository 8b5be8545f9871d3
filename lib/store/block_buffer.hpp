// lib/store/block_buffer.hpp -- memory that a device transfers without a copy.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/store/layout.hpp>

#include <algorithm>
#include <cstddef>
#include <memory_resource>
#include <span>
#include <utility>

namespace cimrep::inline v0 {

/// Bytes aligned to the block, zeros at first.
///
/// Allocates:  in the constructor; std::bad_alloc if there is none.
class block_buffer {
public:
    block_buffer() noexcept = default;
    block_buffer(std::size_t bytes, std::pmr::memory_resource* memory)
        : memory_(memory),
          bytes_(static_cast<std::byte*>(memory->allocate(bytes, store_block_bytes)), bytes)
    {
        std::fill(bytes_.begin(), bytes_.end(), std::byte{});
    }
    block_buffer(block_buffer&& other) noexcept
        : memory_(other.memory_), bytes_(std::exchange(other.bytes_, {}))
    {
    }
    block_buffer& operator=(block_buffer&& other) noexcept
    {
        std::swap(memory_, other.memory_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~block_buffer()
    {
        if (!bytes_.empty()) memory_->deallocate(bytes_.data(), bytes_.size(), store_block_bytes);
    }

    std::span<std::byte> span() const noexcept { return bytes_; }

private:
    std::pmr::memory_resource* memory_ = nullptr;
    std::span<std::byte> bytes_;
};

}  // namespace cimrep::inline v0
