// runtime/volume.hpp -- where a product's host I/O enters.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/object_path.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/runtime/statistics.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// What a leg of a volume is at this moment.
enum class leg_role : std::uint8_t {
    current,   ///< holds the volume's content; serves reads, receives every write
    syncing,   ///< is being brought up to date; receives writes where it is equal
    tracking,  ///< receives nothing; what would differ is remembered
};

struct leg_info {
    object_path element;
    leg_role role = leg_role::tracking;
    error_code error{};  ///< why it left the in-sync set; clear if it did not
    leg_statistics statistics{};
    std::string remark;  ///< with errc::leg_not_recognized: what was found instead
};

/// A source element and the legs that mirror it. The shard owns it; this is a handle.
///
/// Threads:  the shard's loop.
class CIMREP_API volume {
public:
    struct implementation;
    explicit volume(std::unique_ptr<implementation> parts) noexcept;
    ~volume();
    volume(const volume&) = delete;
    volume& operator=(const volume&) = delete;

    /// The device that hosts read and write. Overlapping operations take effect in the order of
    /// their submission; a write is acknowledged when every leg in sync has it.
    ///
    /// @errors  to an op's `done`, besides block_device's: errc::leg_failed,
    /// errc::volume_read_only,
    ///          errc::compare_mismatch, errc::over_budget (unstable_buffer or compare_and_write
    ///          beyond 1 MiB), errc::closed.
    block_device& front() noexcept;
    const object_path& element() const noexcept;
    volume_statistics statistics() const;
    std::vector<leg_info> legs() const;  ///< the source first; allocates

    /// After a failed flush of the last leg: an operator accepts what is on it and writes go on.
    void accept_after_failed_flush() noexcept;
    bool read_only() const noexcept;

    struct implementation& parts() noexcept { return *parts_; }

private:
    std::unique_ptr<implementation> parts_;
};

}  // namespace cimrep::inline v0
