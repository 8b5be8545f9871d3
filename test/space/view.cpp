// test/space/view.cpp -- looks into the volume for what its public face does not tell by region.
// SPDX-License-Identifier: BSL-1.0
#include "view.hpp"

#include <cimrep/cim/copy_state.hpp>

#include "../../lib/runtime/shard_core.hpp"

namespace cimrep::test {

namespace {

byte_extent extent_of(std::size_t region)
{
    return {region * space_region_bytes, space_region_bytes};
}

leg_view look_at(const leg* which, const medium& below)
{
    leg_view seen{.failing = below.failing};
    if (which == nullptr) return seen;
    seen.there = true;
    seen.role = which->role;
    seen.failed = static_cast<bool>(which->failed_with);
    for (std::size_t region = 0; region < space_regions; ++region) {
        seen.different[region] = which->map.different().any(extent_of(region));
        seen.unflushed[region] = which->map.unflushed().any(extent_of(region));
    }
    return seen;
}

char digit(bool value)
{
    return value ? '1' : '0';
}

std::string bits(const std::array<bool, space_regions>& values)
{
    std::string text;
    for (const bool each : values) text += digit(each);
    return text;
}

std::string to_text(const leg_view& seen)
{
    std::string text = seen.failing ? "failing" : "well";
    if (!seen.there) return text;
    text += seen.failed ? ",failed," : ",";
    text += "cst"[static_cast<std::size_t>(seen.role)];
    return text + "," + bits(seen.different);
}

}  // namespace

view look_at(const world& which)
{
    view seen;
    if (const relationship* pair = which.pair(); pair != nullptr) seen.state = pair->state();
    const leg *source = nullptr, *target = nullptr;
    which.opened()->for_each_volume([&](volume& each) {
        const volume_core& core = each.parts().core;
        seen.open = true;
        seen.read_only = core.read_only_;
        source = core.legs_[0].get();
        if (core.legs_.size() > 1) target = core.legs_[1].get();
        core.hot_.for_each_uncovered([&](byte_extent) { ++seen.uncovered; });
    });
    seen.copies = which.copies();
    seen.source = look_at(source, which.source);
    seen.target = look_at(target, which.target);
    for (std::size_t region = 0; region < space_regions; ++region) {
        const region_value s = which.source.value(region), t = which.target.value(region);
        seen.equal[region] = s == t;
        seen.source_right[region] = s == which.volume_values[region];
        seen.target_right[region] = t == which.volume_values[region];
    }
    for (const auto& [key, value] : which.durable) {
        if (key.kind == record_kind::hot_extents) seen.records += 'h';
        if (key.kind != record_kind::map_page) continue;
        seen.records += 'p';
        for (const std::byte each : value)
            if (each != std::byte{}) seen.records += std::to_string(int(each)) + ".";
    }
    return seen;
}

std::string view::key() const
{
    std::string text = to_words(state.copy_state, state.facts);
    text += " progress " + std::to_string(int(state.progress));
    text += " requested " + std::to_string(int(state.requested));
    text += std::string(" ") + digit(open) + digit(read_only) + digit(copies);
    text += " s:" + to_text(source) + " t:" + to_text(target) + " " + bits(equal) + "," +
            bits(source_right) + "," + bits(target_right);
    return text + (marked() ? " marked" : "");
}

std::string view::full_key() const
{
    return key() + " unflushed " + bits(source.unflushed) + "," + bits(target.unflushed) + "," +
           std::to_string(uncovered) + " records " + records;
}

std::vector<std::string> violations(const view& what)
{
    std::vector<std::string> wrong;
    const auto all = [](const std::array<bool, space_regions>& values) {
        for (const bool each : values)
            if (!each) return false;
        return true;
    };
    const auto require = [&](bool holds, const char* sentence) {
        if (!holds) wrong.emplace_back(sentence);
    };
    require(what.state.pending == request::none, "nothing runs, and a request is pending");
    const bool source_current = what.source.there && what.source.role == leg_role::current;
    const bool target_current = what.target.there && what.target.role == leg_role::current;
    if (source_current)
        require(all(what.source_right), "the source is in the set and lacks a write of the host");
    if (target_current)
        require(all(what.target_right), "the target is in the set and lacks a write of the host");
    require(!what.open || source_current || target_current, "no leg holds the volume's content");
    if (!what.related()) return wrong;
    if (what.synchronized())
        require(source_current && target_current && all(what.equal),
                "Synchronized, and the legs differ or one is not in the set");
    const bool copying = what.state.copy_state == copy_state::unsynchronized;
    require(copying == what.copies, copying ? "Unsynchronized, and nothing is copied"
                                            : "a copy runs that no state speaks of");
    for (std::size_t region = 0; region < space_regions; ++region) {
        if (what.equal[region]) continue;
        const leg_view& behind = target_current ? what.source : what.target;
        require(behind.different[region], "a region differs and is not marked");
    }
    return wrong;
}

std::string to_words(copy_state state, fact facts)
{
    std::string text(state == no_association ? "none" : to_name(state));
    const auto add = [&](fact which, const char* word) {
        if (has(facts, which)) text += std::string(", ") + word;
    };
    add(fact::source_behind, "behind");
    add(fact::target_whole, "image");
    add(fact::target_written, "written");
    add(fact::was_apart, "was apart");
    add(fact::was_stopped, "was stopped");
    add(fact::manual_recovery, "manual");
    return text;
}

}  // namespace cimrep::test
