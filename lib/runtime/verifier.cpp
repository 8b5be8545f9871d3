// lib/runtime/verifier.cpp -- reads a chunk from both legs at one instant and compares it.
// SPDX-License-Identifier: BSL-1.0
#include "verifier.hpp"

#include <cimrep/base/mutant.hpp>

#include "../base/out_of_memory.hpp"
#include <algorithm>
#include <cstring>
#include <utility>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t alignment_bytes = 4096;
constexpr std::uint64_t probe_bytes = 64 * kib;
constexpr std::size_t samples = 256;

}  // namespace

std::vector<byte_extent> verification::all_of(byte_extent range)
{
    std::vector<byte_extent> chunks;
    for (std::uint64_t at = range.offset_bytes; at < range.end_bytes(); at += chunk_bytes)
        chunks.push_back({at, std::min(chunk_bytes, range.end_bytes() - at)});
    return chunks;
}

std::vector<byte_extent> verification::chosen_by(identity_check check, const volume_core& volume)
{
    switch (check) {
    case identity_check::sampled: return sample(volume.loop(), volume.shape(), samples);
    case identity_check::full: return all_of({0, volume.shape().size_bytes});
    case identity_check::none: break;
    }
    return {};
}

std::vector<byte_extent> verification::sample(event_loop& loop, const geometry& shape,
                                              std::size_t count)
{
    const std::uint64_t places = (shape.size_bytes + probe_bytes - 1) / probe_bytes;
    if (places <= count + 2) return all_of({0, shape.size_bytes});
    std::vector<std::uint64_t> picks(count);
    loop.random_bytes(std::as_writable_bytes(std::span(picks)));
    for (std::uint64_t& pick : picks) pick %= places;
    picks.push_back(0);
    picks.push_back(places - 1);
    std::sort(picks.begin(), picks.end());
    picks.erase(std::unique(picks.begin(), picks.end()), picks.end());
    std::vector<byte_extent> chunks;
    for (const std::uint64_t pick : picks) {
        const std::uint64_t at = pick * probe_bytes;
        chunks.push_back({at, std::min(probe_bytes, shape.size_bytes - at)});
    }
    return chunks;
}

verification::verification(volume_core& volume, leg& which, verify_op& op,
                           std::vector<byte_extent> chunks)
    : volume_(&volume), leg_(&which), op_(&op), chunks_(std::move(chunks)), lanes_(lanes_max)
{
    ending_.self = this;
    ending_.run = [](loop_task& task) noexcept {
        // The owner drops *this in there.
        auto over = std::move(static_cast<ending&>(task).self->over_);
        over();
    };
    for (lane& l : lanes_) {
        l.owner = this;
        l.memory.resize(2 * chunk_bytes + alignment_bytes);
        const auto address = reinterpret_cast<std::uintptr_t>(l.memory.data());
        l.ours = l.memory.data() + (alignment_bytes - address % alignment_bytes);
        l.theirs = l.ours + chunk_bytes;
        l.granted = [](range_lock::node& which_node) noexcept {
            auto& self = static_cast<lane&>(which_node);
            self.owner->locked(self);
        };
        for (leg_op* op_of_lane : {&l.our_read, &l.their_read, &l.vouch, &l.repair}) {
            op_of_lane->owner = &l;
            op_of_lane->settled = [](leg_op& done, error_code error) noexcept {
                auto& self = *static_cast<lane*>(done.owner);
                if (!error) return;
                if (!self.error) self.error = error;
                if (self.at == lane::stage::vouching)
                    self.owner->volume_->flush_failed(*done.on, error);
                if (static_cast<const leg_op&>(done).given_up) self.owner->gave_up(self);
            };
            op_of_lane->returned = [](leg_op& done) noexcept {
                auto& self = *static_cast<lane*>(done.owner);
                self.owner->op_returned(self);
            };
            op_of_lane->may_be_given_up = true;
        }
    }
}

void verification::start(std::function<void()> over)
{
    over_ = std::move(over);
    for (lane& l : lanes_) next(l);
    maybe_over();
}

void verification::stop(error_code why) noexcept
{
    if (!why_) why_ = why;
    at_ = chunks_.size();
}

void verification::next(lane& l) noexcept
{
    while (at_ < chunks_.size()) {
        l.extent = chunks_[at_++];
        if (leg_->map.different().all(l.extent)) {
            op_->skipped_bytes += l.extent.length_bytes;
            continue;
        }
        ++out_;
        l.how = range_lock::sharing::exclusive;
        if (volume_->ranges_.acquire(l)) locked(l);
        return;
    }
}

void verification::locked(lane& l) noexcept
{
    // The source is the judge wherever it can be: a vote between two targets proves nothing.
    leg& source = volume_->source();
    leg* from = why_                               ? nullptr
                : source.role == leg_role::current ? &source
                                                   : volume_->read_leg(1u << leg_->index, l.extent);
    l.may_repair = from == &source;
    l.error = {};
    l.locked = true;
    l.at = lane::stage::comparing;
    if (from == nullptr) {
        // Also for the lanes that have yet to begin: nothing may be under way at the end.
        stop(errc::leg_failed);
        return end_chunk(l);
    }
    // Since it waited for its range; and one that is known to be something else is no judge.
    if (leg_->map.different().all(l.extent) || from->map.different().any(l.extent)) {
        op_->skipped_bytes += l.extent.length_bytes;
        return end_chunk(l);
    }
    l.our_segment = {l.ours, l.extent.length_bytes};
    l.their_segment = {l.theirs, l.extent.length_bytes};
    l.our_read.prepare_read(l.extent.offset_bytes, std::span(&l.our_segment, 1));
    l.their_read.prepare_read(l.extent.offset_bytes, std::span(&l.their_segment, 1));
    l.pending = 2;
    from->submit(l.our_read);
    leg_->submit(l.their_read);
}

// The leg is out and may never answer: the memory is the device's, the range is the host's again.
void verification::gave_up(lane& l) noexcept
{
    if (l.at == lane::stage::repairing) leg_->map.differs(l.extent);
    if (std::exchange(l.locked, false)) volume_->unlock(l);
}

void verification::op_returned(lane& l) noexcept
{
    if (--l.pending != 0) return;
    if (l.error) {
        if (!why_) why_ = l.error;
        if (l.at == lane::stage::vouching) stays_different(l);
        // Torn, perhaps: nothing is read from there any more.
        if (l.at == lane::stage::repairing) {
            volume_->fail(*leg_, l.error);
            stays_different(l);
        }
        at_ = chunks_.size();
        return end_chunk(l);
    }
    switch (l.at) {
    case lane::stage::comparing: return compare(l);
    case lane::stage::vouching: return repair(l);
    case lane::stage::repairing: break;
    }
    op_->repaired_bytes += l.extent.length_bytes;
    end_chunk(l);
}

void verification::compare(lane& l) noexcept
{
    op_->compared_bytes += l.extent.length_bytes;
    const std::uint64_t different_before = op_->different_bytes;
    if (std::memcmp(l.ours, l.theirs, l.extent.length_bytes) == 0) return end_chunk(l);
    const std::uint64_t block = volume_->shape().logical_block_bytes;
    byte_extent run{};
    for (std::uint64_t at = 0; at < l.extent.length_bytes; at += block) {
        if (leg_->map.different().any({l.extent.offset_bytes + at, block})) continue;
        if (std::memcmp(l.ours + at, l.theirs + at, block) == 0) continue;
        if (!run.empty() && run.end_bytes() == l.extent.offset_bytes + at) {
            run.length_bytes += block;
            continue;
        }
        report(run);
        run = {l.extent.offset_bytes + at, block};
    }
    report(run);
    // A leg that is written here while another op reads would be repaired twice, never wrongly: the
    // range is ours.
    if (op_->repair && l.may_repair && leg_->role == leg_role::current) return vouch(l);
    if (op_->different_bytes != different_before) stays_different(l);
    end_chunk(l);
}

// Whoever of the two is out, or leaves later, may be copied to without another comparison.
void verification::stays_different(lane& l) noexcept
{
    if (CIMREP_MUTANT(found_difference_not_marked)) return;
    leg_->map.differs(l.extent);
    // Nor does it read zeros because it did so once.
    for (const auto& each : volume_->legs_)
        if (each && !CIMREP_MUTANT(found_difference_reads_zeros)) each->map.written(l.extent);
    volume_->found_to_differ();
}

// What the source has lost and not yet told of must not replace what the other leg still has.
void verification::vouch(lane& l) noexcept
{
    leg& source = volume_->source();
    if (!source.device->shape().volatile_cache) return repair(l);
    l.at = lane::stage::vouching;
    l.pending = 1;
    l.vouch.prepare_flush();
    source.submit(l.vouch);
}

void verification::repair(lane& l) noexcept
{
    // Either may have left meanwhile.
    if (leg_->role != leg_role::current || volume_->source().role != leg_role::current) {
        stays_different(l);
        return end_chunk(l);
    }
    l.at = lane::stage::repairing;
    l.pending = 1;
    l.repair_segment = {l.ours, l.extent.length_bytes};
    l.repair.prepare_write(l.extent.offset_bytes, std::span(&l.repair_segment, 1));
    l.repair.fua = true;
    leg_->map.written(l.extent);
    leg_->submit(l.repair);
}

void verification::report(byte_extent run)
{
    if (run.empty()) return;
    op_->different_bytes += run.length_bytes;
    if (op_->differences.size() < verify_op::differences_max) op_->differences.push_back(run);
    volume_->log(log_level::warning, log_event::verify_mismatch, leg_, {},
                 {{"offset", run.offset_bytes}, {"length", run.length_bytes}});
}

void verification::end_chunk(lane& l) noexcept
{
    --out_;
    if (std::exchange(l.locked, false)) volume_->unlock(l);
    if (!why_) next(l);
    maybe_over();
}

void verification::maybe_over() noexcept
{
    if (out_ != 0 || ending_.queued || !over_) return;
    if (!why_ && at_ < chunks_.size()) return;
    if (why_ && !op_->error)
        op_->error = in_words(why_, [this] {
            return fail(why_, "verification of " + leg_->element_text,
                        "see the state of the relationship, then verify again");
        });
    volume_->loop().defer(ending_);
}

}  // namespace cimrep::inline v0
