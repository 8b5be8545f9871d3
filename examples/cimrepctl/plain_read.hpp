// examples/cimrepctl/plain_read.hpp -- reads and compares files and devices without the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/base/units.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace cimrepctl {

using namespace cimrep;

/// A file or block device, read with pread(2), past the page cache where the system can.
class plain_reader {
public:
    /// Memory, offsets and lengths that are multiples of it can be read.
    static constexpr std::size_t alignment_bytes = 4096;

    static outcome<plain_reader> open(const std::string& path);
    plain_reader(plain_reader&& other) noexcept;
    plain_reader& operator=(plain_reader&&) = delete;
    ~plain_reader();

    std::uint64_t size_bytes() const noexcept { return size_bytes_; }
    const std::string& path() const noexcept { return path_; }

    /// Fills `into`, except for what lies past the end.
    ///
    /// @errors  what the system reports; errc::short_transfer.
    outcome<> read(std::uint64_t offset_bytes, std::span<std::byte> into) const;

private:
    plain_reader(int number, std::string path, std::uint64_t size_bytes)
        : number_(number), path_(std::move(path)), size_bytes_(size_bytes)
    {
    }

    int number_;
    std::string path_;
    std::uint64_t size_bytes_;
};

/// Memory that can be read into past the page cache.
struct aligned_memory {
    explicit aligned_memory(std::size_t size);
    std::span<std::byte> bytes() const noexcept { return {data.get(), size_bytes}; }

    struct release {
        void operator()(std::byte* memory) const noexcept;
    };
    std::size_t size_bytes;
    std::unique_ptr<std::byte, release> data;
};

/// Compares the first `length_bytes` of two files or devices and reports each run of granules that
/// differ, in ascending order; runs are cut at multiples of 1 MiB.
///
/// @param turn  called now and then with the bytes compared; false stops.
/// @errors      what reading reports; std::errc::interrupted if `turn` stopped it.
outcome<> compare_plainly(const plain_reader& a, const plain_reader& b, std::uint64_t length_bytes,
                          std::uint64_t granule_bytes,
                          const std::function<void(byte_extent)>& differs,
                          const std::function<bool(std::uint64_t)>& turn = {});

}  // namespace cimrepctl
