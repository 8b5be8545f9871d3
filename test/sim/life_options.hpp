// test/sim/life_options.hpp -- how one life goes: drawn from its seed, or written out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cimrep::test {

/// What may go wrong in a life.
enum class hazard : std::uint8_t {
    errors,       ///< operations on legs fail once
    broken_legs,  ///< a kind of operation of a leg fails for good
    bad_sectors,  ///< sectors cannot be read until they are written again
    short_transfers,
    stuck,           ///< operations are not answered until somebody releases them
    slow,            ///< operations take up to a second
    failed_flushes,  ///< flushes fail and lose what they should have saved
    lost_capabilities,
    vanishing,            ///< legs are pulled out and come back, with their content
    shrinking,            ///< legs announce a smaller size for a while
    copy_errors,          ///< the repository's other copies fail
    copy_lies,            ///< they lie, too: rot, misdirected, lost and stale operations
    torn_garbage,         ///< what tears on the repository's disks is garbage
    scribbling,           ///< the host changes the memory of its writes in flight
    older_legs,           ///< legs come back older, swapped, blank or foreign
    decay,                ///< between two processes a bit of a copy of the repository flips
    allocation_failures,  ///< the library asks for memory, and there is none
    early_losses,         ///< what a cache has dropped is gone before a flush tells of it
    slow_copies,          ///< a copy of the repository is slow now and then, any of them
    lost_copies,          ///< a process lacks copies of the repository that had everything
    bad_moments,          ///< processes crash just after something of the repository
    lost_legs,            ///< what comes in place of the last of the older_legs stays
    old_images,           ///< the older_legs are legs with a label, as they were with another one
    strayed_copies,       ///< somebody has opened a copy of the repository alone
    crossed_losses,       ///< a leg fails just as another joins, or a crash comes as one fails
    absent_at_opening,    ///< a leg is not there when a process begins, and comes back later
    familiar_strays,      ///< a strayed copy counts as far as the true ones, and its disk lies
    failures_in_cuts,     ///< a leg fails and another one hangs just when a pair is parted
    silent_differences,   ///< blocks of one target in sync become others, and nobody is told
    lonely_differences,   ///< a target is left alone when a verification has found those
    several_differences,  ///< with that: of another target too, at other places
};
inline constexpr std::size_t hazard_count = 31;
inline constexpr std::array<std::string_view, hazard_count> hazard_names = {
    "errors",
    "broken_legs",
    "bad_sectors",
    "short_transfers",
    "stuck",
    "slow",
    "failed_flushes",
    "lost_capabilities",
    "vanishing",
    "shrinking",
    "copy_errors",
    "copy_lies",
    "torn_garbage",
    "scribbling",
    "older_legs",
    "decay",
    "allocation_failures",
    "early_losses",
    "slow_copies",
    "lost_copies",
    "bad_moments",
    "lost_legs",
    "old_images",
    "strayed_copies",
    "crossed_losses",
    "absent_at_opening",
    "familiar_strays",
    "failures_in_cuts",
    "silent_differences",
    "lonely_differences",
    "several_differences",
};

/// What the operators of a life do, besides creating mirrors and bringing them up to date.
enum class activity : std::uint8_t {
    separations,    ///< Fracture and Split
    suspensions,    ///< Suspend and Resume
    deactivations,  ///< Deactivate and Activate
    aborts,
    detaching,        ///< Detach and Dissolve
    restores,         ///< Restore from Replica
    target_writes,    ///< hosts of targets that are apart
    waiting,          ///< WaitForCopyState, and jobs
    lists,            ///< ModifyListSynchronization
    older_methods,    ///< AttachOrModifyReplica and ModifySynchronization
    refusals,         ///< what must be refused, and must change nothing
    verifying,        ///< online comparison, with repair
    resilvering,      ///< stale copies of the repository are brought back
    orderly_ends,     ///< some processes end in order instead of crashing
    reopenings,       ///< when faults are over, all is closed and opened before anything is copied
    settling,         ///< some processes bring everything up to date before they end
    resting,          ///< in some processes only hosts of targets work
    busy_restores,    ///< hosts flush and write to other targets while a content is restored
    idling,           ///< in some processes after the first no host writes to the volume
    early_restores,   ///< before a host has written, and perhaps a crash soon after
    cancels,          ///< hosts cancel some of what they have in flight
    deadlines,        ///< hosts give some operations a deadline
    manual_recovery,  ///< CopyRecoveryMode of some relationships is Manual
    careless_removals,  ///< Detach, without Force, of a target that alone has the content
    hasty_returns,      ///< legs are told to be back in the instant in which they have failed
    trimmed_sources,    ///< before the life the source was used, and trimmed without a flush
    comparing,          ///< the host of the volume compares and writes
    holding,            ///< copies are held, and go on later
    points,             ///< points in time of the volume are taken, read and dropped
};
inline constexpr std::size_t activity_count = 29;
inline constexpr std::array<std::string_view, activity_count> activity_names = {
    "separations",   "suspensions",     "deactivations",   "aborts",
    "detaching",     "restores",        "target_writes",   "waiting",
    "lists",         "older_methods",   "refusals",        "verifying",
    "resilvering",   "orderly_ends",    "reopenings",      "settling",
    "resting",       "busy_restores",   "idling",          "early_restores",
    "cancels",       "deadlines",       "manual_recovery", "careless_removals",
    "hasty_returns", "trimmed_sources", "comparing",       "holding",
    "points",
};

/// A set of enumerators of one of the two.
template <class Kind>
class choice {
public:
    bool has(Kind which) const noexcept { return (bits_ >> static_cast<unsigned>(which) & 1) != 0; }
    void set(Kind which, bool wanted = true) noexcept
    {
        const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(which);
        bits_ = wanted ? bits_ | bit : bits_ & ~bit;
    }
    friend bool operator==(const choice&, const choice&) = default;

private:
    std::uint32_t bits_ = 0;
};

/// How one life goes. One number is a whole life: everything is drawn from the seed.
struct life_options {
    std::uint64_t seed = 1;
    unsigned targets = 1;
    unsigned crashes = 3;
    unsigned copies = 1;             ///< of the repository
    std::uint64_t operations = 150;  ///< of the host, between two crashes
    std::uint64_t volume_bytes = 512 * kib;
    std::uint64_t region_bytes = 64 * kib;
    std::uint64_t block_bytes = 512;
    std::uint64_t hot_extents = 64;
    std::uint64_t leg_deadline_ms = 0;         ///< 0: none
    std::uint64_t repository_bytes = 2 * mib;  ///< of a copy; a smaller one is checkpointed oftener
    bool cache = true;                         ///< the legs have volatile caches
    bool guarded = false;                      ///< guard_volatile_host_buffers
    choice<hazard> hazards;
    choice<activity> activities;

    bool has(hazard which) const noexcept { return hazards.has(which); }
    bool has(activity which) const noexcept { return activities.has(which); }
    friend bool operator==(const life_options&, const life_options&) = default;
};

/// By swarm: a random set of hazards and activities is left out of each life.
life_options draw_life(std::uint64_t seed);

/// `seed=7 targets=2 ... hazards=stuck,slow activities=restores`: read_life() understands it.
std::string to_text(const life_options& options);

/// Nothing if the text is not such a line; what it leaves out has the default above.
std::optional<life_options> read_life(std::string_view text);

}  // namespace cimrep::test
