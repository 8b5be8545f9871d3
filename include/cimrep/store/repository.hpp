// store/repository.hpp -- where a shard keeps what must outlive its process.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/io/event_loop.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace cimrep::inline v0 {

/// What a record is about.
enum class record_kind : std::uint8_t {
    hot_extents = 1,     ///< extents that are about to be written
    leg_state,           ///< a leg joins or leaves the in-sync set
    relationship_state,  ///< a CopyState, its progress and its settings
    relationship_gone,
};

/// One change to be made durable, in its owner's memory.
///
/// Lifetime:  the op and its bytes stay valid until `done`.
struct commit_op : loop_task {
    record_kind kind{};
    std::span<const std::byte> record;  ///< as the owner encodes it
    void (*done)(commit_op& op, error_code error) noexcept = nullptr;
};

/// Makes records durable, in the order of commit(). What was not committed is as if it never was.
///
/// Threads:  the loop's.
class CIMREP_API repository {
public:
    virtual ~repository() = default;
    /// `op.done` is called once, from the loop, never inside commit(), after the record is durable.
    virtual void commit(commit_op& op) noexcept = 0;
};

/// A repository that forgets with its process: the seam without the durability.
class CIMREP_API volatile_repository final : public repository {
public:
    explicit volatile_repository(event_loop& loop) noexcept : loop_(&loop) {}
    void commit(commit_op& op) noexcept override;

private:
    event_loop* loop_;
};

}  // namespace cimrep::inline v0
