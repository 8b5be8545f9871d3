// lib/runtime/leg_examination.hpp -- looks at a leg before anything that it holds is believed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>

#include "evidence_keeper.hpp"
#include <functional>
#include <string>

namespace cimrep::inline v0 {

/// What came of it.
struct examination_result {
    leg_verdict verdict = leg_verdict::recognized;
    std::size_t places = 0;   ///< that were looked at
    error_code unreadable{};  ///< the leg could not be read: there is no verdict
    std::string why;
};

using examination_over = std::function<void(const examination_result& found)>;

/// Compares a leg with its label on record, with the samples of the last close where its map says
/// that it is equal, and with `reference`, a leg that is believed, at random places of that kind.
/// While it lasts the leg is `examined`. Calls `over` once: at once, if there is nothing to look
/// at, else from the loop.
///
/// @pre        neither leg is removed before the end; nothing else is in flight on `which`; `over`
///             throws nothing.
/// Allocates:  what it reads; where there is no memory for that the leg is unreadable.
void examine(volume_core& volume, leg& which, leg* reference, examination_over over) noexcept;

}  // namespace cimrep::inline v0
