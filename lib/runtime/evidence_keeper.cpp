// lib/runtime/evidence_keeper.cpp -- labels follow the in-sync set, samples go before a write.
// SPDX-License-Identifier: BSL-1.0
#include "evidence_keeper.hpp"

#include <cimrep/base/mutant.hpp>

#include <fmt/format.h>

#include "recovery.hpp"
#include "volume_core.hpp"
#include <algorithm>

namespace cimrep::inline v0 {

namespace {

template <class Value>
void fill_randomly(event_loop& loop, Value& value)
{
    loop.random_bytes(std::as_writable_bytes(std::span(&value, 1)));
}

}  // namespace

evidence_keeper::evidence_keeper(volume_core& owner, bool needed, std::size_t legs_max)
    : volume_(&owner), needed_(needed)
{
    record_.labels.resize(legs_max);
    label_commit_.self = sample_commit_.self = this;
    label_commit_.changes = {&label_commit_.change, 1};
    label_commit_.done = [](commit_op& op, error_code error) noexcept {
        static_cast<label_commit&>(op).self->volume_->labels_are_durable(error);
    };
    if (!needed) return;
    fill_randomly(owner.loop(), record_.set);
    fill_randomly(owner.loop(), record_.incarnation);
    samples_.reserve(samples_max);
    facts_.reserve(samples_max);
    set_bytes_.reserve(evidence_bytes(legs_max));
    label_bytes_.reserve(evidence_bytes(legs_max));
}

void evidence_keeper::revive(const saved_volume& saved)
{
    if (!needed_) return;
    saved_generation_ = saved.members.generation;
    samples_ = saved.samples;
    facts_.assign(samples_.size(), 0);
    if (!saved.evidence) return;
    saved_incarnation_ = saved.evidence->incarnation;
    record_.set = saved.evidence->set;
    for (std::size_t i = 0; i < std::min(record_.labels.size(), saved.evidence->labels.size()); ++i)
        if (saved.leg(static_cast<std::uint8_t>(i)) != nullptr)
            record_.labels[i] = saved.evidence->labels[i];
}

// Labels of the process before, of which it could not record any more that they were written, are
// known by its incarnation for as long as this one has recorded no set.
void evidence_keeper::encode_without_set(std::vector<std::byte>& to) noexcept
{
    const std::uint64_t mine = record_.incarnation;
    if (!set_recorded_ && saved_incarnation_ != 0) record_.incarnation = saved_incarnation_;
    encode(record_, to);
    record_.incarnation = mine;
}

void evidence_keeper::add_record(std::vector<record_change>& to)
{
    if (!needed_) return;
    set_recorded_ = true;
    recorded_generation_ = volume_->generation_;
    encode(record_, set_bytes_);
    to.push_back({{record_kind::leg_evidence, volume_->record_owner_, 0}, set_bytes_});
    if (CIMREP_MUTANT(sample_outlives_a_restore)) return;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        if ((facts_[i] & dropped) == 0) continue;
        facts_[i] |= dropping;
        to.push_back({{record_kind::content_sample, volume_->record_owner_, index_of(samples_[i])},
                      {},
                      true});
    }
}

// Until then they are there, and go with the next one.
void evidence_keeper::recorded(bool durable) noexcept
{
    forget_samples(dropping, durable);
}

void evidence_keeper::drop_samples() noexcept
{
    for (std::uint8_t& each : facts_) each |= dropped;
}

void evidence_keeper::drop_samples(const region_map& where) noexcept
{
    if (CIMREP_MUTANT(sample_outlives_a_difference)) return;
    for (std::size_t i = 0; i < samples_.size(); ++i)
        if (where.different().any(samples_[i].place)) facts_[i] |= dropped;
}

bool evidence_keeper::drops_samples() const noexcept
{
    return std::ranges::any_of(facts_, [](std::uint8_t each) { return (each & dropped) != 0; });
}

std::uint64_t evidence_keeper::area_on(const leg& which) const noexcept
{
    return label_area_of(which.device->shape().size_bytes, volume_->shape().size_bytes);
}

void evidence_keeper::make_room(leg& which)
{
    if (needed_ && area_on(which) != 0 && !which.label_block)
        which.label_block = std::make_unique<leg::block>();
}

void evidence_keeper::write_labels() noexcept
{
    // Held up by one, so that it does not end before every leg has been sent its label.
    labels_out_ = 1;
    labels_changed_ = false;
    for (const auto& each : volume_->legs_)
        if (each && !each->failed_with && volume_->recorded_role(*each) == leg_role::current)
            label(*each);
    label_ended();
}

void evidence_keeper::label(leg& which) noexcept
{
    const std::uint64_t area = area_on(which);
    if (area == 0 || !which.label_block || which.label_write.is_linked()) return;
    // Never over the one on record: what is torn is no label.
    const bool first = record_.labels[which.index].place_bytes != area;
    const std::uint64_t place = first ? area : area + store_block_bytes;
    encode(leg_label{record_.set, which.index, recorded_generation_, record_.incarnation, place},
           which.label_block->bytes);
    leg_op& op = which.label_write;
    op.prepare_write(place, std::span<const std::byte>(which.label_block->bytes));
    op.fua = !CIMREP_MUTANT(label_not_durable);
    op.may_be_given_up = true;
    op.owner = this;
    op.settled = [](leg_op& done, error_code error) noexcept {
        static_cast<evidence_keeper*>(done.owner)->labelled(*done.on, error);
    };
    op.returned = [](leg_op&) noexcept {};
    ++labels_out_;
    which.submit(op);
}

// A leg that cannot be labelled leaves the set like one that cannot be written. The last one goes
// on by the label on record, not written over; the next record of the set tries it again.
void evidence_keeper::labelled(leg& which, error_code error) noexcept
{
    labels_changed_ = true;
    label_record& mine = record_.labels[which.index];
    if (!error)
        mine = {which.label_write.offset_bytes, recorded_generation_, record_.incarnation};
    else if (!volume_->fail(which, error) && CIMREP_MUTANT(failed_label_forgotten))
        mine = {};
    label_ended();
}

void evidence_keeper::label_ended() noexcept
{
    if (--labels_out_ != 0) return;
    if (!labels_changed_) return volume_->labels_are_durable({});
    encode(record_, label_bytes_);
    label_commit_.change = {{record_kind::leg_evidence, volume_->record_owner_, 0}, label_bytes_};
    volume_->store_->commit(label_commit_);
}

// Of the two blocks one has the label on record, the other may have a later one. Where the one on
// record cannot be read the other may hold whatever was there before: only a later one tells.
std::optional<leg_verdict> evidence_keeper::judge_label(const leg& which,
                                                        const label_blocks& blocks,
                                                        std::string& why) const
{
    const std::uint64_t begin = area_of(which.index);
    const label_record& mine = record_.labels[which.index];
    const auto on_record = static_cast<std::size_t>((mine.place_bytes - begin) / store_block_bytes);
    std::optional<leg_verdict> worst;
    bool known = false;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (blocks[i].empty()) continue;
        std::string mine_why;
        const leg_verdict verdict =
            judge_block(which, begin + i * store_block_bytes, blocks[i], mine_why);
        if (verdict == leg_verdict::not_recognized && blocks[on_record].empty()) continue;
        known |= verdict == leg_verdict::recognized;
        // What the one on record is says more than what the other is.
        if (worst && (verdict < *worst || (verdict == *worst && i != on_record))) continue;
        worst = verdict;
        why = std::move(mine_why);
    }
    // The one on record is good for nothing beside one that the repository does not know of.
    if (!known || worst == leg_verdict::repository_older) return worst;
    why.clear();
    return leg_verdict::recognized;
}

leg_verdict evidence_keeper::judge_block(const leg& which, std::uint64_t place,
                                         std::span<const std::byte> block, std::string& why) const
{
    const label_record& mine = record_.labels[which.index];
    leg_label found;
    const auto finding = decode_leg_label(block, place, found);
    if (finding != label_finding::label) {
        if (CIMREP_MUTANT(missing_label_believed)) return leg_verdict::recognized;
        if (finding == label_finding::blank && CIMREP_MUTANT(blank_leg_believed))
            return leg_verdict::recognized;
        why = fmt::format("there is {} at byte {}, where its label of generation {} should be",
                          finding == label_finding::blank ? "nothing" : "something else", place,
                          mine.generation);
        return leg_verdict::not_recognized;
    }
    if (found.set != record_.set || found.slot != which.index) {
        why = found.set != record_.set
                  ? "its label is of another volume"
                  : fmt::format("its label is that of leg {}, it should be leg {}", found.slot,
                                which.index);
        return leg_verdict::not_recognized;
    }
    // Between the record of a set and that of its labels a leg may have either.
    const bool durable =
        found.generation == mine.generation && found.incarnation == mine.incarnation;
    const bool saved = found.incarnation == saved_incarnation_ &&
                       found.generation > mine.generation && found.generation <= saved_generation_;
    const bool ours = found.incarnation == record_.incarnation &&
                      found.generation >= mine.generation &&
                      found.generation <= volume_->generation_;
    if (durable || saved || ours || CIMREP_MUTANT(label_not_compared))
        return leg_verdict::recognized;
    // One of a set that the repository knows of, by a process that it does not, is nobody's.
    const bool older = found.generation <= std::max(mine.generation, saved_generation_);
    why = older ? fmt::format("its label is of generation {}, and {} is the one it was given last",
                              found.generation, mine.generation)
                : fmt::format(
                      "its label is of generation {} by a process that the repository "
                      "knows nothing of; the repository knows of {}: it is an older copy",
                      found.generation, saved_generation_);
    return older ? leg_verdict::not_recognized : leg_verdict::repository_older;
}

void evidence_keeper::add_erasures(byte_extent extent, std::pmr::vector<record_change>& to) noexcept
{
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        if ((facts_[i] & going) != 0 || !samples_[i].place.overlaps(extent)) continue;
        if (CIMREP_MUTANT(sample_outlives_a_write)) continue;
        facts_[i] |= going;
        to.push_back({{record_kind::content_sample, volume_->record_owner_, index_of(samples_[i])},
                      {},
                      true});
    }
}

// One whose erasure failed may be gone or not: it goes with the next mark of its extent.
void evidence_keeper::erased(bool durable) noexcept
{
    forget_samples(going, durable);
}

// Those of which `fact` was to be made durable.
void evidence_keeper::forget_samples(std::uint8_t fact, bool durable) noexcept
{
    std::size_t kept = 0;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        if ((facts_[i] & fact) != 0 && durable) continue;
        facts_[kept] = static_cast<std::uint8_t>(facts_[i] & ~fact);
        samples_[kept++] = samples_[i];
    }
    samples_.resize(kept);
    facts_.resize(kept);
}

}  // namespace cimrep::inline v0
