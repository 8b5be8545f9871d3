// lib/runtime/evidence.cpp -- labels and samples of legs as records of a repository.
// SPDX-License-Identifier: BSL-1.0
#include "evidence.hpp"

#include <fmt/format.h>

#include "state_records.hpp"
#include <algorithm>
#include <cstring>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t slots_max = 16;
constexpr std::size_t head_bytes = evidence_bytes(0);
constexpr std::size_t label_bytes = evidence_bytes(1) - head_bytes;

failure damaged(const char* what, std::size_t bytes)
{
    return fail(errc::repository_damaged, fmt::format("the record of {} has {} bytes", what, bytes),
                "check the repository with 'cimrepctl check'");
}

}  // namespace

void encode(const evidence_record& from, std::vector<std::byte>& to)
{
    to.resize(evidence_bytes(from.labels.size()));
    std::memcpy(to.data(), from.set.data, sizeof from.set.data);
    put_little(from.incarnation, to.data() + 16);
    std::byte* at = to.data() + head_bytes;
    for (const label_record& each : from.labels) {
        put_little(each.place_bytes, at);
        put_little(each.generation, at + 8);
        put_little(each.incarnation, at + 16);
        at += label_bytes;
    }
}

outcome<evidence_record> decode_evidence(std::span<const std::byte> bytes)
{
    if (bytes.size() < head_bytes || (bytes.size() - head_bytes) % label_bytes != 0 ||
        bytes.size() > evidence_bytes(slots_max))
        return damaged("the labels of a volume", bytes.size());
    evidence_record made;
    std::memcpy(made.set.data, bytes.data(), sizeof made.set.data);
    made.incarnation = take_little(bytes.data() + 16);
    for (std::size_t at = head_bytes; at < bytes.size(); at += label_bytes)
        made.labels.push_back({take_little(bytes.data() + at), take_little(bytes.data() + at + 8),
                               take_little(bytes.data() + at + 16)});
    return made;
}

sample_value encode(const content_sample& from) noexcept
{
    sample_value made{};
    put_little(from.place.length_bytes, made.data());
    put_little(from.checksum, made.data() + 8);
    return made;
}

outcome<content_sample> decode_sample(std::uint64_t index, std::span<const std::byte> bytes)
{
    if (bytes.size() != sizeof(sample_value)) return damaged("a sample", bytes.size());
    const std::uint64_t length = take_little(bytes.data());
    const std::uint64_t checksum = take_little(bytes.data() + 8);
    if (length == 0 || length > sample_bytes || checksum > UINT32_MAX ||
        index > UINT64_MAX / sample_bytes)
        return damaged("a sample", bytes.size());
    return content_sample{{index * sample_bytes, length}, static_cast<std::uint32_t>(checksum)};
}

}  // namespace cimrep::inline v0
