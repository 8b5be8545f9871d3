// base/failure.hpp -- the error of the control path: what was wrong, and what to do.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>

#include <string>
#include <utility>

namespace cimrep::inline v0 {

/// Why a request of the control path was refused or failed.
///
/// Invariant:  `code` is set; `wrong` names the values; `remedy` says what the caller can do.
/// Allocates:  the two texts.
struct failure {
    error_code code;     ///< what a program decides on
    std::string wrong;   ///< what was wrong, with the values: "target /dev/x has 4096 bytes, ..."
    std::string remedy;  ///< what to do: "give a target of at least 8192 bytes"

    /// The failure as one sentence: "<wrong>: <message of the code>; <remedy>".
    std::string sentence() const
    {
        std::string text = wrong.empty() ? code.message() : wrong + ": " + code.message();
        if (!remedy.empty()) text += "; " + remedy;
        return text;
    }

    friend bool operator==(const failure&, const failure&) = default;
};

/// A value, or the failure that says why there is none. Control path only; may allocate.
template <class T = void>
using outcome = boost::outcome_v2::std_result<T, failure, boost::outcome_v2::policy::terminate>;

/// Makes a failure in one line: `return fail(errc::misaligned, "offset 17", "use 512 or 1024")`.
inline failure fail(error_code code, std::string wrong, std::string remedy = {})
{
    return {code, std::move(wrong), std::move(remedy)};
}

}  // namespace cimrep::inline v0
