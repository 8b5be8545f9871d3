// test/support/temporary_directory.hpp -- a directory of a test's own, gone with its object.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>

namespace cimrep::test {

/// What a temporary directory lies on.
enum class storage {
    any,     ///< the system's temporary directory
    memory,  ///< a tmpfs where there is one, else the system's temporary directory
};

/// An empty directory with a name that nobody else has.
///
/// Lifetime:  removed with all it holds by the destructor.
class temporary_directory {
public:
    explicit temporary_directory(storage on = storage::any)
    {
        const std::filesystem::path tmpfs = "/dev/shm";
        const bool in_memory = on == storage::memory && std::filesystem::is_directory(tmpfs);
        const auto parent = in_memory ? tmpfs : std::filesystem::temp_directory_path();
        std::random_device random;
        for (int attempt = 0; attempt < 100; ++attempt) {
            path_ = parent / ("cimrep-test-" + std::to_string(random()));
            if (std::filesystem::create_directory(path_)) return;
        }
        throw std::runtime_error("no temporary directory can be made in " + parent.string());
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const noexcept { return path_; }

    /// Makes a file of `size_bytes` that reads as zeros and occupies no blocks yet.
    std::filesystem::path file(const std::string& name, std::uint64_t size_bytes) const
    {
        const auto made = path_ / name;
        if (!std::ofstream(made, std::ios::binary))
            throw std::runtime_error("cannot make " + made.string());
        std::filesystem::resize_file(made, size_bytes);
        return made;
    }

private:
    std::filesystem::path path_;
};

}  // namespace cimrep::test
