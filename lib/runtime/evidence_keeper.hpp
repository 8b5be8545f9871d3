// lib/runtime/evidence_keeper.hpp -- keeps the labels and the samples of a volume's legs true.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/engine/region_map.hpp>
#include <cimrep/store/leg_label.hpp>
#include <cimrep/store/repository.hpp>

#include "evidence.hpp"
#include <array>
#include <cstdint>
#include <functional>
#include <memory_resource>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

class leg;
struct volume_core;
struct saved_volume;

/// What a leg was found to be.
enum class leg_verdict : std::uint8_t {
    recognized,        ///< or nothing is known that it could be compared with
    not_recognized,    ///< blank, foreign, swapped, older, or written by somebody else
    repository_older,  ///< the leg has seen a later in-sync set than the repository
};

/// The two blocks of a leg's labels; empty, where one could not be read.
using label_blocks = std::array<std::span<const std::byte>, label_area_bytes / store_block_bytes>;

/// The evidence of one volume: written so that at any instant what is on record is true.
///
/// Labels:   a record of the in-sync set is followed by the labels of its members, and those by
///           the record of the labels; only then is anything acknowledged that depends on it.
/// Samples:  taken at an orderly close from places that were written lately and from others; the
///           record of a sample goes with the mark that precedes the first write to its extent.
/// Allocates:  in the constructor, in revive(), make_room() and take_samples().
class evidence_keeper {
public:
    evidence_keeper(volume_core& owner, bool needed, std::size_t legs_max);

    bool needed() const noexcept { return needed_; }
    void revive(const saved_volume& saved);

    // Labels.

    /// A leg that has a new device, and may be labelled later, when nothing may be missing.
    void make_room(leg& which);
    /// Writes the record as it is apart from the in-sync set: it goes with that of a new leg, for
    /// whoever had the slot before was labelled, and this one was not.
    void encode_without_set(std::vector<std::byte>& to) noexcept;
    /// Adds the record that goes with one of the in-sync set.
    void add_record(std::vector<record_change>& to);
    /// Fact: that record is durable, or not.
    void recorded(bool durable) noexcept;
    /// After that is durable: labels the legs that are current in it, then calls the volume's
    /// labels_are_durable().
    void write_labels() noexcept;
    void forget_label(std::size_t slot) noexcept { record_.labels[slot] = {}; }
    /// From the next record of the set on, also for the next process: it is none of ours.
    void call_strange(std::size_t slot) noexcept { record_.labels[slot] = {label_record::strange}; }
    bool is_strange(std::size_t slot) const noexcept
    {
        return record_.labels[slot].place_bytes == label_record::strange;
    }
    const label_record& label_of(std::size_t slot) const noexcept { return record_.labels[slot]; }
    /// Where the labels of a leg are that has one.
    std::uint64_t area_of(std::size_t slot) const noexcept
    {
        return record_.labels[slot].place_bytes / label_area_bytes * label_area_bytes;
    }
    /// What a leg is whose labels' place holds `blocks`, and in words why; nothing, where what
    /// could be read does not tell.
    std::optional<leg_verdict> judge_label(const leg& which, const label_blocks& blocks,
                                           std::string& why) const;

    // Samples.

    std::span<const content_sample> samples() const noexcept { return samples_; }
    /// The host is about to write here. On the hot path.
    void note_write(std::uint64_t offset_bytes) noexcept
    {
        recent_[recent_next_++ % recent_.size()] = offset_bytes;
    }
    /// Adds the erasure of the samples of an extent that becomes hot.
    void add_erasures(byte_extent extent, std::pmr::vector<record_change>& to) noexcept;
    /// Fact: those erasures are durable, or not.
    void erased(bool durable) noexcept;
    /// What was sampled is not the volume's content any more: with the next record of the set.
    void drop_samples() noexcept;
    /// Nor is it where the one that holds the content was found to differ, by this map of it.
    void drop_samples(const region_map& where) noexcept;
    /// Some are on record still.
    bool drops_samples() const noexcept;
    /// At an orderly close, when nothing is in flight: `over` is told how it went; the samples on
    /// record stay true in any case.
    void take_samples(std::function<void(error_code error)> over) noexcept;

private:
    static constexpr std::size_t recent_max = 32;
    // Of a sample: its erasure is being committed with a mark; is due with a record of the set; is
    // being committed with it.
    static constexpr std::uint8_t going = 1;
    static constexpr std::uint8_t dropped = 2;
    static constexpr std::uint8_t dropping = 4;
    struct label_commit : commit_op {
        evidence_keeper* self = nullptr;
        record_change change;
    };
    struct sample_commit : commit_op {
        evidence_keeper* self = nullptr;
        std::vector<record_change> all;
        std::vector<sample_value> values;
        std::vector<content_sample> taken;
    };

    leg_verdict judge_block(const leg& which, std::uint64_t place, std::span<const std::byte> block,
                            std::string& why) const;
    std::uint64_t area_on(const leg& which) const noexcept;
    void label(leg& which) noexcept;
    void labelled(leg& which, error_code error) noexcept;
    void label_ended() noexcept;
    std::vector<byte_extent> choose_places();
    /// Where memory runs out no samples are taken, and that is told.
    template <class Work>
    void or_go_unseen(Work&& work) noexcept
    {
        try {
            work();
        } catch (const std::bad_alloc&) {
            std::exchange(sampled_, nullptr)(std::make_error_code(std::errc::not_enough_memory));
        }
    }
    void read_samples(leg& from);
    void commit_samples(std::vector<content_sample> taken);
    void forget_samples(std::uint8_t fact, bool durable) noexcept;

    volume_core* volume_;
    bool needed_;
    evidence_record record_;
    std::uint64_t saved_generation_ = 0;  ///< as the last process left it
    std::uint64_t saved_incarnation_ = 0;
    bool set_recorded_ = false;              ///< by this process
    std::uint64_t recorded_generation_ = 0;  ///< of the set that is being labelled
    std::size_t labels_out_ = 0;
    bool labels_changed_ = false;
    label_commit label_commit_;
    std::vector<std::byte> set_bytes_, label_bytes_;
    std::vector<content_sample> samples_;
    std::vector<std::uint8_t> facts_;  ///< of each of them
    sample_commit sample_commit_;
    std::function<void(error_code error)> sampled_;
    std::array<std::uint64_t, recent_max> recent_{};
    std::size_t recent_next_ = 0;
};

}  // namespace cimrep::inline v0
