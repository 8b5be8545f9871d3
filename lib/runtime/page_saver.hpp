// lib/runtime/page_saver.hpp -- makes the legs' maps durable, before something depends on them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/store/change_codec.hpp>
#include <cimrep/store/repository.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cimrep::inline v0 {

struct volume_core;

/// Saves the changed pages of all legs' maps, in passes.
///
/// A page holds a bit for each region that differs, or would if the leg lost what it has not
/// flushed; one without any is not kept. Whoever needs the maps durable waits for a pass that
/// begins after it asked. Nothing is saved where the repository forgets.
///
/// Allocates:  once, in the constructor.
class page_saver {
    static constexpr std::size_t page_words = 512;

public:
    /// What a repository must bear in one commit.
    static constexpr std::uint64_t commit_bytes_min = change_header_bytes + page_words * 8;

    /// In its owner's memory until `saved`.
    struct waiter {
        void (*saved)(waiter& which, error_code error) noexcept = nullptr;
        waiter* next = nullptr;
    };

    /// @pre  `store` bears commit_bytes_min, if it is durable.
    page_saver(volume_core& owner, const repository& store);

    /// Calls `which.saved` when everything that the maps say now is durable: at once, if it is.
    void save_then(waiter& which) noexcept;
    bool idle() const noexcept { return !running_ && waiting_.empty(); }

    /// The index of a page's record: its leg's slot and its number.
    static std::uint64_t index_of(std::size_t slot, std::size_t page) noexcept
    {
        return std::uint64_t{slot} << 48 | page;
    }
    static std::size_t slot_of(std::uint64_t index) noexcept { return index >> 48; }
    static std::size_t page_of(std::uint64_t index) noexcept
    {
        return index & ((std::uint64_t{1} << 48) - 1);
    }
    /// What a page record says, as words; empty if it is no page.
    static std::vector<std::uint64_t> words_of(std::span<const std::byte> value);

private:
    static constexpr std::size_t batch_pages_max = 12;

    using waiter_queue = intrusive_queue<waiter, &waiter::next>;
    struct batch : commit_op {
        page_saver* self = nullptr;
    };
    struct taken_page {
        std::size_t slot, page;
    };

    void next_batch() noexcept;
    void take(std::size_t slot, std::size_t page) noexcept;
    void batch_done(error_code error) noexcept;
    void pass_over() noexcept;

    volume_core* volume_;
    bool needed_;
    std::size_t batch_pages_;  ///< as many as the longest commit bears
    bool running_ = false;
    std::size_t slot_ = 0, page_ = 0;
    error_code error_{};
    batch commit_;
    std::vector<record_change> changes_;
    std::vector<taken_page> taken_;
    std::vector<std::uint64_t> words_;
    waiter_queue served_;   ///< by the pass that runs
    waiter_queue waiting_;  ///< for the next one
};

}  // namespace cimrep::inline v0
