// version.hpp -- which release of the library these headers are.
// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The release as text.
#define CIMREP_VERSION "0.1.0"

/// The release as one number that grows: major * 10000 + minor * 100 + patch.
#define CIMREP_VERSION_NUMBER 100
