// testing/content_oracle.hpp -- what a volume may hold, known from what its host did and no more.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/testing/sector_stamp.hpp>

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// A sector that holds what it must not.
struct content_violation {
    std::uint64_t sector = 0;
    sector_class found = sector_class::garbage;  ///< compared with the newest allowed write
    std::string text;  ///< a sentence: what it holds, and what it may hold
};

/// For each sector of a volume, the writes that a read may return.
///
/// The rules, for a sector and the writes to it:
/// * An acknowledged write excludes those that had ended before it was submitted. Writes that
///   were in flight together are in no order.
/// * A failed write, and one in flight, may be there or not.
/// * What a read has returned stays: it excludes the other writes that had ended before the read.
/// * A flush makes durable what was acknowledged before the flush was submitted; FUA makes its
///   write durable. After a power loss everything may be there that no durable write excludes.
/// * After a crash the writes that were in flight are over: one of the candidates is there, and
///   what a read has returned of them stays, through further crashes as well.
///
/// The oracle knows the calls of the host alone and shares no code with what it judges.
///
/// Unit:       sectors of stamp_sector_bytes.
/// Threads:    one.
/// Allocates:  with writes.
class CIMREP_API content_oracle {
public:
    using operation_id = std::uint64_t;

    /// A volume of zeros.
    content_oracle(std::uint64_t volume_id, std::uint64_t sector_count);

    std::uint64_t sector_count() const noexcept { return sectors_.size(); }

    // Writes.

    /// A write of `count` sectors is about to be submitted; fill() makes its content.
    operation_id write_submitted(std::uint64_t first, std::uint64_t count, monotonic_time now,
                                 bool fua = false);
    /// As above for write_zeroes, or for a discard that promises zeros.
    operation_id zeroes_submitted(std::uint64_t first, std::uint64_t count);
    /// As above for a discard that promises nothing.
    operation_id discard_submitted(std::uint64_t first, std::uint64_t count);
    /// The content of a write, stamped.
    ///
    /// @pre  `to` has as many sectors as the write.
    void fill(operation_id write, std::span<std::byte> to) const;
    void write_acknowledged(operation_id write);
    /// It ended with an error: it may have been done, by halves too.
    void write_failed(operation_id write);
    /// It ended and is known to have done nothing: a comparison failed, an argument was refused.
    void write_withdrawn(operation_id write);

    // Damage. One of several legs holds something else than was written, and nobody was told.

    /// The sectors may hold the stamps of `by`, a volume that nothing else is called, or what they
    /// held before: reads may see now one and now the other, until a write that is submitted from
    /// now on is acknowledged, or it is said that the damage is undone. It may be told again.
    void damaged(std::uint64_t by, std::uint64_t first, std::uint64_t count);
    /// Reads that are submitted from now on do not see it.
    void damage_undone(std::uint64_t by, std::uint64_t first, std::uint64_t count);
    /// Its content.
    static void fill_damage(std::uint64_t by, std::uint64_t first, std::span<std::byte> to);

    // Flushes.

    operation_id flush_submitted();
    void flush_acknowledged(operation_id flush);
    /// It failed. `cache_lost`: what was not durable may be gone, although nothing crashed.
    void flush_failed(operation_id flush, bool cache_lost);

    // Reads.

    operation_id read_submitted(std::uint64_t first, std::uint64_t count);
    /// Nothing, or the first sector that must not hold what was read.
    std::optional<content_violation> read_returned(operation_id read,
                                                   std::span<const std::byte> data);
    void read_failed(operation_id read);

    /// What the read, were it to return now, could have returned, as the content of a volume of its
    /// own: that of a replica that was split off since `read` was submitted. One candidate of each
    /// sector is there and is durable, as after a power loss. What is written to it from now on has
    /// the stamps of `volume_id`.
    content_oracle fork(operation_id read, std::uint64_t volume_id) const;

    /// Judges content that was taken at one instant with no read in between, such as an image of a
    /// leg. Pins nothing.
    std::optional<content_violation> check(std::uint64_t first,
                                           std::span<const std::byte> data) const;

    // Crashes. Everything in flight is over: what is said later about its operations is ignored.

    void power_lost();
    void process_killed();

    /// The write that the sector must hold, 0 for zeros; nothing if there is a choice. `but`, a
    /// write of which the caller knows, is none.
    std::optional<operation_id> certain(std::uint64_t sector, operation_id but = 0) const;
    /// What the newest write would have left in the sector that may be there, zeros for none.
    void fill_newest(std::uint64_t sector, std::span<std::byte> to) const;
    /// How many writes the sector may hold now.
    std::size_t candidates(std::uint64_t sector) const;

private:
    enum class what : std::uint8_t { stamp, zeros, anything, damage, none };

    static constexpr std::uint64_t never = UINT64_MAX;

    /// Moments are values of a counter that every call moves.
    struct operation {
        std::uint64_t first = 0;
        std::uint64_t count = 0;
        std::uint64_t submitted = 0;
        std::uint64_t ended = never;
        monotonic_time time{};
        std::uint64_t volume_id = 0;  ///< of its stamps
        what content = what::none;
        bool fua = false;
    };
    /// A write that may lie in a sector.
    struct candidate {
        operation_id write = 0;
        std::uint64_t excluded = never;  ///< from then on only a loss of the cache brings it back
        std::uint64_t covered = never;   ///< a flush that is submitted later excludes it for good
        operation_id shown_by = 0;       ///< so does one after the end of this write, if not 0
        bool base = false;               ///< it may have lain there when the power came back
        bool gone = false;               ///< nothing brings it back; a read in flight may see it

        void comes_back() noexcept
        {
            excluded = covered = never;
            shown_by = 0;
        }
    };
    struct sector {
        boost::container::small_vector<candidate, 2> candidates;
        bool listed = false;  ///< in ambiguous_
    };

    operation& at(operation_id id) { return operations_[static_cast<std::size_t>(id)]; }
    const operation& at(operation_id id) const { return operations_[static_cast<std::size_t>(id)]; }
    bool in_flight(operation_id id) const { return at(id).ended == never; }
    operation_id add(operation made);
    operation_id change_submitted(operation made);
    bool holds(const candidate& one, std::uint64_t s, const found_sector& found) const;
    bool pin(std::uint64_t s, const found_sector& found, std::uint64_t read_submitted);
    void purge(sector& which) const;
    content_violation violation(std::uint64_t s, const found_sector& found) const;
    template <class Change>
    void for_each_ambiguous(const Change& change);
    void end_everything();

    std::uint64_t volume_id_;
    std::uint64_t moment_ = 0;
    std::vector<operation> operations_;  // by id; 0 is the volume's first content
    std::vector<sector> sectors_;
    std::vector<std::uint64_t> ambiguous_;  // sectors that may have more than one candidate
    std::size_t reads_in_flight_ = 0;
    std::uint64_t cache_lost_ = 0;  // the moment of the last failed flush that lost something
};

}  // namespace cimrep::inline v0
