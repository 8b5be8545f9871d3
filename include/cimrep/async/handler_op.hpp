// async/handler_op.hpp -- an operation record that owns the completion handler of its caller.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/async/loop_in_io_context.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <system_error>
#include <utility>

namespace cimrep::inline v0 {

namespace detail {

/// The error that Asio's users expect: its own operation_aborted for what was cancelled, all else
/// converted without loss.
inline boost::system::error_code to_asio(const std::error_code& error)
{
    if (!error) return {};
    if (error == std::errc::operation_canceled) return boost::asio::error::operation_aborted;
    return boost::system::error_code(error);
}

/// `Record` (an io_op, a method_op) in memory of the handler's allocator.
///
/// The memory goes back before the handler is called, and the handler is posted to its executor:
/// so it never runs inside a turn of the loop, may throw, and may destroy what the op was on.
template <class Record, class Handler>
struct handler_op final : Record {
    using executor_type =
        boost::asio::associated_executor_t<Handler, loop_in_io_context::executor_type>;
    using allocator_type = typename std::allocator_traits<
        boost::asio::associated_allocator_t<Handler>>::template rebind_alloc<handler_op>;
    using allocator_traits = std::allocator_traits<allocator_type>;

    template <class Given>
    handler_op(loop_in_io_context& through, Given&& given)
        : driver(&through),
          handler(std::forward<Given>(given)),
          work(boost::asio::get_associated_executor(handler, through.get_executor()))
    {
    }

    template <class Given>
    static handler_op& make(loop_in_io_context& driver, Given&& given)
    {
        allocator_type allocator(boost::asio::get_associated_allocator(given));
        handler_op* memory = allocator_traits::allocate(allocator, 1);
        return *std::construct_at(memory, driver, std::forward<Given>(given));
    }

    /// Ends the op: calls the handler with `results`, which may not live in the op.
    template <class... Results>
    void finish(Results... results)
    {
        driver->operation_ended();
        boost::asio::get_associated_cancellation_slot(handler).clear();
        allocator_type allocator(boost::asio::get_associated_allocator(handler));
        Handler callback(std::move(handler));
        auto guard = std::move(work);
        std::destroy_at(this);
        allocator_traits::deallocate(allocator, this, 1);
        boost::asio::post(guard.get_executor(),
                          boost::asio::append(std::move(callback), std::move(results)...));
    }

    /// Calls `start(*this)` on the thread of the loop: now, if this is it.
    template <class Start>
    void begin(Start start)
    {
        const auto executor = driver->get_executor();
        if (executor.running_in_this_thread()) return begin_here(start);
        boost::asio::post(executor, [this, start] { begin_here(start); });
    }

    loop_in_io_context* driver;
    Handler handler;
    boost::asio::executor_work_guard<executor_type> work;

private:
    template <class Start>
    void begin_here(const Start& start)
    {
        driver->operation_started();
        start(*this);
    }
};

}  // namespace detail

}  // namespace cimrep::inline v0
