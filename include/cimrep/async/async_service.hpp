// async/async_service.hpp -- CIM methods and the end of a shard for users of Asio.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/async/handler_op.hpp>
#include <cimrep/service/replication_service.hpp>

#include <boost/asio/async_result.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace cimrep::inline v0 {

namespace detail {

template <class Method>
struct initiate_method {
    loop_in_io_context* driver;
    replication_service* service;

    template <class Handler>
    void operator()(Handler&& handler, typename Method::inputs in) const
    {
        using op_type = handler_op<method_op<Method>, std::decay_t<Handler>>;
        op_type& op = op_type::make(*driver, std::forward<Handler>(handler));
        op.in = std::move(in);
        op.done = [](method_call& base) noexcept {
            auto& self = static_cast<op_type&>(base);
            method_result<Method> result;
            static_cast<method_answer&>(result) = static_cast<method_answer&&>(self);
            result.out = std::move(self.out);
            self.finish(std::move(result));
        };
        op.begin([to = service](op_type& begun) { to->start(begun); });
    }
};

struct initiate_close {
    loop_in_io_context* driver;
    shard* closing;

    template <class Handler>
    void operator()(Handler&& handler) const
    {
        using op_type = handler_op<control_op, std::decay_t<Handler>>;
        op_type& op = op_type::make(*driver, std::forward<Handler>(handler));
        op.done = [](control_op& base) noexcept {
            auto& self = static_cast<op_type&>(base);
            std::optional<failure> error = std::move(self.error);
            self.finish(std::move(error));
        };
        op.begin([which = closing](op_type& begun) { which->close(begun); });
    }
};

}  // namespace detail

/// Starts a CIM method: `async_call<create_element_replica>(driver, service, inputs, token)`.
///
/// Signature:     void(method_result<Method>). A refusal is a result too: its return code and its
///                failure say why.
/// Lifetime:      the service stays valid until completion; `in` is taken over.
/// Executor, Threads, Allocates:  as async_read().
/// Cancellation:  none: a method answers soon, and long work is a job, which has its own.
template <class Method, BOOST_ASIO_COMPLETION_TOKEN_FOR(void(method_result<Method>)) Token>
auto async_call(loop_in_io_context& driver, replication_service& service,
                typename Method::inputs in, Token&& token)
{
    return boost::asio::async_initiate<Token, void(method_result<Method>)>(
        detail::initiate_method<Method>{&driver, &service}, token, std::move(in));
}

/// Closes a shard: drains, stops copies, flushes. Afterwards it may be destroyed.
///
/// Signature:  void(std::optional<failure>).
/// Executor, Threads, Allocates:  as async_read().
template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(std::optional<failure>)) Token>
auto async_close(loop_in_io_context& driver, shard& which, Token&& token)
{
    return boost::asio::async_initiate<Token, void(std::optional<failure>)>(
        detail::initiate_close{&driver, &which}, token);
}

}  // namespace cimrep::inline v0
