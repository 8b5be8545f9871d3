// lib/runtime/host_request.cpp -- the pools of a volume, made once at open.
// SPDX-License-Identifier: BSL-1.0
#include "host_request.hpp"

#include "volume_core.hpp"
#include <new>

namespace cimrep::inline v0 {

request_pool::request_pool(volume_core& owner, std::size_t count, std::size_t legs_max,
                           std::pmr::memory_resource* memory)
    : slots_(count, memory), children_(count * legs_max, memory)
{
    for (std::size_t i = count; i-- > 0;) {
        host_request& slot = slots_[i];
        slot.volume = &owner;
        slot.children = &children_[i * legs_max];
        slot.granted = [](range_lock::node& which) noexcept {
            auto& r = static_cast<host_request&>(which);
            r.volume->locked(r);
        };
        slot.from_pool.of = &slot;
        slot.from_pool.done = [](io_op& op, error_code error) noexcept {
            host_request& r = *static_cast<pool_part&>(op).of;
            r.volume->pool_read_over(r, error);
        };
        for (std::size_t leg = 0; leg < legs_max; ++leg) {
            host_part& child = slot.children[leg];
            child.owner = &slot;
            child.settled = [](leg_op& op, error_code error) noexcept {
                auto& r = *static_cast<host_request*>(op.owner);
                r.volume->child_settled(r, *op.on, error);
            };
            child.returned = [](leg_op& op) noexcept {
                auto& r = *static_cast<host_request*>(op.owner);
                r.volume->child_returned(r, static_cast<host_part&>(op));
            };
        }
        free_.push_front(slot);
    }
}

bounce_pool::bounce_pool(std::size_t count, std::pmr::memory_resource* memory)
    : memory_(memory), count_(count), free_(memory), grown_(memory)
{
    free_.reserve(count);
    // Last: nobody would give it back if another allocation failed.
    block_ = static_cast<std::byte*>(memory->allocate(count * buffer_bytes, alignment_bytes));
    for (std::size_t i = count; i-- > 0;) free_.push_back(block_ + i * buffer_bytes);
}

// Those that came back are there for the next leg that hangs.
void bounce_pool::kept() noexcept
{
    ++kept_;
    if (grown_.size() < kept_) grow();
}

void bounce_pool::grow() noexcept
{
    try {
        grown_.reserve(grown_.size() + 1);
        free_.reserve(count_ + grown_.size() + 1);
        grown_.push_back(static_cast<std::byte*>(memory_->allocate(buffer_bytes, alignment_bytes)));
    } catch (const std::bad_alloc&) {
        return;
    }
    free_.push_back(grown_.back());
}

bounce_pool::~bounce_pool()
{
    CIMREP_ASSERT(all_free());
    for (std::byte* each : grown_) memory_->deallocate(each, buffer_bytes, alignment_bytes);
    memory_->deallocate(block_, count_ * buffer_bytes, alignment_bytes);
}

}  // namespace cimrep::inline v0
