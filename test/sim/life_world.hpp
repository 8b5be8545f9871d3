// test/sim/life_world.hpp -- what outlives a process: disks, what was told, and what is known.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/copy_state.hpp>
#include <cimrep/runtime/observer.hpp>
#include <cimrep/testing/content_oracle.hpp>
#include <cimrep/testing/seeded_random.hpp>
#include <cimrep/testing/simulated_machine.hpp>

#include "life_options.hpp"
#include "simulated_elements.hpp"
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cimrep::test {

/// What a life has seen.
struct life_report {
    std::string wrong;  ///< nothing, or what was violated
    std::uint64_t trace_hash = 0;
    std::uint64_t crashes = 0;
    std::uint64_t operations = 0;  ///< of hosts
    std::uint64_t failed = 0;      ///< of those
    std::uint64_t requests = 0;    ///< of operators, accepted
    std::uint64_t refused = 0;
    std::uint64_t restores = 0;   ///< whose content was known, and became the volume's
    std::uint64_t recovered = 0;  ///< relationships found after a crash
    std::uint64_t legs_lost = 0;
    std::uint64_t losses = 0;  ///< blocks that the caches of legs have lost
    std::uint64_t jobs = 0;
    std::uint64_t returns = 0;       ///< of elements that had vanished
    std::uint64_t replaced = 0;      ///< legs that were not what they were between two processes
    std::uint64_t starved = 0;       ///< allocations of the library that failed
    std::uint64_t copies_lost = 0;   ///< of the repository, while another had everything
    std::uint64_t canceled = 0;      ///< operations of hosts that ended by it
    std::uint64_t late = 0;          ///< those that ended by a deadline
    std::uint64_t by_hand = 0;       ///< relationships that waited for their operator
    std::uint64_t damaged = 0;       ///< blocks of targets that became others
    std::uint64_t held = 0;          ///< copies, by hold_copy()
    std::uint64_t damage_found = 0;  ///< by a verification
    std::uint64_t points = 0;        ///< in time, taken
    std::uint64_t points_found = 0;  ///< after a crash
    std::uint64_t points_broken = 0;
    std::uint64_t point_reads = 0;  ///< judged
    std::uint64_t verified = 0;     ///< verifications that ended without an error
    std::uint64_t different = 0;    ///< those that have found something

    life_report& operator+=(const life_report& other) noexcept;
};

/// What the repository has just come to.
enum class moment : std::uint8_t {
    opened,
    log_record,  ///< is about to be written to a copy
    copy_back,   ///< a copy was resilvered
    answered,    ///< a request of an operator
};
inline constexpr std::size_t moment_count = 4;

/// A job that a client was told of. It outlives the process.
struct told_job {
    object_path path;
    std::uint16_t percent = 0;  ///< at least, in this process
    bool ended = false;
};

/// A target of the volume, as its operator and its host know it.
struct replica {
    std::string name;
    bool told = false;                     ///< to exist, and not told to be gone
    bool asked = false;                    ///< a request is under way, or was when the process died
    std::optional<copy_state> told_state;  ///< of a pair that is apart: it stays so until asked
    /// While it is apart and its content is known. Knows its host's writes besides.
    std::optional<content_oracle> content;
    /// A Restore from it was asked for, and it is not known whether it has taken place.
    bool gives_its_content = false;
    content_oracle::operation_id cut = 0;  ///< the read that stands for the split under way
    bool labelled = false;                 ///< it has been in sync
    bool by_hand = false;                  ///< its CopyRecoveryMode is Manual
    bool told_to_go_on = false;            ///< by the audit, just now
    unsigned mirrors = 0;                  ///< begun with it: what came before one is not its own
    std::uint64_t blocks_lost = 0;         ///< by its disk, of which `content` has been told

    /// Whoever is asked may change it.
    void forget_content() noexcept
    {
        content.reset();
        told_state.reset();
        gives_its_content = false;
    }
};

/// A block of a target in sync that has become another one, behind the library's back.
struct silent_damage {
    std::size_t leg = 0;      ///< on which it came about
    std::uint64_t by = 0;     ///< what its stamps say in the place of the volume
    std::uint64_t first = 0;  ///< in sectors, as `count`
    std::uint64_t count = 0;
    bool found = false;  ///< by a verification, and left as it is
    /// Another target was copied from this leg before, and has it without anybody's knowing.
    bool unfound_elsewhere = false;
    /// The source has been out of the set while nobody else was known to be right there: what lies
    /// there may be the content.
    bool may_spread = false;
    /// The moment since which it is known, and another leg of the set is right.
    std::optional<std::uint64_t> covered_since;

    byte_extent extent() const noexcept
    {
        return {first * stamp_sector_bytes, count * stamp_sector_bytes};
    }
};

/// It may be on record that the leg differs there.
struct leg_doubt {
    std::size_t leg = 0;
    byte_extent where;
    std::uint64_t by = 0;   ///< the moment at which the verification began
    bool under_way = true;  ///< so is that
};

/// A point in time of the volume, as whoever has asked for it knows it.
struct known_point {
    std::uint64_t id = 0;                   ///< of the request
    std::uint64_t number = 0;               ///< 0: not told yet
    content_oracle::operation_id cut = 0;   ///< the read that stands for it while it is being taken
    std::optional<content_oracle> content;  ///< afterwards: what it may hold
    bool taken = false;                     ///< somebody was told of it
    bool broken = false;                    ///< it was shown as that
    bool dropping = false;                  ///< it was asked for
    bool may_be_gone = false;               ///< that was answered with an error
    bool doubtful = false;                  ///< what it holds cannot be known
};

/// What cannot be read is written again as it was.
void mend(simulated_disk& disk);

/// The machine of a life and the oracle of its volume. Shares nothing with what is judged.
class life_world {
public:
    explicit life_world(const life_options& with);

    /// One line of the life's story, where somebody wants to hear it.
    void tell(const std::string& what) const;
    static bool tells;

    /// The first violation stays.
    void fail(std::string what);
    bool wrong() const noexcept { return !report.wrong.empty(); }

    /// Drives the loop until `reached`, and answers what is stuck when nothing else goes on. False
    /// after a crash. Not to get there in an hour of virtual time is a violation.
    bool until(const char* what, const std::function<bool()>& reached);
    /// The same with a dead or closing process, whose ends nobody judges.
    void drain(const char* what, const std::function<bool()>& reached);
    void release_stuck();

    /// Tells the oracles of replicas what their disks have lost without a crash.
    void notice_losses();
    /// What was not durable may be gone, although nothing crashed: the volume says so itself, or
    /// the last leg that holds it was pulled out.
    void volume_lost_cache();
    /// True if a failed flush or a pulled disk has lost something since the process began.
    bool lost_something() const;
    void begin_process();
    /// A leg has dropped what it could not write, and no flush of it has failed yet.
    bool has_untold_loss() const;
    /// A hazard of this life takes legs out of the set.
    bool legs_may_fail() const noexcept;
    /// Another leg may become the truth, with all that it holds.
    bool source_may_leave() const noexcept;

    /// It is there, and does not announce less than it has.
    bool shows_all(std::size_t index) const;
    /// A read of that leg would return it now.
    bool lies_on(std::size_t index, const silent_damage& damage) const;
    /// Or it would if its cache were lost, or is not seen.
    bool may_lie_on(std::size_t index, const silent_damage& damage) const;
    /// No leg has it, nor would have it if its cache were lost.
    bool is_gone(const silent_damage& damage) const;
    /// Volumes of that content may hold what lies somewhere.
    void tell_of_damage(content_oracle& which) const;
    /// What is gone no read may return. While nothing is in flight.
    void forget_damage();

    simulated_disk& leg(std::size_t index) { return machine.disk(index); }
    /// After a crash: whoever was in sync has been labelled, durably.
    void look_for_labels();
    /// It is larger than the volume.
    bool has_label(std::size_t index) const noexcept;
    std::size_t leg_count() const noexcept { return replicas.size() + 1; }
    const std::string& leg_name(std::size_t index) const
    {
        static const std::string source = "s";
        return index == 0 ? source : replicas[index - 1].name;
    }
    object_path leg_path(std::size_t index) const
    {
        return simulated_elements::path_of(leg_name(index));
    }

    life_options options;
    life_report report;
    seeded_random random;
    simulated_machine machine;
    simulated_elements elements;
    content_oracle oracle;
    /// After a restore of which nobody was told the end: the volume holds this or `oracle`.
    std::optional<content_oracle> other;
    std::vector<replica> replicas;
    std::vector<told_job> jobs;
    std::vector<silent_damage> damages;  ///< that may lie somewhere
    std::vector<leg_doubt> doubts;       ///< from verifications
    std::uint64_t moments = 0;           ///< at which damage was covered, or a read was sent
    seeded_random damage_random;         ///< what is done about it
    /// A write of it may be made to fail; or it was turned away: it has nothing but another leg's
    /// content by which it could be known, and that is damaged.
    bool source_has_left = false;
    bool source_was_turned_away = false;  ///< as said there
    /// A verification has found some, and left it.
    std::function<void()> at_difference = [] {};
    std::vector<known_point> points;
    std::uint64_t point_ids = 0;
    std::uint64_t last_point = 0;    ///< the highest number that anybody was told
    simulated_disk* pool = nullptr;  ///< in which the points keep what is overwritten
    std::vector<simulated_disk*> repository;
    std::size_t honest_copy = 0;  ///< of the repository: struck by no fault but crashes
    /// Undoes what lies on a copy of the repository and should not; false if there is nothing.
    std::function<bool()> mend_copy = [] { return false; };
    std::vector<bool> copies_lost;  ///< of the repository: not there in the process that begins
    std::optional<std::size_t> leg_missed;  ///< it would be, most of all, were it absent now
    bool copy_failed_last = false;          ///< just before the last crash, by a bad moment
    std::function<void(moment what)> at_moment = [](moment) {};
    /// A relationship has come to this state, which is on record, and what follows has not begun.
    std::function<void(copy_state now)> at_state = [](copy_state) {};
    /// A record that tells who is in the set is about to be written to a copy of the repository.
    std::function<void(std::size_t copy)> at_members_record = [](std::size_t) {};
    /// The process logs what has happened to the leg with this number.
    std::function<void(log_event what, std::size_t leg)> at_leg = [](log_event, std::size_t) {};
    /// The library has found that a leg has failed, by the name that the log has for it.
    std::function<void(std::string_view name)> at_failed_leg = [](std::string_view) {};
    /// A device in the place of that of a copy of the repository; nothing: the same.
    std::function<std::unique_ptr<block_device>(std::size_t copy,
                                                std::unique_ptr<block_device> below)>
        tap_copy;
    std::uint64_t volume_ids = 1;
    crash_kind next_crash = crash_kind::power_loss;

private:
    bool faults_may_fail_legs() const noexcept;

    std::vector<std::uint64_t> lost_before_;  ///< by disk, when the process began
};

}  // namespace cimrep::test
