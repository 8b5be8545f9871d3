// bench/support.hpp -- what the benchmarks share: time, memory, errors and a load's offsets.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

namespace bench {

using cimrep::gib;
using cimrep::kib;
using cimrep::mib;
using cimrep::tib;

/// Ends the program with a sentence; main() catches it after everything has been cleaned up.
[[noreturn]] inline void die(const std::string& why)
{
    throw std::runtime_error(why);
}

inline double seconds_now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Page-aligned memory, touched, so that no side pays for the first use of a page.
class page_buffer {
public:
    explicit page_buffer(std::size_t size_bytes, unsigned char fill = 0x5a)
        : size_bytes_(size_bytes),
          memory_(static_cast<std::byte*>(std::aligned_alloc(4096, size_bytes)))
    {
        if (!memory_) die("no memory for " + std::to_string(size_bytes) + " bytes of buffers");
        for (std::size_t i = 0; i < size_bytes; ++i)
            memory_.get()[i] = static_cast<std::byte>(fill + i * 131 + i / 4096);
    }
    std::byte* at(std::size_t offset) const noexcept { return memory_.get() + offset; }
    std::span<std::byte> all() const noexcept { return {memory_.get(), size_bytes_}; }

private:
    struct free_memory {
        void operator()(std::byte* memory) const noexcept { std::free(memory); }
    };
    std::size_t size_bytes_;
    std::unique_ptr<std::byte, free_memory> memory_;
};

/// Small requests at random places, always a fixed number of them in flight.
struct random_load {
    bool writes = true;
    std::uint32_t block_bytes = 4096;
    std::uint32_t depth = 32;
    std::uint64_t size_bytes = 0;  ///< of the device
    std::uint64_t operations = 0;
    std::uint64_t seed = 1;
};

/// The offsets of a load: the same for both sides, from the same seed.
class random_offsets {
public:
    explicit random_offsets(const random_load& load)
        : state_(load.seed), blocks_(load.size_bytes / load.block_bytes), block_(load.block_bytes)
    {
    }
    std::uint64_t next() noexcept
    {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return (z ^ (z >> 31)) % blocks_ * block_;
    }

private:
    std::uint64_t state_, blocks_, block_;
};

/// One stretch after the other from one device to another.
struct copy_load {
    std::uint64_t size_bytes = 0;
    std::uint64_t block_bytes = mib;
    std::uint32_t depth = 16;
};

}  // namespace bench
