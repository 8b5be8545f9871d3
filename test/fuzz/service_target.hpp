// test/fuzz/service_target.hpp -- any bytes are a client's calls, a host's operations and mishaps.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "service_calls.hpp"
#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>

namespace cimrep::test {

inline void service_life::hosted::finished(service_world& around)
{
    trace(std::array{"read", "write", "flush"}[static_cast<unsigned>(kind) % 3], region,
          error.message().c_str());
    if (kind == io_kind::flush && of_volume) around.content.flushed(!error, writes_before);
    if (kind == io_kind::read && !error) around.content.check(region, data, of_volume);
    if (kind == io_kind::write && of_volume) around.content.write_ends(region, written, !error);
}

inline void service_life::host(io_kind kind, unsigned which, std::size_t region)
{
    const auto front = world_.opened->front(fuzz_element_path(world_.elements.all[which].name));
    if (!front) return;
    auto op = std::make_unique<hosted>();
    op->of_volume = which == 0;
    op->region = region;
    op->data.resize(fuzz_region_bytes);
    const auto at = op->region * fuzz_region_bytes;
    op->writes_before = world_.content.writes_begun();
    if (kind == io_kind::flush) op->prepare_flush();
    if (kind == io_kind::read) op->prepare_read(at, op->data);
    if (kind == io_kind::write) {
        content_memory::put(op->data, op->written = world_.content.next(op->region));
        op->prepare_write(at, op->data);
        if (op->of_volume) world_.content.write_begins(op->region, op->written);
    }
    op->done = [](io_op& ended, error_code how) noexcept {
        static_cast<hosted&>(ended).error = how;
        static_cast<hosted&>(ended).over = true;
    };
    front.value()->submit(*op);
    world_.follow(std::move(op));
}

inline void service_life::add_fault()
{
    const unsigned which = bytes_.below(3);
    fault rule;
    rule.action = static_cast<fault_action>(bytes_.below(8));
    rule.kind = std::array{io_kind::read, io_kind::write, io_kind::flush}[bytes_.below(3)];
    rule.nth = bytes_.below(8) + 1;
    const unsigned times = bytes_.below(4);
    rule.times = times == 0 ? fault::always : times;
    rule.delay = milliseconds(10);
    rule.cancelable = bytes_.flag();
    if (rule.action == fault_action::lose_cache) {
        rule.kind = io_kind::flush;
        world_.content.caches_are_honest(false);
    }
    if (rule.action == fault_action::cut_short && rule.kind == io_kind::flush)
        rule.action = fault_action::fail;
    source_hurt_ |= which == 0;
    world_.elements.all[which].device.faults().add(rule);
}

/// Ends the faults of an element and tells that it is back, or takes it away.
inline void service_life::let_go()
{
    const unsigned how = bytes_.take();
    auto& which = world_.elements.all[how % 3];
    which.device.faults().clear();
    which.device.release();
    which.present = how < 0x80;
    if (!which.present) {
        which.device.faults().add(
            {.times = fault::always, .error = std::make_error_code(std::errc::no_such_device)});
        source_hurt_ |= how % 3 == 0;
    }
    world_.rest();
    const auto told = world_.opened->element_returned(fuzz_element_path(which.name));
    demand(told.has_value() || !told.error().wrong.empty(), "a failure says what was wrong");
    world_.rest();
}

inline void service_life::end_process()
{
    const unsigned how = bytes_.take();
    world_.end(static_cast<fuzz_end>(how % 3), how / 3);
    world_.begin();
    read_everything();
}

inline void service_life::step()
{
    switch (bytes_.below(16)) {
    case 0: return create();
    case 1: return modify();
    case 2: return modify_list();
    case 3: return attach();
    case 4: return modify_as_before();
    case 5: return ask_job();
    case 6: return query();
    case 7: return ask_capabilities();
    case 8: return keep_or_delete();
    case 9: return host(io_kind::write);
    case 10: return host(io_kind::read);
    case 11: return host(io_kind::flush);
    case 12: return add_fault();
    case 13: return let_go();
    case 14: return world_.wait(milliseconds(bytes_.take() * 100));
    case 15: return end_process();
    }
}

inline void service_life::read_everything()
{
    for (std::size_t region = 0; region < fuzz_regions; ++region) host(io_kind::read, 0, region);
}

/// Who is Synchronized and at rest holds what the source holds.
inline void service_life::compare_copies()
{
    const auto memory_of = [&](const object_path& path) {
        for (fuzz_element& each : world_.elements.all)
            if (fuzz_element_path(each.name) == path) return each.memory.memory();
        return std::span<std::byte>{};
    };
    world_.opened->for_each_relationship([&](relationship& each) {
        const relationship_info now = each.info();
        if (now.copy_state != copy_state::synchronized) return;
        trace("compared", now.percent_synced);
        demand(std::ranges::equal(memory_of(now.system_element), memory_of(now.synced_element)),
               "a target that is Synchronized is a copy of its source");
    });
}

/// Nothing goes wrong any more; a job that still waits for an operator is killed.
inline void service_life::end()
{
    world_.heal();
    world_.wait(seconds(10));
    demand(world_.idle(), "every call and every operation of a host ends");
    read_everything();
    compare_copies();
    for (const object_path& each : world_.jobs()) {
        const auto* job = world_.service->find_job(each);
        if (job == nullptr || job->finished()) continue;
        request_state_change::inputs in;
        in.job = each;
        in.requested_state = requested_job_state::kill;
        call<request_state_change>(std::move(in));
        world_.wait(seconds(1));
        job = world_.service->find_job(each);
        demand(job == nullptr || job->finished(), "every job ends at last");
    }
    world_.end(fuzz_end::close, 0);
    world_.begin();
    world_.wait(seconds(10));
    read_everything();
    compare_copies();
}

inline void fuzz_service(std::span<const std::byte> input)
{
    service_life(input).run();
}

}  // namespace cimrep::test
