// test/store/fault_rules.hpp -- which operations of a crash disk fail.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "crash_disk.hpp"
#include <cstdint>
#include <memory>

namespace cimrep::test {

inline error_code injected_if(bool met)
{
    return met ? make_error_code(errc::injected) : error_code{};
}

/// Every operation.
inline crash_disk::fault_rule fails()
{
    return [](const io_op&, std::uint64_t) { return injected_if(true); };
}

/// Of one kind, all from the nth on.
inline crash_disk::fault_rule fails(io_kind kind, std::uint64_t nth = 1)
{
    auto seen = std::make_shared<std::uint64_t>(0);
    return [=](const io_op& op, std::uint64_t) {
        return injected_if(op.kind == kind && ++*seen >= nth);
    };
}

/// All that write, or make durable what was written.
inline crash_disk::fault_rule fails_but_for_reads()
{
    return [](const io_op& op, std::uint64_t) { return injected_if(op.kind != io_kind::read); };
}

/// Reads of anything in `extent`.
inline crash_disk::fault_rule fails_to_read(byte_extent extent)
{
    return [extent](const io_op& op, std::uint64_t) {
        return injected_if(op.kind == io_kind::read &&
                           extent.overlaps({op.offset_bytes, op.length_bytes}));
    };
}

/// An error at one operation of a disk, counted from now, or at that and all behind it.
struct strike {
    std::uint64_t seen = 0;
    bool met = false;
};
inline std::shared_ptr<strike> strike_at(crash_disk& disk, std::uint64_t at, bool once)
{
    auto kept = std::make_shared<strike>();
    disk.fault = [=](const io_op&, std::uint64_t) {
        const std::uint64_t now = kept->seen++;
        const bool met = now == at || (now > at && !once);
        kept->met = kept->met || met;
        return injected_if(met);
    };
    return kept;
}

}  // namespace cimrep::test
