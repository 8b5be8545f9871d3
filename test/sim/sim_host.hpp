// test/sim/sim_host.hpp -- a host of a volume or of a target, which can pause.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/testing/content_oracle.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::test {

/// What a host does.
struct host_habits {
    std::uint64_t operations = 150;
    std::size_t depth = 8;
    std::uint64_t blocks_max = 8;
    bool scribbles = false;   ///< some writes are unstable, and their memory changes in flight
    bool promises = false;    ///< some writes are stable_until_released
    bool faithless = false;   ///< flushes that fail have lost what they should have saved
    bool cancels = false;     ///< some operations are cancelled while they are in flight
    bool hurries = false;     ///< some operations have a deadline
    bool compares = false;    ///< some writes are compare_and_write
    bool legs_hurry = false;  ///< legs have one of their own, by which operations may end as well
};

/// Random stamped operations, told to an oracle; without one they carry what no volume may hold.
class sim_host {
public:
    /// `before_end` is called before the oracle is told how an operation has ended.
    sim_host(block_device& device, content_oracle* oracle, std::uint64_t seed,
             const host_habits& habits, std::function<void(const io_op&, error_code)> before_end);
    sim_host(const sim_host&) = delete;
    sim_host& operator=(const sim_host&) = delete;
    ~sim_host();

    /// Goes on, up to its number of operations.
    void go_on();
    /// Submits nothing until go_on().
    void pause() noexcept { paused_ = true; }
    void stop() noexcept
    {
        paused_ = true;
        left_ = 0;
    }
    /// The oracle was replaced: what is in flight is told to nobody. For a host that is quiet.
    bool quiet() const noexcept { return in_flight_ == 0; }
    bool finished() const noexcept { return quiet() && left_ == 0; }
    /// A change of some of the extent is under way: one leg may have it, and another one not.
    bool changes(byte_extent extent) const noexcept;
    const std::optional<std::string>& violation() const noexcept { return violation_; }
    std::uint64_t completed() const noexcept { return completed_; }

    /// While it is true nobody can know what a read sees.
    std::function<bool()> doubts = [] { return false; };
    /// Nothing of it has been sent, and cancel() or its deadline ends it at once; false where that
    /// cannot be told.
    std::function<bool(const io_op&)> waits = [](const io_op&) { return false; };
    /// Whatever tells moments apart: what it returns when a read is sent is told at its end.
    std::function<std::uint64_t()> moment = [] { return 0; };
    /// A read without an error, and which of `moment` it was sent at.
    std::function<void(const io_op&, std::uint64_t sent)> at_read = [](const io_op&,
                                                                       std::uint64_t) {};
    /// False once the machine has crashed: no answer is one of the device's own then.
    std::function<bool()> judged = [] { return true; };

    std::uint64_t failed() const noexcept { return failed_; }

private:
    struct host_op;

    void submit(host_op& op);
    void prepare(host_op& op);
    void prepare_change(host_op& op, std::uint64_t first, std::uint64_t count);
    bool prepare_comparison(host_op& op);
    void judge_comparison(host_op& op, error_code error);
    void ended(host_op& op, error_code error);
    void judge(host_op& op, error_code error);
    void put_away(host_op& op);
    void hurry(host_op& op);
    void cancel(host_op& op);
    void cancel_another();
    void expect_end(host_op& op, monotonic_time due);
    void look_for_end(host_op& op);
    void judge_end(const host_op& op, error_code error);
    bool was_taken_back(const host_op& op, error_code error) const;
    void violate(std::string text);

    block_device& device_;
    content_oracle* oracle_;
    seeded_random random_;
    seeded_random impatience_;   ///< of its own: what is done is the same with it
    seeded_random comparisons_;  ///< so is this
    host_habits habits_;
    std::function<void(const io_op&, error_code)> before_end_;
    std::vector<std::unique_ptr<host_op>> ops_;
    std::vector<host_op*> idle_;
    std::optional<std::string> violation_;
    std::uint64_t left_;
    std::uint64_t completed_ = 0;
    std::uint64_t failed_ = 0;
    std::size_t in_flight_ = 0;  ///< or with memory that is not released yet
    bool paused_ = true;
    bool calling_ = false;  ///< the device, which may not answer from there
};

}  // namespace cimrep::test
