// lib/store/tell_later.hpp -- the end of an op for which there is no memory to carry it out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>

namespace cimrep::inline v0 {

/// Calls `done` in a turn of its own, as if `op` had been carried out.
///
/// Allocates:  never.
template <class Op>
void tell_later(Op& op, event_loop& loop) noexcept
{
    op.refused.op = &op;
    op.refused.run = [](loop_task& task) noexcept {
        Op& refused = *static_cast<typename Op::refusal&>(task).op;
        refused.done(refused);
    };
    loop.defer(op.refused);
}

}  // namespace cimrep::inline v0
