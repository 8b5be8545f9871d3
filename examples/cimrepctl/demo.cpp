// examples/cimrepctl/demo.cpp -- the steps: each asks through the service, writes on, and compares.
// SPDX-License-Identifier: BSL-1.0
#include "demo.hpp"

#include <cimrep/cim/format.hpp>

#include <fmt/format.h>

#include "progress.hpp"
#include <set>

namespace cimrepctl {

namespace {

constexpr std::uint64_t writes_each_step = 200;
constexpr std::uint64_t writes_to_target = 8;

session::on_turn shown_on(progress_display& display, event_loop& loop)
{
    return [&](const relationship_info& info) { display.show(sample_of(info), loop.now()); };
}

}  // namespace

outcome<> demo::run()
{
    CIMREP_TRY(prepare());
    CIMREP_TRY(create());
    CIMREP_TRY(fracture());
    CIMREP_TRY(resync());
    CIMREP_TRY(split());
    CIMREP_TRY(restore());
    CIMREP_TRY(lose_leg());
    CIMREP_TRY(bring_leg_back());
    return finish();
}

outcome<> demo::create()
{
    CIMREP_TRY(write_on());
    progress_display display(*out_, "initial copy");
    auto created = over_->create_mirror(pair_, overwrite_target_, shown_on(display, over_->loop()));
    created ? display.finish(sample_of(over_->info())) : display.end();
    CIMREP_TRY(std::move(created));
    CIMREP_TRY(write_on());
    CIMREP_TRY(equal_now());
    const relationship_info info = over_->info();
    report("create",
           fmt::format("{} equal; {} copied while the host wrote", size_text(sides_.size_bytes),
                       size_text(info.copied_bytes)),
           {{"copied_bytes", info.copied_bytes}});
    return success();
}

outcome<> demo::fracture()
{
    writer_->start();
    separation_window window{.begun_at = writer_->clock()};
    CIMREP_TRY(over_->modify(operation::fracture));
    window.ended_at = writer_->clock();
    CIMREP_TRY(write_on());
    CIMREP_TRY(write_to_target());
    window.written_to_target = written_to_target_;
    CIMREP_TRY(apart_now(window));
    report("fracture",
           fmt::format("{} blocks differ, all written since; {} of them on the target",
                       apart_.different_places.size(), written_to_target_.size()),
           {{"different_blocks", apart_.different_places.size()},
            {"written_to_target", written_to_target_.size()}});
    return success();
}

outcome<> demo::resync()
{
    CIMREP_TRY(const copy_plan plan, over_->mirror().dry_run(operation::resync_replica));
    writer_->start();
    CIMREP_TRY(over_->modify(operation::resync_replica, false, copy_state::synchronized));
    CIMREP_TRY(only_delta_moved());
    CIMREP_TRY(equal_now());
    const relationship_info info = over_->info();
    report("resync",
           fmt::format("equal again; {} of {} moved, {} planned", size_text(info.copied_bytes),
                       size_text(sides_.size_bytes), size_text(plan.overwritten_bytes)),
           {{"copied_bytes", info.copied_bytes}, {"planned_bytes", plan.overwritten_bytes}});
    return success();
}

outcome<> demo::split()
{
    writer_->start();
    separation_window window{.begun_at = writer_->clock(), .one_instant = true};
    CIMREP_TRY(over_->modify(operation::split));
    window.ended_at = writer_->clock();
    CIMREP_TRY(write_on());
    CIMREP_TRY(apart_now(window));
    report("split",
           fmt::format("{} blocks differ, all written since; the target is of one instant",
                       apart_.different_places.size()),
           {{"different_blocks", apart_.different_places.size()}});
    return success();
}

outcome<> demo::restore()
{
    CIMREP_TRY(over_->modify(operation::restore_from_replica, true));
    // From here on the volume has the target's content; the source's device follows.
    writer_->replaced(apart_.target_contents);
    writer_->start();
    CIMREP_TRY(
        over_->turn_until([&] { return over_->info().copy_state == copy_state::synchronized; },
                          [&] { return over_->info().copied_bytes; }));
    CIMREP_TRY(only_delta_moved());
    CIMREP_TRY(write_on());
    CIMREP_TRY(equal_now());
    const relationship_info info = over_->info();
    report("restore",
           fmt::format("equal, with the content of the split; {} moved back",
                       size_text(info.copied_bytes)),
           {{"copied_bytes", info.copied_bytes}});
    return success();
}

outcome<> demo::lose_leg()
{
    writer_->start();
    separation_window window{.begun_at = writer_->clock()};
    elements_->lose(pair_.target);
    CIMREP_TRY(over_->turn_until([&] { return over_->info().copy_state == copy_state::broken; }));
    window.ended_at = writer_->clock();
    CIMREP_TRY(write_on());
    CIMREP_TRY(apart_now(window));
    report("lose a leg",
           fmt::format("the target fails, the host does not notice; {} blocks differ",
                       apart_.different_places.size()),
           {{"different_blocks", apart_.different_places.size()}});
    return success();
}

outcome<> demo::bring_leg_back()
{
    elements_->bring_back(pair_.target);
    writer_->start();
    CIMREP_TRY(over_->modify(operation::resync_replica, false, copy_state::synchronized));
    CIMREP_TRY(write_on());
    CIMREP_TRY(equal_now());
    const relationship_info info = over_->info();
    report("bring back",
           fmt::format("equal again; {} of {} moved", size_text(info.copied_bytes),
                       size_text(sides_.size_bytes)),
           {{"copied_bytes", info.copied_bytes}});
    return success();
}

/// Lets the host write some more.
outcome<> demo::write_on()
{
    writer_->start();
    const std::uint64_t wanted = writer_->acknowledged_count() + writes_each_step;
    return over_->turn_until(
        [&] { return writer_->acknowledged_count() >= wanted || writer_->error().has_value(); },
        [&] { return writer_->acknowledged_count(); });
}

/// Writes to the target as a host of its own, where the table allows that.
outcome<> demo::write_to_target()
{
    struct target_write : io_op {
        aligned_memory memory{block_content::bytes};
        bool over = false;
        error_code error{};
    } op;
    op.done = [](io_op& base, error_code error) noexcept {
        auto& self = static_cast<target_write&>(base);
        self.over = true;
        self.error = error;
    };
    CIMREP_TRY(block_device * front, over_->front(pair_.target));
    written_to_target_.clear();
    for (std::uint64_t i = 0; i < writes_to_target; ++i) {
        const std::uint64_t place = i * (writer_->offsets().size() / writes_to_target);
        const std::uint64_t sequence = writer_->next_sequence();
        block_content{place, sequence}.fill(op.memory.bytes());
        op.prepare_write(writer_->offsets()[place], op.memory.bytes());
        op.over = false;
        front->submit(op);
        while (!op.over) loop_->run_once(milliseconds(20));
        if (op.error) return fail(op.error, "a write to the target " + sides_.target);
        written_to_target_[place] = sequence;
    }
    return success();
}

outcome<> demo::drain()
{
    writer_->pause();
    CIMREP_TRY(over_->turn_until([&] { return writer_->idle(); }));
    if (writer_->error()) return fail(*writer_->error(), "a live write failed");
    return success();
}

outcome<> demo::equal_now()
{
    CIMREP_TRY(drain());
    CIMREP_TRY(check_equal(sides_, *writer_));
    writer_->forget();
    return success();
}

outcome<> demo::apart_now(const separation_window& window)
{
    CIMREP_TRY(drain());
    CIMREP_TRY(apart_, check_apart(sides_, *writer_, window));
    writer_->forget();
    return success();
}

/// The copy that has just ended wrote no more than the regions that differed or were written to
/// while it ran.
outcome<> demo::only_delta_moved()
{
    CIMREP_TRY(drain());
    std::vector<std::uint64_t> places = apart_.different_places;
    for (const write_record& record : writer_->history()) places.push_back(record.place);
    const std::uint64_t most = regions_of(places) * over_->core().options().region_bytes;
    const std::uint64_t copied = over_->info().copied_bytes;
    if (copied <= most) return success();
    return fail(errc::not_identical,
                fmt::format("the copy moved {} bytes, {} differed at most", copied, most),
                "this is a defect: please report it");
}

std::uint64_t demo::regions_of(const std::vector<std::uint64_t>& places) const
{
    std::set<std::uint64_t> regions;
    for (const std::uint64_t place : places)
        regions.insert(writer_->offsets()[place] / over_->core().options().region_bytes);
    return regions.size();
}

void demo::report(const char* step, const std::string& what, const json& more)
{
    const relationship_info info = over_->info();
    const std::uint64_t writes = writer_->acknowledged_count() - writes_reported_;
    writes_reported_ = writer_->acknowledged_count();
    json members{{"step", step},
                 {"copy_state", describe(info.copy_state)},
                 {"progress_status", describe(info.progress_status)},
                 {"sync_state", describe(info.sync_state)},
                 {"percent_synced", info.percent_synced},
                 {"live_writes", writes}};
    if (!more.is_null()) members.update(more);
    out_->say("step", members,
              fmt::format("{:<11} CopyState {:<13} ProgressStatus {:<16} SyncState {:<13} {:>5} "
                          "live writes\n            {}",
                          step, describe(info.copy_state), describe(info.progress_status),
                          describe(info.sync_state), writes, what));
}

exit_status run_demo(console& out, const demo_request& asked)
{
    demo one(out, asked);
    const auto ended = one.run();
    return ended ? all_well : out.complain(ended.error());
}

}  // namespace cimrepctl
