// lib/runtime/point_keeper.hpp -- the points in time of one volume: taken, kept, broken, dropped.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/engine/points_in_time.hpp>
#include <cimrep/runtime/point_in_time.hpp>

#include "point_records.hpp"
#include "preserver.hpp"
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

struct saved_points;
struct volume_core;

/// The device on which a point in time is read.
class point_front final : public block_device {
public:
    explicit point_front(volume_core& volume, std::uint64_t which = 0) noexcept
        : number(which), volume_(&volume)
    {
    }
    const geometry& shape() const noexcept override;
    event_loop& loop() const noexcept override;
    void submit(io_op& op) noexcept override;
    void cancel(io_op& op) noexcept override;

    std::uint64_t number;

private:
    volume_core* volume_;
};

/// The points in time of a volume.
///
/// Taken:    from the instant at which the epoch goes up each change that begins keeps what it
///           overwrites; those that were under way end, every leg in sync is flushed, the record is
///           made: then the point is there.
/// Broken:   all of them at once, on record before a change that could not keep anything goes on.
/// Allocates:  in the constructor, take() and all(); clean() leaves what it has no memory for.
class point_keeper {
public:
    point_keeper(volume_core& owner, preservation_pool& pool, const preservation_settings& settings,
                 std::pmr::memory_resource* memory);
    ~point_keeper();
    point_keeper(const point_keeper&) = delete;
    point_keeper& operator=(const point_keeper&) = delete;

    /// How many there may be, for all of them break in one commit.
    static std::size_t points_max(const repository& store, std::size_t wanted) noexcept;

    /// What the last process has left. @errors errc::repository_damaged, errc::over_budget.
    outcome<> revive(const saved_points& saved);

    bool keeps() const noexcept { return !points_.empty() || !to_take_.empty(); }
    bool full() const noexcept
    {
        return known_.size() + to_take_.size() + abandoned_.size() >= settings_.points_max;
    }
    /// @pre  not full().
    void take(point_op& op);
    /// @pre  knows(op.number).
    void drop(point_op& op) noexcept;
    /// It is there, and nobody drops it.
    bool knows(std::uint64_t number) const noexcept;
    point_front* front(std::uint64_t number) noexcept;
    std::vector<point_info> all() const;
    preservation_pool& pool() noexcept { return *pool_; }

    // For the volume's changes, and for reads of a point.

    /// Of which a change that begins now is not a part, if there are any.
    std::uint64_t epoch() const noexcept { return points_.epoch(); }
    void change_begun(const host_request& r) noexcept { ++changes_[r.epoch % changes_.size()]; }
    void change_ended(const host_request& r) noexcept;
    void read_begun(std::uint64_t number) noexcept;
    void read_ended(std::uint64_t number) noexcept;
    void preserve(host_request& r) noexcept { preserver_.preserve(r); }
    /// The latest that a change must not change; 0: there is none.
    std::uint64_t point_before(const host_request& r) const noexcept;
    bool can_be_read(std::uint64_t number) const noexcept;
    const exception_table& table() const noexcept { return preserver_.table(); }
    std::uint64_t chunk_bytes() const noexcept { return preserver_.chunk_bytes(); }

    // For the preserver.

    /// They cannot be kept, because of `why`: tells points_are_broken() when that is on record.
    void break_points(error_code why) noexcept;
    /// The volume's content became another one: none is read from now on, whatever the record says.
    void content_replaced(error_code why) noexcept;
    bool breaking() const noexcept { return breaking_; }
    void batch_over() noexcept;
    /// It may be on record all the same: its places are in use until it is erased.
    void batch_failed(const record_key& key, std::span<const exception> names) noexcept;

    bool idle() const noexcept;

private:
    struct point {
        std::uint64_t number = 0;
        point_record record;
        std::unique_ptr<point_front> front;
        std::size_t reads = 0;  ///< under way
        bool dropping = false;
    };
    struct taker {
        point_op* op;
        std::unique_ptr<point_front> front;
    };
    struct keeper_commit : commit_op {
        point_keeper* self = nullptr;
    };
    struct keeper_flush : io_op {
        point_keeper* self = nullptr;
    };
    struct keeper_timer : timer {
        point_keeper* self = nullptr;
    };
    struct failed_batch {
        record_key key;
        std::vector<exception> names;
    };
    enum class stage : std::uint8_t { none, claiming, draining, flushing, recording };

    const point* find(std::uint64_t number) const noexcept;
    point* find(std::uint64_t number) noexcept
    {
        return const_cast<point*>(std::as_const(*this).find(number));
    }
    record_key key_of(std::uint64_t index) const noexcept;
    void reserve(std::size_t points);

    void begin_taking() noexcept;
    void advance() noexcept;
    void flushed(error_code error) noexcept;
    void record() noexcept;
    void recorded(error_code error) noexcept;
    void taken(error_code error) noexcept;
    void begin_dropping(bool also_abandoned = true) noexcept;
    void dropped(error_code error) noexcept;
    void record_broken() noexcept;
    void broken(error_code error) noexcept;
    void break_again_later() noexcept;

    // What no point needs any more (point_space.cpp).
    void clean() noexcept;
    void free_space();
    void tidy_lately() noexcept;
    void tidy_records(std::uint64_t from_batch);
    void erase_failed() noexcept;
    void failed_erased(error_code error) noexcept;
    void merge(std::vector<exception> parts, std::vector<record_key> from);

    volume_core* volume_;
    preservation_pool* pool_;
    preservation_settings settings_;
    std::pmr::memory_resource* memory_;
    points_in_time points_;
    preserver preserver_;
    std::vector<point> known_;              ///< on record, by number
    std::array<std::size_t, 2> changes_{};  ///< under way, by their epoch
    std::size_t unclaimed_;  ///< under way since before the first: of parts of sub-blocks

    std::deque<taker> to_take_;  ///< the first of them is being taken
    stage stage_ = stage::none;
    std::uint64_t number_ = 0;  ///< of the one that is being taken
    keeper_flush flush_;
    keeper_commit take_commit_;
    std::array<record_change, 4> take_changes_;
    points_value points_value_{};
    point_value point_value_{};
    point_record taking_;
    std::string volume_text_;

    intrusive_queue<control_op, &control_op::next> to_drop_;
    point_op* dropping_ = nullptr;
    std::uint64_t erasing_ = 0;             ///< the point whose record is being erased; 0: none
    std::vector<std::uint64_t> abandoned_;  ///< nobody has heard of them, but they may be on record
    keeper_commit drop_commit_;
    record_change drop_change_;

    keeper_commit break_commit_;
    std::vector<record_change> break_changes_;
    std::vector<point_value> break_values_;
    points_value points_value_broken_{};
    bool breaking_ = false;
    bool content_lost_ = false;  ///< what they are of is no more, and no record says so yet
    unsigned retries_ = 0;
    keeper_timer retry_;
    error_code broken_with_{};

    std::vector<failed_batch> failed_;
    bool erasing_failed_ = false;
    keeper_commit erase_commit_;
    record_change erase_change_;
    std::uint64_t tidied_to_ = 0;  ///< batches before this one have been looked at
    bool clean_due_ = false;
    std::size_t notes_out_ = 0;
};

}  // namespace cimrep::inline v0
