// service/datetime.hpp -- instants and intervals as CIM writes them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>

#include <string>

namespace cimrep::inline v0 {

/// An instant as a CIM datetime in UTC: "20240229235959.000001+000"; empty if it is not set.
///
/// Allocates:  the text. Source: CIM datetime, DSP0004 5.2.4.
CIMREP_API std::string to_datetime(wall_time when);

/// A span as a CIM interval: "00000000000500.000000:000" is five minutes. Negative counts as zero.
///
/// Allocates:  the text. Source: CIM datetime, DSP0004 5.2.4.
CIMREP_API std::string to_interval(duration span);

}  // namespace cimrep::inline v0
