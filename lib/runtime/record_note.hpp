// lib/runtime/record_note.hpp -- records that are erased when nobody needs them any more.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/store/repository.hpp>

#include <cstddef>
#include <vector>

namespace cimrep::inline v0 {

/// Erases records; `out` counts the commits that are under way. Nobody waits for their success:
/// what is not erased says more than is needed, and never less.
///
/// Lifetime:   `out` lives until it is what it was.
/// Allocates:  what it needs until the commits are done.
void erase_records(repository& store, std::vector<record_key> keys, std::size_t& out);

}  // namespace cimrep::inline v0
