// testing/simulated_machine.hpp -- several disks on one power supply, and a process that may die.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/testing/simulated_disk.hpp>
#include <cimrep/testing/simulated_loop.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace cimrep::inline v0 {

/// How a simulated process ends before its time.
enum class crash_kind : std::uint8_t {
    power_loss,    ///< caches lose what the disks' plans say, what is in flight is torn
    process_kill,  ///< caches are kept, what is in flight may land later
};

/// How a simulated_machine begins.
struct simulated_machine_options {
    std::uint64_t seed = 1;
    simulated_loop_options loop{};  ///< its seed is derived from the machine's
};

/// Disks that go on while one process after the other runs on them and crashes.
///
/// A life: loop() and disks; the stack under test is opened on them; crash_at() or crash(); the
/// loop is halted and nothing more is delivered. To take the dead stack apart in an orderly way,
/// loop().resume() and close it: every operation ends with std::errc::no_such_device and changes
/// nothing. Then restart(), and the next process finds on the disks what the crash has left.
///
/// Invariant:  all disks crash at one instant.
/// Threads:    one.
class CIMREP_API simulated_machine {
public:
    simulated_machine() : simulated_machine(simulated_machine_options{}) {}
    explicit simulated_machine(const simulated_machine_options& options);
    simulated_machine(const simulated_machine&) = delete;
    simulated_machine& operator=(const simulated_machine&) = delete;

    /// @pre  nothing is queued on the loop, and no device is left.
    ~simulated_machine();

    /// A disk of this machine; its seed and number are the machine's to choose. It stays where it
    /// is until the machine ends.
    simulated_disk& add(simulated_disk_options options);
    std::size_t disk_count() const noexcept { return disks_.size(); }
    simulated_disk& disk(std::size_t index) noexcept { return *disks_[index]; }

    /// The plan of every disk.
    void use(const fault_plan& plan);

    /// The loop of the process that runs now.
    simulated_loop& loop() noexcept { return *loop_; }

    /// Operations that any disk was given since the machine was made, by all processes.
    std::uint64_t io_count() const noexcept { return io_count_; }

    /// Crashes when the nth operation from now on is submitted, before it has any effect.
    ///
    /// @pre  nth > 0. A later call replaces an earlier one.
    void crash_at(std::uint64_t nth, crash_kind kind) noexcept;
    /// Forgets crash_at().
    void do_not_crash() noexcept { crash_at_ = 0; }
    /// Crashes now. Allowed in a callback, and inside submit().
    void crash(crash_kind kind);
    bool crashed() const noexcept { return crashed_; }

    /// The next process: a new loop, whose clock goes on from the crash and whose trace goes on
    /// from the old one.
    ///
    /// @pre  of the old process nothing is left: no device, and nothing on its loop.
    simulated_loop& restart();

    /// Of all that happened so far, in all processes.
    std::uint64_t trace_hash() const noexcept { return loop_->trace_hash(); }

private:
    static void before_io(void* machine) noexcept;

    simulated_machine_options options_;
    std::vector<std::unique_ptr<simulated_disk>> disks_;
    std::unique_ptr<simulated_loop> loop_;
    std::uint64_t processes_ = 0;
    std::uint64_t io_count_ = 0;
    std::uint64_t crash_at_ = 0;  ///< in terms of io_count_; 0: never
    crash_kind crash_kind_ = crash_kind::power_loss;
    monotonic_time crash_time_{};
    bool crashed_ = false;
};

}  // namespace cimrep::inline v0
