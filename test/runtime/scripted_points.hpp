// test/runtime/scripted_points.hpp -- points in time in a repository that fails as told.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "leg_rig.hpp"
#include "point_rig.hpp"
#include <initializer_list>
#include <utility>
#include <vector>

namespace cimrep::test {

/// A volume whose repository fails as told; it has nothing on record otherwise.
struct scripted_points : leg_rig {
    explicit scripted_points(std::initializer_list<const char*> targets = {},
                             shard_options options = {})
        : leg_rig(std::move(options), targets, true)
    {
        rig.elements.add("p", {.size_bytes = 4 * mib, .volatile_cache = true});
    }
    ~scripted_points()
    {
        if (rig.opened) let_go("p");
    }
    error_code take(waited_point& op, const char* of = "s")
    {
        const auto started =
            rig.opened->take_point({.source = element_path(of), .pool = element_path("p")}, op);
        if (!started) FAIL(started.error().sentence());
        rig.run_until([&] { return op.over; });
        return op.error ? op.error->code : error_code{};
    }
    std::uint64_t take(const char* of = "s")
    {
        waited_point op;
        REQUIRE_FALSE(take(op, of));
        return op.number;
    }
    void drop(std::uint64_t number) { drop_point(rig, number); }
    block_device& point(std::uint64_t number, const char* of = "s")
    {
        return *rig.opened->point(element_path(of), number).value();
    }
    std::vector<point_info> points() { return rig.opened->points(element_path("s")); }
    bool point_reads_as(std::uint64_t number, std::uint64_t offset, std::size_t bytes,
                        unsigned value)
    {
        std::vector<std::byte> data(bytes);
        REQUIRE_FALSE(rig.read(point(number), offset, data));
        return all_are(data, value);
    }
    std::uint64_t used_bytes() { return rig.opened->pools().at(0).used_bytes; }
};

}  // namespace cimrep::test
