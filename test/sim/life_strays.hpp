// test/sim/life_strays.hpp -- a copy of the repository that somebody has opened alone.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "life_world.hpp"
#include <cstddef>
#include <vector>

namespace cimrep::test {

/// Before a life one copy of the new repository is opened without the others, and what is committed
/// there is meant for nobody: that a mirror, which never was, was removed, again and again. The
/// operator decides for the others and opens without it, and brings it back later: then records lie
/// in its log that are of another life of the same repository, and as new as those to come.
///
/// @param copies  all of them, as they were formatted.
/// @returns       that one, or nullptr if there is no other.
block_device* let_a_copy_stray(life_world& world, const std::vector<block_device*>& copies);

/// An operator is about to bring that copy back. With hazard::familiar_strays its disk may lose the
/// checkpoint that it is given, and say that it is there, just before a crash: what lies there then
/// is one of its own past, which may count as many.
void let_a_copy_lose_its_checkpoint(life_world& world, std::size_t copy);

}  // namespace cimrep::test
