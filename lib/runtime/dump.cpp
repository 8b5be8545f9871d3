// lib/runtime/dump.cpp -- the whole state of a shard as JSON lines.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>

#include <fmt/format.h>

#include "shard_core.hpp"
#include <nlohmann/json.hpp>

namespace cimrep::inline v0 {

namespace {

using nlohmann::json;

const char* name_of(leg_role role) noexcept
{
    switch (role) {
    case leg_role::current: return "current";
    case leg_role::syncing: return "syncing";
    case leg_role::tracking: return "tracking";
    }
    return "";
}

const char* name_of(io_kind kind) noexcept
{
    switch (kind) {
    case io_kind::read: return "read";
    case io_kind::write: return "write";
    case io_kind::flush: return "flush";
    case io_kind::write_zeroes: return "write_zeroes";
    case io_kind::discard: return "discard";
    case io_kind::compare_and_write: return "compare_and_write";
    }
    return "";
}

const char* waits_for(const host_request& r) noexcept
{
    if (r.answered) return "a device that still has its memory";
    if (r.pending != 0) return "its legs";
    switch (r.waits) {
    case host_request::waiting_for::range: return "its range";
    case host_request::waiting_for::memory: return "memory of the library";
    case host_request::waiting_for::room: return "room among the hot extents";
    case host_request::waiting_for::record:
    case host_request::waiting_for::nothing: break;
    }
    if (r.preserving) return "what points in time need of its range";
    return r.admitted ? "a durable mark" : "a durable membership";
}

json describe(const leg& each)
{
    return {{"kind", "leg"},
            {"element", each.element_text},
            {"identity", each.identity},
            {"role", name_of(each.role)},
            {"error", each.failed_with ? each.failed_with.message() : ""},
            {"remark", each.remark},
            {"different_bytes", each.map.different().marked_bytes()},
            {"unflushed_bytes", each.map.unflushed().marked_bytes()},
            {"outstanding", each.outstanding()},
            {"stuck", each.stuck}};
}

json describe(const relationship_info& each)
{
    return {{"kind", "relationship"},
            {"path", to_text(each.path)},
            {"copy_state", fmt::format("{}", each.copy_state)},
            {"progress_status", fmt::format("{}", each.progress_status)},
            {"requested_copy_state", fmt::format("{}", each.requested_copy_state)},
            {"sync_state", fmt::format("{}", each.sync_state)},
            {"percent_synced", each.percent_synced},
            {"different_bytes", each.different_bytes},
            {"copied_bytes", each.copied_bytes}};
}

}  // namespace

void volume_core::for_each_request(
    const std::function<void(const io_op&, const char* waits)>& visit) const
{
    requests_.for_each([&](const host_request& r) { visit(*r.host, waits_for(r)); });
}

std::string shard::dump() const
{
    std::string text;
    const auto line = [&](const json& object) {
        text += object.dump(-1, ' ', false, json::error_handler_t::replace);
        text += '\n';
    };
    line({{"kind", "shard"},
          {"volumes", parts_->volumes_.size()},
          {"relationships", parts_->relationships_.size()},
          {"memory_bytes", parts_->charged_bytes_},
          {"memory_budget_bytes", parts_->options_.memory_budget_bytes}});
    for (const auto& each : parts_->volumes_) {
        const volume_core& core = each->parts().core;
        const volume_statistics counters = core.statistics();
        line({{"kind", "volume"},
              {"element", core.element_text_},
              {"size_bytes", core.shape_.size_bytes},
              {"read_only", core.read_only_},
              {"recognizing", core.recognizing()},
              {"generation", core.generation_},
              {"requests_in_use", counters.requests_in_use},
              {"tracking_memory_bytes", counters.tracking_memory_bytes}});
        for (const auto& member : core.legs_)
            if (member) line(describe(*member));
        core.for_each_request([&](const io_op& op, const char* waits) {
            line({{"kind", "operation"},
                  {"what", name_of(op.kind)},
                  {"offset_bytes", op.offset_bytes},
                  {"length_bytes", op.length_bytes},
                  {"waits_for", waits}});
        });
    }
    for (const auto& each : parts_->relationships_) line(describe(each->info()));
    return text;
}

}  // namespace cimrep::inline v0
