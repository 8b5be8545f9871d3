// service/cim_error.hpp -- a failure as the model tells it: CIM_Error.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/cim/error_type.hpp>
#include <cimrep/cim/probable_cause.hpp>

#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// A failure for a client that speaks CIM.
///
/// Source:  CIM_Error, schema 2.49.0.
struct cim_error {
    cimrep::error_type error_type = cimrep::error_type::unknown;
    std::string owning_entity;  ///< "cimrep": the message ids are this library's
    std::string message_id;     ///< "CIMREP5": the number of the errc; others: category and number
    std::string message;        ///< the failure as one sentence
    cimrep::perceived_severity perceived_severity = cimrep::perceived_severity::unknown;
    cimrep::probable_cause probable_cause = cimrep::probable_cause::unknown;
    std::vector<std::string> recommended_actions;
    cimrep::cim_status_code cim_status_code = cimrep::cim_status_code::failed;

    friend bool operator==(const cim_error&, const cim_error&) = default;
};

/// The failure as a CIM_Error.
///
/// Allocates:  the texts.
CIMREP_API cim_error to_cim_error(const failure& why);

}  // namespace cimrep::inline v0
