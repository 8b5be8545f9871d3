// lib/runtime/uring/file_elements.cpp -- names, opens, makes and deletes files and devices.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/object_path_parse.hpp>
#include <cimrep/io/uring/uring_device.hpp>
#include <cimrep/io/uring/uring_loop.hpp>
#include <cimrep/runtime/file_elements.hpp>
#include <cimrep/store/superblock.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

namespace cimrep::inline v0 {

namespace {

namespace files = std::filesystem;

std::string host_name()
{
    std::ifstream file("/proc/sys/kernel/hostname");
    std::string name;
    std::getline(file, name);
    return name.empty() ? "localhost" : name;
}

/// The letters, digits, dots and dashes of a client's name: what may stand in a file's.
std::string file_name_of(const std::string& element_name)
{
    std::string name;
    for (const char c : element_name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        name += plain ? c : '_';
    }
    while (name.starts_with('.')) name.erase(0, 1);
    return name.empty() ? "replica" : name.substr(0, 100);
}

/// Makes an empty file; false if there is one of that name.
outcome<bool> make_new_file(const std::string& location)
{
    std::FILE* made = std::fopen(location.c_str(), "wxb");
    if (made == nullptr && errno == EEXIST) return false;
    if (made == nullptr)
        return fail({errno, std::system_category()}, "cannot make the target " + location,
                    "check the folder for targets and its space");
    std::fclose(made);
    return true;
}

/// A copy of a repository carries no signature that the system's tools know.
outcome<> check_no_repository(const std::string& location)
{
    std::ifstream file(location, std::ios::binary);
    std::array<std::byte, store_block_bytes> block{};
    for (std::uint64_t slot = 0; slot < repository_layout::superblock_count; ++slot) {
        file.read(reinterpret_cast<char*>(block.data()), block.size());
        if (!file) break;
        const auto found = decode_superblock(block, slot * store_block_bytes);
        if (!found && found.error() != errc::repository_version) continue;
        return fail(errc::foreign_signature, location + " carries a copy of a cimrep repository",
                    "give another target, or allow to overwrite it: what the repository keeps is "
                    "then lost");
    }
    return success();
}

uring_device_options look_only(bool direct, std::uint32_t logical_block_bytes)
{
    return {.signatures = signature_policy::accept,
            .read_only = true,
            .exclusive = false,
            .direct = direct,
            .logical_block_bytes = logical_block_bytes};
}

element_description description_of(const object_path& path, const uring_device& device)
{
    return {.path = path,
            .identity = device.identity(),
            .location = device.path(),
            .size_bytes = device.shape().size_bytes,
            .logical_block_bytes = device.shape().logical_block_bytes};
}

}  // namespace

outcome<object_path> storage_volume_path(std::string_view location,
                                         const file_elements_options& options)
{
    if (location.empty())
        return fail(errc::invalid_argument, "the path of an element is empty",
                    "give the path of a file or a block device");
    std::error_code error;
    const files::path absolute = files::absolute(files::path(location), error);
    if (error) return fail(error, "cannot make " + std::string(location) + " absolute");
    return make_object_path(
        {.name_space = options.name_space,
         .class_name = options.class_prefix + "_StorageVolume",
         .keys = {
             {"CreationClassName", options.class_prefix + "_StorageVolume"},
             {"DeviceID", absolute.lexically_normal().string()},
             {"SystemCreationClassName", options.class_prefix + "_ComputerSystem"},
             {"SystemName", options.system_name.empty() ? host_name() : options.system_name}}});
}

file_elements::file_elements(uring_loop& loop, file_elements_options options)
    : loop_(loop), options_(std::move(options))
{
    if (options_.system_name.empty()) options_.system_name = host_name();
}

file_elements::~file_elements() = default;

outcome<object_path> file_elements::add(std::string_view location,
                                        std::uint32_t logical_block_bytes)
{
    CIMREP_TRY(object_path path, storage_volume_path(location, options_));
    const std::string& absolute = *path.key_as<std::string>("DeviceID");
    CIMREP_TRY(
        uring_device::open(loop_, absolute, look_only(options_.direct, logical_block_bytes)));
    element& known = elements_[path];
    known.location = absolute;
    known.logical_block_bytes = logical_block_bytes;
    return path;
}

outcome<> file_elements::remove(const object_path& path)
{
    CIMREP_TRY(find(path));
    elements_.erase(path);
    return success();
}

outcome<const file_elements::element*> file_elements::find(const object_path& path) const
{
    const auto found = elements_.find(path);
    if (found != elements_.end()) return &found->second;
    return fail(errc::stale_reference, "element " + to_text(path),
                "register the file or device first, and use the object path that this returns");
}

outcome<element_description> file_elements::describe(const object_path& path) const
{
    CIMREP_TRY(const element* known, find(path));
    CIMREP_TRY(const auto device,
               uring_device::open(loop_, known->location,
                                  look_only(options_.direct, known->logical_block_bytes)));
    return description_of(path, *device);
}

outcome<std::unique_ptr<block_device>> file_elements::open(event_loop& loop,
                                                           const object_path& path,
                                                           const element_open_request& request)
{
    CIMREP_ASSERT(&loop == static_cast<event_loop*>(&loop_));
    CIMREP_TRY(const element* known, find(path));
    const bool guarded = request.purpose == open_purpose::target && !request.allow_overwrite;
    CIMREP_TRY(auto device,
               uring_device::open(
                   loop_, known->location,
                   {.signatures = guarded ? signature_policy::refuse : signature_policy::accept,
                    .direct = options_.direct,
                    .logical_block_bytes = known->logical_block_bytes}));
    if (guarded) {
        CIMREP_TRY(check_no_repository(known->location));
    }
    if (!request.identity.empty() && device->identity() != request.identity)
        return fail(errc::stale_reference,
                    known->location + " is '" + device->identity() + "', not '" + request.identity +
                        "' as before",
                    "bring back the device that was there, or detach it");
    return std::unique_ptr<block_device>(std::move(device));
}

outcome<object_path> file_elements::create_target(const target_request& request)
{
    if (options_.target_folder.empty())
        return fail(errc::not_supported, "no folder was given in which targets could be made",
                    "give a target element");
    if (!request.pool.empty())
        return fail(errc::not_supported, "pool " + to_text(request.pool),
                    "name no pool: targets are files in " + options_.target_folder);
    const std::string name = file_name_of(request.element_name);
    std::string location;
    for (unsigned attempt = 0;; ++attempt) {
        const std::string suffix = attempt == 0 ? "" : "-" + std::to_string(attempt);
        location = files::path(options_.target_folder) / (name + suffix + ".img");
        CIMREP_TRY(const bool is_new, make_new_file(location));
        if (is_new) break;
    }
    std::error_code error;
    files::resize_file(location, request.size_bytes, error);
    auto added = error ? fail(error, "cannot give " + location + " its size of " +
                                         std::to_string(request.size_bytes) + " bytes")
                       : add(location, request.logical_block_bytes);
    if (!added) {
        std::error_code ignored;
        files::remove(location, ignored);
        return added;
    }
    elements_[added.value()].made_here = true;
    return added;
}

outcome<> file_elements::delete_target(const object_path& path)
{
    CIMREP_TRY(const element* known, find(path));
    if (!known->made_here) return element_provider::delete_target(path);
    std::error_code error;
    files::remove(known->location, error);
    if (error) return fail(error, "cannot delete " + known->location);
    elements_.erase(path);
    return success();
}

std::vector<object_path> file_elements::available_targets(const object_path& source) const
{
    std::vector<object_path> candidates;
    const auto wanted = describe(source);
    if (!wanted) return candidates;
    for (const auto& [path, known] : elements_) {
        if (path == source) continue;
        // With all guards, as for a mirror; and let go of at once.
        const auto device = uring_device::open(
            loop_, known.location,
            {.direct = options_.direct, .logical_block_bytes = known.logical_block_bytes});
        if (!device) continue;
        const element_description found = description_of(path, *device.value());
        const bool fits = found.size_bytes >= wanted.value().size_bytes &&
                          found.logical_block_bytes == wanted.value().logical_block_bytes;
        const bool same = !found.identity.empty() && found.identity == wanted.value().identity;
        if (fits && !same) candidates.push_back(path);
    }
    return candidates;
}

}  // namespace cimrep::inline v0
