// test/sim/mirror_life.hpp -- one seeded life of a mirror, its repository and its crashes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/shard.hpp>
#include <cimrep/store/device_repository.hpp>
#include <cimrep/testing/content_oracle.hpp>
#include <cimrep/testing/seeded_random.hpp>
#include <cimrep/testing/simulated_machine.hpp>
#include <cimrep/testing/stamped_host.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::test {

/// The product's storage: the disks of the machine by name.
class simulated_elements final : public element_provider {
public:
    explicit simulated_elements(simulated_machine& machine) : machine_(machine) {}

    static object_path path_of(const std::string& name);
    outcome<element_description> describe(const object_path& path) const override;
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                const element_open_request& request) override;

private:
    simulated_disk* find(const object_path& path) const;

    simulated_machine& machine_;
};

/// How one life goes.
struct life_options {
    std::uint64_t seed = 1;
    unsigned targets = 1;
    unsigned crashes = 3;
    unsigned copies = 1;  ///< of the repository
    bool faults = false;  ///< operations on legs fail now and then
    bool large = false;   ///< the volume has more extents than may be hot
};

/// What a life has seen.
struct life_report {
    std::string wrong;  ///< nothing, or what was violated
    std::uint64_t trace_hash = 0;
    std::uint64_t crashes = 0;
    std::uint64_t operations = 0;  ///< of the host
    std::uint64_t requests = 0;    ///< accepted by relationships
    std::uint64_t recovered = 0;   ///< relationships found after a crash
    std::uint64_t target_writes = 0;
    std::uint64_t legs_lost = 0;
};

/// A host writes to a volume and reads it while an operator asks for this and that; the machine
/// crashes at some I/O, in recovery too; what the host was told must hold after each crash. At the
/// end everything is healed, every relationship must become Synchronized, and the legs be equal.
class mirror_life {
public:
    explicit mirror_life(const life_options& options);
    life_report run();

private:
    struct asked_op : control_op {
        bool over = false;
    };
    struct target_write;
    struct process;

    void boot(process& p, bool first);
    void work(process& p);
    void ask_something(process& p);
    void write_to_a_target(process& p);
    void spoil_legs();
    void die(process& p);
    void settle(process& p);
    void compare_legs();
    void close(process& p);
    bool until(const char* what, const std::function<bool()>& reached);
    void fail(std::string what);

    life_options options_;
    std::uint64_t volume_bytes_;
    seeded_random random_;
    simulated_machine machine_;
    simulated_elements elements_;
    content_oracle oracle_;
    std::vector<simulated_disk*> repository_disks_;
    std::vector<std::string> names_;
    /// Relationships that were told to exist, and not told to be gone: by target.
    std::vector<bool> exists_;
    bool formatted_ = false;
    life_report report_;
};

}  // namespace cimrep::test
