// examples/cimrepctl/interrupt.hpp -- signals end a command in order, by its own means.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>

namespace cimrepctl {

/// From here on the signals are remembered instead of ending the process. A second one of the same
/// kind ends it.
void catch_interrupts();

/// True once a signal has asked the program to end.
bool interrupted() noexcept;

/// The failure of a command that a signal ended, and its recognition.
cimrep::failure interruption();
bool is_interruption(const cimrep::failure& why) noexcept;

}  // namespace cimrepctl
