// examples/cimrepctl/plain_read.cpp -- pread with O_DIRECT, and memcmp.
// SPDX-License-Identifier: BSL-1.0
#include "plain_read.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "interrupt.hpp"
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

namespace cimrepctl {

namespace {

constexpr std::size_t chunk_bytes = 1 * mib;

error_code last_error()
{
    return {errno, std::system_category()};
}

}  // namespace

outcome<plain_reader> plain_reader::open(const std::string& path)
{
    int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT);
    if (number < 0 && errno == EINVAL) number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (number < 0) return fail(last_error(), "cannot open " + path, "check the path");
    const off_t size = ::lseek(number, 0, SEEK_END);
    plain_reader made(number, path, size < 0 ? 0 : static_cast<std::uint64_t>(size));
    if (size < 0) return fail(last_error(), "cannot tell the size of " + path);
    return made;
}

plain_reader::plain_reader(plain_reader&& other) noexcept
    : number_(std::exchange(other.number_, -1)),
      path_(std::move(other.path_)),
      size_bytes_(other.size_bytes_)
{
}

plain_reader::~plain_reader()
{
    if (number_ >= 0) ::close(number_);
}

outcome<> plain_reader::read(std::uint64_t offset_bytes, std::span<std::byte> into) const
{
    std::size_t done = 0;
    const std::uint64_t there = size_bytes_ - std::min(size_bytes_, offset_bytes);
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(there, into.size()));
    while (done < wanted) {
        const ssize_t got = ::pread(number_, into.data() + done, into.size() - done,
                                    static_cast<off_t>(offset_bytes + done));
        if (got < 0 && errno == EINTR) continue;
        const int flags = ::fcntl(number_, F_GETFL);
        if (got < 0 && errno == EINVAL && (flags & O_DIRECT) != 0) {
            // The tail of a file is no multiple of the block: read that through the cache.
            ::fcntl(number_, F_SETFL, flags & ~O_DIRECT);
            continue;
        }
        if (got < 0)
            return fail(last_error(),
                        "cannot read " + path_ + " at " + std::to_string(offset_bytes + done));
        if (got == 0)
            return fail(errc::short_transfer,
                        path_ + " ended at " + std::to_string(offset_bytes + done));
        done += static_cast<std::size_t>(got);
    }
    return success();
}

aligned_memory::aligned_memory(std::size_t size)
    : size_bytes(size),
      data(static_cast<std::byte*>(std::aligned_alloc(plain_reader::alignment_bytes, size)))
{
    if (data == nullptr) throw std::bad_alloc();
}

void aligned_memory::release::operator()(std::byte* memory) const noexcept
{
    std::free(memory);
}

outcome<> compare_plainly(const plain_reader& a, const plain_reader& b, std::uint64_t length_bytes,
                          std::uint64_t granule_bytes,
                          const std::function<void(byte_extent)>& differs,
                          const std::function<bool(std::uint64_t)>& turn)
{
    const aligned_memory left(chunk_bytes), right(chunk_bytes);
    for (std::uint64_t at = 0; at < length_bytes; at += chunk_bytes) {
        CIMREP_TRY(a.read(at, left.bytes()));
        CIMREP_TRY(b.read(at, right.bytes()));
        const std::uint64_t here = std::min<std::uint64_t>(chunk_bytes, length_bytes - at);
        if (std::memcmp(left.data.get(), right.data.get(), here) != 0) {
            byte_extent run{};
            for (std::uint64_t i = 0; i < here; i += granule_bytes) {
                const std::uint64_t part = std::min(granule_bytes, here - i);
                if (std::memcmp(left.data.get() + i, right.data.get() + i, part) == 0) continue;
                if (!run.empty() && run.end_bytes() == at + i) {
                    run.length_bytes += part;
                    continue;
                }
                if (!run.empty()) differs(run);
                run = {at + i, part};
            }
            if (!run.empty()) differs(run);
        }
        if (turn && !turn(at + here)) return interruption();
    }
    return success();
}

}  // namespace cimrepctl
