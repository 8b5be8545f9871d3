// examples/cimrepctl/demo_image.cpp -- mkfs.ext4, debugfs and fsck.ext4.
// SPDX-License-Identifier: BSL-1.0
#include "demo_image.hpp"

#include <cimrep/base/units.hpp>

#include <fmt/format.h>

#include "block_content.hpp"
#include "tool.hpp"
#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace cimrepctl {

namespace {

constexpr std::uint64_t file_bytes_max = 64 * mib;

/// A file of blocks that say where they belong.
outcome<> write_file(const std::filesystem::path& path, std::uint64_t size_bytes)
{
    std::ofstream file(path, std::ios::binary);
    std::array<std::byte, block_content::bytes> block{};
    for (std::uint64_t place = 0; place < size_bytes / block.size() && file; ++place) {
        block_content{place, 0}.fill(block);
        file.write(reinterpret_cast<const char*>(block.data()), block.size());
    }
    file.close();
    if (file) return success();
    return fail(std::make_error_code(std::errc::io_error), "cannot write " + path.string(),
                "check the space there");
}

}  // namespace

image_layout image_layout::of(std::uint64_t size_bytes) noexcept
{
    const std::uint64_t part = std::min(size_bytes / 4, file_bytes_max);
    const std::uint64_t whole = part / block_content::bytes * block_content::bytes;
    return {.live_bytes = whole, .still_bytes = whole};
}

outcome<> make_image(const std::string& path, const image_layout& layout,
                     const std::filesystem::path& scratch)
{
    const std::filesystem::path content = scratch / "content";
    std::error_code error;
    std::filesystem::create_directory(content, error);
    if (error) return fail(error, "cannot make " + content.string());
    CIMREP_TRY(write_file(content / "live", layout.live_bytes));
    CIMREP_TRY(write_file(content / "still", layout.still_bytes));
    CIMREP_TRY(expect_tool({"mkfs.ext4", "-q", "-F", "-b", std::to_string(block_content::bytes),
                            "-L", "cimrep-demo", "-d", content.string(), path}));
    std::filesystem::remove_all(content, error);
    return success();
}

// " 0/ 0   1/  1     0 -  2047  2065 -  4112   2048": level, entry, first and last block of the
// file, first and last of the device, and how many.
outcome<std::vector<std::uint64_t>> find_live_blocks(const std::string& path,
                                                     const image_layout& layout)
{
    CIMREP_TRY(const std::string text,
               expect_tool({"debugfs", "-R", "dump_extents -l /live", path}));
    std::vector<std::uint64_t> offsets(layout.live_bytes / block_content::bytes, 0);
    std::size_t found = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        unsigned long long first = 0, last = 0, place = 0, place_last = 0;
        if (std::sscanf(line.c_str(), " %*u/%*u %*u/%*u %llu - %llu %llu - %llu", &first, &last,
                        &place, &place_last) != 4)
            continue;
        for (; first <= last && first < offsets.size(); ++first, ++place, ++found)
            offsets[first] = place * block_content::bytes;
    }
    const bool whole = found == offsets.size() && !std::ranges::count(offsets, 0u);
    if (whole) return offsets;
    return fail(errc::not_identical,
                fmt::format("debugfs lists {} of the {} blocks of the live file on {}", found,
                            offsets.size(), path),
                "see what 'debugfs -R \"dump_extents /live\"' prints");
}

outcome<> check_image(const std::string& path)
{
    CIMREP_TRY(expect_tool({"fsck.ext4", "-f", "-n", path}));
    return success();
}

}  // namespace cimrepctl
