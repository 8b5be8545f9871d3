// runtime/observer.hpp -- what a product may watch: log records, state changes, slow operations.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/progress_status.hpp>
#include <cimrep/io/io_op.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace cimrep::inline v0 {

class relationship;

enum class log_level : std::uint8_t { debug, info, warning, error };

/// What happened. The numbers are stable: append only.
enum class log_event : std::uint16_t {
    volume_opened = 1,
    volume_closed,
    leg_attached,
    leg_failed,    ///< fields: leg, offset, error
    leg_stuck,     ///< fields: leg, outstanding
    leg_released,  ///< every outstanding request of a stuck leg has come back
    leg_detached,
    copy_started,   ///< fields: leg, bytes
    copy_finished,  ///< fields: leg, bytes
    copy_stopped,
    volume_read_only,
    verify_mismatch,  ///< fields: leg, offset, length
    safety_warning,
    leg_recognized,      ///< it holds what the repository knows of it
    leg_not_recognized,  ///< it holds something else: leg_info::remark says what
    points_broken,       ///< why: the error; fields: used_bytes, size_bytes of the pool
};

/// One named value of a record; the name is a literal.
struct log_field {
    std::string_view name;
    std::uint64_t value = 0;
};

/// One record. Nothing is formatted; the subject is the object path's text of the element.
struct log_record {
    log_level level = log_level::info;
    log_event event{};
    std::string_view subject;
    error_code error{};
    std::span<const log_field> fields;
};

/// A change of a relationship's state, after it is durable.
struct state_change {
    copy_state copy_state_before{};
    copy_state copy_state_after{};
    progress_status progress_before{};
    progress_status progress_after{};
};

enum class io_stage : std::uint8_t { waiting_for_request, range_lock, hot_mark, legs, commit };

/// A host operation that took longer than the shard's limit, with the stage that took longest.
struct slow_operation {
    io_kind kind{};
    byte_extent extent{};
    duration took{};
    io_stage stage{};
};

/// Receives what happens in one shard. Host data never appears.
///
/// Threads:  called from the shard's loop; returns soon; may not throw and may not destroy.
class CIMREP_API observer {
public:
    virtual ~observer() = default;
    virtual void log(const log_record&) noexcept {}
    virtual void state_changed(const relationship&, const state_change&) noexcept {}
    virtual void slow(const slow_operation&) noexcept {}
};

}  // namespace cimrep::inline v0
