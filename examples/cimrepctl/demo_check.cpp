// examples/cimrepctl/demo_check.cpp -- compares devices, and reads which write a block holds.
// SPDX-License-Identifier: BSL-1.0
#include "demo_check.hpp"

#include <fmt/format.h>

#include "interrupt.hpp"
#include "plain_read.hpp"
#include <algorithm>
#include <unordered_map>

namespace cimrepctl {

namespace {

constexpr std::uint64_t block_bytes = block_content::bytes;
constexpr std::uint64_t blocks_together = 256;

failure differs(std::string what)
{
    return fail(errc::not_identical, std::move(what), "this is a defect: please report it");
}

/// The writes that the live blocks on a device come from.
outcome<std::vector<std::uint64_t>> read_contents(const std::string& path,
                                                  const std::vector<std::uint64_t>& offsets)
{
    CIMREP_TRY(const auto device, plain_reader::open(path));
    const aligned_memory memory(blocks_together * block_bytes);
    std::vector<std::uint64_t> contents(offsets.size());
    for (std::uint64_t place = 0; place < offsets.size();) {
        std::uint64_t count = 1;
        while (count < blocks_together && place + count < offsets.size() &&
               offsets[place + count] == offsets[place] + count * block_bytes)
            ++count;
        CIMREP_TRY(device.read(offsets[place], memory.bytes().first(count * block_bytes)));
        for (std::uint64_t i = 0; i < count; ++i, ++place) {
            const auto sequence = block_content::sequence_of(
                memory.bytes().subspan(i * block_bytes, block_bytes), place);
            if (!sequence)
                return differs(
                    fmt::format("block {} of the live file, at byte {} of {}, is no "
                                "block that was written",
                                place, offsets[place], path));
            contents[place] = *sequence;
        }
    }
    return contents;
}

outcome<> check_source(const both_sides& sides, const live_writer& writer)
{
    CIMREP_TRY(const auto contents, read_contents(sides.source, writer.offsets()));
    for (std::uint64_t place = 0; place < contents.size(); ++place)
        if (contents[place] != writer.contents()[place])
            return differs(
                fmt::format("block {} of the live file on {} holds write {}, the last "
                            "that was acknowledged is {}",
                            place, sides.source, contents[place], writer.contents()[place]));
    return success();
}

outcome<std::vector<std::uint64_t>> find_differences(const both_sides& sides)
{
    CIMREP_TRY(const auto source, plain_reader::open(sides.source));
    CIMREP_TRY(const auto target, plain_reader::open(sides.target));
    std::vector<std::uint64_t> offsets;
    CIMREP_TRY(compare_plainly(
        source, target, sides.size_bytes, block_bytes,
        [&](byte_extent run) {
            for (; !run.empty(); run.offset_bytes += block_bytes, run.length_bytes -= block_bytes)
                offsets.push_back(run.offset_bytes);
        },
        [](std::uint64_t) { return !interrupted(); }));
    return offsets;
}

/// A write is on the target if it, or a later one to the same place, is.
bool is_on(const std::vector<std::uint64_t>& contents, const write_record& record)
{
    return contents[record.place] >= record.sequence;
}

outcome<> check_window(const live_writer& writer, const separation_window& window,
                       const std::vector<std::uint64_t>& target)
{
    std::uint64_t first_loss = UINT64_MAX;
    for (const write_record& record : writer.history()) {
        if (window.written_to_target.contains(record.place)) continue;
        const bool present = is_on(target, record);
        if (!present && record.acknowledged_at < window.begun_at)
            return differs(
                fmt::format("write {} was acknowledged before the sides parted and is "
                            "not on the target",
                            record.sequence));
        if (present && record.submitted_at > window.ended_at)
            return differs(
                fmt::format("write {} was submitted after the sides had parted and is "
                            "on the target",
                            record.sequence));
        if (!present) first_loss = std::min(first_loss, record.acknowledged_at);
    }
    if (!window.one_instant) return success();
    for (const write_record& record : writer.history()) {
        if (window.written_to_target.contains(record.place)) continue;
        if (is_on(target, record) && record.submitted_at > first_loss)
            return differs(
                fmt::format("write {} is on the target, an earlier one that it could "
                            "depend on is not",
                            record.sequence));
    }
    return success();
}

}  // namespace

outcome<> check_equal(const both_sides& sides, const live_writer& writer)
{
    CIMREP_TRY(check_source(sides, writer));
    CIMREP_TRY(const auto offsets, find_differences(sides));
    if (offsets.empty()) return success();
    return differs(fmt::format("{} and {} differ in {} blocks, first at byte {}", sides.source,
                               sides.target, offsets.size(), offsets.front()));
}

outcome<apart_result> check_apart(const both_sides& sides, const live_writer& writer,
                                  const separation_window& window)
{
    CIMREP_TRY(check_source(sides, writer));
    apart_result found;
    CIMREP_TRY(found.target_contents, read_contents(sides.target, writer.offsets()));
    CIMREP_TRY(const auto offsets, find_differences(sides));
    std::unordered_map<std::uint64_t, std::uint64_t> places;
    for (std::uint64_t place = 0; place < writer.offsets().size(); ++place)
        places[writer.offsets()[place]] = place;
    for (const std::uint64_t offset : offsets) {
        const auto at = places.find(offset);
        if (at == places.end())
            return differs(fmt::format("{} and {} differ at byte {}, which nobody wrote to",
                                       sides.source, sides.target, offset));
        found.different_places.push_back(at->second);
    }
    for (const auto& [place, sequence] : window.written_to_target)
        if (found.target_contents[place] != sequence)
            return differs(
                fmt::format("block {} of the live file on {} holds write {}, the target "
                            "was given {}",
                            place, sides.target, found.target_contents[place], sequence));
    CIMREP_TRY(check_window(writer, window, found.target_contents));
    return found;
}

}  // namespace cimrepctl
