// test/io/portable_rigs.cpp -- devices and drivers that every platform has.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/fault_device.hpp>
#include <cimrep/io/memory_device.hpp>
#include <cimrep/io/portable_loop.hpp>

#include "contract.hpp"

namespace cimrep::test {

namespace {

struct memory_rig : rig {
    event_loop& loop() override { return loop_; }
    block_device& device() override { return memory_; }

    portable_loop loop_;
    memory_device memory_{loop_, {.size_bytes = rig_maker::size_bytes}};
};

struct coarse_memory_rig : rig {
    event_loop& loop() override { return loop_; }
    block_device& device() override { return memory_; }

    portable_loop loop_;
    memory_device memory_{loop_,
                          {.size_bytes = rig_maker::size_bytes,
                           .logical_block_bytes = 4096,
                           .discard_granularity_bytes = 0}};
};

struct fault_rig : memory_rig {
    explicit fault_rig(bool cache) : faulty_(memory_, {.model_volatile_cache = cache}) {}
    block_device& device() override { return faulty_; }

    fault_device faulty_;
};

bool always(event_loop&)
{
    return true;
}

void run_once(event_loop& loop, const std::function<bool()>& until)
{
    while (!until()) loop.run_once(seconds(1));
}

void poll(event_loop& loop, const std::function<bool()>& until)
{
    while (!until()) loop.poll();
}

[[maybe_unused]] const bool registered = [] {
    drivers().push_back({"by run_once()", always, run_once});
    drivers().push_back({"by poll() only", always, poll});
    rig_makers().push_back({"memory on portable_loop", [](std::string&) -> std::unique_ptr<rig> {
                                return std::make_unique<memory_rig>();
                            }});
    rig_makers().push_back(
        {"memory with 4096-byte blocks, no discard", [](std::string&) -> std::unique_ptr<rig> {
             return std::make_unique<coarse_memory_rig>();
         }});
    rig_makers().push_back(
        {"fault_device without faults",
         [](std::string&) -> std::unique_ptr<rig> { return std::make_unique<fault_rig>(false); }});
    rig_makers().push_back(
        {"fault_device with a volatile cache",
         [](std::string&) -> std::unique_ptr<rig> { return std::make_unique<fault_rig>(true); }});
    return true;
}();

}  // namespace

}  // namespace cimrep::test
