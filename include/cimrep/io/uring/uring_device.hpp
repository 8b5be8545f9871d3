// io/uring/uring_device.hpp -- a block device or a regular file through io_uring.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/io/block_device.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace cimrep::inline v0 {

class uring_loop;

namespace detail {
class uring_core;
struct device_facts;
}  // namespace detail

/// What to do about data that a stranger's tool would recognise on a device.
enum class signature_policy : std::uint8_t {
    refuse,  ///< opening fails and names what was found: for a target
    accept,  ///< the data is meant to be there, or to be overwritten
};

/// How a device is opened.
struct uring_device_options {
    signature_policy signatures = signature_policy::refuse;
    bool read_only = false;
    bool exclusive = true;  ///< false, with read_only: neither claimed nor checked for other users
    bool direct = true;     ///< past the page cache, where the system can
    std::uint64_t size_bytes = 0;           ///< use only so much of it; 0 means all
    std::uint64_t size_bytes_min = 0;       ///< refuse what is smaller
    std::uint32_t logical_block_bytes = 0;  ///< refuse a device of another; choose a file's; 0: any
    std::uint64_t maximum_transfer_bytes =
        0;  ///< longer transfers are split; 0: as the kernel does
};

/// A block device or a regular file that exists.
///
/// Invariant:  each op in flight is with the kernel, in a waiting queue of the loop, or completed.
/// Threads:    that of the loop, to close it too.
/// Lifetime:   the exclusive claim (O_EXCL of a device, a lock on a file) is held until
///             destruction, by the file description that does the I/O. Of a process that is killed
///             it is held until its last request has ended.
/// Allocates:  in open() only.
class CIMREP_API uring_device final : public block_device {
public:
    /// Opens `path`, after it was checked that nobody else uses it.
    ///
    /// Blocks:  as long as the system needs to open it and to read its first and last blocks.
    /// @errors  errc::element_in_use: mounted, held, in swap, attached, claimed or locked; the text
    ///          names what or who has it, a process by its number and program.
    ///          errc::foreign_signature; errc::geometry_mismatch: too small, other block size;
    ///          errc::invalid_argument: no file or device; what the system reports.
    static outcome<std::unique_ptr<uring_device>> open(uring_loop& loop, const std::string& path,
                                                       const uring_device_options& options = {});
    ~uring_device() override;

    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override;
    void submit(io_op& op) noexcept override;
    void cancel(io_op& op) noexcept override;

    /// A file's extents as its file system reports them; of a block device one run, all of it.
    result<> data_extents(const std::function<void(byte_extent)>& report) const override;

    /// What stays the same when the path changes: the serial or WWN of a disk, the file system and
    /// the inode of a file. Empty where the system knows none.
    const std::string& identity() const noexcept { return identity_; }
    const std::string& path() const noexcept { return path_; }
    bool is_direct() const noexcept { return direct_; }
    bool is_block_device() const noexcept { return block_device_; }

private:
    friend class detail::uring_core;

    /// How ranges are zeroed: each falls back to the next when the system refuses it.
    enum class zeroing : std::uint8_t { punch_hole, zero_range, write };

    uring_device(uring_loop& loop, int descriptor, const std::string& path,
                 const uring_device_options& options, detail::device_facts&& facts);

    error_code refused(const io_op& op) const noexcept;
    bool needs_bounce(const io_op& op) const noexcept;
    void prepare(io_op& op, void* request) noexcept;
    void prepare_transfer(io_op& op, void* request) noexcept;
    void prepare_deallocate(io_op& op, void* request, int mode) noexcept;
    void finished(io_op& op, std::int32_t result) noexcept;
    void failed(io_op& op, int number) noexcept;
    bool fell_back(io_op& op, int number) noexcept;
    void end(io_op& op, error_code error) noexcept;

    uring_loop& loop_;
    detail::uring_core& core_;
    geometry shape_;
    std::uint32_t misaligned_memory_mask_ = 0;
    std::uint32_t misaligned_length_mask_ = 0;
    std::uint64_t chunk_bytes_max_ = 0;
    int descriptor_ = -1;
    std::int32_t file_slot_ = -1;
    zeroing zeroing_unmapped_ = zeroing::punch_hole;
    zeroing zeroing_mapped_ = zeroing::zero_range;
    bool direct_ = false;
    bool block_device_ = false;
    bool read_only_ = false;
    std::uint64_t in_flight_ = 0;
    std::string path_;
    std::string identity_;
};

}  // namespace cimrep::inline v0
