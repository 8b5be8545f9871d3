// test/sim/recorded_life.hpp -- a few operations, and each state that a crash leaves of them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/testing/crash_states.hpp>
#include <cimrep/testing/recorder_device.hpp>

#include "life_operator.hpp"
#include "life_process.hpp"
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace cimrep::test {

/// What a recorded life does, one after the other.
enum class recorded_step : std::uint8_t {
    write,
    overlapping_writes,
    flush,
    fua_write,
    create,
    fracture,
    split,
    resync,
    restore,
    detach,
};
inline constexpr std::size_t step_count = 10;
std::string to_text(const std::vector<recorded_step>& steps);

/// What all enumerations of one run share.
struct state_enumeration {
    std::uint64_t states = 0;         ///< recovered and judged
    std::uint64_t crashed_again = 0;  ///< of these, in their recovery
    std::uint64_t cuts = 0;
    std::uint64_t sequences = 0;
    std::unordered_set<std::uint64_t> seen;  ///< contents with what was told until then
    std::string wrong;
};

/// The legs and the repository of a life behind recorders. What hosts and operators were told is
/// kept for each moment at which the power may be cut.
class recorded_life {
public:
    /// `related`: begins with a mirror that is Synchronized. All that begin alike are alike until
    /// the first step; `seed` chooses what is written where.
    recorded_life(std::uint64_t seed, bool related);
    ~recorded_life();
    recorded_life(const recorded_life&) = delete;
    recorded_life& operator=(const recorded_life&) = delete;

    /// Carries the steps out while everything is recorded. `together`: a step of the host does not
    /// wait for the one before.
    void record(const std::vector<recorded_step>& steps, bool together);
    /// Visits the crash states, recovers from each and judges; at most `states_max` in all.
    void enumerate(state_enumeration& all, std::uint64_t states_max);
    const std::string& wrong() const noexcept { return world_.report.wrong; }

private:
    struct host_op;
    struct knowledge {
        content_oracle oracle;
        std::optional<content_oracle> other;
        std::vector<replica> replicas;
        std::uint64_t told = 0;  ///< how often anybody was told anything
    };

    static life_options options_of(std::uint64_t seed);
    void prepare(bool related);
    void begin_recording();
    void end_recording();
    void remember();
    void carry_out(recorded_step what);
    void host_writes(std::uint64_t sector, std::uint64_t count, bool fua);
    void host_flushes();
    void ask(operation what);
    void restore();
    bool run(const std::function<bool()>& reached);
    std::string judge(const crash_state& state, const knowledge& known, bool crash_again);

    life_world world_;
    std::vector<std::unique_ptr<simulated_device>> devices_;
    std::vector<std::unique_ptr<recorder_device>> recorders_;
    std::vector<write_log> logs_;
    std::vector<sparse_image> before_;
    power_domain power_;
    std::map<std::uint64_t, knowledge> known_;  ///< by moment: what was told until the next one
    std::unique_ptr<life_process> process_;
    std::unique_ptr<life_operator> operator_;
    std::vector<std::unique_ptr<host_op>> host_ops_;
    std::size_t in_flight_ = 0;
    std::uint64_t told_ = 0;
    std::uint64_t answers_ = 0;
    seeded_random choices_;
};

}  // namespace cimrep::test
