// test/space/world.hpp -- two tiny elements, a repository and the shard on them, a step at a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>
#include <cimrep/runtime/shard.hpp>
#include <cimrep/store/repository.hpp>

#include "virtual_loop.hpp"
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::test {

inline constexpr std::uint64_t space_region_bytes = 4 * kib;
inline constexpr std::size_t space_regions = 2;

/// What a region holds: every write of a host brings a new number.
using region_value = std::uint64_t;
using region_values = std::array<region_value, space_regions>;

/// What stays of an element when the process that used it is gone.
struct medium {
    std::string name;
    std::vector<std::byte> bytes = std::vector<std::byte>(space_region_bytes * space_regions);
    bool failing = false;      ///< every operation ends with an error, and nobody can open it
    bool flush_fails = false;  ///< only flushes do

    region_value value(std::size_t region) const;
    void fill(std::size_t region, region_value with);
    region_values values() const;
};

/// One process: nothing that it does has an effect once it is dead. It holds back the reads of
/// copies, so that a copy is a state that lasts and not a moment.
struct process_state {
    bool dead = false;
    bool holds_reads = true;
    std::vector<io_op*> held;
};

/// Remembers in the world's memory what is committed, from the moment of the commit on.
class space_repository final : public repository {
public:
    using records = std::map<record_key, std::vector<std::byte>>;
    space_repository(event_loop& loop, const process_state& process, records& durable)
        : loop_(&loop), process_(&process), durable_(&durable)
    {
    }
    bool durable() const noexcept override { return true; }
    void commit(commit_op& op) noexcept override;
    std::optional<std::span<const std::byte>> find(const record_key& key) const override;
    void for_each(record_kind kind, const record_visitor& visit) const override;
    void for_each(record_kind kind, std::uint64_t owner,
                  const record_visitor& visit) const override;

private:
    event_loop* loop_;
    const process_state* process_;
    records* durable_;
};

/// The elements "s" and "t" of a process.
class space_elements final : public element_provider {
public:
    space_elements(process_state& process, medium& source, medium& target)
        : process_(&process), media_{&source, &target}
    {
    }
    outcome<element_description> describe(const object_path& path) const override;
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                const element_open_request& request) override;

private:
    medium* find(const object_path& path) const;

    process_state* process_;
    std::array<medium*, 2> media_;
};

/// A shard with the relationship of "s" to "t", or with none.
///
/// Everything is done to its end: each call returns when nothing is left to do but copying.
class world {
public:
    explicit world(bool manual_recovery);
    ~world();
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    relationship* pair() const;
    volume& disk();
    bool related() const { return pair() != nullptr; }

    /// The error of a request that was accepted, or why it was refused.
    struct answer {
        bool accepted = false;
        std::optional<failure> error;
    };
    answer create(initial_synchronization initial);
    answer request(operation what, bool force);

    error_code write(bool to_target, std::size_t region);
    error_code flush();
    void copy_one_window();
    void copy_to_the_end();
    void fail(bool target);
    outcome<> element_returned(bool target);
    bool copies() const { return !process_->held.empty(); }
    void reopen(bool orderly);

    medium source{.name = "s"};
    medium target{.name = "t"};
    /// What the host of the volume was told is there.
    region_values volume_values{};
    space_repository::records durable;
    /// What relationship::state() was, each time that a change of it was announced.
    std::vector<relationship_state> trace;
    shard* opened() const { return shard_.get(); }
    bool manual_recovery() const { return manual_recovery_; }

private:
    struct listener : relationship_listener {
        world* self = nullptr;
    };

    void open();
    void close();
    void run();
    void run_until(const bool& over);
    void let_reads_go();
    error_code submit(block_device& device, io_op& op, const bool& over, error_code& error);

    bool manual_recovery_;
    virtual_loop loop_;
    region_value last_value_ = 0;
    std::unique_ptr<process_state> process_;
    std::unique_ptr<space_elements> elements_;
    std::unique_ptr<space_repository> store_;
    std::unique_ptr<shard> shard_;
    listener listener_;
};

}  // namespace cimrep::test
