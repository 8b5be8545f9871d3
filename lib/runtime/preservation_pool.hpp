// lib/runtime/preservation_pool.hpp -- the space in which points in time keep what is overwritten.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/object_path.hpp>
#include <cimrep/engine/pool_space.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/runtime/element_provider.hpp>

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <utility>

namespace cimrep::inline v0 {

/// A device, or a file, that the points in time of several volumes share.
///
/// Unit:       places and runs in sub-blocks.
/// Allocates:  once, in the constructor.
struct preservation_pool {
    preservation_pool(std::unique_ptr<block_device> opened, object_path path, std::string who,
                      std::uint64_t size_bytes, std::pmr::memory_resource* memory)
        : device(std::move(opened)),
          element(std::move(path)),
          element_text(to_text(element)),
          identity(std::move(who)),
          space(places_of(size_bytes), memory)
    {
    }

    /// Before the first place there is room for what tells whose pool it is.
    static constexpr std::uint64_t first_place_bytes = 64 * kib;
    static constexpr std::uint64_t places_of(std::uint64_t size_bytes) noexcept
    {
        return size_bytes < first_place_bytes ? 0
                                              : (size_bytes - first_place_bytes) / sub_block_bytes;
    }
    static constexpr std::uint64_t offset_of(std::uint64_t place) noexcept
    {
        return first_place_bytes + place * sub_block_bytes;
    }

    element_description description() const
    {
        const geometry& shape = device->shape();
        return {element, identity, {}, shape.size_bytes, shape.logical_block_bytes};
    }
    static std::uint64_t memory_bytes(std::uint64_t size_bytes) noexcept
    {
        return region_bitmap::memory_bytes(size_bytes, sub_block_bytes);
    }

    std::unique_ptr<block_device> device;
    object_path element;
    std::string element_text;
    std::string identity;
    std::uint64_t number = 0;  ///< of its record
    std::string record;        ///< goes with each point, so that the first one has it
    pool_space space;
};

}  // namespace cimrep::inline v0
