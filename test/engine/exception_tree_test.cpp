// test/engine/exception_tree_test.cpp -- what a tree was made of is found in it, page by page.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/engine/exception_tree.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include "catch.hpp"
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

using namespace cimrep;

namespace {

struct written_tree {
    explicit written_tree(const std::vector<exception>& from)
    {
        const auto write = [this](const exception_page& page) {
            pages.push_back(page);
            return pages.size() - 1 + 1000;
        };
        exception_tree_writer writer;
        for (const exception& each : from) writer.add(each, write);
        root = writer.finish(write);
    }

    std::vector<exception> find(std::uint64_t chunk, std::uint64_t epoch_min)
    {
        std::vector<exception> found;
        looks = 0;
        exception_search search(*root, chunk, epoch_min);
        while (!search.done()) {
            const exception_page& page = pages.at(search.wanted().place - 1000);
            REQUIRE(page.level == search.wanted().level);
            search.show(page, [&](const exception& each) { found.push_back(each); });
            ++looks;
        }
        return found;
    }

    std::vector<exception_page> pages;
    std::optional<exception_root> root;
    std::size_t looks = 0;  ///< at pages, by the last search
};

/// Chunks with no exception, with a few, and with more than a page holds.
std::vector<exception> exceptions_of(seeded_random& random, std::uint64_t chunks)
{
    std::vector<exception> all;
    for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
        std::uint64_t epochs = random.below(4);
        if (random.chance(0.01)) epochs = random.between(100, 600);
        for (std::uint64_t epoch = 1; epoch <= epochs; ++epoch)
            for (std::uint32_t first = 0; first < 16; ++first)
                if (random.chance(0.2))
                    all.push_back(
                        {chunk * 3, epoch * 2, static_cast<std::uint16_t>(first), 1, all.size()});
    }
    return all;
}

}  // namespace

TEST_CASE("of each chunk a tree has what it was made of", "[engine][exception]")
{
    for (const std::uint64_t chunks : {1u, 5u, 60u, 12'000u}) {
        CAPTURE(chunks);
        seeded_random random(chunks);
        std::vector<exception> all = exceptions_of(random, chunks);
        if (all.empty()) all.push_back({0, 1, 0, 1, 7});
        written_tree tree(all);
        REQUIRE(tree.root.has_value());
        if (chunks == 12'000u) CHECK(tree.root->level == 2);
        for (int i = 0; i < 3000; ++i) {
            const std::uint64_t chunk = random.below(chunks * 3 + 2);
            const std::uint64_t epoch_min = random.below(random.chance(0.9) ? 8 : 1300);
            CAPTURE(chunk, epoch_min);
            const auto before = [](const exception& a, const exception& b) {
                return comes_before(a, b);
            };
            const auto begin = std::lower_bound(all.begin(), all.end(),
                                                exception{chunk, epoch_min, 0, 1, 0}, before);
            const auto end =
                std::lower_bound(begin, all.end(), exception{chunk + 1, 0, 0, 1, 0}, before);
            const bool same = tree.find(chunk, epoch_min) == std::vector<exception>(begin, end);
            CHECK(same);
            // One page a level; and where the chunk goes on behind one, those that follow.
            const auto pages = static_cast<std::size_t>(end - begin) / 100 + 2;
            CHECK(tree.looks <= (tree.root->level + 1) * pages);
        }
    }
}

TEST_CASE("a tree of nothing has no root, and no page", "[engine][exception]")
{
    const written_tree tree({});
    CHECK_FALSE(tree.root.has_value());
    CHECK(tree.pages.empty());
}

TEST_CASE("a packed exception is itself again", "[engine][exception]")
{
    const exception most{packed_exception::chunk_max, UINT64_MAX, 0, 256, UINT64_MAX};
    CHECK(unpack(pack(most)) == most);
    const exception last{5, 6, 255, 1, 7};
    CHECK(unpack(pack(last)) == last);
    CHECK(comes_before(pack(last), pack(most)));
    CHECK(sizeof(packed_exception) == 24);
}
