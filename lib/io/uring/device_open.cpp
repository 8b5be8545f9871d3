// lib/io/uring/device_open.cpp -- checks, claims and opens a device or file; and lets go of it.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/device_guard.hpp>
#include <cimrep/io/uring/uring_device.hpp>

#include "descriptor.hpp"
#include "device_facts.hpp"
#include "uring_core.hpp"
#include <bit>

namespace cimrep::inline v0 {

namespace {

using detail::descriptor;
using detail::device_facts;

constexpr std::uint64_t kernel_transfer_bytes_max = gib;

/// A lock on the whole file that belongs to its open description: what does the I/O holds it.
int lock_file(int number, short kind)
{
    struct flock lock {};
    lock.l_type = kind;
    lock.l_whence = SEEK_SET;
    return fcntl(number, F_OFD_SETLK, &lock);
}

failure in_use(const std::string& path, const std::string& how)
{
    return fail(errc::element_in_use, path + " is " + how, "end that use, or give another device");
}

outcome<descriptor> open_for_transfer(const descriptor& found, const std::string& path,
                                      const uring_device_options& options, bool block_device,
                                      bool& direct)
{
    int flags = O_CLOEXEC | (options.read_only ? O_RDONLY : O_RDWR);
    if (block_device && options.exclusive) flags |= O_EXCL;
    // By way of the descriptor: what was checked is what is opened, whatever the path says now.
    descriptor file;
    direct = options.direct;
    if (direct) {
        file = descriptor(::open(found.link().c_str(), flags | O_DIRECT));
        direct = file.is_open() || errno != EINVAL;
    }
    if (!direct) file = descriptor(::open(found.link().c_str(), flags));
    if (!file.is_open() && errno == EBUSY)
        return in_use(path, detail::described_holder(found.link(), true));
    if (!file.is_open())
        return fail(detail::last_error(), "cannot open " + path,
                    options.read_only ? "check that this user may read it"
                                      : "check that this user may write it");
    if (!options.exclusive) return file;
    const int locked = lock_file(file.number(), options.read_only ? F_RDLCK : F_WRLCK);
    // On a device the claim is what counts; the lock tells others who has it.
    if (!block_device && locked != 0) {
        if (errno == EAGAIN || errno == EACCES)
            return in_use(path, detail::described_holder(found.link(), false));
        return fail(detail::last_error(), "cannot lock " + path,
                    "put the file where files can be locked");
    }
    return file;
}

outcome<> fit_blocks(const std::string& path, const uring_device_options& options,
                     device_facts& facts)
{
    geometry& shape = facts.shape;
    const std::uint32_t wanted = options.logical_block_bytes;
    if (wanted == 0 || wanted == shape.logical_block_bytes) return success();
    const bool possible = !facts.block_device && std::has_single_bit(wanted) &&
                          wanted >= facts.transfer_alignment_bytes && wanted >= 512;
    if (!possible)
        return fail(errc::geometry_mismatch,
                    path + " has blocks of " + std::to_string(shape.logical_block_bytes) +
                        " bytes, " + std::to_string(wanted) + " are asked for",
                    "give a device with such blocks");
    shape.logical_block_bytes = wanted;
    shape.physical_block_bytes = std::max(shape.physical_block_bytes, wanted);
    return success();
}

/// A size that does not end with a block: the product's choice, or the file's own.
failure no_whole_blocks(const std::string& path, const uring_device_options& options,
                        const geometry& shape)
{
    const std::uint64_t block = shape.logical_block_bytes, rest = shape.size_bytes % block;
    const std::uint64_t whole = shape.size_bytes - rest;
    const std::string blocks = "its blocks of " + std::to_string(block) + " bytes";
    const std::string fitting =
        (whole != 0 ? std::to_string(whole) + " or " : "") + std::to_string(whole + block);
    if (options.size_bytes != 0)
        return fail(errc::geometry_mismatch,
                    "size_bytes " + std::to_string(shape.size_bytes) + " for " + path +
                        " is no multiple of " + blocks,
                    "give " + fitting);
    return fail(
        errc::geometry_mismatch,
        path + " has " + std::to_string(shape.size_bytes) + " bytes, no multiple of " + blocks +
            ": " + std::to_string(rest) + " remain",
        "make it " + fitting + " bytes long" +
            (whole != 0 ? ", or use only " + std::to_string(whole) + " by size_bytes" : ""));
}

outcome<> fit_size(const std::string& path, const uring_device_options& options,
                   device_facts& facts)
{
    geometry& shape = facts.shape;
    const std::uint64_t needed = std::max(options.size_bytes, options.size_bytes_min);
    const std::string has = path + " has " + std::to_string(shape.size_bytes) + " bytes";
    if (shape.size_bytes == 0 || shape.size_bytes < needed)
        return fail(errc::geometry_mismatch, has + ", " + std::to_string(needed) + " are needed",
                    "give a larger device");
    if (options.size_bytes != 0) shape.size_bytes = options.size_bytes;
    if (shape.size_bytes % shape.logical_block_bytes != 0)
        return no_whole_blocks(path, options, shape);
    const std::uint64_t most = options.maximum_transfer_bytes;
    if (most % shape.logical_block_bytes != 0)
        return fail(errc::invalid_argument,
                    "maximum_transfer_bytes " + std::to_string(most) + " is no multiple of " +
                        std::to_string(shape.logical_block_bytes),
                    "give a multiple of the block");
    shape.maximum_transfer_bytes = most;
    return success();
}

}  // namespace

outcome<std::unique_ptr<uring_device>> uring_device::open(uring_loop& loop, const std::string& path,
                                                          const uring_device_options& options)
{
    if (!options.exclusive && !options.read_only)
        return fail(errc::invalid_argument, "opening " + path + " for writing without a claim",
                    "set exclusive or read_only");
    const descriptor found(::open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat about {};
    if (!found.is_open() || fstat(found.number(), &about) != 0)
        return fail(detail::last_error(), "cannot open " + path, "check the path");
    const bool block_device = S_ISBLK(about.st_mode);
    if (!block_device && !S_ISREG(about.st_mode))
        return fail(errc::invalid_argument, path + " is neither a block device nor a file",
                    "give the path of one of these");
    if (options.exclusive) {
        CIMREP_TRY(const auto user, find_device_user(found.link()));
        if (!user.empty()) return in_use(path, user);
    }
    bool direct = false;
    CIMREP_TRY(descriptor file, open_for_transfer(found, path, options, block_device, direct));
    auto read = detail::read_device_facts(file.number(), direct);
    if (!read) return fail(read.error(), "cannot read the geometry of " + path);
    device_facts& facts = read.value();
    // Some file systems open a file so and refuse each transfer.
    if (direct && !facts.direct)
        fcntl(file.number(), F_SETFL, fcntl(file.number(), F_GETFL) & ~O_DIRECT);
    CIMREP_TRY(fit_blocks(path, options, facts));
    CIMREP_TRY(fit_size(path, options, facts));
    if (options.signatures == signature_policy::refuse) {
        // After the claim: nobody can write a signature between the look and the claim.
        const auto signature = find_signature(found.link());
        if (!signature)
            return fail(signature.error().code, "cannot read the signatures of " + path,
                        signature.error().remedy);
        if (!signature.value().empty())
            return fail(errc::foreign_signature, path + " carries " + signature.value(),
                        "give another device, or allow to overwrite this one");
    }
    return std::unique_ptr<uring_device>(
        new uring_device(loop, file.release(), path, options, std::move(facts)));
}

uring_device::uring_device(uring_loop& loop, int descriptor, const std::string& path,
                           const uring_device_options& options, device_facts&& facts)
    : loop_(loop),
      core_(loop.core()),
      shape_(facts.shape),
      chunk_bytes_max_(facts.shape.maximum_transfer_bytes),
      descriptor_(descriptor),
      direct_(facts.direct),
      block_device_(facts.block_device),
      read_only_(options.read_only),
      path_(path),
      identity_(std::move(facts.identity))
{
    if (chunk_bytes_max_ == 0 || chunk_bytes_max_ > kernel_transfer_bytes_max)
        chunk_bytes_max_ = kernel_transfer_bytes_max;
    if (direct_) {
        misaligned_memory_mask_ = shape_.memory_alignment_bytes - 1;
        misaligned_length_mask_ = facts.transfer_alignment_bytes - 1;
    }
    file_slot_ = core_.register_file(descriptor_);
}

uring_device::~uring_device()
{
    CIMREP_ASSERT(in_flight_ == 0);
    if (file_slot_ >= 0) core_.unregister_file(file_slot_);
    // The ring may keep the description a moment longer than we do.
    lock_file(descriptor_, F_UNLCK);
    close(descriptor_);
}

result<> uring_device::data_extents(const std::function<void(byte_extent)>& report) const
{
    if (block_device_) return block_device::data_extents(report);
    const auto size = static_cast<off_t>(shape_.size_bytes);
    const std::uint64_t block = shape_.logical_block_bytes;
    std::uint64_t reported = 0;
    for (off_t at = 0; at < size;) {
        const off_t begin = lseek(descriptor_, at, SEEK_DATA);
        if (begin < 0 && errno == ENXIO) break;  // nothing but holes from here on
        const off_t end = begin < 0 ? -1 : lseek(descriptor_, begin, SEEK_HOLE);
        if (end < 0) return detail::last_error();
        if (begin >= size) break;
        // Rounded out to blocks, never reported twice, never past the size in use.
        const std::uint64_t first =
            std::max(static_cast<std::uint64_t>(begin) / block * block, reported);
        const std::uint64_t last = std::min(
            (static_cast<std::uint64_t>(end) + block - 1) / block * block, shape_.size_bytes);
        if (first < last) report({first, last - first});
        reported = std::max(reported, last);
        at = end;
    }
    return success();
}

}  // namespace cimrep::inline v0
