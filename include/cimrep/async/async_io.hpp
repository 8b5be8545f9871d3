// async/async_io.hpp -- operations of a block_device for users of Asio, in any completion style.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/async/handler_op.hpp>
#include <cimrep/io/block_device.hpp>

#include <boost/asio/async_result.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace cimrep::inline v0 {

namespace detail {

/// What an io_op is prepared with. Trivial, for it passes through coroutine frames.
struct transfer {
    io_kind kind = io_kind::flush;
    std::uint64_t offset_bytes = 0;
    std::uint64_t length_bytes = 0;
    std::byte* into = nullptr;
    const std::byte* from = nullptr;

    void prepare(io_op& op) const noexcept
    {
        const auto size = static_cast<std::size_t>(length_bytes);
        switch (kind) {
        case io_kind::read: return op.prepare_read(offset_bytes, std::span(into, size));
        case io_kind::write: return op.prepare_write(offset_bytes, std::span(from, size));
        case io_kind::flush: return op.prepare_flush();
        case io_kind::write_zeroes: return op.prepare_write_zeroes(offset_bytes, length_bytes);
        case io_kind::discard: return op.prepare_discard(offset_bytes, length_bytes);
        case io_kind::compare_and_write: break;
        }
        CIMREP_ASSERT(false);
    }
};

struct initiate_io {
    loop_in_io_context* driver;
    block_device* target;

    template <class Handler>
    void operator()(Handler&& handler, transfer what) const
    {
        using op_type = handler_op<io_op, std::decay_t<Handler>>;
        op_type& op = op_type::make(*driver, std::forward<Handler>(handler));
        what.prepare(op);
        op.done = [](io_op& base, error_code error) noexcept {
            static_cast<op_type&>(base).finish(to_asio(error));
        };
        op.begin([to = target](op_type& begun) {
            auto slot = boost::asio::get_associated_cancellation_slot(begun.handler);
            if (slot.is_connected())
                slot.assign([to, &begun](boost::asio::cancellation_type) {
                    begun.driver->poll_soon();
                    to->cancel(begun);
                });
            to->submit(begun);
        });
    }
};

template <class Token>
auto async_transfer(loop_in_io_context& driver, block_device& device, const transfer& what,
                    Token&& token)
{
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        initiate_io{&driver, &device}, token, what);
}

}  // namespace detail

// What all of these share.
//
// Signature:     void(boost::system::error_code). The transfer is whole or it is an error: what
//                block_device::submit() tells, unchanged, but asio::error::operation_aborted for
//                what was cancelled.
// Lifetime:      the device, and the memory, stay valid until completion.
// Executor:      the handler's own, by default that of `driver`; always as if by post().
// Threads:       any; the operation starts on the thread of the loop.
// Cancellation:  by the handler's slot, emitted on the thread of the loop, whatever the type; it
//                still completes once, and as usual where the request came too late.
// Allocates:     the record, from the handler's allocator; it is freed before the handler runs.

/// Reads `into.size()` bytes at `offset_bytes`.
template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(boost::system::error_code)) Token>
auto async_read(loop_in_io_context& driver, block_device& device, std::uint64_t offset_bytes,
                std::span<std::byte> into, Token&& token)
{
    return detail::async_transfer(driver, device,
                                  {.kind = io_kind::read,
                                   .offset_bytes = offset_bytes,
                                   .length_bytes = into.size(),
                                   .into = into.data()},
                                  std::forward<Token>(token));
}

/// Writes all of `from` at `offset_bytes`; `from` does not change before completion.
template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(boost::system::error_code)) Token>
auto async_write(loop_in_io_context& driver, block_device& device, std::uint64_t offset_bytes,
                 std::span<const std::byte> from, Token&& token)
{
    return detail::async_transfer(driver, device,
                                  {.kind = io_kind::write,
                                   .offset_bytes = offset_bytes,
                                   .length_bytes = from.size(),
                                   .from = from.data()},
                                  std::forward<Token>(token));
}

/// Makes every write that had completed before it durable.
template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(boost::system::error_code)) Token>
auto async_flush(loop_in_io_context& driver, block_device& device, Token&& token)
{
    return detail::async_transfer(driver, device, {.kind = io_kind::flush},
                                  std::forward<Token>(token));
}

/// Lets the range read as zeros.
template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(boost::system::error_code)) Token>
auto async_write_zeroes(loop_in_io_context& driver, block_device& device,
                        std::uint64_t offset_bytes, std::uint64_t length_bytes, Token&& token)
{
    return detail::async_transfer(
        driver, device,
        {.kind = io_kind::write_zeroes, .offset_bytes = offset_bytes, .length_bytes = length_bytes},
        std::forward<Token>(token));
}

/// Says that the content of the range is no longer needed.
template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(boost::system::error_code)) Token>
auto async_discard(loop_in_io_context& driver, block_device& device, std::uint64_t offset_bytes,
                   std::uint64_t length_bytes, Token&& token)
{
    return detail::async_transfer(
        driver, device,
        {.kind = io_kind::discard, .offset_bytes = offset_bytes, .length_bytes = length_bytes},
        std::forward<Token>(token));
}

}  // namespace cimrep::inline v0
