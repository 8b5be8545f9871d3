// runtime/element_provider.hpp -- how a product tells the library what storage it has.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/io/block_device.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// What a product says of one of its storage elements.
struct element_description {
    object_path path;
    std::string identity;  ///< what stays when the path to it changes: serial, WWN, uuid and inode
    std::string location;  ///< where it was last seen; a hint, for people
    std::uint64_t size_bytes = 0;
    std::uint32_t logical_block_bytes = 0;
};

enum class open_purpose : std::uint8_t {
    source,  ///< holds data that a host uses
    target,  ///< is about to be overwritten
};

/// What the library asks of an element when it opens it.
struct element_open_request {
    open_purpose purpose = open_purpose::source;
    bool allow_overwrite = false;  ///< a target's foreign signature is accepted
    std::string identity;          ///< if not empty: refuse any other element
};

/// What the library asks for when a client names no target.
struct target_request {
    object_path source;
    object_path pool;  ///< empty: the provider decides
    std::string element_name;
    std::uint64_t size_bytes = 0;
    std::uint32_t logical_block_bytes = 0;
};

/// The product's storage, by object path. Called from the shard's loop only.
///
/// Lifetime:  outlives every shard that was given it.
class CIMREP_API element_provider {
public:
    virtual ~element_provider() = default;

    /// @errors  errc::stale_reference if the path names no element.
    virtual outcome<element_description> describe(const object_path& path) const = 0;

    /// Opens an element for the exclusive use of the shard.
    ///
    /// @errors  errc::stale_reference; errc::element_in_use (mounted, held, claimed);
    ///          errc::foreign_signature; errc::geometry_mismatch; what the system reports.
    virtual outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                        const element_open_request& request) = 0;

    /// Makes a new element for a replica. The default supports none.
    virtual outcome<object_path> create_target(const target_request&)
    {
        return fail(errc::not_supported, "this product creates no targets",
                    "give a target element");
    }
    /// Deletes an element that create_target() made.
    virtual outcome<> delete_target(const object_path& path)
    {
        return fail(errc::not_supported, "element " + to_text(path) + " cannot be deleted",
                    "remove it with the product's own means");
    }
    /// Elements that could become a target of `source`.
    virtual std::vector<object_path> available_targets(const object_path&) const { return {}; }
};

}  // namespace cimrep::inline v0
