// async/loop_in_io_context.hpp -- an event loop driven by the io_context of a program.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/io/event_loop.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#ifdef BOOST_ASIO_HAS_POSIX_STREAM_DESCRIPTOR
#    include <boost/asio/posix/stream_descriptor.hpp>
#endif

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

namespace cimrep::inline v0 {

/// Polls an event loop from an io_context: when its handle is readable, when its next deadline has
/// come, and after wake(). Never blocks the io_context.
///
/// As a work guard does, it keeps io_context::run() from returning, until stop(). A loop without a
/// handle (portable_loop) is polled after wake() and at its deadlines only: what another thread
/// posts to it is seen then.
///
/// Lifetime:  the io_context and the loop outlive it. It may be destroyed when no operation that
///            was started through it is under way.
/// Threads:   the io_context is run by one thread, which is the thread of the loop. wake() and
///            stop() may be called from any thread.
class loop_in_io_context {
public:
    using executor_type = boost::asio::io_context::executor_type;

    loop_in_io_context(boost::asio::io_context& context, event_loop& loop)
        : parts_(std::make_shared<parts>(context, loop))
    {
        wake();
    }
    loop_in_io_context(const loop_in_io_context&) = delete;
    loop_in_io_context& operator=(const loop_in_io_context&) = delete;
    ~loop_in_io_context()
    {
        CIMREP_ASSERT(parts_->operations == 0 && "an operation started through it is under way");
        parts_->stop();
    }

    executor_type get_executor() const noexcept { return parts_->context.get_executor(); }
    event_loop& loop() const noexcept { return parts_->loop; }

    /// Has the loop polled soon: for what was submitted, deferred or armed outside of its turns and
    /// not by the async_ functions, which call it themselves.
    void wake()
    {
        boost::asio::post(get_executor(), [parts = parts_] { parts->turn(); });
    }

    /// Lets the io_context run out of work. The loop is not polled from then on.
    void stop()
    {
        boost::asio::post(get_executor(), [parts = parts_] { parts->stop(); });
    }

    // For the async_ functions, on the thread of the loop.
    void operation_started()
    {
        ++parts_->operations;
        poll_soon();
    }
    void poll_soon() { parts_->turn_soon(parts_); }
    void operation_ended() noexcept { --parts_->operations; }

private:
    // Outlives the object until the handlers that the io_context still holds have run.
    struct parts : std::enable_shared_from_this<parts> {
        parts(boost::asio::io_context& in, event_loop& driven)
            : context(in),
              loop(driven),
              deadline(in),
              work(in.get_executor())
#ifdef BOOST_ASIO_HAS_POSIX_STREAM_DESCRIPTOR
              ,
              handle(in)
#endif
        {
        }

        /// One turn after all handlers that are ready now: what they submit goes out together.
        void turn_soon(const std::shared_ptr<parts>& self)
        {
            if (turn_posted || stopped) return;
            turn_posted = true;
            boost::asio::post(context, [self] { self->turn(); });
        }

        void turn()
        {
            turn_posted = false;
            if (stopped) return;
            loop.poll();
            if (stopped) return;
            // After the poll, which makes the handle quiet; before the deadline is asked for, which
            // tells of what completed in between.
            watch();
            const auto self = shared_from_this();
            const std::optional<monotonic_time> due = loop.next_deadline();
            if (!due) return;
            const duration left = *due - loop.now();
            if (left <= duration{}) return turn_soon(self);
            // Setting a timer ends the wait for its earlier time.
            deadline.expires_after(std::chrono::nanoseconds{left.nanoseconds});
            deadline.async_wait([self](const boost::system::error_code& error) {
                if (!error) self->turn();
            });
        }

        void watch()
        {
#ifdef BOOST_ASIO_HAS_POSIX_STREAM_DESCRIPTOR
            if (watching) return;
            if (!handle.is_open()) {
                if (loop.wait_handle() < 0) return;
                handle.assign(static_cast<int>(loop.wait_handle()));
            }
            watching = true;
            handle.async_wait(boost::asio::posix::descriptor_base::wait_read,
                              [self = shared_from_this()](const boost::system::error_code& error) {
                                  self->watching = false;
                                  if (!error) self->turn();
                              });
#endif
        }

        void stop()
        {
            if (stopped) return;
            stopped = true;
            deadline.cancel();
#ifdef BOOST_ASIO_HAS_POSIX_STREAM_DESCRIPTOR
            if (handle.is_open()) handle.release();  // the loop's, not ours to close
#endif
            work.reset();
        }

        boost::asio::io_context& context;
        event_loop& loop;
        boost::asio::steady_timer deadline;
        boost::asio::executor_work_guard<executor_type> work;
#ifdef BOOST_ASIO_HAS_POSIX_STREAM_DESCRIPTOR
        boost::asio::posix::stream_descriptor handle;
        bool watching = false;
#endif
        bool turn_posted = false;
        bool stopped = false;
        std::size_t operations = 0;
    };

    std::shared_ptr<parts> parts_;
};

}  // namespace cimrep::inline v0
