// examples/300_simulated_crash.cpp -- a product's own stack through power losses, repeatably.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/object_path_parse.hpp>
#include <cimrep/runtime/shard.hpp>
#include <cimrep/service/replication_service.hpp>
#include <cimrep/testing/content_oracle.hpp>
#include <cimrep/testing/simulated_machine.hpp>
#include <cimrep/testing/stamped_host.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace cimrep;

namespace {

constexpr std::uint64_t size_bytes = 256 * kib;

object_path path_of(const simulated_disk& disk)
{
    return make_object_path({.name_space = "root/cimv2",
                             .class_name = "CIM_StorageVolume",
                             .keys = {{"DeviceID", disk.name()}}})
        .value();
}

/// The product's storage: the disks of the simulated machine.
class simulated_elements final : public element_provider {
public:
    explicit simulated_elements(simulated_machine& machine) : machine_(machine) {}

    outcome<element_description> describe(const object_path& path) const override
    {
        for (std::size_t i = 0; i < machine_.disk_count(); ++i) {
            const simulated_disk& disk = machine_.disk(i);
            if (path_of(disk) == path && disk.present())
                return element_description{path, disk.identity(), disk.name(), disk.size_bytes(),
                                           512};
        }
        return fail(errc::stale_reference, to_text(path), "name a disk of the machine");
    }
    outcome<std::unique_ptr<block_device>> open(event_loop&, const object_path& path,
                                                const element_open_request&) override
    {
        for (std::size_t i = 0; i < machine_.disk_count(); ++i) {
            if (path_of(machine_.disk(i)) != path) continue;
            auto device = machine_.disk(i).open(machine_.loop());
            if (!device) return fail(device.error(), to_text(path), "bring the disk back");
            return std::unique_ptr<block_device>(std::move(device).value());
        }
        return fail(errc::stale_reference, to_text(path), "name a disk of the machine");
    }

private:
    simulated_machine& machine_;
};

struct waiting_op : control_op {
    bool over = false;
    waiting_op()
    {
        done = [](control_op& op) noexcept { static_cast<waiting_op&>(op).over = true; };
    }
};

/// Closes what stands on the loop, alive or dead.
void close(simulated_machine& machine, shard& which)
{
    waiting_op closing;
    which.close(closing);
    if (const auto report = machine.loop().run_until([&] { return closing.over; }); !report) {
        std::fprintf(stderr, "closing does not end: %s\n", report.queued.c_str());
        std::exit(EXIT_FAILURE);
    }
}

/// Mirrors while the host writes, loses the power at the `crash_at`th I/O, and looks again.
/// Returns what is wrong, or nothing.
std::string live(std::uint64_t seed, std::uint64_t crash_at, std::uint64_t& trace_hash)
{
    simulated_machine machine({.seed = seed});
    simulated_disk& source = machine.add({.name = "source", .size_bytes = size_bytes});
    simulated_disk& target = machine.add({.name = "target", .size_bytes = size_bytes});
    simulated_elements elements(machine);
    content_oracle oracle(1, size_bytes / stamp_sector_bytes);

    {
        auto opened = shard::open(machine.loop(), {.elements = &elements}).value();
        stamped_host host(opened->volume(path_of(source)).value()->front(), oracle, seed);
        waiting_op created;
        const auto mirror =
            opened->create_mirror({.source = path_of(source), .target = path_of(target)}, created);
        if (!mirror) return mirror.error().sentence();
        machine.crash_at(crash_at, crash_kind::power_loss);
        host.start();
        machine.loop().run_until([&] { return host.finished(); });
        if (!machine.crashed()) machine.crash(crash_kind::power_loss);

        // What the host has seen until now counts; what it hears from now on does not.
        oracle.power_lost();
        host.stop();
        machine.loop().resume();
        machine.loop().run_until([&] { return host.in_flight() == 0; });
        close(machine, *opened);
        if (host.violation()) return "before the crash: " + host.violation()->text;
    }

    machine.restart();
    auto opened = shard::open(machine.loop(), {.elements = &elements}).value();
    std::string wrong;
    {
        stamped_host host(opened->volume(path_of(source)).value()->front(), oracle, seed + 1);
        host.start_audit();
        machine.loop().run_until([&] { return host.finished(); });
        if (host.violation()) wrong = "after the crash: " + host.violation()->text;
    }
    close(machine, *opened);
    trace_hash = machine.trace_hash();
    return wrong;
}

}  // namespace

int main()
{
    std::uint64_t lives = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed, ++lives) {
        std::uint64_t once = 0;
        std::uint64_t twice = 0;
        const std::string wrong = live(seed, 1 + seed * 3, once);
        if (!wrong.empty()) {
            std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(seed),
                         wrong.c_str());
            return EXIT_FAILURE;
        }
        // The same seed is the same life, to the last nanosecond.
        if (seed % 20 == 0 && (live(seed, 1 + seed * 3, twice), once != twice)) {
            std::fprintf(stderr, "seed %llu is not repeatable\n",
                         static_cast<unsigned long long>(seed));
            return EXIT_FAILURE;
        }
    }
    std::printf("%llu lives, each with a power loss, and nothing acknowledged was lost\n",
                static_cast<unsigned long long>(lives));
    return EXIT_SUCCESS;
}
