// test/runtime/shard_options_test.cpp -- what a shard refuses to be opened with, and a small one.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"
#include <functional>

using namespace cimrep;
using namespace cimrep::test;

TEST_CASE("an option out of its bounds is refused by its name", "[runtime][options]")
{
    struct wrong_option {
        std::string name;
        std::function<void(shard_options&)> change;
    };
    const auto& wrong = GENERATE(values<wrong_option>({
        {"elements", [](shard_options& o) { o.elements = nullptr; }},
        {"requests_max", [](shard_options& o) { o.requests_max = 0; }},
        {"requests_max", [](shard_options& o) { o.requests_max = 65537; }},
        {"bounce_buffers", [](shard_options& o) { o.bounce_buffers = 0; }},
        {"bounce_buffers", [](shard_options& o) { o.bounce_buffers = 1025; }},
        {"legs_max", [](shard_options& o) { o.legs_max = 1; }},
        {"legs_max", [](shard_options& o) { o.legs_max = 17; }},
        {"hot_extents_max", [](shard_options& o) { o.hot_extents_max = 3; }},
        {"region_bytes", [](shard_options& o) { o.region_bytes = 2 * kib; }},
        {"region_bytes", [](shard_options& o) { o.region_bytes = 96 * kib; }},
        {"window_bytes", [](shard_options& o) { o.window_bytes = 2 * mib; }},
        {"windows_max", [](shard_options& o) { o.windows_max = 257; }},
        {"windows_busy", [](shard_options& o) { o.windows_busy = 0; }},
        {"leg_deadline", [](shard_options& o) { o.leg_deadline = milliseconds(-1); }},
        {"name_space", [](shard_options& o) { o.name_space = "a:b"; }},
    }));
    CAPTURE(wrong.name);
    runtime_rig r;
    wrong.change(r.options);
    const auto refused = shard::open(r.loop, r.options);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::invalid_argument);
    CAPTURE(refused.error().wrong);
    CHECK(refused.error().wrong.find(wrong.name) != std::string::npos);
    CHECK_FALSE(refused.error().remedy.empty());
}

TEST_CASE("each bounce buffer is paid for, and one serves many writes in turn",
          "[runtime][options]")
{
    const auto bytes_with = [](std::size_t buffers) {
        leg_rig r({.bounce_buffers = buffers});
        std::vector<std::unique_ptr<owned_op>> writes;
        for (unsigned i = 0; i < 4; ++i) {
            writes.push_back(std::make_unique<owned_op>(block_bytes, 0x10 + i));
            writes.back()->unstable_buffer = true;
            r.write(*writes.back(), i * block_bytes);
        }
        r.advance(milliseconds(20));
        for (const auto& each : writes) {
            CHECK(each->over);
            CHECK_FALSE(each->error);
        }
        return r.rig.opened->statistics().memory_bytes;
    };
    CHECK(bytes_with(3) - bytes_with(1) == 2 * mib);
}
