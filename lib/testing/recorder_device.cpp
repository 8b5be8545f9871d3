// lib/testing/recorder_device.cpp -- when what was written goes into the log.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/event_loop.hpp>
#include <cimrep/testing/recorder_device.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace cimrep::inline v0 {

/// One op of the caller, and the op that the device below gets in its place.
struct recorder_device::passage : io_op {
    recorder_device* owner = nullptr;
    io_op* parent = nullptr;
    log_entry entry;
    std::vector<log_entry> covered;  ///< of a flush: what had completed when it was submitted
};

recorder_device::recorder_device(block_device& below, power_domain& domain)
    : below_(below), domain_(domain)
{
    log_.sector_bytes = below.shape().logical_block_bytes;
}

recorder_device::~recorder_device()
{
    CIMREP_ASSERT(in_flight_ == 0);
}

recorder_device::passage& recorder_device::take(io_op& op)
{
    if (idle_.empty()) {
        passages_.push_back(std::make_unique<passage>());
        idle_.push_back(passages_.back().get());
    }
    passage& at = *idle_.back();
    idle_.pop_back();
    ++in_flight_;
    at.owner = this;
    at.parent = &op;
    at.entry = {};
    at.covered.clear();
    at.done = [](io_op& which, error_code error) noexcept {
        auto& self = static_cast<passage&>(which);
        self.owner->ended(self, error);
    };
    at.deadline = op.deadline;
    at.buffer_index = op.buffer_index;
    at.fua = op.fua;
    at.unstable_buffer = op.unstable_buffer;
    at.may_unmap = op.may_unmap;
    op.device = this;
    op.transferred_bytes = 0;
    op.scratch[0] = reinterpret_cast<std::uintptr_t>(&at);
    return at;
}

void recorder_device::submit(io_op& op) noexcept
{
    CIMREP_ASSERT(op.done != nullptr);
    passage& at = take(op);
    if (op.changes()) {
        at.entry.extent = op.extent();
        at.entry.flags = op.fua && op.kind == io_kind::write ? log_flag::fua : 0;
        at.entry.submitted = domain_.moment();
    }
    switch (op.kind) {
    case io_kind::read: at.prepare_read(op.offset_bytes, op.read_segments()); break;
    case io_kind::write:
        for (const const_io_segment& from : op.write_segments())
            at.entry.data.insert(at.entry.data.end(), from.data, from.data + from.size_bytes);
        at.prepare_write(op.offset_bytes, op.write_segments());
        break;
    case io_kind::flush:
        at.covered = std::exchange(unflushed_, {});
        flushes_.push_back(&at);
        at.prepare_flush();
        break;
    case io_kind::write_zeroes:
        if (!check_bounds(op, shape()))
            at.entry.data.resize(static_cast<std::size_t>(op.length_bytes));
        at.prepare_write_zeroes(op.offset_bytes, op.length_bytes);
        break;
    case io_kind::discard:
        at.entry.flags |= log_flag::discard;
        at.prepare_discard(op.offset_bytes, op.length_bytes);
        break;
    case io_kind::compare_and_write: {
        const const_io_segment& from = op.write_segments().front();
        at.entry.data.assign(from.data, from.data + from.size_bytes);
        at.prepare_compare_and_write(op.offset_bytes, op.expected, {from.data, from.size_bytes});
        break;
    }
    }
    below_.submit(at);
}

void recorder_device::cancel(io_op& op) noexcept
{
    CIMREP_ASSERT(op.device == this);
    if (op.scratch[0] != 0) below_.cancel(*reinterpret_cast<passage*>(op.scratch[0]));
}

void recorder_device::append(log_entry entry)
{
    entry.logged = domain_.tick();
    log_.entries.push_back(std::move(entry));
}

/// It covers what the flushes do that were submitted before it and are in flight still.
void recorder_device::log_flush(passage& at)
{
    for (passage* earlier : flushes_) {
        for (log_entry& one : std::exchange(earlier->covered, {})) append(std::move(one));
        if (earlier == &at) break;
    }
    append({.flags = log_flag::flush, .submitted = domain_.moment()});
}

/// A write with FUA stands in the log before writes that had completed earlier: these must not
/// overwrite it when the log is replayed.
void recorder_device::supersede(byte_extent by)
{
    const auto cut = [&](std::vector<log_entry>& list) {
        std::vector<log_entry> kept;
        for (log_entry& one : list) {
            if (!one.extent.overlaps(by)) {
                kept.push_back(std::move(one));
                continue;
            }
            const auto keep = [&](std::uint64_t from, std::uint64_t end) {
                if (from >= end) return;
                log_entry part{
                    .flags = one.flags, .extent = {from, end - from}, .submitted = one.submitted};
                const auto at = static_cast<std::ptrdiff_t>(from - one.extent.offset_bytes);
                if (!one.data.empty())
                    part.data.assign(
                        one.data.begin() + at,
                        one.data.begin() + at + static_cast<std::ptrdiff_t>(end - from));
                kept.push_back(std::move(part));
            };
            keep(one.extent.offset_bytes, std::min(by.offset_bytes, one.extent.end_bytes()));
            keep(std::max(by.end_bytes(), one.extent.offset_bytes), one.extent.end_bytes());
        }
        list = std::move(kept);
    };
    cut(unflushed_);
    for (passage* flush : flushes_) cut(flush->covered);
}

void recorder_device::ended(passage& at, error_code error)
{
    const bool refused = error == errc::out_of_bounds || error == errc::misaligned ||
                         error == errc::not_supported || error == errc::compare_mismatch;
    if (at.kind == io_kind::flush) {
        if (!error) {
            log_flush(at);
        } else {
            // What it should have covered stays in doubt, before what completed meanwhile.
            at.covered.insert(at.covered.end(), std::make_move_iterator(unflushed_.begin()),
                              std::make_move_iterator(unflushed_.end()));
            unflushed_ = std::move(at.covered);
        }
        std::erase(flushes_, &at);
    } else if (at.changes() && !refused && !at.entry.extent.empty()) {
        if (error) at.entry.flags &= ~log_flag::fua;
        if (at.entry.is(log_flag::fua)) {
            supersede(at.entry.extent);
            append(std::move(at.entry));
        } else {
            unflushed_.push_back(std::move(at.entry));
        }
    }
    io_op& op = *at.parent;
    op.transferred_bytes = at.transferred_bytes;
    op.scratch[0] = 0;
    idle_.push_back(&at);
    --in_flight_;
    // The op of the caller may end here and now: this is a completion of the loop already.
    op.done(op, error);
}

void recorder_device::mark(std::string_view text)
{
    CIMREP_ASSERT(text.size() <= 480);
    log_entry entry{.flags = log_flag::mark};
    const auto bytes = std::as_bytes(std::span(text));
    entry.data.assign(bytes.begin(), bytes.end());
    append(std::move(entry));
}

void recorder_device::finish()
{
    for (passage* flush : flushes_)
        for (log_entry& one : std::exchange(flush->covered, {})) append(std::move(one));
    for (log_entry& one : std::exchange(unflushed_, {})) append(std::move(one));
    for (const auto& at : passages_) {
        const bool idle = std::ranges::find(idle_, at.get()) != idle_.end();
        if (idle || !at->changes() || at->entry.extent.empty()) continue;
        at->entry.flags &= ~log_flag::fua;  // it has promised nothing
        append(std::exchange(at->entry, {}));
    }
}

}  // namespace cimrep::inline v0
