// lib/runtime/create_mirror.cpp -- everything that is checked before two elements become a mirror.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/cim/format.hpp>
#include <cimrep/cim/object_path_parse.hpp>

#include <fmt/format.h>

#include "shard_core.hpp"

namespace cimrep::inline v0 {

namespace {

request request_of(initial_synchronization initial) noexcept
{
    switch (initial) {
    case initial_synchronization::copy: return request::create;
    case initial_synchronization::none: return request::create_initialized;
    case initial_synchronization::inactive: return request::create_inactive;
    case initial_synchronization::identical: return request::create_identical;
    }
    return request::create;
}

}  // namespace

outcome<object_path> shard::implementation::path_of(const object_path& source,
                                                    const object_path& target) const
{
    return make_object_path(
        {.name_space = options_.name_space,
         .class_name = options_.class_prefix + "_StorageSynchronized",
         .keys = {{"SystemElement", to_text(source)}, {"SyncedElement", to_text(target)}}});
}

outcome<> shard::implementation::check_new(const mirror_request& request,
                                           const element_description& source,
                                           const element_description& target) const
{
    const std::string source_text = to_text(request.source), target_text = to_text(request.target);
    if (request.source == request.target)
        return fail(errc::element_in_use,
                    fmt::format("{} is given as source and as target", source_text),
                    "name two devices: the target becomes a copy of the source");
    if (!source.identity.empty() && source.identity == target.identity)
        return fail(errc::element_in_use,
                    fmt::format("source {} and target {} are two names of the same device '{}'",
                                source_text, target_text, source.identity),
                    "name two devices: the target becomes a copy of the source");
    if (target.size_bytes < source.size_bytes)
        return fail(errc::geometry_mismatch,
                    fmt::format("target {} has {} bytes, source {} has {}", target_text,
                                target.size_bytes, source_text, source.size_bytes),
                    fmt::format("give a target of at least {} bytes", source.size_bytes));
    if (target.logical_block_bytes != source.logical_block_bytes)
        return fail(
            errc::geometry_mismatch,
            fmt::format("target {} has blocks of {} bytes, source {} of {}", target_text,
                        target.logical_block_bytes, source_text, source.logical_block_bytes),
            "give a target with the block size of the source");
    for (const auto& each : relationships_)
        if (const relationship_info& other = each->parts().instance_;
            other.synced_element == request.target || other.synced_element == request.source)
            return fail(errc::element_in_use,
                        fmt::format("{} is the target of {} already", to_text(other.synced_element),
                                    to_text(other.path)),
                        "detach that relationship, or name another element");
    CIMREP_TRY(check_no_pool(target));
    if (find_volume(request.target) != nullptr)
        return fail(errc::element_in_use,
                    fmt::format("target {} is open as a volume of its own", target_text),
                    "name an element that no host uses");
    if (request.replication_mode != mode::synchronous)
        return fail(errc::not_supported,
                    fmt::format("a mirror in mode {}", request.replication_mode),
                    "ask for Synchronous");
    return success();
}

// What neither element has data in reads zeros on both; everything else may differ. Zeros that one
// of them has not flushed a power loss takes away again.
void shard::implementation::mark_unknown(leg& which, const volume_core& volume)
{
    if (CIMREP_MUTANT(new_leg_taken_for_equal)) return;
    const std::uint64_t size = which.map.different().size_bytes();
    std::uint64_t written_end = 0;
    const bool may_be_lost = which.device->shape().volatile_cache || volume.shape().volatile_cache;
    const auto zeros = [&which, may_be_lost](byte_extent run) {
        which.map.reads_zeros(run);
        if (may_be_lost) which.map.not_flushed(run);
    };
    const auto known = which.device->data_extents([&](byte_extent run) {
        which.map.differs({run.offset_bytes,
                           std::min(run.length_bytes, size - std::min(size, run.offset_bytes))});
        if (run.offset_bytes > written_end && written_end < size)
            zeros({written_end, std::min(size, run.offset_bytes) - written_end});
        written_end = run.end_bytes();
    });
    if (known && written_end < size) zeros({written_end, size - written_end});
    const auto used = volume.data_extents([&](byte_extent run) { which.map.differs(run); });
    if (!known || !used) which.map.differs_everywhere();
}

/// What a creation has opened, attached and made goes again, unless it is kept.
struct shard::implementation::beginning {
    implementation& of;
    volume_core& core;
    class volume* opened;
    leg* attached = nullptr;
    relationship* made = nullptr;
    bool kept = false;

    ~beginning()
    {
        if (kept) return;
        if (made != nullptr) of.relationships_.pop_back();
        if (attached != nullptr) core.remove(*attached);
        if (opened != nullptr) of.close_volume(*opened);
    }
};

outcome<relationship*> shard::implementation::create(const mirror_request& request, control_op& op)
{
    CIMREP_TRY(check_open());
    CIMREP_TRY(const auto source, options_.elements->describe(request.source));
    CIMREP_TRY(const auto target, options_.elements->describe(request.target));
    CIMREP_TRY(check_new(request, source, target));
    CIMREP_TRY(object_path path, path_of(request.source, request.target));
    const bool opens_volume = find_volume(request.source) == nullptr;
    CIMREP_TRY(class volume * volume, open_volume(request.source));
    volume_core& core = volume->parts().core;
    CIMREP_TRY(check_recovered(core));
    const std::uint64_t memory = settings_.leg_memory_bytes(core.shape().size_bytes);
    beginning begun{*this, core, opens_volume ? volume : nullptr};
    CIMREP_TRY(charge(memory, "a leg of " + to_text(request.source)));
    charged taken(*this, memory);
    auto device = options_.elements->open(*loop_, request.target,
                                          {.purpose = open_purpose::target,
                                           .allow_overwrite = request.allow_overwrite,
                                           .identity = target.identity});
    if (!device) return std::move(device).error();
    CIMREP_TRY(begun.attached,
               core.attach(std::move(device).value(), request.target, target.identity));
    leg& leg = *begun.attached;
    const bool identical = request.initial == initial_synchronization::identical;
    if (!identical) mark_unknown(leg, core);
    auto parts = std::make_unique<relationship::implementation>(
        *this, core, leg, std::move(path),
        replication_kind{sync_type::mirror, request.replication_mode, local_or_remote::local},
        request.settings, *store_);
    relationship::implementation& made = *parts;
    keep_room_for_burials(1);
    relationships_.push_back(std::make_unique<relationship>(std::move(parts)));
    made.self = begun.made = relationships_.back().get();
    if (identical)
        made.create_identical(request.check, op);
    else
        made.create(request_of(request.initial), op);
    taken.keep();
    begun.kept = true;
    return made.self;
}

}  // namespace cimrep::inline v0
