// test/sim/simulated_elements.cpp -- a disk that has vanished is no element.
// SPDX-License-Identifier: BSL-1.0
#include "simulated_elements.hpp"

#include <cimrep/cim/object_path_parse.hpp>

#include "scarce_memory.hpp"
#include <utility>

namespace cimrep::test {

object_path simulated_elements::path_of(const std::string& name)
{
    return make_object_path({.name_space = "root/cimv2",
                             .class_name = "CIM_StorageVolume",
                             .keys = {{"DeviceID", name}}})
        .value();
}

simulated_disk* simulated_elements::find(const object_path& path) const
{
    for (std::size_t i = 0; i < machine_.disk_count(); ++i)
        if (path_of(machine_.disk(i).name()) == path && machine_.disk(i).present())
            return &machine_.disk(i);
    return nullptr;
}

outcome<element_description> simulated_elements::describe(const object_path& path) const
{
    const user_scope user;
    const simulated_disk* disk = find(path);
    if (disk == nullptr)
        return cimrep::fail(errc::stale_reference, to_text(path), "name a disk of the machine");
    return element_description{path, disk->identity(), disk->name(), disk->size_bytes(),
                               static_cast<std::uint32_t>(block_bytes_)};
}

outcome<std::unique_ptr<block_device>> simulated_elements::open(event_loop&,
                                                                const object_path& path,
                                                                const element_open_request& request)
{
    const user_scope user;
    simulated_disk* disk = find(path);
    if (disk == nullptr)
        return cimrep::fail(errc::stale_reference, to_text(path), "name a disk of the machine");
    if (!request.identity.empty() && request.identity != disk->identity())
        return cimrep::fail(
            errc::stale_reference,
            to_text(path) + " is '" + disk->identity() + "', not '" + request.identity + "'",
            "bring the disk back");
    if (opener) return opener(*disk);
    auto device = disk->open(machine_.loop());
    if (!device) return cimrep::fail(device.error(), to_text(path), "bring the disk back");
    return std::unique_ptr<block_device>(std::move(device).value());
}

}  // namespace cimrep::test
