// lib/runtime/state_records.hpp -- volumes, legs and relationships as records of a repository.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/runtime/relationship.hpp>
#include <cimrep/runtime/volume.hpp>
#include <cimrep/state/relationship.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// A leg as it is known without its device.
struct leg_record {
    std::uint8_t slot = 0;
    std::string element;  ///< the text of its object path
    std::string identity;
    std::uint32_t block_bytes = 0;
    friend bool operator==(const leg_record&, const leg_record&) = default;
};

/// A volume and its legs, the source in slot 0.
struct volume_record {
    std::uint64_t size_bytes = 0;
    std::uint64_t region_bytes = 0;
    std::vector<leg_record> legs;
    friend bool operator==(const volume_record&, const volume_record&) = default;
};

/// Who is in the set: a role for each slot.
struct member_record {
    std::uint64_t generation = 0;
    std::vector<leg_role> roles;
    friend bool operator==(const member_record&, const member_record&) = default;
};

/// What a relationship is where the set on record does not have `provider_slot` current: its
/// request to make the content of that leg the volume's has not begun.
struct unreplaced_record {
    relationship_state state;
    std::uint8_t provider_slot = 0;
};

/// A relationship: all that the table knows of it. Its key names the volume and the target's slot.
struct relationship_record {
    relationship_state state;
    std::optional<unreplaced_record> unreplaced;
    bool undone = false;  ///< not recorded: `state` is what `unreplaced` was
    replication_setting_data settings;
    wall_time when_established{}, when_activated{}, when_synchronized{}, when_suspended{},
        when_deactivated{};
};

// Volumes and relationships are text (JSON), since they are few, seldom written, and have to be
// read by later versions; what is written often is binary, little-endian.

std::string encode(const volume_record& from);
std::string encode(const relationship_record& from);
void encode(const member_record& from, std::vector<std::byte>& to);

/// @errors  errc::repository_damaged, naming what is missing or out of its map.
outcome<volume_record> decode_volume(std::span<const std::byte> bytes);
outcome<relationship_record> decode_relationship(std::span<const std::byte> bytes);
outcome<member_record> decode_members(std::span<const std::byte> bytes);

/// A number of eight bytes, as hot marks and pages are made of.
void put_little(std::uint64_t value, std::byte* to) noexcept;
std::uint64_t take_little(const std::byte* from) noexcept;

}  // namespace cimrep::inline v0
