// testing/sparse_image.hpp -- the content of a disk, by block; a copy costs next to nothing.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/base/units.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace cimrep::inline v0 {

/// Blocks of which only those that were written take memory; the others read as zeros.
///
/// Copies share their memory until one of them is written: keep an image of a disk before each
/// step of a test, and put it back whenever it suits.
///
/// Invariant:  a piece of memory that two images share is changed by neither.
/// Threads:    one for all images that share memory.
/// Allocates:  with the first write to a piece of 16 KiB, and the first after a copy.
class CIMREP_API sparse_image {
public:
    /// @pre  `block_bytes` is a power of two of at most 16 KiB, and divides `size_bytes`.
    explicit sparse_image(std::uint64_t size_bytes = 0, std::uint32_t block_bytes = 512);

    std::uint64_t size_bytes() const noexcept { return size_bytes_; }
    std::uint32_t block_bytes() const noexcept { return block_bytes_; }
    std::uint64_t block_count() const noexcept { return size_bytes_ / block_bytes_; }

    /// Any offset and length.
    ///
    /// @pre  the range lies within the image; the same for all that follow.
    void read(std::uint64_t offset_bytes, std::span<std::byte> to) const;
    void write(std::uint64_t offset_bytes, std::span<const std::byte> from);
    void zero(byte_extent where);

    /// The block itself; zeros if it was never written. Valid until the next change.
    std::span<const std::byte> block(std::uint64_t index) const;
    void write_block(std::uint64_t index, std::span<const std::byte> from)
    {
        write(index * block_bytes_, from);
    }
    void flip_bit(std::uint64_t offset_bytes, unsigned bit);

    /// Cuts the end off, or adds zeros.
    void resize(std::uint64_t size_bytes);

    /// Reports, in ascending order, each run of blocks that hold something other than zeros.
    void data_extents(const std::function<void(byte_extent)>& report) const;

    /// A number of the block's index and content; 0 for a block of zeros.
    static std::uint64_t block_hash(std::uint64_t index,
                                    std::span<const std::byte> content) noexcept;
    /// The exclusive or of all block_hash(): equal for images of equal content.
    std::uint64_t content_hash() const;

private:
    static constexpr std::uint64_t chunk_bytes = 16 * kib;
    struct chunk {
        std::byte bytes[chunk_bytes];
    };

    const chunk* find(std::uint64_t number) const;
    chunk& make(std::uint64_t number);

    std::uint64_t size_bytes_;
    std::uint32_t block_bytes_;
    std::map<std::uint64_t, std::shared_ptr<chunk>> chunks_;
};

/// Where two images of one size differ, in ascending order, joined where they touch.
CIMREP_API std::vector<byte_extent> differences(const sparse_image& a, const sparse_image& b);

}  // namespace cimrep::inline v0
