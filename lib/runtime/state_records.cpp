// lib/runtime/state_records.cpp -- records to bytes and back; any bytes are a record or an error.
// SPDX-License-Identifier: BSL-1.0
#include "state_records.hpp"

#include <boost/endian/conversion.hpp>

#include "../base/json_text.hpp"
#include "record_reader.hpp"
#include <type_traits>

namespace cimrep::inline v0 {

namespace {

using nlohmann::json;

template <class Value>
std::uint64_t as_number(const Value& value)
{
    if constexpr (std::is_same_v<Value, duration>)
        return static_cast<std::uint64_t>(value.nanoseconds);
    else
        return static_cast<std::uint64_t>(value);
}

std::string encode_settings(const replication_setting_data& settings)
{
    json_text object;
    for_each_property([&](const char* name, auto member) {
        if (const auto& value = settings.*member) object.number(name, as_number(*value));
    });
    return object.line();
}

void decode_settings(const json& object, replication_setting_data& to)
{
    for_each_property([&](const char* name, auto member) {
        using value = typename std::remove_reference_t<decltype(to.*member)>::value_type;
        const auto at = object.find(name);
        if (at == object.end() || !at->is_number_unsigned()) return;
        const auto number = at->template get<std::uint64_t>();
        if constexpr (std::is_same_v<value, duration>)
            to.*member = duration{static_cast<std::int64_t>(number)};
        else
            to.*member = static_cast<value>(number);
    });
}

json_text state_members(const relationship_state& state)
{
    json_text object;
    object.number("sync_type", as_number(state.kind.sync))
        .number("mode", as_number(state.kind.mode))
        .number("locality", as_number(state.kind.locality))
        .number("copy_state", as_number(state.copy_state))
        .number("progress_status", as_number(state.progress))
        .number("requested_copy_state", as_number(state.requested))
        .number("facts", as_number(state.facts));
    return object;
}

outcome<relationship_state> decode_state(record_reader& object)
{
    relationship_state state;
    object.number("sync_type", state.kind.sync, UINT16_MAX);
    object.number("mode", state.kind.mode, UINT16_MAX);
    object.number("locality", state.kind.locality, UINT8_MAX);
    object.number("copy_state", state.copy_state, UINT16_MAX);
    object.number("progress_status", state.progress, UINT16_MAX);
    object.number("requested_copy_state", state.requested, UINT16_MAX);
    object.number("facts", state.facts, UINT16_MAX);
    CIMREP_TRY(object.done());
    if (to_name(state.copy_state).empty()) return damaged_record("a relationship", "copy_state");
    if (state.kind.sync != sync_type::mirror) return damaged_record("a relationship", "sync_type");
    state.resting = state.progress;
    return state;
}

}  // namespace

void put_little(std::uint64_t value, std::byte* to) noexcept
{
    boost::endian::store_little_u64(reinterpret_cast<unsigned char*>(to), value);
}

std::uint64_t take_little(const std::byte* from) noexcept
{
    return boost::endian::load_little_u64(reinterpret_cast<const unsigned char*>(from));
}

std::string encode(const volume_record& from)
{
    std::vector<std::string> legs;
    for (const leg_record& each : from.legs)
        legs.push_back(json_text()
                           .number("slot", each.slot)
                           .text("element", each.element)
                           .text("identity", each.identity)
                           .number("block_bytes", each.block_bytes)
                           .line());
    return json_text()
        .number("size_bytes", from.size_bytes)
        .number("region_bytes", from.region_bytes)
        .raw("legs", json_text::list(legs))
        .line();
}

outcome<volume_record> decode_volume(std::span<const std::byte> bytes)
{
    volume_record made;
    record_reader object("a volume", bytes);
    object.number("size_bytes", made.size_bytes);
    object.number("region_bytes", made.region_bytes, 1 * mib);
    if (const json* legs = object.list("legs"))
        for (const json& each : *legs) {
            record_reader leg("a leg", each);
            leg_record& record = made.legs.emplace_back();
            leg.number("slot", record.slot, 15);
            leg.text("element", record.element);
            leg.text("identity", record.identity);
            leg.number("block_bytes", record.block_bytes, 1 * mib);
            CIMREP_TRY(leg.done());
        }
    CIMREP_TRY(object.done());
    if (made.legs.empty() || made.legs.front().slot != 0) return damaged_record("a volume", "legs");
    return made;
}

std::string encode(const relationship_record& from)
{
    json_text object = state_members(from.state);
    if (from.unreplaced)
        object.raw("unreplaced", state_members(from.unreplaced->state)
                                     .number("provider_slot", from.unreplaced->provider_slot)
                                     .line());
    return object.raw("settings", encode_settings(from.settings))
        .number("when_established", from.when_established.nanoseconds)
        .number("when_activated", from.when_activated.nanoseconds)
        .number("when_synchronized", from.when_synchronized.nanoseconds)
        .number("when_suspended", from.when_suspended.nanoseconds)
        .number("when_deactivated", from.when_deactivated.nanoseconds)
        .line();
}

outcome<relationship_record> decode_relationship(std::span<const std::byte> bytes)
{
    relationship_record made;
    record_reader object("a relationship", bytes);
    CIMREP_TRY(made.state, decode_state(object));
    if (const json* unreplaced = object.member("unreplaced")) {
        record_reader inner("a relationship", *unreplaced);
        unreplaced_record& record = made.unreplaced.emplace();
        CIMREP_TRY(record.state, decode_state(inner));
        inner.number("provider_slot", record.provider_slot, 15);
        CIMREP_TRY(inner.done());
    }
    object.time("when_established", made.when_established);
    object.time("when_activated", made.when_activated);
    object.time("when_synchronized", made.when_synchronized);
    object.time("when_suspended", made.when_suspended);
    object.time("when_deactivated", made.when_deactivated);
    if (const json* settings = object.member("settings"); settings && settings->is_object())
        decode_settings(*settings, made.settings);
    else
        object.miss("settings");
    CIMREP_TRY(object.done());
    return made;
}

void encode(const member_record& from, std::vector<std::byte>& to)
{
    to.resize((from.roles.size() + 1) * 8);
    put_little(from.generation, to.data());
    for (std::size_t slot = 0; slot < from.roles.size(); ++slot)
        put_little(static_cast<std::uint64_t>(from.roles[slot]), to.data() + 8 * (slot + 1));
}

outcome<member_record> decode_members(std::span<const std::byte> bytes)
{
    if (bytes.size() < 16 || bytes.size() % 8 != 0 || bytes.size() > 17 * 8)
        return damaged_record("the in-sync set", "length");
    member_record made;
    made.generation = take_little(bytes.data());
    for (std::size_t at = 8; at < bytes.size(); at += 8) {
        const std::uint64_t role = take_little(bytes.data() + at);
        if (role > static_cast<std::uint64_t>(leg_role::tracking))
            return damaged_record("the in-sync set", "role");
        made.roles.push_back(static_cast<leg_role>(role));
    }
    return made;
}

}  // namespace cimrep::inline v0
