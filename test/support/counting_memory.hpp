// test/support/counting_memory.hpp -- a memory resource that knows what is out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>

namespace cimrep::test {

/// Gives memory from new and delete, and counts it.
class counting_memory final : public std::pmr::memory_resource {
public:
    std::uint64_t bytes() const { return bytes_; }              ///< given and not returned
    std::uint64_t allocations() const { return allocations_; }  ///< so far

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override
    {
        void* memory = std::pmr::new_delete_resource()->allocate(bytes, alignment);
        bytes_ += bytes;
        ++allocations_;
        return memory;
    }
    void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override
    {
        bytes_ -= bytes;
        std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
    }
    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override
    {
        return this == &other;
    }

    std::uint64_t bytes_ = 0;
    std::uint64_t allocations_ = 0;
};

}  // namespace cimrep::test
