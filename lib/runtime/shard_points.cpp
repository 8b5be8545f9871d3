// lib/runtime/shard_points.cpp -- points in time are asked for; pools are opened for them.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/mutant.hpp>
#include <cimrep/cim/object_path_parse.hpp>

#include <fmt/format.h>

#include "../base/mark.hpp"
#include "../base/out_of_memory.hpp"
#include "absent_device.hpp"
#include "recovery.hpp"
#include "shard_core.hpp"

namespace cimrep::inline v0 {

namespace {

preservation_settings settings_of(const shard_options& options, const repository& store,
                                  std::uint64_t chunk_bytes)
{
    return {.chunk_bytes = chunk_bytes,
            .exceptions_max = options.exceptions_max,
            .copies_max = options.preservations_max,
            .points_max = point_keeper::points_max(store, options.points_max)};
}

failure no_point(const object_path& source, std::uint64_t number)
{
    return fail(errc::stale_reference,
                fmt::format("{} has no point in time {}", to_text(source), number),
                "name one that shard::points() lists");
}

}  // namespace

volume_core* shard::implementation::core_of(const object_path& source) const noexcept
{
    const class volume* const found = find_volume(source);
    return found == nullptr ? nullptr : &const_cast<class volume*>(found)->parts().core;
}

outcome<> shard::implementation::check_pool(const point_request& request,
                                            const element_description& pool,
                                            const volume_core& of) const
{
    const std::string text = to_text(request.pool);
    for (const auto& each : volumes_)
        for (const auto& leg : each->parts().core.legs_)
            if (leg && (leg->element == request.pool ||
                        (!pool.identity.empty() && leg->identity == pool.identity)))
                return fail(
                    errc::element_in_use,
                    fmt::format("pool {} is a leg of {}", text, each->parts().core.element_text_),
                    "name an element that nobody uses");
    const geometry& volume = of.shape();
    if (pool.logical_block_bytes > volume.logical_block_bytes)
        return fail(errc::geometry_mismatch,
                    fmt::format("pool {} has blocks of {} bytes, the volume of {}", text,
                                pool.logical_block_bytes, volume.logical_block_bytes),
                    "give a pool whose blocks are not longer than the volume's");
    if (volume.logical_block_bytes > sub_block_bytes)
        return fail(
            errc::geometry_mismatch,
            fmt::format("{} has blocks of {} bytes", of.element_text_, volume.logical_block_bytes),
            fmt::format("points in time are of blocks up to {} bytes", sub_block_bytes));
    if (preservation_pool::places_of(pool.size_bytes) == 0)
        return fail(errc::geometry_mismatch,
                    fmt::format("pool {} has {} bytes", text, pool.size_bytes),
                    fmt::format("give one of more than {}", preservation_pool::first_place_bytes));
    return success();
}

outcome<> shard::implementation::check_no_pool(const element_description& element) const
{
    for (const auto& each : pools_)
        if (each->element == element.path ||
            (!each->identity.empty() && each->identity == element.identity))
            return fail(errc::element_in_use,
                        to_text(element.path) + " is a pool of points in time",
                        "name an element that nobody uses");
    return success();
}

outcome<preservation_pool*> shard::implementation::open_pool(const point_request& request,
                                                             const volume_core& of)
{
    for (const auto& each : pools_)
        if (each->element == request.pool) {
            CIMREP_TRY(check_pool(request, each->description(), of));
            return each.get();
        }
    CIMREP_TRY(const auto description, options_.elements->describe(request.pool));
    CIMREP_TRY(check_pool(request, description, of));
    for (const auto& each : pools_)
        if (!description.identity.empty() && each->identity == description.identity)
            return fail(errc::element_in_use,
                        fmt::format("{} and {} are two names of one pool", to_text(request.pool),
                                    each->element_text),
                        "use the first name");
    const std::uint64_t memory = preservation_pool::memory_bytes(description.size_bytes);
    CIMREP_TRY(charge(memory, "pool " + to_text(request.pool)));
    charged taken(*this, memory);
    auto device = options_.elements->open(*loop_, request.pool,
                                          {.purpose = open_purpose::target,
                                           .allow_overwrite = request.allow_overwrite,
                                           .identity = description.identity});
    if (!device) return std::move(device).error();
    pools_.push_back(std::make_unique<preservation_pool>(
        std::move(device).value(), request.pool, description.identity, description.size_bytes,
        options_.leg_deadline, memory_));
    taken.keep();
    preservation_pool& made = *pools_.back();
    made.number = ++pool_numbers_;
    made.record = encode(pool_record{made.element_text, made.identity, description.size_bytes});
    return &made;
}

outcome<> shard::implementation::take_point(const point_request& request, point_op& op)
{
    CIMREP_TRY(check_open());
    if (store_->durable() && !store_->features().has_points_in_time())
        return fail(errc::repository_version, "the repository is of an earlier version",
                    "upgrade it with 'cimrepctl upgrade'");
    CIMREP_TRY(class volume * volume, open_volume(request.source));
    volume_core& core = volume->parts().core;
    CIMREP_TRY(check_recovered(core));
    if (core.points_ != nullptr && core.points_->pool().element != request.pool)
        return fail(
            errc::invalid_argument,
            fmt::format("the points in time of {} are kept in {}, not in {}", core.element_text_,
                        core.points_->pool().element_text, to_text(request.pool)),
            "name the same pool");
    if (core.points_ == nullptr) {
        const auto settings = settings_of(options_, *store_, options_.chunk_bytes);
        CIMREP_TRY(charge(settings.memory_bytes(), "points in time of " + core.element_text_));
        charged taken(*this, settings.memory_bytes());
        CIMREP_TRY(preservation_pool * pool, open_pool(request, core));
        auto made = std::make_unique<point_keeper>(core, *pool, settings, memory_);
        if (core.past_points_ && !CIMREP_MUTANT(number_used_twice)) {
            CIMREP_TRY(made->revive(*core.past_points_));
        }
        core.points_ = std::move(made);
        core.past_points_.reset();
        taken.keep();
    }
    if (core.points_->full())
        return fail(
            errc::over_budget,
            fmt::format("{} has {} points in time", core.element_text_, core.points_->all().size()),
            "drop one, or open the shard with a larger points_max");
    core.points_->take(op);
    return success();
}

outcome<preservation_pool*> shard::implementation::revive_pool(std::uint64_t number)
{
    for (const auto& each : pools_)
        if (each->number == number) return each.get();
    CIMREP_TRY(const pool_record known, read_pool(*store_, number));
    CIMREP_TRY(object_path path, parse_object_path(known.element));
    CIMREP_TRY(charge(preservation_pool::memory_bytes(known.size_bytes), "pool " + known.element));
    auto device = options_.elements->open(
        *loop_, path,
        {.purpose = open_purpose::target, .allow_overwrite = true, .identity = known.identity});
    const bool whole = device && device.value()->shape().size_bytes >= known.size_bytes;
    if (!whole) {
        CIMREP_MARK(pool_absent_at_open);
        const error_code why =
            device ? make_error_code(errc::geometry_mismatch) : device.error().code;
        device = std::unique_ptr<block_device>(
            std::make_unique<absent_device>(*loop_, geometry{.size_bytes = known.size_bytes}, why));
    }
    pools_.push_back(std::make_unique<preservation_pool>(std::move(device).value(), std::move(path),
                                                         known.identity, known.size_bytes,
                                                         options_.leg_deadline, memory_));
    pools_.back()->number = number;
    pools_.back()->record = encode(known);
    pool_numbers_ = std::max(pool_numbers_, number);
    return pools_.back().get();
}

outcome<> shard::implementation::revive_points(const saved_volume& saved, volume_core& core)
{
    if (!saved.points) return success();
    if (saved.points->points.empty()) {
        core.past_points_ = std::make_unique<saved_points>(*saved.points);
        return success();
    }
    CIMREP_TRY(preservation_pool * pool, revive_pool(saved.points->shared.pool));
    const auto settings = settings_of(options_, *store_, saved.points->shared.chunk_bytes);
    CIMREP_TRY(charge(settings.memory_bytes(), "points in time of " + core.element_text_));
    core.points_ = std::make_unique<point_keeper>(core, *pool, settings, memory_);
    return core.points_->revive(*saved.points);
}

outcome<> shard::take_point(const point_request& request, point_op& op)
{
    return within_memory([&] { return parts_->take_point(request, op); });
}

outcome<> shard::drop_point(const object_path& source, point_op& op)
{
    return within_memory([&]() -> outcome<> {
        CIMREP_TRY(parts_->check_open());
        volume_core* const core = parts_->core_of(source);
        if (core == nullptr || core->points_ == nullptr || !core->points_->knows(op.number))
            return no_point(source, op.number);
        core->points_->drop(op);
        return success();
    });
}

outcome<block_device*> shard::point(const object_path& source, std::uint64_t number)
{
    return within_memory([&]() -> outcome<block_device*> {
        CIMREP_TRY(parts_->check_open());
        volume_core* const core = parts_->core_of(source);
        if (core == nullptr || core->points_ == nullptr || !core->points_->knows(number))
            return no_point(source, number);
        return core->points_->front(number);
    });
}

std::vector<point_info> shard::points(const object_path& source) const
{
    const volume_core* const core = parts_->core_of(source);
    if (core == nullptr || core->points_ == nullptr) return {};
    return core->points_->all();
}

std::vector<pool_info> shard::pools() const
{
    std::vector<pool_info> all;
    for (const auto& each : parts_->pools_)
        all.push_back({each->element, each->space.count() * sub_block_bytes,
                       each->space.used() * sub_block_bytes});
    return all;
}

}  // namespace cimrep::inline v0
