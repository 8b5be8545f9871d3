// runtime/point_in_time.hpp -- what a volume held at an instant, kept while the host goes on.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/object_path.hpp>
#include <cimrep/runtime/control_op.hpp>

#include <cstdint>

namespace cimrep::inline v0 {

/// What is asked for when a point in time is taken. Source: CIM_SynchronizationAspect, 2.49.
struct point_request {
    object_path source;
    /// An element in which what the host overwrites is kept. All points of a volume have the same;
    /// volumes may share it. What it held is lost.
    object_path pool;
    bool allow_overwrite = false;  ///< a foreign signature on the pool is accepted
};

/// A point in time that is being taken or dropped.
struct point_op : control_op {
    std::uint64_t number = 0;  ///< of the point; set before `done`
};

/// A point in time of a volume. Its number is never used again while the volume is known: one in no
/// relationship and without points is forgotten by the next opening.
struct point_info {
    std::uint64_t number = 0;
    wall_time taken_at{};
    bool broken = false;  ///< something of it could not be kept: reads of it fail
    friend bool operator==(const point_info&, const point_info&) = default;
};

/// What is in use of a pool.
///
/// Unit:  bytes.
struct pool_info {
    object_path element;
    std::uint64_t size_bytes = 0;  ///< that can be used
    std::uint64_t used_bytes = 0;
};

}  // namespace cimrep::inline v0
