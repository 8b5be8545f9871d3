// testing/crash_states.hpp -- the images that a power loss may leave of what a log has recorded.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/config.hpp>
#include <cimrep/testing/sparse_image.hpp>
#include <cimrep/testing/write_log.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace cimrep::inline v0 {

/// A log on the content that the device had when the recording began. Both outlive their user.
/// Logs of other programs know no common moments: enumerate them one by one.
struct recorded_device {
    const write_log* log = nullptr;
    const sparse_image* before = nullptr;
};

/// Walks through a log, from one moment at which something became durable to the next: the end of
/// a flush, or of a write with FUA.
///
/// Unflushed are the writes that had been submitted and were not durable. Where the log knows its
/// moments that is exact; in a log of another program they are those between two flushes, and a
/// write is taken to have been submitted after each FUA write that stands before it.
///
/// Lifetime:   the log outlives the replayer.
/// Allocates:  images.
class CIMREP_API log_replayer {
public:
    explicit log_replayer(const recorded_device& recorded);

    /// Goes on to the next durable moment; false if there is none: what is left of the log then has
    /// never become durable.
    bool next();
    /// As of a moment of the power domain: everything logged up to it is durable.
    void advance_to(std::uint64_t moment);

    /// What the device holds if all that is unflushed is lost.
    const sparse_image& durable() const noexcept { return image_; }
    /// In the order in which they were completed.
    std::vector<const log_entry*> unflushed() const;
    /// Index of the entry behind the last flush that has ended.
    std::size_t position() const noexcept { return position_; }

    /// The moments at which something became durable, in ascending order.
    std::vector<std::uint64_t> moments() const;

private:
    const write_log& log_;
    sparse_image image_;
    std::vector<std::uint64_t> logged_;     // of each entry, known or numbered by its place
    std::vector<std::uint64_t> submitted_;  // of each entry, known or the latest possible
    std::size_t position_ = 0;
    std::uint64_t moment_ = 0;
};

/// Where an enumeration takes samples, and where it tries everything.
struct crash_state_options {
    std::size_t subsets_exhaustive_max = 12;  ///< of so many unflushed writes, all subsets
    std::size_t subsets_sampled = 256;        ///< seeded random ones, of more
    bool tears = true;                        ///< every split of each write of several blocks
    std::uint64_t seed = 1;
};

/// One state: an image for each device, and how it comes about.
struct crash_state {
    std::span<const sparse_image> images;
    std::uint64_t moment = 0;  ///< the last one that is durable
    std::string what;          ///< "after moment 12: all but write 3 of device 0"
};

/// What an enumeration has seen.
struct crash_state_count {
    std::uint64_t visited = 0;
    std::uint64_t duplicates = 0;  ///< states with the content of an earlier one, not visited
    std::uint64_t cuts = 0;        ///< moments at which the power was cut
    bool stopped = false;          ///< `visit` has returned false
};

/// Visits each state that a power loss may leave of these devices, which share a power domain: at
/// each durable moment, subsets of what was unflushed on all devices together. All of them where
/// they are few; else none, all, each one dropped, each one kept, each prefix in the order of
/// completion, and random ones. Besides, each write of several blocks is torn after each of its
/// blocks, its head kept or its tail, with all others present and with none. No content twice.
///
/// @param visit  returns false to stop.
/// Allocates:    images, which share memory, and a number for each state.
CIMREP_API crash_state_count
for_each_crash_state(std::span<const recorded_device> devices, const crash_state_options& options,
                     const std::function<bool(const crash_state&)>& visit);

}  // namespace cimrep::inline v0
