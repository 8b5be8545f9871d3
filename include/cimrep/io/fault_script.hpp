// io/fault_script.hpp -- which operation goes wrong, and how.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/io_op.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace cimrep::inline v0 {

/// What happens to an operation that a fault meets.
enum class fault_action : std::uint8_t {
    fail,        ///< ends with the error; the device below never sees it
    fail_late,   ///< is done by the device below, and ends with the error all the same
    cut_short,   ///< transfers `short_bytes`, and ends with errc::short_transfer
    delay,       ///< reaches the device below after `delay`
    delay_done,  ///< is done at once, and says so after `delay`
    hold,        ///< reaches the device below after release()
    hold_done,   ///< is done at once, and says so after release()
    lose_cache,  ///< a flush: what was not flushed is lost, then it ends with the error
};

/// One rule: the nth, and perhaps the next ones, of the operations that it looks at goes wrong.
struct fault {
    static constexpr std::uint64_t always = UINT64_MAX;

    std::optional<io_kind> kind{};      ///< nothing: any kind
    std::uint64_t nth = 1;              ///< the first operation looked at is 1
    std::uint64_t times = 1;            ///< from the nth on, so many; or `always`
    byte_extent extent{0, UINT64_MAX};  ///< only what overlaps it; a flush always does
    fault_action action = fault_action::fail;
    error_code error = errc::injected;
    std::uint64_t short_bytes = 0;  ///< a multiple of the logical block
    duration delay{};
    bool cancelable = false;  ///< while held or delayed, cancel() and the deadline end it
};

/// The rules of a device, asked for each operation in the order of submission.
class fault_script {
public:
    void add(const fault& rule) { rules_.push_back({rule, 0}); }
    void clear() noexcept { rules_.clear(); }

    /// The first rule that strikes `op`, or nullptr. Every rule counts every op it looks at.
    const fault* match(const io_op& op) noexcept
    {
        const fault* found = nullptr;
        for (entry& at : rules_) {
            if (at.rule.kind && *at.rule.kind != op.kind) continue;
            if (op.kind != io_kind::flush && !overlaps(at.rule.extent, op.extent())) continue;
            ++at.seen;
            const bool strikes = at.seen >= at.rule.nth && (at.rule.times == fault::always ||
                                                            at.seen - at.rule.nth < at.rule.times);
            if (strikes && found == nullptr) found = &at.rule;
        }
        return found;
    }

private:
    struct entry {
        fault rule;
        std::uint64_t seen = 0;
    };

    static bool overlaps(byte_extent rule, byte_extent op) noexcept
    {
        // Not byte_extent::overlaps(): the end of a rule without an end would wrap around.
        const bool starts_before = rule.offset_bytes < op.end_bytes();
        const bool ends_after = op.offset_bytes < rule.offset_bytes ||
                                op.offset_bytes - rule.offset_bytes < rule.length_bytes;
        return starts_before && ends_after && !rule.empty() && !op.empty();
    }

    std::vector<entry> rules_;
};

}  // namespace cimrep::inline v0
