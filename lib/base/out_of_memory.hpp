// lib/base/out_of_memory.hpp -- memory that runs out becomes an error like any other.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/base/units.hpp>

#include <new>
#include <system_error>

namespace cimrep::inline v0 {

inline error_code no_memory() noexcept
{
    return std::make_error_code(std::errc::not_enough_memory);
}

inline bool ran_out(error_code error) noexcept
{
    return error == std::errc::not_enough_memory;
}

// What must be written all the same is tried again so often, with so much time between.
inline constexpr unsigned retries_max = 100;
inline constexpr duration retry_after = milliseconds(10);

/// Allocates:  never: every library's strings hold words as short as these in place.
inline failure out_of_memory() noexcept
{
    return {no_memory(), "no memory", "free some first"};
}

/// What `work` answers; where memory runs out in it, that. What it has begun it has to undo.
template <class Work>
auto within_memory(Work&& work) -> decltype(work())
{
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return out_of_memory();
    }
}

/// The failure that `words` makes, or one without words where there is no memory for them: for
/// those whom nothing may stop on the way to their caller.
template <class Words>
failure in_words(error_code code, Words&& words) noexcept
{
    try {
        return words();
    } catch (const std::bad_alloc&) {
        return {code, {}, {}};
    }
}

}  // namespace cimrep::inline v0
