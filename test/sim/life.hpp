// test/sim/life.hpp -- one seeded life of mirrors, their repository and their crashes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_options.hpp"
#include "life_world.hpp"

namespace cimrep::test {

/// Processes boot, work and crash at some I/O, in recovery too; what hosts and operators were told
/// must hold after each crash. Then faults end, and every relationship must become Synchronized,
/// the volume read as the oracle says, and the legs be equal.
life_report live(const life_options& options);

}  // namespace cimrep::test
