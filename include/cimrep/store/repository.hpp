// store/repository.hpp -- where a shard keeps what must outlive its process.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/io/event_loop.hpp>
#include <cimrep/store/features.hpp>
#include <cimrep/store/record.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace cimrep::inline v0 {

/// Changes that become durable together or not at all, in their owner's memory.
///
/// Lifetime:  the op, its changes and their values stay valid and unchanged until `done`.
struct commit_op : loop_task {
    std::span<const record_change> changes;  ///< applied in order
    void (*done)(commit_op& op, error_code error) noexcept = nullptr;
    monotonic_time started{};  // the repository's
    error_code outcome{};      // the repository's
};

/// A durable ordered map of records. What was not committed is as if it never was.
///
/// Order:    commits become durable, and are answered so, in the order of commit(). One that is
///           refused may be answered before earlier ones.
/// Threads:  the loop's.
class CIMREP_API repository {
public:
    virtual ~repository() = default;

    /// True if what is committed outlives the process: then the maps of legs are worth saving.
    virtual bool durable() const noexcept { return false; }

    /// What it uses beyond the first format: which kinds of records its writers keep true.
    virtual repository_features features() const noexcept { return {}; }

    /// The longest commit that it bears; longer ones fail with errc::over_budget.
    ///
    /// Unit:  bytes of all changes together, as encoded_bytes() counts them.
    virtual std::uint64_t commit_bytes_max() const noexcept { return UINT64_MAX; }

    /// `op.done` is called once, from the loop, never inside commit(), after the changes are
    /// durable, or with the reason why they are not. After an error they may be found after a
    /// crash, but only all of them.
    virtual void commit(commit_op& op) noexcept = 0;

    /// The durable value under `key`, or nothing.
    ///
    /// Lifetime:  until the next turn of the loop.
    virtual std::optional<std::span<const std::byte>> find(const record_key& key) const;

    /// Visits the durable records of a kind in the order of their keys.
    ///
    /// @pre  `visit` does not commit.
    using record_visitor =
        std::function<void(const record_key& key, std::span<const std::byte> value)>;
    virtual void for_each(record_kind kind, const record_visitor& visit) const;

    /// As above, of one owner only.
    virtual void for_each(record_kind kind, std::uint64_t owner, const record_visitor& visit) const;
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
