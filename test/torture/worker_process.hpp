// torture/worker_process.hpp -- the process under test, as a device that its host may kill.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>

#include <sys/types.h>

#include "../worker/wire.hpp"
#include <array>
#include <functional>
#include <string>
#include <vector>

namespace cimrep::test {

/// What a worker works on.
struct worker_devices {
    bool format = false;                ///< the repository is made first
    std::vector<std::string> copies;    ///< of the repository
    std::vector<std::string> elements;  ///< the source, then the targets
    unsigned hot_extents_max = 4;       ///< of a volume
};

/// A running test_worker. Its volume is this device; messages that are no ends of transfers go to
/// `hear`.
///
/// Lifetime:  killed and reaped by the destructor at the latest.
class worker_process final : public block_device {
public:
    worker_process(event_loop& clock, const worker_devices& devices, std::uint64_t size_bytes,
                   std::function<void(const message&)> hear);
    ~worker_process() override;

    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return clock_; }
    void submit(io_op& op) noexcept override;
    void cancel(io_op&) noexcept override {}

    void send(const message& order) noexcept;

    /// Waits for messages, at most so long, and delivers what has come; false once the worker has
    /// gone and everything that it said was delivered.
    bool pump(duration wait_max);

    /// SIGKILL, now; it is not waited for.
    void strike() noexcept;

    /// SIGKILL, if it has not come; then everything that it had said is delivered.
    void kill();

    /// Ends what was in flight with a worker that has gone.
    void end_transfers();

    /// Waits until it has ended; its exit status, or minus the signal that ended it.
    int reap();

    pid_t id() const noexcept { return id_; }

private:
    bool receive();

    event_loop& clock_;
    geometry shape_;
    std::function<void(const message&)> hear_;
    std::array<io_op*, slots_max> transfers_{};
    std::byte* memory_ = nullptr;
    int socket_ = -1;
    pid_t id_ = -1;
    int status_ = 0;
};

}  // namespace cimrep::test
