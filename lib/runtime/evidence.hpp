// lib/runtime/evidence.hpp -- what is on record of the content that a volume's legs must have.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/store/repository.hpp>

#include <boost/uuid/uuid.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// The label that a leg was given last, as far as that is durable.
struct label_record {
    static constexpr std::uint64_t strange = UINT64_MAX;
    std::uint64_t place_bytes = 0;  ///< 0: it has none; strange: it was not recognized, and nobody
                                    ///< has said yet that it may be used
    std::uint64_t generation = 0;
    std::uint64_t incarnation = 0;
    friend bool operator==(const label_record&, const label_record&) = default;
};

/// Who a volume is to its legs, and what their labels say.
struct evidence_record {
    boost::uuids::uuid set{};
    std::uint64_t incarnation = 0;     ///< of the process that wrote the present in-sync set
    std::vector<label_record> labels;  ///< by slot
    friend bool operator==(const evidence_record&, const evidence_record&) = default;
};

constexpr std::size_t evidence_bytes(std::size_t slots) noexcept
{
    return 24 + slots * 24;
}

void encode(const evidence_record& from, std::vector<std::byte>& to);

/// @errors  errc::repository_damaged.
outcome<evidence_record> decode_evidence(std::span<const std::byte> bytes);

/// What a place of the volume held at the last orderly close, and holds since: the record goes
/// before the first write to its extent.
struct content_sample {
    byte_extent place;
    std::uint32_t checksum = 0;
    friend bool operator==(const content_sample&, const content_sample&) = default;
};

/// Samples are kept of places of this size, at multiples of it.
inline constexpr std::uint64_t sample_bytes = 64 * kib;
inline constexpr std::size_t samples_max = 64;

using sample_value = std::array<std::byte, 16>;
sample_value encode(const content_sample& from) noexcept;

/// `index` is that of the record's key: the number of the place.
///
/// @errors  errc::repository_damaged.
outcome<content_sample> decode_sample(std::uint64_t index, std::span<const std::byte> bytes);

constexpr std::uint64_t index_of(const content_sample& sample) noexcept
{
    return sample.place.offset_bytes / sample_bytes;
}

}  // namespace cimrep::inline v0
