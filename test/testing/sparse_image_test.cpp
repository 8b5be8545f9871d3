// test/testing/sparse_image_test.cpp -- copies that share memory and do not see each other.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/seeded_random.hpp>
#include <cimrep/testing/sparse_image.hpp>

#include "catch.hpp"
#include <algorithm>
#include <vector>

using namespace cimrep;

namespace {

std::vector<std::byte> content_of(const sparse_image& image)
{
    std::vector<std::byte> all(image.size_bytes());
    image.read(0, all);
    return all;
}

}  // namespace

TEST_CASE("an image holds what a plain array would, through writes, zeros, flips and copies")
{
    seeded_random random(7);
    constexpr std::uint64_t size = 100 * kib;
    sparse_image image(size);
    std::vector<std::byte> model(size);
    std::vector<std::pair<sparse_image, std::vector<std::byte>>> kept;
    std::vector<std::byte> data;
    for (int step = 0; step < 400; ++step) {
        const std::uint64_t offset = random.below(size);
        const std::uint64_t length =
            random.below(std::min<std::uint64_t>(size - offset, 40 * kib) + 1);
        switch (random.below(8)) {
        case 0:
            image.zero({offset, length});
            std::fill_n(model.begin() + std::ptrdiff_t(offset), length, std::byte{});
            break;
        case 1:
            image.flip_bit(offset, 3);
            model[offset] ^= std::byte{8};
            break;
        case 2:
            if (kept.size() < 20) kept.emplace_back(image, model);
            break;
        default:
            data.resize(length);
            random.fill(data);
            image.write(offset, data);
            std::copy(data.begin(), data.end(), model.begin() + std::ptrdiff_t(offset));
        }
    }
    REQUIRE(content_of(image) == model);
    for (const auto& [copy, expected] : kept) REQUIRE(content_of(copy) == expected);
}

TEST_CASE("images of equal content have equal hashes, however they came to it")
{
    sparse_image a(64 * kib);
    sparse_image b(64 * kib);
    const std::vector<std::byte> data(1024, std::byte{5});
    a.write(1024, data);
    a.write(40960, data);
    a.zero({40960, 1024});
    b.write(1024, data);
    REQUIRE(a.content_hash() == b.content_hash());
    REQUIRE(differences(a, b).empty());
    b.write(8192, std::span(data).first(512));
    b.write(8704, std::span(data).first(512));
    b.flip_bit(1024, 0);
    REQUIRE(a.content_hash() != b.content_hash());
    REQUIRE(differences(a, b) == std::vector<byte_extent>{{1024, 512}, {8192, 1024}});
    sparse_image moved(64 * kib);
    moved.write(2048, data);
    REQUIRE(a.content_hash() != moved.content_hash());
    REQUIRE(sparse_image(64 * kib).content_hash() == 0);
}

TEST_CASE("what is cut off is gone when the image grows again")
{
    sparse_image image(64 * kib, 4096);
    const std::vector<std::byte> data(64 * kib, std::byte{5});
    image.write(0, data);
    image.resize(20 * kib);
    image.resize(64 * kib);
    std::vector<byte_extent> found;
    image.data_extents([&](byte_extent run) { found.push_back(run); });
    REQUIRE(found == std::vector<byte_extent>{{0, 20 * kib}});
}
