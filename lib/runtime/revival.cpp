// lib/runtime/revival.cpp -- opens again what a repository knows: volumes, legs, relationships.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/object_path_parse.hpp>

#include <fmt/format.h>

#include "../base/mark.hpp"
#include "absent_device.hpp"
#include "recovery.hpp"
#include "shard_core.hpp"

namespace cimrep::inline v0 {

namespace {

// By its identity: whatever answers to the path now and is something else is not opened.
outcome<std::unique_ptr<block_device>> open_leg(element_provider& elements, event_loop& loop,
                                                const object_path& path, const leg_record& known,
                                                std::uint64_t size_bytes)
{
    CIMREP_TRY(const auto description, elements.describe(path));
    if (description.identity != known.identity)
        return fail(errc::stale_reference,
                    fmt::format("{} is '{}' now; the leg was '{}'", known.element,
                                description.identity, known.identity),
                    "bring the element back, or detach the relationship");
    const bool source = known.slot == 0;
    CIMREP_TRY(auto device,
               elements.open(loop, path,
                             {.purpose = source ? open_purpose::source : open_purpose::target,
                              .allow_overwrite = true,
                              .identity = known.identity}));
    const geometry& shape = device->shape();
    const bool fits = source ? shape.size_bytes == size_bytes : shape.size_bytes >= size_bytes;
    if (!fits || shape.logical_block_bytes != known.block_bytes)
        return fail(errc::geometry_mismatch,
                    fmt::format("{} has {} bytes in blocks of {} now; the volume has {} in blocks "
                                "of {}",
                                known.element, shape.size_bytes, shape.logical_block_bytes,
                                size_bytes, known.block_bytes),
                    "give it its shape again, or detach the relationship");
    return device;
}

}  // namespace

/// A leg with its device, or with what stands for it.
struct shard::implementation::opened_leg {
    object_path path;
    std::unique_ptr<block_device> device;
    error_code why;  ///< it is absent
};

outcome<shard::implementation::opened_leg> shard::implementation::open_saved(
    const saved_volume& saved, const leg_record& known)
{
    CIMREP_TRY(object_path path, parse_object_path(known.element));
    const std::uint64_t size = saved.shape.size_bytes;
    auto device = open_leg(*options_.elements, *loop_, path, known, size);
    if (device) return opened_leg{std::move(path), std::move(device).value(), {}};
    CIMREP_MARK(leg_absent_at_open);
    const error_code why = device.error().code;
    const geometry shape{.size_bytes = size, .logical_block_bytes = known.block_bytes};
    return opened_leg{std::move(path), std::make_unique<absent_device>(*loop_, shape, why), why};
}

outcome<> shard::implementation::revive(const saved_volume& saved)
{
    CIMREP_TRY(opened_leg source, open_saved(saved, *saved.leg(0)));
    volume_settings settings = settings_;
    settings.region_bytes = saved.shape.region_bytes;
    const std::uint64_t size = saved.shape.size_bytes;
    CIMREP_TRY(charge(
        settings.memory_bytes(size) + (1 + saved.pairs.size()) * settings.leg_memory_bytes(size),
        "volume " + saved.leg(0)->element));
    volumes_.push_back(std::make_unique<class volume>(std::make_unique<volume::implementation>(
        *this, std::move(source.device),
        element_description{.path = source.path, .identity = saved.leg(0)->identity}, settings)));
    volume_core& core = volumes_.back()->parts().core;
    core.record_owner_ = saved.owner;
    record_owners_ = std::max(record_owners_, saved.owner);
    core.source().failed_with = source.why;
    for (const auto& [slot, pair] : saved.pairs) {
        const leg_record& known = *saved.leg(slot);
        CIMREP_TRY(opened_leg target, open_saved(saved, known));
        leg& attached = core.attach_at(slot, std::move(target.device), target.path, known.identity);
        attached.failed_with = target.why;
        CIMREP_TRY(object_path path, path_of(source.path, target.path));
        auto parts = std::make_unique<relationship::implementation>(
            *this, core, attached, std::move(path), pair.state.kind, pair.settings, *store_);
        parts->revive(pair);
        keep_room_for_burials(1);
        relationships_.push_back(std::make_unique<relationship>(std::move(parts)));
        relationships_.back()->parts().self = relationships_.back().get();
    }
    core.revive(saved);
    return revive_points(saved, core);
}

outcome<> shard::implementation::recover()
{
    CIMREP_TRY(const auto all, read_volumes(*store_));
    for (const saved_volume& each : all) {
        record_owners_ = std::max(record_owners_, each.owner);
        if (!each.needed()) continue;
        if (auto revived = revive(each); !revived) {
            relationships_.clear();
            volumes_.clear();
            pools_.clear();
            return std::move(revived).error();
        }
    }
    // Nothing can fail any more: what was interrupted goes on, where the legs are what they were.
    recognizing_ = volumes_.size();
    for (std::size_t i = 0; i < relationships_.size(); ++i)
        relationships_[i]->parts().await_recognition();
    for (std::size_t i = 0; i < volumes_.size(); ++i) {
        volume_core& core = volumes_[i]->parts().core;
        core.recognize([this, &core] { begin_again(core); });
    }
    for (const saved_volume& each : all)
        if (!each.needed()) forget(each);
    return success();
}

void shard::implementation::begin_again(volume_core& core)
{
    core.begin_again();
    for_each_of(core, [](relationship_core& each) { each.begin_again(); });
    --recognizing_;
    tell_recovered();
}

void shard::implementation::tell_recovered() noexcept
{
    if (recognizing_ != 0 || recovery_waiters_.empty() || recovered_.queued) return;
    // What follows for the states is told with its record: then this is asked again.
    for (const auto& each : relationships_)
        if (each->parts().committing()) return;
    loop_->defer(recovered_);
}

// What is known of a volume without relationships is worth nothing to the next process.
void shard::implementation::forget(const saved_volume& saved) noexcept
try {
    std::vector<record_key> keys{{record_kind::volume_state, saved.owner, 0},
                                 {record_kind::leg_state, saved.owner, 0}};
    for (const record_kind kind :
         {record_kind::hot_extents, record_kind::map_page, record_kind::leg_evidence,
          record_kind::content_sample, record_kind::points_in_time, record_kind::exceptions})
        store_->for_each(kind, saved.owner, [&](const record_key& key, std::span<const std::byte>) {
            keys.push_back(key);
        });
    erase_records(*store_, std::move(keys), notes_out_);
} catch (const std::bad_alloc&) {  // the process after this one does it
}

}  // namespace cimrep::inline v0
