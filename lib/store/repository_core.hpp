// lib/store/repository_core.hpp -- a repository from the inside: log, checkpoint, superblocks.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/store/device_repository.hpp>

#include "block_buffer.hpp"
#include "checksum.hpp"
#include "copy_reader.hpp"
#include "fan_out.hpp"
#include "judgement.hpp"
#include "log_space.hpp"
#include "record_map.hpp"
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

/// One copy, as the repository works with it.
struct store_copy {
    enum class role : std::uint8_t {
        absent,   ///< no device
        stale,    ///< recorded as stale, or about to be
        filling,  ///< gets everything that is written, and is recorded as stale still
        joining,  ///< has everything; that it is not stale any more is being recorded
        current,
    };

    block_device* device = nullptr;
    role at = role::absent;
    bool in_checkpoint = false;  ///< of the checkpoint that is being written
    unsigned slot = 0;           ///< of the superblock that is written next: the older one
    unsigned checkpoint_area = 1;
    std::uint64_t superblock_sequence = 0;
    error_code failed_with;
    block_buffer superblock;
    block_buffer checkpoint_head;

    bool written() const noexcept { return at >= role::filling; }
};

/// Invariant:  a commit is answered with success only while `recorded_ >= membership_`, that is:
///             who is stale is durable on every copy that is not. Log space is given back only
///             when the checkpoint that makes it needless is named by durable superblocks.
struct device_repository::implementation {
    using role = store_copy::role;
    using commit_queue = intrusive_queue<loop_task, &loop_task::next>;
    using fan = fan_out<implementation>;

    implementation(event_loop& loop, std::pmr::memory_resource* memory, duration deadline);
    ~implementation();

    // How it begins (core_open.cpp, core_begin.cpp).
    void format(repository_format_op& op);
    void open(repository_open_op& op);

    // What its owner asks (core_commit.cpp, core_close.cpp, core_resilver.cpp).
    void commit(commit_op& op) noexcept;
    void close(repository_close_op& op) noexcept;
    void resilver(repository_resilver_op& op) noexcept;

    enum class phase : std::uint8_t { reading, recovering, open, closing, closed };

    event_loop* loop_;
    std::pmr::memory_resource* memory_;
    duration deadline_;
    phase phase_ = phase::reading;
    bool lost_ = false;
    std::array<store_copy, repository_copies_max> copies_;
    superblock wanted_block_;  ///< what the superblocks shall say, but for what is a copy's own
    repository_features added_features_;  ///< by the opening: to those that the repository has
    record_map records_;
    repository_statistics counters_;

    std::uint64_t payload_bytes_max() const noexcept;
    copy_condition condition(unsigned copy) const noexcept;

private:
    // Reading (core_open.cpp).
    void read_devices(const std::vector<block_device*>& devices);
    void read_next_superblocks();
    void superblocks_read() noexcept;
    void superblocks_known();
    void load_next();
    void loaded(const copy_findings& found);
    void believe(unsigned copy);
    void fail_opening(failure why) noexcept;
    void end() noexcept;
    template <class Step>
    void guarded(const Step& step) noexcept;
    // Beginning (core_begin.cpp).
    void format_checked();
    void begin(copy_mask current);
    void make_buffers();
    copy_mask encode_replacements();
    void replace_superblocks(copy_mask which) noexcept;
    void superblocks_replaced() noexcept;
    void opened() noexcept;
    void formatted(std::optional<failure> error) noexcept;
    std::uint64_t random_number() noexcept;

    // The log (core_commit.cpp).
    void schedule() noexcept;
    void pump() noexcept;
    void collect() noexcept;
    void launch() noexcept;
    void log_written() noexcept;
    void answer_batch() noexcept;
    void answer(commit_op& op, error_code error) noexcept;
    void refuse_queued(error_code why) noexcept;

    // Checkpoints (core_checkpoint.cpp).
    void start_checkpoint() noexcept;
    void write_next_part() noexcept;
    void part_written() noexcept;
    void write_head() noexcept;
    void head_written() noexcept;
    void checkpoint_flushed() noexcept;
    void switch_checkpoint() noexcept;
    void checkpoint_done() noexcept;
    bool checkpoint_failed() noexcept;
    copy_mask checkpoint_targets() const noexcept;

    // Superblocks and membership (core_superblock.cpp).
    void want_superblocks() noexcept;
    void membership_changed() noexcept;
    void write_superblocks() noexcept;
    void write_superblock_step() noexcept;
    void superblock_step_done() noexcept;
    copy_mask superblock_targets() const noexcept;
    void copies_failed(const fan& of) noexcept;
    void copy_failed(unsigned copy, error_code error) noexcept;
    copy_mask all_of(role least) const noexcept;

    // What is next, whoever has ended (core_close.cpp, core_resilver.cpp).
    void advance() noexcept;
    void advance_loss() noexcept;
    void advance_close() noexcept;
    void advance_resilver() noexcept;
    void resilver_superblocks_read() noexcept;
    void end_resilver(std::optional<failure> error) noexcept;
    std::optional<failure> resilver_refused() const noexcept;
    bool idle() const noexcept;

    template <class Prepare>
    void start(fan& with, copy_mask mask, fan::completion then, const Prepare& prepare);
    void prepare_durable_write(io_op& op, unsigned copy, std::uint64_t offset,
                               std::span<const std::byte> bytes) noexcept;

    fan log_fan_{*this};
    fan checkpoint_fan_{*this};
    fan superblock_fan_{*this};

    // The log.
    struct own_task : loop_task {
        implementation* self = nullptr;
    } pump_task_, end_task_;
    commit_queue queue_;  ///< not in a log record yet
    commit_queue batch_;  ///< in the one that is built or being written
    block_buffer log_buffer_;
    std::size_t batch_bytes_ = 0;
    std::uint32_t batch_changes_ = 0;
    std::uint64_t batch_commits_ = 0;
    bool log_busy_ = false;  ///< from launch until the batch is answered
    bool waits_for_room_ = false;
    log_space log_;
    std::uint64_t next_sequence_ = 1;

    // Checkpoints.
    struct checkpoint_progress {
        bool running = false;
        bool switching = false;
        std::uint64_t switched_at = 0;  ///< the version of the superblocks that names it
        std::uint64_t replay_position = 0;
        std::uint64_t replay_sequence = 0;
        std::optional<record_key> cursor;
        std::uint64_t records = 0;
        std::uint64_t payload_bytes = 0;
        std::uint64_t written_bytes = 0;
        std::size_t carried_bytes = 0;  ///< at the start of the buffer: less than a block
        std::size_t part_bytes = 0;     ///< being written
        bool last = false;
        checksum payload;
    } checkpoint_;
    block_buffer checkpoint_buffer_;
    bool checkpoint_wanted_ = false;

    // Superblocks. Versions count the changes of wanted_block_.
    std::uint64_t wanted_ = 0;
    std::uint64_t recorded_ = 0;    ///< durable on every copy that is not stale
    std::uint64_t membership_ = 0;  ///< the version of the last change of who is stale
    std::uint64_t writing_ = 0;
    unsigned superblock_step_ = 0;
    bool superblocks_busy_ = false;

    // Beginning and end.
    std::vector<block_device*> given_;
    std::vector<std::unique_ptr<copy_reader>> readers_;
    std::vector<const copy_findings*> findings_;
    std::size_t reading_ = 0;
    known_copies known_;
    const copy_findings* kept_ = nullptr;  ///< of the copy whose records are in records_
    record_map loading_;
    repository_open_op* open_op_ = nullptr;
    repository_format_op* format_op_ = nullptr;
    repository_close_op* close_op_ = nullptr;
    std::uint64_t closed_at_ = 0;  ///< the version with the clean mark; 0: not wanted yet

    // Resilver.
    repository_resilver_op* resilver_op_ = nullptr;
    enum class resilver_phase : std::uint8_t { none, waiting, reading, filling, joining };
    resilver_phase resilver_phase_ = resilver_phase::none;
    std::uint64_t joined_at_ = 0;
    copy_reader resilver_reader_;
};

template <class Prepare>
void device_repository::implementation::start(fan& with, copy_mask mask, fan::completion then,
                                              const Prepare& prepare)
{
    with.start(
        mask, then, [this](unsigned copy) -> block_device& { return *copies_[copy].device; },
        [&](io_op& op, unsigned copy) {
            prepare(op, copy);
            if (deadline_.nanoseconds != 0) op.deadline = loop_->now() + deadline_;
        });
}

}  // namespace cimrep::inline v0
