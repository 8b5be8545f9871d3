// lib/store/record_map.hpp -- the durable records in memory, and room made before it is needed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/error.hpp>
#include <cimrep/store/change_codec.hpp>
#include <cimrep/store/record.hpp>
#include <cimrep/store/repository.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

namespace cimrep::inline v0 {

/// The records by key. A commit is reserved before it is written and applied when it is durable.
///
/// Invariant:  reserved_bytes_ is what the records take, encoded, once everything reserved is
///             applied. An entry that is not present is invisible, and waits for apply().
/// Allocates:  reserve() for a new key, a longer value or more changes than ever; apply() never.
class record_map {
public:
    explicit record_map(std::pmr::memory_resource* memory) : entries_(memory), places_(memory) {}

    /// Makes room for the changes, and counts them as if they were there.
    ///
    /// @param capacity  what the records may take; what is added must fit before what is erased
    ///                  goes, so that an erasure and a value of the same size are never refused.
    /// @errors  errc::over_budget, std::errc::not_enough_memory; nothing has changed then.
    result<> reserve(std::span<const record_change> changes, std::uint64_t capacity) noexcept;

    /// Does what was reserved. The changes of several commits may be applied in their order.
    void apply(std::span<const record_change> changes) noexcept;
    /// Forgets what is gone by the changes just applied.
    void sweep(std::span<const record_change> changes) noexcept;
    /// One change on its own, as a reader of the log makes it.
    ///
    /// @errors  std::errc::not_enough_memory.
    result<> put(const record_change& change) noexcept;

    std::optional<std::span<const std::byte>> find(const record_key& key) const noexcept;
    void for_each(const record_key& first, const record_key& last,
                  const repository::record_visitor& visit) const;

    /// Encodes records in the order of their keys after `cursor` until `to` is full.
    ///
    /// @param cursor  the last key that was encoded; nothing at first. Moves.
    struct encoded_part {
        std::size_t bytes = 0;
        std::uint64_t records = 0;
        bool last = false;  ///< there is no record after it
    };
    encoded_part encode_after(std::optional<record_key>& cursor,
                              std::span<std::byte> to) const noexcept;

    std::uint64_t records() const noexcept { return records_; }
    std::uint64_t bytes() const noexcept { return bytes_; }  ///< of what is present, encoded
    void clear() noexcept;
    /// @pre  both take their memory from the same resource.
    void swap(record_map& other) noexcept;

private:
    struct entry {
        using allocator_type = std::pmr::polymorphic_allocator<std::byte>;
        explicit entry(const allocator_type& memory) : value(memory) {}
        std::pmr::vector<std::byte> value;
        bool present = false;
        bool fresh = false;          ///< made by a reservation that has not succeeded yet
        std::uint32_t reserved = 0;  ///< what it takes, encoded, once all is applied; 0: gone
    };

    std::uint64_t added_bytes(std::span<const record_change> changes);
    void count(const entry& which, bool there) noexcept;

    std::pmr::map<record_key, entry> entries_;
    std::pmr::vector<entry*> places_;  ///< of the changes that are being reserved; null: none yet
    std::uint64_t records_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t reserved_bytes_ = 0;
};

}  // namespace cimrep::inline v0
