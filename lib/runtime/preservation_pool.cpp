// lib/runtime/preservation_pool.cpp -- a pool is flushed once for all who keep something in it.
// SPDX-License-Identifier: BSL-1.0
#include "preservation_pool.hpp"

#include <cimrep/base/error.hpp>
#include <cimrep/io/event_loop.hpp>

#include "../base/mark.hpp"

namespace cimrep::inline v0 {

preservation_pool::preservation_pool(std::unique_ptr<block_device> opened, object_path path,
                                     std::string who, std::uint64_t size_bytes,
                                     duration longest_wait, std::pmr::memory_resource* memory)
    : device(std::move(opened)),
      element(std::move(path)),
      element_text(to_text(element)),
      identity(std::move(who)),
      deadline(longest_wait),
      space(places_of(size_bytes), memory)
{
    flush_.self = watchdog_.self = this;
    flush_.done = [](io_op& op, error_code error) noexcept {
        static_cast<device_flush&>(op).self->flushed(error);
    };
    watchdog_.fired = [](timer& t) noexcept { static_cast<watchdog&>(t).self->overdue(); };
}

preservation_pool::~preservation_pool()
{
    CIMREP_ASSERT(quiet() && users_.empty());
    if (watchdog_.is_linked()) device->loop().disarm(watchdog_);
}

void preservation_pool::watch() noexcept
{
    if (deadline.nanoseconds > 0 && !watchdog_.is_linked())
        device->loop().arm(watchdog_, device->loop().now() + deadline);
}

void preservation_pool::flush(pool_flush& op) noexcept
{
    waiting_.push(op);
    if (!flushing_) return begin_flush();
    if (given_up_) watch();
}

void preservation_pool::begin_flush() noexcept
{
    sharing_ = std::move(waiting_);
    flushing_ = true;
    given_up_ = false;
    watch();
    flush_.prepare_flush();
    device->submit(flush_);
}

void preservation_pool::flushed(error_code error) noexcept
{
    flushing_ = false;
    if (watchdog_.is_linked()) device->loop().disarm(watchdog_);
    if (error) return lose(error);
    flush_queue ready = std::move(sharing_);
    if (!waiting_.empty()) begin_flush();
    while (pool_flush* each = ready.pop()) each->done(*each, {});
}

// The device keeps the flush; whoever comes meanwhile waits for its end as long at most.
void preservation_pool::overdue() noexcept
{
    CIMREP_MARK(pool_flush_overdue);
    given_up_ = true;
    lose(errc::deadline_exceeded);
}

// A later flush that succeeds says nothing of what a failed one may have dropped.
void preservation_pool::lose(error_code why) noexcept
{
    ++losses_;
    lost_with_ = why;
    flush_queue begun = std::move(sharing_), waiting = std::move(waiting_);
    for (pool_user& each : users_) each.pool_lost_cache(why);
    while (pool_flush* each = begun.pop()) each->done(*each, why);
    while (pool_flush* each = waiting.pop()) each->done(*each, why);
}

}  // namespace cimrep::inline v0
