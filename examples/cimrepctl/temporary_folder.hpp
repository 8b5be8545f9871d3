// examples/cimrepctl/temporary_folder.hpp -- a folder of the demo's own, gone with its object.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

namespace cimrepctl {

/// An empty folder in memory where there is a tmpfs with room, else where the system keeps such.
///
/// Lifetime:  removed with all it holds by the destructor, which a caught signal leads to as well.
class temporary_folder {
public:
    static cimrep::outcome<std::unique_ptr<temporary_folder>> make(std::uint64_t room_bytes)
    {
        namespace files = std::filesystem;
        std::error_code error;
        const auto shm = files::space("/dev/shm", error);
        const bool fits = !error && shm.available >= room_bytes;
        const files::path parent =
            fits ? files::path("/dev/shm") : files::temp_directory_path(error);
        std::string name = (parent / "cimrepctl-").string() + std::string(6, 'X');
        if (mkdtemp(name.data()) == nullptr)
            return cimrep::fail({errno, std::system_category()}, "cannot make the folder " + name,
                                "check that this user may write there");
        std::unique_ptr<temporary_folder> made(new temporary_folder(name));
        const auto here = files::space(name, error);
        if (error || here.available < room_bytes)
            return cimrep::fail(
                std::make_error_code(std::errc::no_space_on_device),
                "the demo needs " + std::to_string(room_bytes) + " bytes in " + parent.string(),
                "give a smaller --size, or set TMPDIR");
        return made;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    explicit temporary_folder(std::string path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

}  // namespace cimrepctl
