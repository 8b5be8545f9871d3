// test/sim/simulated_elements.hpp -- the product's storage: the disks of a machine, by name.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/element_provider.hpp>
#include <cimrep/testing/simulated_machine.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cimrep::test {

class simulated_elements final : public element_provider {
public:
    simulated_elements(simulated_machine& machine, std::uint64_t block_bytes)
        : machine_(machine), block_bytes_(block_bytes)
    {
    }

    static object_path path_of(const std::string& name);
    outcome<element_description> describe(const object_path& path) const override;
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                const element_open_request& request) override;

    /// Opens a disk; in the place of disk.open(), for one who wants to see what is written.
    std::function<std::unique_ptr<block_device>(simulated_disk&)> opener;

private:
    simulated_disk* find(const object_path& path) const;

    simulated_machine& machine_;
    std::uint64_t block_bytes_;
};

}  // namespace cimrep::test
