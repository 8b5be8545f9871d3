// test/testing/simulated_life.hpp -- processes that write to bare disks, crash and look again.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/testing/content_oracle.hpp>
#include <cimrep/testing/simulated_machine.hpp>
#include <cimrep/testing/stamped_host.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::test {

/// What a life is made of.
struct life_options {
    fault_plan plan{};
    std::uint64_t disks = 1;
    std::uint64_t size_bytes = 128 * kib;
    std::uint32_t block_bytes = 512;
    std::uint64_t operations = 200;
    unsigned crashes = 1;
    bool kills = true;
};

/// Disks with a host on each, all judged by an oracle; no replication, so no fault is masked.
class simulated_life {
public:
    simulated_life(std::uint64_t seed, const life_options& options)
        : options_(options), random_(seed_of_part(seed, 77)), machine_({.seed = seed})
    {
        for (std::uint64_t i = 0; i < options.disks; ++i) {
            machine_.add({.name = "disk " + std::to_string(i),
                          .size_bytes = options.size_bytes,
                          .logical_block_bytes = options.block_bytes,
                          .discard_granularity_bytes = options.block_bytes,
                          .cache_blocks_max = 64});
            oracles_.emplace_back(i + 1, options.size_bytes / stamp_sector_bytes);
        }
        machine_.use(options.plan);
    }

    /// Runs the whole life; empty, or what was wrong.
    std::string run()
    {
        for (unsigned i = 0; i < options_.crashes && wrong_.empty(); ++i) {
            const bool kill = options_.kills && random_.chance(0.3);
            process(true, kill);
        }
        fault_plan healed = options_.plan;
        healed.heal();
        machine_.use(healed);
        for (std::size_t i = 0; i < machine_.disk_count(); ++i) machine_.disk(i).forget_faults();
        if (wrong_.empty()) process(false, false);
        return wrong_;
    }
    simulated_machine& machine() { return machine_; }

private:
    struct running {
        std::unique_ptr<simulated_device> device;
        std::unique_ptr<stamped_host> host;
    };

    /// One process: an audit, then load until the crash; or an audit alone.
    void process(bool crashes, bool kill)
    {
        simulated_loop& loop = machine_.loop();
        const crash_kind kind = kill ? crash_kind::process_kill : crash_kind::power_loss;
        const host_workload load{.operations = options_.operations / options_.disks};
        std::vector<running> all;
        for (std::size_t i = 0; i < machine_.disk_count(); ++i) {
            running each;
            each.device = std::move(machine_.disk(i).open(loop)).value();
            each.host =
                std::make_unique<stamped_host>(*each.device, oracles_[i], random_.next(), load);
            all.push_back(std::move(each));
        }
        if (crashes) {
            machine_.crash_at(random_.between(1, options_.operations), kind);
        } else {
            for (auto& each : all) each.host->start_audit();
            turn_until_idle(all);
        }
        for (auto& each : all) each.host->start();
        turn_until_idle(all);
        if (crashes && !machine_.crashed()) machine_.crash(kind);
        if (crashes) end_crashed(all, kill);
        all.clear();
        if (crashes) machine_.restart();
    }
    void end_crashed(std::vector<running>& all, bool kill)
    {
        for (auto& oracle : oracles_) {
            if (kill)
                oracle.process_killed();
            else
                oracle.power_lost();
        }
        for (auto& each : all) each.host->stop();
        machine_.loop().resume();
        turn_until_idle(all);
        for (std::size_t i = 0; i < machine_.disk_count(); ++i) machine_.disk(i).land_zombies();
    }
    void turn_until_idle(std::vector<running>& all)
    {
        const auto finished = [&] {
            for (const auto& each : all)
                if (!each.host->finished()) return false;
            return true;
        };
        for (int round = 0; round < 1000; ++round) {
            const run_report report = machine_.loop().run_until(finished);
            if (report || report.end == run_end::halted) break;
            for (std::size_t i = 0; i < machine_.disk_count(); ++i)
                machine_.disk(i).release_stuck();
        }
        for (const auto& each : all)
            if (each.host->violation() && wrong_.empty()) wrong_ = each.host->violation()->text;
    }

    life_options options_;
    seeded_random random_;
    simulated_machine machine_;
    std::vector<content_oracle> oracles_;
    std::string wrong_;
};

}  // namespace cimrep::test
