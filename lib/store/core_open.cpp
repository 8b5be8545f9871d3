// lib/store/core_open.cpp -- reads every copy that is given, and believes one of them.
// SPDX-License-Identifier: BSL-1.0
#include "../base/out_of_memory.hpp"
#include "repository_core.hpp"
#include <new>

namespace cimrep::inline v0 {

using implementation = device_repository::implementation;

implementation::implementation(event_loop& loop, std::pmr::memory_resource* memory,
                               duration deadline)
    : loop_(&loop), memory_(memory), deadline_(deadline), records_(memory), loading_(memory)
{
    wanted_block_.history.reserve(superblock::history_max);
    pump_task_.self = end_task_.self = this;
    pump_task_.run = [](loop_task& task) noexcept { static_cast<own_task&>(task).self->pump(); };
    end_task_.run = [](loop_task& task) noexcept { static_cast<own_task&>(task).self->end(); };
}

implementation::~implementation()
{
    CIMREP_ASSERT(phase_ == phase::closed && "close the repository before destroying it");
    CIMREP_ASSERT(idle());
    CIMREP_ASSERT(!pump_task_.queued);
    CIMREP_ASSERT(!end_task_.queued);
}

/// Running out of memory ends the opening, and nothing else.
template <class Step>
void implementation::guarded(const Step& step) noexcept
{
    try {
        step();
    } catch (const std::bad_alloc&) {
        fail_opening(in_words(no_memory(), [] {
            return cimrep::fail(no_memory(), "the records do not fit into memory",
                                "give the repository more memory");
        }));
    }
}

void implementation::open(repository_open_op& op)
{
    open_op_ = &op;
    read_devices(op.copies);
}

void implementation::read_devices(const std::vector<block_device*>& devices)
{
    guarded([&] {
        given_ = devices;
        for (std::size_t i = 0; i < given_.size(); ++i) {
            readers_.push_back(std::make_unique<copy_reader>());
            findings_.push_back(&readers_.back()->findings());
        }
        reading_ = 0;
        read_next_superblocks();
    });
}

void implementation::read_next_superblocks()
{
    readers_[reading_]->read_superblocks(
        *given_[reading_],
        [](copy_reader& reader) noexcept {
            static_cast<implementation*>(reader.context)->superblocks_read();
        },
        this);
}

void implementation::superblocks_read() noexcept
{
    guarded([this] {
        if (findings_[reading_]->error == std::errc::not_enough_memory) throw std::bad_alloc();
        if (++reading_ < given_.size()) return read_next_superblocks();
        open_op_ != nullptr ? superblocks_known() : format_checked();
    });
}

void implementation::superblocks_known()
{
    auto known = identify(findings_, open_op_->options);
    if (!known) return fail_opening(std::move(known).error());
    known_ = std::move(known).value();
    if ((known_.best.features.read_only_compatible & ~newest_features.read_only_compatible) != 0)
        return fail_opening(cimrep::fail(errc::repository_version,
                                         "the repository uses features that are not known, and "
                                         "may only be read",
                                         "open it with the version that has written it"));
    reading_ = 0;
    load_next();
}

/// The next copy in use, each into memory of its own until a better one is found.
void implementation::load_next()
{
    for (; reading_ < known_.best.copy_count; ++reading_) {
        if (!known_.used(static_cast<unsigned>(reading_))) continue;
        loading_.clear();
        const auto device = static_cast<std::size_t>(known_.device[reading_]);
        return readers_[device]->load(loading_, [](copy_reader& reader) noexcept {
            auto& self = *static_cast<implementation*>(reader.context);
            self.guarded([&] { self.loaded(reader.findings()); });
        });
    }
    auto chosen = choose(known_, findings_);
    if (!chosen) return fail_opening(std::move(chosen).error());
    believe(chosen.value());
}

void implementation::loaded(const copy_findings& found)
{
    if (found.error == std::errc::not_enough_memory) throw std::bad_alloc();
    // What choose() will choose, found as it comes.
    if (known_.knows_all(found) && (!kept_ || is_better(found, *kept_))) {
        records_.swap(loading_);
        kept_ = &found;
    }
    loading_.clear();
    ++reading_;
    load_next();
}

/// Its content is the repository's; everybody else gets it by the first checkpoint.
void implementation::believe(unsigned copy)
{
    const copy_findings& found = *findings_[static_cast<std::size_t>(known_.device[copy])];
    CIMREP_ASSERT(&found == kept_);
    repository_open_report& report = open_op_->report;
    report = {};
    wanted_block_ = *found.newest();
    // The best generation may be one after its: what others have of it must stay its descendant.
    const superblock& best = known_.best;
    wanted_block_.generation = best.generation;
    wanted_block_.history = best.history;
    wanted_block_.history.reserve(superblock::history_max);
    wanted_block_.stale_copies = best.stale_copies;
    wanted_block_.owner = best.owner;
    wanted_block_.clean = wanted_block_.clean && best.clean;
    report.previous_owner = wanted_block_.owner;
    report.closed_clean = wanted_block_.clean;
    report.set = wanted_block_.set;
    report.records = records_.records();
    report.replayed_log_records = found.log.records;
    report.torn_tail = found.log.torn && !wanted_block_.clean;
    report.remarks = known_.remarks;
    wanted_block_.owner.boot_id = open_op_->options.boot_id;
    wanted_block_.owner.name = open_op_->options.name;
    ++wanted_block_.owner.incarnation;
    wanted_block_.features = wanted_block_.features | added_features_;
    next_sequence_ = found.log.last_sequence + 1;
    log_ = log_space(wanted_block_.layout.log(), found.log.next_position);
    copy_mask current;
    for (unsigned i = 0; i < wanted_block_.copy_count; ++i) {
        store_copy& each = copies_[i];
        if (known_.missing.has(i))
            wanted_block_.stale_copies =
                static_cast<std::uint8_t>(wanted_block_.stale_copies | 1u << i);
        if (!known_.given(i)) continue;
        const auto device = static_cast<std::size_t>(known_.device[i]);
        const copy_findings& its = *findings_[device];
        each.device = given_[device];
        each.slot = its.newest_slot() ^ 1u;
        each.superblock_sequence = its.newest()->sequence;
        each.checkpoint_area = its.newest()->checkpoint_area;
        each.at = role::stale;
        if (!known_.used(i)) continue;
        current.add(i);
        // What was not whole must never be the only one that knows of a generation.
        if (!its.whole()) each.at = role::joining;
    }
    begin(current);
}

void implementation::fail_opening(failure why) noexcept
{
    phase_ = phase::closed;
    (open_op_ != nullptr ? open_op_->error : format_op_->error) = std::move(why);
    loop_->defer(end_task_);
}

/// Tells the one who has asked. After an error it takes this object with it.
void implementation::end() noexcept
{
    if (pump_task_.queued) return loop_->defer(end_task_);
    if (format_op_ != nullptr) {
        repository_format_op& op = *std::exchange(format_op_, nullptr);
        op.set = wanted_block_.set;
        op.working.reset();
        return op.done(op);
    }
    repository_open_op& op = *std::exchange(open_op_, nullptr);
    if (op.error) op.opened.reset();
    op.done(op);
}

}  // namespace cimrep::inline v0
