// test/sim/life_trim.hpp -- a source that was used and trimmed before it became one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_world.hpp"

namespace cimrep::test {

/// Before a life a program that knows nothing of the library writes to the source, flushes, and
/// gives back what it has written, without a flush: the source has no data then, and after a power
/// loss it has what was there before.
void use_and_trim_the_source(life_world& world);

/// The first process has no host: nothing says of a source that it was written to.
bool leaves_trimmed_source_alone(const life_world& world);

}  // namespace cimrep::test
