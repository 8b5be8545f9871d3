// lib/store/device_repository.cpp -- the repository as its owner sees it.
// SPDX-License-Identifier: BSL-1.0
#include "../base/out_of_memory.hpp"
#include "repository_core.hpp"
#include "tell_later.hpp"
#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

namespace {

constexpr std::uint64_t highest = UINT64_MAX;

std::pmr::memory_resource* or_default(std::pmr::memory_resource* memory) noexcept
{
    return memory != nullptr ? memory : std::pmr::get_default_resource();
}

event_loop& loop_of(const std::vector<block_device*>& copies) noexcept
{
    CIMREP_ASSERT(!copies.empty() && copies.size() <= repository_copies_max);
    for (const block_device* each : copies) {
        CIMREP_ASSERT(&each->loop() == &copies.front()->loop());
        CIMREP_ASSERT(std::count(copies.begin(), copies.end(), each) == 1);
        CIMREP_ASSERT(store_block_bytes % each->shape().logical_block_bytes == 0);
    }
    return copies.front()->loop();
}

/// There is no memory for what would carry it out.
template <class Op>
void refuse_later(Op& op, event_loop& loop) noexcept
{
    op.error = out_of_memory();
    tell_later(op, loop);
}

}  // namespace

device_repository::device_repository(std::unique_ptr<implementation> parts) noexcept
    : parts_(std::move(parts))
{
}

device_repository::~device_repository() = default;

void device_repository::format(repository_format_op& op)
{
    CIMREP_ASSERT(op.done != nullptr);
    op.error.reset();
    event_loop& loop = loop_of(op.copies);
    try {
        op.working = std::make_unique<device_repository>(nullptr);
        op.working->parts_ =
            std::make_unique<implementation>(loop, or_default(op.memory), duration{});
    } catch (const std::bad_alloc&) {
        op.working.reset();
        return refuse_later(op, loop);
    }
    op.working->parts_->format(op);
}

void device_repository::open(repository_open_op& op)
{
    CIMREP_ASSERT(op.done != nullptr);
    op.error.reset();
    event_loop& loop = loop_of(op.copies);
    try {
        op.opened = std::make_unique<device_repository>(nullptr);
        op.opened->parts_ = std::make_unique<implementation>(loop, or_default(op.options.memory),
                                                             op.options.device_deadline);
    } catch (const std::bad_alloc&) {
        op.opened.reset();
        return refuse_later(op, loop);
    }
    op.opened->parts_->open(op);
}

repository_features device_repository::features() const noexcept
{
    return parts_->wanted_block_.features;
}

void device_repository::commit(commit_op& op) noexcept
{
    parts_->commit(op);
}

std::optional<std::span<const std::byte>> device_repository::find(const record_key& key) const
{
    return parts_->records_.find(key);
}

void device_repository::for_each(record_kind kind, const record_visitor& visit) const
{
    parts_->records_.for_each({kind, 0, 0}, {kind, highest, highest}, visit);
}

void device_repository::for_each(record_kind kind, std::uint64_t owner,
                                 const record_visitor& visit) const
{
    parts_->records_.for_each({kind, owner, 0}, {kind, owner, highest}, visit);
}

void device_repository::for_each(const record_visitor& visit) const
{
    parts_->records_.for_each({record_kind{0}, 0, 0}, {record_kind{0xffff}, highest, highest},
                              visit);
}

void device_repository::resilver(repository_resilver_op& op)
{
    parts_->resilver(op);
}

void device_repository::close(repository_close_op& op)
{
    parts_->close(op);
}

repository_state device_repository::state() const noexcept
{
    using phase = implementation::phase;
    if (parts_->phase_ == phase::closed) return repository_state::closed;
    if (parts_->lost_) return repository_state::lost;
    return parts_->phase_ == phase::closing ? repository_state::closing : repository_state::open;
}

unsigned device_repository::copy_count() const noexcept
{
    return parts_->wanted_block_.copy_count;
}

copy_condition device_repository::condition(unsigned copy) const noexcept
{
    return parts_->condition(copy);
}

error_code device_repository::copy_error(unsigned copy) const noexcept
{
    CIMREP_ASSERT(copy < repository_copies_max);
    return parts_->copies_[copy].failed_with;
}

std::uint64_t device_repository::commit_bytes_max() const noexcept
{
    return parts_->payload_bytes_max();
}

repository_statistics device_repository::statistics() const noexcept
{
    repository_statistics all = parts_->counters_;
    all.records = parts_->records_.records();
    all.record_bytes = parts_->records_.bytes();
    all.capacity_bytes = parts_->wanted_block_.layout.capacity_bytes();
    return all;
}

}  // namespace cimrep::inline v0
