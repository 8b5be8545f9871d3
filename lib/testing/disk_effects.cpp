// lib/testing/disk_effects.cpp -- what an operation does to the medium, with and without a fault.
// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include "disk_core.hpp"
#include <algorithm>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t violations_max = 100;

error_code io_error() noexcept
{
    return std::make_error_code(std::errc::io_error);
}

constexpr std::uint32_t bit_of(io_kind kind) noexcept
{
    return std::uint32_t{1} << static_cast<unsigned>(kind);
}

/// Puts bytes one after the other into a list of segments.
class scatter {
public:
    explicit scatter(std::span<const io_segment> list) noexcept : list_(list) {}

    void put(std::span<const std::byte> from) noexcept
    {
        while (!from.empty()) {
            const io_segment& to = list_[at_];
            const std::size_t count = std::min(to.size_bytes - filled_, from.size());
            if (count > 0) std::memcpy(to.data + filled_, from.data(), count);
            from = from.subspan(count);
            filled_ += count;
            if (filled_ < to.size_bytes) continue;
            ++at_;
            filled_ = 0;
        }
    }

private:
    std::span<const io_segment> list_;
    std::size_t at_ = 0;
    std::size_t filled_ = 0;
};

}  // namespace

std::uint64_t disk_core::block_count(const disk_request& r) const noexcept
{
    return r.extent.length_bytes / options.logical_block_bytes;
}

void disk_core::count_struck(disk_request& r)
{
    ++statistics.struck[static_cast<std::size_t>(*r.struck)];
    if (r.loop == nullptr) return;
    r.loop->trace().add({trace_kind::fault,
                         r.loop->now(),
                         options.number,
                         static_cast<std::uint64_t>(*r.struck),
                         r.extent.offset_bytes,
                         r.extent.length_bytes,
                         {}});
}

void disk_core::strike(disk_request& r, disk_fault which)
{
    r.struck = which;
    r.fault_error =
        which == disk_fault::capability_lost ? make_error_code(errc::not_supported) : io_error();
}

bool disk_core::ask_script(disk_request& r)
{
    bool found = false;
    for (script_line& line : script_) {
        const disk_fault_rule& rule = line.rule;
        if (!can_strike(rule.fault, r.kind) || (rule.kind && *rule.kind != r.kind)) continue;
        if (r.kind != io_kind::flush &&
            (r.extent.empty() || r.extent.end_bytes() <= rule.extent.offset_bytes ||
             (r.extent.offset_bytes >= rule.extent.offset_bytes &&
              r.extent.offset_bytes - rule.extent.offset_bytes >= rule.extent.length_bytes)))
            continue;
        ++line.seen;
        if (found || line.seen < rule.nth) continue;
        if (rule.times != disk_fault_rule::always && line.seen - rule.nth >= rule.times) continue;
        found = true;
        strike(r, rule.fault);
        if (rule.error) r.fault_error = rule.error;
        if (rule.fault == disk_fault::stale_read) medium.keep_previous();
    }
    return found;
}

/// At most one fault: of the script, else by the rates.
void disk_core::choose_fault(disk_request& r)
{
    if (!script_.empty() && ask_script(r)) return;
    for (const disk_fault which : rated_) {
        if (!can_strike(which, r.kind) || !random.chance(plan.rate(which))) continue;
        strike(r, which);
        return;
    }
}

/// The error of a request whose kind fails, or that is struck itself; nothing for the others.
error_code disk_core::failure_of(disk_request& r)
{
    const bool permanent = r.is(disk_fault::permanent_error);
    if (permanent || r.is(disk_fault::transient_error)) {
        count_struck(r);
        if (permanent) failing_kinds_ |= bit_of(r.kind);
        if (permanent) failing_error_ = r.fault_error;
        return r.fault_error;
    }
    return (failing_kinds_ & bit_of(r.kind)) != 0 ? failing_error_ : error_code{};
}

/// The effect of the request. Its error is what the caller is told.
error_code disk_core::apply(disk_request& r)
{
    if (r.kind == io_kind::read) return apply_read(r);
    if (r.kind == io_kind::flush) return apply_flush(r);
    return apply_change(r);
}

error_code disk_core::apply_read(disk_request& r)
{
    if (const error_code error = failure_of(r)) return error;
    std::uint64_t count = block_count(r);
    std::uint64_t first = r.extent.offset_bytes / options.logical_block_bytes;
    error_code error;
    if (r.is(disk_fault::latent_sector) && count > 0) {
        medium.make_unreadable(first + random.below(count));
        count_struck(r);
    }
    if (r.is(disk_fault::bit_rot)) rot_in(r);
    if (r.is(disk_fault::short_transfer) && count > 0) {
        count = random.below(count);
        error = errc::short_transfer;
        count_struck(r);
    }
    if (r.is(disk_fault::misdirected_read)) first = elsewhere(r) / options.logical_block_bytes;
    scatter to(r.op->read_segments());
    for (std::uint64_t i = 0; i < count; ++i) {
        if (medium.is_unreadable(first + i)) return io_error();
        std::span<const std::byte> content = medium.current().block(first + i);
        if (r.is(disk_fault::stale_read)) {
            const auto previous = medium.previous(first + i);
            if (!previous.empty()) content = previous;
            if (!previous.empty()) count_struck(r);
        }
        to.put(content);
        r.transferred += content.size();
    }
    return error;
}

/// A place of the same length that is not this one, if the disk has another.
std::uint64_t disk_core::elsewhere(const disk_request& r)
{
    const std::uint64_t places = medium.block_count() - block_count(r) + 1;
    if (places < 2 || r.extent.empty()) return r.extent.offset_bytes;
    const std::uint64_t here = r.extent.offset_bytes / options.logical_block_bytes;
    const std::uint64_t other = (here + 1 + random.below(places - 1)) % places;
    count_struck(const_cast<disk_request&>(r));
    return other * options.logical_block_bytes;
}

void disk_core::rot_in(const disk_request& r)
{
    if (r.extent.empty()) return;
    const std::uint64_t at = r.extent.offset_bytes + random.below(r.extent.length_bytes);
    medium.flip_bit(at, static_cast<unsigned>(random.below(8)));
    count_struck(const_cast<disk_request&>(r));
}

std::span<const std::byte> disk_core::content_of(const disk_request& r, std::uint64_t block)
{
    const std::size_t size = options.logical_block_bytes;
    if (r.kind == io_kind::write)
        return std::span(r.data).subspan(static_cast<std::size_t>(block) * size, size);
    const bool zeros = r.kind == io_kind::write_zeroes || options.discard_reads_zeros;
    return zeros ? zeros_ : garbage_;
}

/// Writes the first `count` blocks to `offset`; or each of them or not.
void disk_core::write_some(disk_request& r, std::uint64_t count, std::uint64_t offset,
                           bool each_by_chance)
{
    medium.begin_write();
    r.first_sequence = medium.sequence() + 1;
    const std::uint64_t first = offset / options.logical_block_bytes;
    for (std::uint64_t i = 0; i < count; ++i) {
        // A zombie may have been meant for a disk that was larger.
        if (first + i >= medium.block_count()) break;
        if (each_by_chance && random.chance(0.5)) continue;
        medium.write_block(first + i, content_of(r, i), r.fua);
        r.transferred += options.logical_block_bytes;
    }
    r.sequence = medium.sequence();
}

/// A disk reads the memory of a write at any time before its end: here at one of two moments.
void disk_core::take_changed_memory(disk_request& r)
{
    if (r.op == nullptr || r.kind != io_kind::write || r.op->unstable_buffer ||
        !options.check_writes)
        return;
    bool changed = false;
    std::size_t at = 0;
    for (const const_io_segment& from : r.op->write_segments()) {
        changed = changed || (from.size_bytes > 0 &&
                              std::memcmp(from.data, r.data.data() + at, from.size_bytes) != 0);
        at += from.size_bytes;
    }
    if (!changed) return;
    ++statistics.writes_changed;
    if (violations.size() < violations_max)
        violations.push_back(fmt::format(
            "{}: the memory of the write at {} of {} bytes was changed while it was in flight, "
            "before {} ns",
            options.name, r.extent.offset_bytes, r.extent.length_bytes, r.loop->now().nanoseconds));
    if (random.chance(0.5)) return;
    r.data.clear();
    for (const const_io_segment& from : r.op->write_segments())
        r.data.insert(r.data.end(), from.data, from.data + from.size_bytes);
}

error_code disk_core::apply_change(disk_request& r)
{
    take_changed_memory(r);
    const std::uint64_t count = block_count(r);
    if (const error_code error = failure_of(r)) {
        write_some(r, count, r.extent.offset_bytes, true);
        return error;
    }
    if (r.is(disk_fault::capability_lost)) {
        count_struck(r);
        (r.kind == io_kind::discard ? discard_lost_ : zeroes_lost_) = true;
        for (simulated_device* device : devices_) device->shape_ = shape();
        return r.fault_error;
    }
    if (r.is(disk_fault::lost_write)) {
        count_struck(r);
        r.transferred = r.extent.length_bytes;
        return {};
    }
    if (r.is(disk_fault::short_transfer) && count > 0) {
        count_struck(r);
        write_some(r, random.below(count), r.extent.offset_bytes, false);
        return errc::short_transfer;
    }
    write_some(r, count, r.is(disk_fault::misdirected_write) ? elsewhere(r) : r.extent.offset_bytes,
               false);
    if (r.is(disk_fault::bit_rot)) rot_in(r);
    if (r.is(disk_fault::latent_sector) && count > 0) {
        count_struck(r);
        medium.make_unreadable(r.extent.offset_bytes / options.logical_block_bytes +
                               random.below(count));
    }
    if (random.chance(plan.destage)) medium.destage(random);
    if (r.is(disk_fault::write_back_failure) && medium.cached() > 0) {
        count_struck(r);
        write_back_failed_ = true;
        if (plan.early_loss > 0.0 && random.chance(plan.early_loss)) lose_early(r);
    }
    return {};
}

void disk_core::lose_early(const disk_request& r)
{
    const auto keeps = [&](std::uint64_t sequence) {
        return sequence >= r.first_sequence || is_unanswered(sequence);
    };
    if (lost_early_ || !medium.drop_one(random, keeps)) return;
    lost_early_ = true;
    ++statistics.blocks_lost;
}

/// True for a block whose write has been done and not yet acknowledged. A failing flush must not
/// lose it: nobody would tell the host, who hears of the write later.
bool disk_core::is_unanswered(std::uint64_t sequence) const
{
    return std::ranges::any_of(active_, [&](const disk_request* r) {
        return r->where == disk_request::phase::applied && r->changes() &&
               r->first_sequence <= sequence && sequence <= r->sequence;
    });
}

error_code disk_core::apply_flush(disk_request& r)
{
    const auto keeps = [this](std::uint64_t sequence) { return is_unanswered(sequence); };
    if (const error_code error = failure_of(r)) return error;
    if (r.is(disk_fault::lying_flush)) {
        count_struck(r);
        return {};
    }
    if (r.is(disk_fault::flush_loses_cache)) {
        count_struck(r);
        statistics.blocks_lost += medium.drop_through(r.covers, keeps);
        return r.fault_error;
    }
    // Unless the plan says so no read sees it before it is reported: the cache has the block.
    const bool failed = write_back_failed_;
    const bool lost = lost_early_;
    write_back_failed_ = lost_early_ = false;
    if (failed && !lost && medium.drop_one(random, keeps)) ++statistics.blocks_lost;
    medium.save_through(r.covers);
    return failed ? io_error() : error_code{};
}

/// The power went while the request was in flight: each of its blocks is old or new, or worse.
void disk_core::tear(disk_request& r, const power_loss_options& how)
{
    const std::uint64_t first = r.extent.offset_bytes / options.logical_block_bytes;
    std::vector<std::byte> noise;
    for (std::uint64_t i = 0; i < block_count(r) && first + i < medium.block_count(); ++i) {
        if (random.chance(how.torn_unreadable_probability)) {
            medium.make_unreadable(first + i);
        } else if (random.chance(how.torn_garbage_probability)) {
            noise.resize(options.logical_block_bytes);
            random.fill(noise);
            medium.write_block(first + i, noise, true);
        } else if (random.chance(how.torn_new_probability)) {
            medium.write_block(first + i, content_of(r, i), true);
        } else {
            ++statistics.blocks_torn;
        }
    }
}

}  // namespace cimrep::inline v0
