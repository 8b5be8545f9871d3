// testing/stamped_host.hpp -- a host that writes stamps, reads them back and asks the oracle.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/testing/content_oracle.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace cimrep::inline v0 {

/// What a stamped_host does. The weights say how often which operation, relative to each other.
struct host_workload {
    std::uint64_t operations = 200;  ///< then it is finished
    std::size_t depth = 8;           ///< so many in flight
    std::uint64_t blocks_max = 8;    ///< of one operation, in logical blocks of the device
    unsigned reads = 30;
    unsigned writes = 45;
    unsigned fua_writes = 10;
    unsigned flushes = 10;
    unsigned zeroes = 4;
    unsigned discards = 1;
    /// A flush that fails may have lost what it should have saved. False where the device under
    /// test promises otherwise, as a mirror with another leg does.
    bool failed_flush_loses = true;
};

/// Random operations on a device, each reported to a content_oracle.
///
/// It stops by itself at the first violation, and when the device has gone: an operation that ends
/// with std::errc::no_such_device.
///
/// Lifetime:   device and oracle outlive it; it outlives its operations.
/// Threads:    that of the device's loop.
/// Allocates:  its operations and their memory, at the start.
class CIMREP_API stamped_host {
public:
    /// The device's size is the oracle's.
    stamped_host(block_device& device, content_oracle& oracle, std::uint64_t seed,
                 const host_workload& workload = {});
    stamped_host(const stamped_host&) = delete;
    stamped_host& operator=(const stamped_host&) = delete;

    /// @pre  nothing is in flight.
    ~stamped_host();

    /// Begins the workload; the loop goes on with it.
    void start();
    /// Begins to read the whole device, in order.
    void start_audit();
    /// Submits nothing any more.
    void stop() noexcept { stopped_ = true; }

    bool finished() const noexcept { return in_flight_ == 0 && (stopped_ || left_ == 0); }
    std::size_t in_flight() const noexcept { return in_flight_; }
    const std::optional<content_violation>& violation() const noexcept { return violation_; }
    std::uint64_t completed() const noexcept { return completed_; }
    std::uint64_t failed() const noexcept { return failed_; }  ///< of the completed ones

private:
    struct host_op;

    void submit_more();
    void prepare(host_op& op);
    void prepare_next_of_audit(host_op& op);
    void ended(host_op& op, error_code error);

    block_device& device_;
    content_oracle& oracle_;
    seeded_random random_;
    host_workload workload_;
    std::vector<std::unique_ptr<host_op>> ops_;
    std::vector<host_op*> idle_;
    std::optional<content_violation> violation_;
    std::uint64_t left_ = 0;
    std::uint64_t audit_at_ = 0;
    std::uint64_t completed_ = 0;
    std::uint64_t failed_ = 0;
    std::size_t in_flight_ = 0;
    bool auditing_ = false;
    bool stopped_ = true;
};

}  // namespace cimrep::inline v0
