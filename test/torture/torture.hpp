// torture/torture.hpp -- a mirror whose process is killed, again and again.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/operation.hpp>
#include <cimrep/io/portable_loop.hpp>
#include <cimrep/testing/content_oracle.hpp>
#include <cimrep/testing/seeded_random.hpp>
#include <cimrep/testing/stamped_host.hpp>

#include "stage.hpp"
#include "worker_process.hpp"
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cimrep::test {

/// How one torture goes. The seed decides what is done; the moments are the system's too.
struct torture_options {
    std::uint64_t seed = 1;
    unsigned rounds = 30;  ///< each ends with a kill
    unsigned targets = 1;
    unsigned copies = 1;  ///< of the repository
    bool loop_devices = false;
    bool volatile_cache = false;  ///< most kills come with a power loss
};

/// What a torture has seen.
struct torture_report {
    std::string wrong;  ///< nothing, or what was violated
    std::uint64_t kills = 0;
    std::uint64_t kills_in_recovery = 0;  ///< before the volume was open again
    std::uint64_t operations = 0;         ///< of the host, that were answered
    std::uint64_t requests = 0;           ///< that were carried out
    std::uint64_t recovered = 0;          ///< relationships found after a kill
    std::uint64_t comparisons = 0;        ///< of a Synchronized target with its source
    std::uint64_t frozen = 0;             ///< targets apart that were found unchanged after a kill
    std::uint64_t power_losses = 0;       ///< of the kills
    disk_answer caches;                   ///< what the power losses have met, in all
};

/// A worker process serves a volume to this process, which is its host and its operator, and kills
/// it. What the worker had answered must be on the devices, and its states must be true. All that
/// is believed was heard over the socket before the kill, or read from the devices past the
/// library.
class torture {
public:
    explicit torture(const torture_options& options);
    torture_report run();

private:
    static constexpr std::uint64_t extent_bytes = 4 * mib;  // that are hot together
    static constexpr unsigned extents = 6;
    static constexpr std::uint64_t volume_bytes = extents * extent_bytes;
    static constexpr unsigned hot_extents_least = 4;

    /// What is known of a target without asking the library again.
    struct target_view {
        std::string path;
        bool asked = false;  ///< a request has not been answered: it may have happened or not
        bool exists = false;
        copy_state state = copy_state::initialized;
        std::optional<std::vector<std::byte>> frozen;  ///< its content since it is apart
    };

    void round(bool first);
    void settle();
    void leave_unflushed();
    void close_and_compare();

    void start(bool format);
    void finish_with_kill();
    void kill_worker();
    void lose_power();
    void wait_for_claims();
    void hear(const message& m);
    void recovered(target_view& view, const message& m);
    bool audit();
    void work();
    void await_copies();
    void calm();
    void ask(std::size_t target, std::optional<operation> what, bool force);
    void ask_something();
    bool until(const char* what, const std::function<bool()>& reached);
    void run_for(duration how_long);
    bool look();
    void judge_devices();
    void compare(const target_view& view);
    void judge_frozen(target_view& view);
    bool time_to_kill() const { return clock_.now() >= kill_at_; }
    void fail(std::string what);

    torture_options options_;
    seeded_random random_;
    seeded_random power_;
    portable_loop clock_;
    stage stage_;
    content_oracle oracle_;
    std::string source_;
    std::vector<std::string> copies_;
    std::vector<target_view> targets_;  // the first stands for the source
    bool formatted_ = false;
    torture_report report_;

    // Of the present worker.
    std::unique_ptr<worker_process> worker_;
    std::unique_ptr<stamped_host> host_;
    monotonic_time kill_at_{INT64_MAX};
    unsigned kill_at_news_ = 0;  // so many changes of state are heard of before; 0: any number
    bool ready_ = false;
    bool clean_ = false;
    bool looked_ = false;
    std::string last_words_;
};

}  // namespace cimrep::test
