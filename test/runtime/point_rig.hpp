// test/runtime/point_rig.hpp -- a volume, its points in time, and a full copy of each.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "durable_rig.hpp"
#include "leg_rig.hpp"
#include <map>
#include <random>
#include <string>
#include <vector>

namespace cimrep::test {

struct waited_point : point_op {
    bool over = false;
    waited_point()
    {
        done = [](control_op& op) noexcept { static_cast<waited_point&>(op).over = true; };
    }
};

/// Drops a point of the volume "s" and waits until it is gone.
template <class Rig>
void drop_point(Rig& rig, std::uint64_t number)
{
    waited_point op;
    op.number = number;
    REQUIRE(rig.opened->drop_point(element_path("s"), op).has_value());
    rig.run_until([&] { return op.over; });
    REQUIRE_FALSE(op.error);
}

/// The volume "s", which may be mirrored to "t", with the pool "p".
struct point_rig {
    durable_rig r;
    virtual_rig& rig = r.rig;
    std::uint64_t size;
    std::vector<std::byte> now;                            ///< what the volume holds
    std::map<std::uint64_t, std::vector<std::byte>> then;  ///< what each point holds

    explicit point_rig(std::uint64_t size_bytes = 512 * kib, std::uint64_t pool_bytes = 2 * mib,
                       bool cached = true)
        : r(size_bytes), size(size_bytes), now(size_bytes)
    {
        rig.elements.add("p", {.size_bytes = pool_bytes, .volatile_cache = cached});
    }

    block_device& front() { return r.front(); }
    error_code put(std::uint64_t offset, std::uint64_t length, unsigned fill)
    {
        const error_code error =
            rig.write(front(), offset, length, static_cast<unsigned char>(fill));
        if (!error)
            std::fill_n(now.begin() + static_cast<std::ptrdiff_t>(offset), length,
                        static_cast<std::byte>(fill));
        return error;
    }
    error_code zero(io_kind kind, std::uint64_t offset, std::uint64_t length)
    {
        host_op op;
        kind == io_kind::discard ? op.prepare_discard(offset, length)
                                 : op.prepare_write_zeroes(offset, length);
        const error_code error = rig.run(front(), op);
        if (!error)
            std::fill_n(now.begin() + static_cast<std::ptrdiff_t>(offset), length, std::byte{});
        return error;
    }

    void start_taking(waited_point& op)
    {
        const auto started =
            rig.opened->take_point({.source = element_path("s"), .pool = element_path("p")}, op);
        if (!started) FAIL(started.error().sentence());
    }
    std::uint64_t take()
    {
        waited_point op;
        start_taking(op);
        rig.run_until([&] { return op.over; });
        if (op.error) FAIL(op.error->sentence());
        then[op.number] = now;
        return op.number;
    }
    void drop(std::uint64_t number)
    {
        drop_point(rig, number);
        then.erase(number);
    }
    block_device& point(std::uint64_t number)
    {
        return *rig.opened->point(element_path("s"), number).value();
    }
    std::vector<std::byte> read(block_device& from, std::uint64_t offset, std::uint64_t length)
    {
        std::vector<std::byte> data(length);
        REQUIRE_FALSE(rig.read(from, offset, data));
        return data;
    }
    bool holds(block_device& from, const std::vector<std::byte>& expected, std::uint64_t offset,
               std::uint64_t length)
    {
        const auto begin = expected.begin() + static_cast<std::ptrdiff_t>(offset);
        const auto data = read(from, offset, length);
        return std::equal(data.begin(), data.end(), begin);
    }
    /// The volume and each point hold what they should, wholly.
    void check()
    {
        CHECK(holds(front(), now, 0, size));
        for (const auto& [number, content] : then) {
            CAPTURE(number);
            CHECK(holds(point(number), content, 0, size));
        }
    }
    std::uint64_t used_bytes() const
    {
        const auto all = rig.opened->pools();
        return all.empty() ? 0 : all.front().used_bytes;
    }
    void reopen()
    {
        r.close();
        r.open();
        rig.recover();
    }
};

}  // namespace cimrep::test
