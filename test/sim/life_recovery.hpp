// test/sim/life_recovery.hpp -- which relationships wait for their operator when a leg is back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_world.hpp"
#include <cstddef>

namespace cimrep::test {

/// Whether the mirror that is about to be made with this replica has CopyRecoveryMode Manual.
bool recovers_by_hand(const life_world& world, std::size_t index);

}  // namespace cimrep::test
