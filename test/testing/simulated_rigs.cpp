// test/testing/simulated_rigs.cpp -- simulated devices for the contract of every device.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/simulated_disk.hpp>

#include "../io/contract.hpp"

namespace cimrep::test {

namespace {

struct simulated_rig : rig {
    explicit simulated_rig(simulated_disk_options options, const fault_plan& plan = {})
        : disk(options)
    {
        disk.use(plan);
        opened = std::move(disk.open(on)).value();
    }
    event_loop& loop() override { return on; }
    block_device& device() override { return *opened; }

    simulated_loop on;
    simulated_disk disk;
    std::unique_ptr<simulated_device> opened;
};

void run_once(event_loop& loop, const std::function<bool()>& until)
{
    while (!until()) loop.run_once(seconds(1));
}

void poll(event_loop& loop, const std::function<bool()>& until)
{
    while (!until()) loop.poll();
}

[[maybe_unused]] const bool registered = [] {
    const auto always = [](event_loop&) { return true; };
    drivers().push_back({"by run_once()", always, run_once});
    drivers().push_back({"by poll() only", always, poll});
    rig_makers().push_back({"simulated disk", [](std::string&) -> std::unique_ptr<rig> {
                                return std::make_unique<simulated_rig>(
                                    simulated_disk_options{.size_bytes = rig_maker::size_bytes});
                            }});
    rig_makers().push_back({"simulated disk of 4096-byte blocks without cache or discard",
                            [](std::string&) -> std::unique_ptr<rig> {
                                return std::make_unique<simulated_rig>(
                                    simulated_disk_options{.size_bytes = rig_maker::size_bytes,
                                                           .logical_block_bytes = 4096,
                                                           .discard_granularity_bytes = 0,
                                                           .volatile_cache = false});
                            }});
    rig_makers().push_back(
        {"simulated disk whose discard promises nothing, slow and with a small cache",
         [](std::string&) -> std::unique_ptr<rig> {
             return std::make_unique<simulated_rig>(
                 simulated_disk_options{.size_bytes = rig_maker::size_bytes,
                                        .discard_reads_zeros = false,
                                        .cache_blocks_max = 16},
                 fault_plan{.latency_least = {}, .latency_greatest = milliseconds(3)}.set(
                     disk_fault::slow, 0.1));
         }});
    return true;
}();

}  // namespace

}  // namespace cimrep::test
