// test/store/limited_memory.hpp -- a memory resource that gives so much and no more.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <new>

namespace cimrep::test {

/// Has so many allocations left, and none after them.
struct limited_memory final : std::pmr::memory_resource {
    std::uint64_t left = UINT64_MAX;
    std::uint64_t allocations = 0;  ///< so far
    std::uint64_t given = 0;        ///< and not returned

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override
    {
        if (left == 0) throw std::bad_alloc();
        --left;
        ++allocations;
        ++given;
        return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* at, std::size_t bytes, std::size_t alignment) override
    {
        --given;
        std::pmr::new_delete_resource()->deallocate(at, bytes, alignment);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override
    {
        return this == &other;
    }
};

}  // namespace cimrep::test
