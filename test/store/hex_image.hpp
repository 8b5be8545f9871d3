// test/store/hex_image.hpp -- images of devices as text, without the zeros: readable in a review.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace cimrep::test {

inline constexpr std::size_t hex_line_bytes = 32;

/// The size on the first line, then "offset: bytes" for each line that is not all zeros.
inline std::string to_hex(std::span<const std::byte> image)
{
    std::string text = std::to_string(image.size()) + " bytes\n";
    for (std::size_t at = 0; at < image.size(); at += hex_line_bytes) {
        const auto line = image.subspan(at, std::min(hex_line_bytes, image.size() - at));
        if (std::all_of(line.begin(), line.end(), [](std::byte b) { return b == std::byte{}; }))
            continue;
        text += fmt::format("{:08x}:", at);
        for (const std::byte each : line)
            text += fmt::format(" {:02x}", std::to_integer<unsigned>(each));
        text += '\n';
    }
    return text;
}

inline std::vector<std::byte> from_hex(const std::string& text)
{
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    std::vector<std::byte> image(std::stoul(line));
    while (std::getline(lines, line)) {
        std::size_t at = std::stoul(line.substr(0, 8), nullptr, 16);
        std::istringstream bytes(line.substr(9));
        for (std::string each; bytes >> each; ++at)
            image.at(at) = static_cast<std::byte>(std::stoul(each, nullptr, 16));
    }
    return image;
}

inline std::string read_text(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace cimrep::test
