// examples/cimrepctl/demo_image.hpp -- a real ext4 image, one file of which is written to.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cimrepctl {

using namespace cimrep;

/// How much of the image is files.
struct image_layout {
    std::uint64_t live_bytes = 0;   ///< of the file that is written to, in whole blocks
    std::uint64_t still_bytes = 0;  ///< of one that is not

    static image_layout of(std::uint64_t size_bytes) noexcept;
};

/// Makes an ext4 file system with both files on the file or device at `path`.
///
/// @param scratch  a folder with room for the files, which are made there first.
/// @errors         what mkfs.ext4 says.
outcome<> make_image(const std::string& path, const image_layout& layout,
                     const std::filesystem::path& scratch);

/// Where the blocks of the live file are: for each its offset on the device.
///
/// @errors  what debugfs says; errc::not_identical if it does not list every block.
outcome<std::vector<std::uint64_t>> find_live_blocks(const std::string& path,
                                                     const image_layout& layout);

/// Runs fsck.ext4 without repairing anything.
///
/// @errors  what it found.
outcome<> check_image(const std::string& path);

}  // namespace cimrepctl
