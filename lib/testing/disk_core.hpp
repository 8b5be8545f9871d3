// lib/testing/disk_core.hpp -- the requests of a disk, between its devices and its medium.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/testing/simulated_disk.hpp>

#include "disk_medium.hpp"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// One operation on its way to the medium. It outlives the op of its caller if that one is killed.
struct disk_request : simulated_event {
    enum class phase : std::uint8_t {
        idle,
        waiting,    ///< its effect is scheduled
        stuck,      ///< nobody knows when
        applied,    ///< its effect has happened, its end is scheduled
        releasing,  ///< it has ended; that its memory is free is scheduled
        parked,     ///< a zombie while no device is open
    };
    struct deadline_timer : timer {
        disk_request* of = nullptr;
    };

    explicit disk_request(disk_core& disk);

    disk_core& core;
    simulated_device* device = nullptr;  ///< null for a zombie
    simulated_loop* loop = nullptr;      ///< on which it is scheduled
    io_op* op = nullptr;                 ///< null for a zombie
    phase where = phase::idle;
    io_kind kind = io_kind::flush;
    byte_extent extent{};
    bool fua = false;
    std::optional<disk_fault> struck;
    error_code fault_error;
    error_code outcome;  ///< from `applied` on
    error_code ending;   ///< of a deadline that could not end it
    std::uint64_t transferred = 0;
    std::uint64_t covers = 0;          ///< a flush: the sequence up to which it saves
    std::uint64_t first_sequence = 0;  ///< a write: of its first block
    std::uint64_t sequence = 0;        ///< a write: of its last block
    duration delay{};                  ///< of a parked zombie
    std::vector<std::byte> data;       ///< of a write, as it was at submit()
    std::size_t index = 0;             ///< in disk_core::active_
    deadline_timer deadline;

    bool is(disk_fault which) const noexcept { return struck && *struck == which; }
    bool changes() const noexcept { return kind != io_kind::read && kind != io_kind::flush; }
    bool zombie() const noexcept { return op == nullptr && where != phase::idle; }
};

/// The inside of a simulated_disk.
///
/// Invariant:  each request in `active_` is waiting, stuck, applied, releasing or parked; the
///             others are in `idle_`.
class disk_core {
public:
    explicit disk_core(const simulated_disk_options& options);
    ~disk_core();

    // Of devices.
    std::unique_ptr<simulated_device> open(simulated_loop& loop);
    void closed(simulated_device& device);
    void submit(simulated_device& device, io_op& op);
    void cancel(io_op& op);
    void end_early(disk_request& r, error_code error, bool certainly);
    void happen(disk_request& r);
    geometry shape() const noexcept;

    // Of the disk.
    void power_loss(const power_loss_options& options);
    void process_kill(const process_kill_options& options);
    void land_zombies();
    std::size_t release_stuck();
    std::size_t count(disk_request::phase where) const noexcept;
    std::size_t zombies() const noexcept;
    bool has_untold_loss() const noexcept { return lost_early_; }
    std::string describe_waiting(const simulated_device& device) const;
    void trace_event_of_disk(std::uint64_t what);
    /// The medium is another one: its sequence numbers are, too.
    void medium_changed() noexcept { acknowledged_sequence_ = medium.sequence(); }

    simulated_disk_options options;
    disk_medium medium;
    fault_plan plan;
    seeded_random random;
    disk_statistics statistics;
    std::vector<std::string> violations;
    bool present = true;
    void (*before_io)(void* context) = nullptr;  ///< may end all devices
    void* before_io_context = nullptr;

    void add_rule(const disk_fault_rule& rule) { script_.push_back({rule, 0}); }
    void use(const fault_plan& wanted);
    void forget_faults()
    {
        script_.clear();
        failing_kinds_ = 0;
    }

private:
    struct script_line {
        disk_fault_rule rule;
        std::uint64_t seen = 0;
    };

    error_code refusal(const simulated_device& device, const io_op& op);
    disk_request& take();
    disk_request& take(simulated_device& device, io_op& op);
    void release_later(simulated_loop& loop, io_op& op);
    void retire(disk_request& r);
    void choose_fault(disk_request& r);
    bool ask_script(disk_request& r);
    void strike(disk_request& r, disk_fault which);
    duration latency();
    void count_struck(disk_request& r);

    error_code failure_of(disk_request& r);
    error_code apply(disk_request& r);
    error_code apply_read(disk_request& r);
    error_code apply_change(disk_request& r);
    error_code apply_flush(disk_request& r);
    void take_changed_memory(disk_request& r);
    void write_some(disk_request& r, std::uint64_t count, std::uint64_t offset,
                    bool each_by_chance);
    std::span<const std::byte> content_of(const disk_request& r, std::uint64_t block_in_request);
    bool is_unanswered(std::uint64_t sequence) const;
    void lose_early(const disk_request& r);
    void rot_in(const disk_request& r);
    std::uint64_t elsewhere(const disk_request& r);
    std::uint64_t block_count(const disk_request& r) const noexcept;

    void finish(disk_request& r, error_code error);
    void answer(disk_request& r, error_code error);
    void end_devices(error_code error);
    void land(disk_request& r);
    void done_unheard(disk_request& r);
    void bury(disk_request& r, const process_kill_options& options);
    void tear(disk_request& r, const power_loss_options& options);
    void park_zombies(const simulated_loop& loop);

    std::vector<simulated_device*> devices_;
    std::vector<std::unique_ptr<disk_request>> requests_;
    std::vector<disk_request*> idle_;
    std::vector<disk_request*> active_;
    std::vector<script_line> script_;
    std::vector<disk_fault> rated_;  ///< those whose rate is not zero
    std::vector<std::byte> zeros_;
    std::vector<std::byte> garbage_;
    std::uint64_t acknowledged_sequence_ = 0;
    std::uint32_t failing_kinds_ = 0;
    error_code failing_error_;
    bool write_back_failed_ = false;
    bool lost_early_ = false;  ///< the block is gone for which the next flush fails
    bool zeroes_lost_ = false;
    bool discard_lost_ = false;
};

}  // namespace cimrep::inline v0
