// lib/runtime/replacement.hpp -- what making one leg's content the volume's owes to the records.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>

#include "state_records.hpp"
#include <cstdint>
#include <optional>
#include <utility>

namespace cimrep::inline v0 {

/// How far a request that makes the content of one leg the volume's has come, between the record of
/// its state and the record of the set in which that leg is current.
///
/// | stage   | what is true                                   | a record of the state says  |
/// |---------|------------------------------------------------|-----------------------------|
/// | none    | nothing is being replaced                      | the state                   |
/// | settled | the request's state is recorded, not begun yet | and what holds without it   |
/// | moot    | a sibling's came first; it is recorded again   | the state                   |
/// | begun   | it is the content, which no set on record says | and what holds without it   |
///
/// Beside that, the record of the state may be *overtaken*: an opening has found that what it tells
/// of has never begun, or the set that has begun it was recorded without the state. Until another
/// is on record, each record of a set says what is true: by a later set alone it could seem as if
/// it had begun, or never had.
class replacement {
public:
    bool settled() const noexcept { return stage_ == stage::settled; }
    bool moot() const noexcept { return stage_ == stage::moot; }
    bool begun() const noexcept { return stage_ == stage::begun; }
    bool overtaken() const noexcept { return overtaken_; }

    /// What a record of the state says beside it.
    const std::optional<unreplaced_record>& unreplaced() const noexcept { return unreplaced_; }

    /// The state of a request is about to be recorded; `without`: what holds until it has begun,
    /// where it replaces anything. As long as an earlier one is begun, what was before that holds.
    void settle(std::optional<unreplaced_record> without) noexcept
    {
        CIMREP_ASSERT(!begun() || !without);
        if (begun()) return;
        stage_ = without ? stage::settled : stage::none;
        unreplaced_ = std::move(without);
    }
    void begin() noexcept { stage_ = stage::begun; }
    /// Nothing has begun, and nothing will. True if something was settled.
    bool call_off() noexcept { return end(stage::settled, stage::none); }
    void become_moot() noexcept { end(stage::settled, stage::moot); }

    /// By an opening: what it has found on record.
    void overtake_the_record() noexcept { overtaken_ = true; }
    void state_recorded() noexcept { overtaken_ = false; }

    /// True if the record of the set has to tell the state, which stands without anything then.
    bool owes_the_set() const noexcept { return begun() || overtaken_; }
    void told_in_set() noexcept { told_ = true; }
    /// A record of the state comes after the set that is on its way, or another set does.
    void untold() noexcept { told_ = false; }
    void set_recorded() noexcept
    {
        const bool told = std::exchange(told_, false);
        if (end(stage::begun, stage::none) || told) overtaken_ = !told;
    }

private:
    enum class stage : std::uint8_t { none, settled, moot, begun };

    bool end(stage from, stage to) noexcept
    {
        if (stage_ != from) return false;
        stage_ = to;
        unreplaced_.reset();
        return true;
    }

    stage stage_ = stage::none;
    bool overtaken_ = false;
    bool told_ = false;
    std::optional<unreplaced_record> unreplaced_;
};

}  // namespace cimrep::inline v0
