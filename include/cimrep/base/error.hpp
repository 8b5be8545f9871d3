// base/error.hpp -- every failure the library itself detects, and the type that carries one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>

#include <boost/outcome/std_result.hpp>
#include <boost/outcome/try.hpp>

#include <string>
#include <system_error>

namespace cimrep::inline v0 {

/// Failures the library itself detects. What the operating system reports is passed on unchanged.
///
/// Values are part of the ABI: append only.
enum class errc : int {
    invalid_state_transition = 1,  ///< the table has no row for the request in this CopyState
    unknown_value,                 ///< a number or name is outside its value map
    not_supported,                 ///< valid in the model, not built here
    invalid_argument,              ///< an argument contradicts another, or is missing
    out_of_bounds,                 ///< an operation reaches past the end of its device
    misaligned,                    ///< an offset or a length is no multiple of the logical block
    geometry_mismatch,             ///< a size or block size, alone or beside another device's
    element_in_use,                ///< the element is mounted, held, claimed or already related
    element_not_accessible,        ///< the element may not be read or written in this CopyState
    foreign_signature,             ///< the device carries data of a stranger
    stale_reference,               ///< the object path names nothing that exists now
    not_identical,                 ///< legs declared identical differ
    short_transfer,                ///< a device ended a transfer early, without an error
    leg_failed,                    ///< no leg is left that could serve the operation
    volume_read_only,              ///< the last leg failed a flush: no write is accepted any more
    deadline_exceeded,             ///< the operation or its device missed its deadline
    compare_mismatch,              ///< compare_and_write found other data; nothing was written
    over_budget,                   ///< the memory given at open does not suffice
    closed,                        ///< the object is closing or closed
    job_stopped,                   ///< a client stopped the job
    injected,                      ///< a fault that a test asked for
    repository_absent,             ///< the device carries no repository
    repository_damaged,            ///< a checksum or a structure is wrong where none may be
    repository_version,            ///< a later version of the library has written it
    repository_incomplete,         ///< a copy is missing that may know more
    repository_diverged,           ///< copies have gone on without each other
    repository_lost,               ///< no copy of the repository is left that can be written
    leg_not_recognized,            ///< what the element holds is not what the repository knows of
};

/// The last of them: there are as many as its number says.
inline constexpr errc errc_last = errc::leg_not_recognized;

/// The one category of `errc`. Its address is the same in every shared object of a process.
///
/// Threads:  any. Allocates: never.
CIMREP_API inline const std::error_category& error_category() noexcept;

/// Makes the code that `std::error_code` carries. Found by argument-dependent look-up.
inline std::error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), error_category()};
}

}  // namespace cimrep::inline v0

template <>
struct std::is_error_code_enum<cimrep::errc> : std::true_type {
};

namespace cimrep::inline v0 {

using error_code = std::error_code;

/// A value, or the reason there is none. Data path and parsing of single values; never allocates.
template <class T = void>
using result = boost::outcome_v2::std_result<T>;

using boost::outcome_v2::success;

namespace detail {

/// The sentence of each `errc`, in the order of the enumerators.
inline constexpr const char* errc_messages[] = {
    "the operation is not legal in this CopyState",
    "the value is outside its value map",
    "not supported by this version",
    "an argument is missing or contradicts another",
    "the operation reaches past the end of the device",
    "offset and length must be multiples of the logical block size",
    "the size or the block size does not fit",
    "the element is in use",
    "the element may not be accessed in this CopyState",
    "the device carries foreign data",
    "the reference names nothing that exists",
    "legs declared identical differ",
    "the device ended the transfer early",
    "no leg is left that can serve the operation",
    "the volume is read-only since its last leg failed a flush",
    "the deadline was missed",
    "the data to compare differs; nothing was written",
    "the memory budget does not suffice",
    "the object is closed",
    "a client stopped the job",
    "a fault injected by a test",
    "there is no repository on the device",
    "the repository is damaged",
    "a later version of the library has written the repository",
    "a copy of the repository is missing",
    "the copies of the repository have gone on without each other",
    "no copy of the repository can be written any more",
    "the element does not hold what the repository knows of it",
};
static_assert(std::size(errc_messages) == static_cast<int>(errc_last));

class CIMREP_API category final : public std::error_category {
public:
    const char* name() const noexcept override { return "cimrep"; }
    std::string message(int value) const override
    {
        if (value < 1 || value > static_cast<int>(errc_last)) return "unknown error";
        return errc_messages[value - 1];
    }
};

}  // namespace detail

inline const std::error_category& error_category() noexcept
{
    static const detail::category the_category;
    return the_category;
}

}  // namespace cimrep::inline v0

/// Returns early with the error of an expression that yields a result.
#define CIMREP_TRY BOOST_OUTCOME_TRY
