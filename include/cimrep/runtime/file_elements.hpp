// runtime/file_elements.hpp -- the default elements of Linux: files and block devices, by path.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/element_provider.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cimrep::inline v0 {

class uring_loop;

/// How elements are named and made.
struct file_elements_options {
    std::string system_name;  ///< the key SystemName; empty: the name of this host
    std::string class_prefix = "CIM";
    std::string name_space = "root/cimv2";
    std::string target_folder;  ///< where create_target() makes files; empty: it makes none
    bool direct = true;         ///< past the page cache, where the system can
};

/// The object path of the file or block device at `location`: a CIM_StorageVolume whose DeviceID is
/// the absolute path. Links are not followed, so that /dev/disk/by-id names stay what they are.
///
/// @errors     errc::invalid_argument: an empty location, or an illegal name in the options.
/// Allocates:  the path.
/// Source:     CIM_StorageVolume.DeviceID and its other keys, schema 2.49.0.
CIMREP_API outcome<object_path> storage_volume_path(std::string_view location,
                                                    const file_elements_options& options = {});

/// Regular files and block devices of this host that a product has registered.
///
/// A source is opened with what it carries. A target that carries a signature is refused, unless
/// the request allows to overwrite it. Both are claimed for as long as they are open: O_EXCL on a
/// device, a lock on a file.
///
/// Invariant:  an element has one object path as long as it is registered.
/// Threads:    the loop's.
/// Lifetime:   the loop outlives it.
class CIMREP_API file_elements final : public element_provider {
public:
    explicit file_elements(uring_loop& loop, file_elements_options options = {});
    ~file_elements() override;
    file_elements(const file_elements&) = delete;
    file_elements& operator=(const file_elements&) = delete;

    /// Registers a file or device that exists; a second time changes nothing but the block size.
    ///
    /// @param logical_block_bytes  of a file, the block it is used with; 0: what the system needs.
    /// @errors  what the system says to opening it; errc::invalid_argument, neither file nor
    ///          device; errc::geometry_mismatch, a device of another block size, or empty.
    outcome<object_path> add(std::string_view location, std::uint32_t logical_block_bytes = 0);

    /// Forgets an element; whoever has it open keeps it. The file or device stays as it is.
    ///
    /// @errors  errc::stale_reference.
    outcome<> remove(const object_path& path);

    outcome<element_description> describe(const object_path& path) const override;
    /// @pre  `loop` is the one given at construction.
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                const element_open_request& request) override;

    /// Makes a file of that size, which occupies nothing yet, in the options' target folder.
    ///
    /// @errors  errc::not_supported without a folder, or if a pool is named; what the system says.
    outcome<object_path> create_target(const target_request& request) override;
    /// Deletes a file that create_target() of this object made.
    outcome<> delete_target(const object_path& path) override;
    /// Registered elements that could be opened as its target now, with nothing to overwrite.
    std::vector<object_path> available_targets(const object_path& source) const override;

private:
    struct element {
        std::string location;
        std::uint32_t logical_block_bytes = 0;
        bool made_here = false;
    };

    outcome<const element*> find(const object_path& path) const;

    uring_loop& loop_;
    file_elements_options options_;
    std::map<object_path, element> elements_;
};

}  // namespace cimrep::inline v0
