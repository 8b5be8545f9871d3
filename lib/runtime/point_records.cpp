// lib/runtime/point_records.cpp -- records of points in time to bytes and back, with every doubt.
// SPDX-License-Identifier: BSL-1.0
#include "point_records.hpp"

#include "../base/json_text.hpp"
#include "record_reader.hpp"
#include "state_records.hpp"
#include <bit>

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t broken_flag = 1;

}  // namespace

std::string encode(const pool_record& from)
{
    return json_text()
        .text("element", from.element)
        .text("identity", from.identity)
        .number("size_bytes", from.size_bytes)
        .line();
}

outcome<pool_record> decode_pool(std::span<const std::byte> bytes)
{
    pool_record made;
    record_reader object("a pool", bytes);
    object.text("element", made.element);
    object.text("identity", made.identity);
    object.number("size_bytes", made.size_bytes);
    CIMREP_TRY(object.done());
    return made;
}

points_value encode(const points_record& from) noexcept
{
    points_value made;
    put_little(from.epoch, made.data());
    put_little(from.pool, made.data() + 8);
    put_little(from.chunk_bytes, made.data() + 16);
    return made;
}

outcome<points_record> decode_points(std::span<const std::byte> bytes)
{
    constexpr const char* what = "the points in time of a volume";
    if (bytes.size() != sizeof(points_value)) return damaged_record(what, "length");
    const points_record made{take_little(bytes.data()), take_little(bytes.data() + 8),
                             take_little(bytes.data() + 16)};
    if (!std::has_single_bit(made.chunk_bytes) || made.chunk_bytes < sub_block_bytes ||
        made.chunk_bytes > chunk_sub_blocks_max * sub_block_bytes)
        return damaged_record(what, "chunk_bytes");
    return made;
}

point_value encode(const point_record& from) noexcept
{
    point_value made;
    put_little(static_cast<std::uint64_t>(from.taken_at.nanoseconds), made.data());
    put_little(from.broken ? broken_flag : 0, made.data() + 8);
    return made;
}

outcome<point_record> decode_point(std::span<const std::byte> bytes)
{
    if (bytes.size() != sizeof(point_value)) return damaged_record("a point in time", "length");
    const std::uint64_t flags = take_little(bytes.data() + 8);
    if ((flags & ~broken_flag) != 0) return damaged_record("a point in time", "flags");
    return point_record{wall_time{static_cast<std::int64_t>(take_little(bytes.data()))},
                        flags != 0};
}

void encode(const packed_exception& from, std::span<std::byte> to) noexcept
{
    put_little(from.where, to.data());
    put_little(from.epoch, to.data() + 8);
    put_little(from.place, to.data() + 16);
}

outcome<std::vector<exception>> decode_exceptions(std::span<const std::byte> bytes)
{
    constexpr const char* what = "what is kept for points in time";
    if (bytes.empty() || bytes.size() % exception_value_bytes != 0)
        return damaged_record(what, "length");
    std::vector<exception> all;
    for (; !bytes.empty(); bytes = bytes.subspan(exception_value_bytes)) {
        const exception each = unpack({take_little(bytes.data()), take_little(bytes.data() + 8),
                                       take_little(bytes.data() + 16)});
        if (each.end() > chunk_sub_blocks_max || each.epoch == 0)
            return damaged_record(what, "place");
        all.push_back(each);
    }
    return all;
}

}  // namespace cimrep::inline v0
