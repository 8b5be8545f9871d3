// test/sim/memory_test.cpp -- memory runs out at each allocation of the library, one after another.
// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "life_audit.hpp"
#include "life_process.hpp"
#include "scarce_memory.hpp"
#include <functional>
#include <optional>
#include <string>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// How a method has ended.
struct ending {
    return_code code = return_code::unspecified_error;
    std::optional<failure> error;
};

/// A process that works with one target, by devices that end in the library's memory.
struct scarce_rig {
    scarce_rig() : world({.seed = 7, .targets = 1, .crashes = 0, .copies = 2})
    {
        world.elements.opener = [this](simulated_disk& disk) {
            return in_scarce_memory(disk.open(world.machine.loop()).value());
        };
    }
    ~scarce_rig() { scarce_memory::suffice(); }

    void begin()
    {
        process.emplace(world);
        process->boot(first);
        first = false;
        REQUIRE(world.report.wrong == "");
        settle();
    }
    void end()
    {
        REQUIRE(process->close());
        process.reset();
    }
    void settle()
    {
        world.machine.loop().run_until([] { return false; }, milliseconds(200));
    }

    template <class Method>
    ending run(typename Method::inputs in)
    {
        method_op<Method> op;
        static bool over;
        over = false;
        op.in = std::move(in);
        op.done = [](method_call&) noexcept { over = true; };
        {
            const library_scope library;
            process->service->start(op);
        }
        if (only_start) scarce_memory::suffice();
        REQUIRE(world.until("a method", [] { return over; }));
        return {op.return_code, op.error};
    }
    ending modify(operation what, std::optional<copy_state> wait = {}, bool force = false)
    {
        modify_replica_synchronization::inputs in;
        in.operation = what;
        const relationship* pair = process->pair(0);
        in.synchronization = pair != nullptr ? pair->path() : world.leg_path(0);
        in.wait_for_copy_state = wait;
        in.force = force;
        return run<modify_replica_synchronization>(std::move(in));
    }
    ending create()
    {
        create_element_replica::inputs in;
        in.sync_type = sync_type::mirror;
        in.source_element = world.leg_path(0);
        in.target_element = world.leg_path(1);
        return run<create_element_replica>(std::move(in));
    }

    life_world world;
    std::optional<life_process> process;
    bool first = true;
    bool only_start = true;
};

struct method_case {
    const char* name;
    std::function<void(scarce_rig&)> prepare;
    std::function<ending(scarce_rig&)> call;
};

copy_state state_of(const scarce_rig& r)
{
    const relationship* pair = r.process->pair(0);
    return pair != nullptr ? pair->info().copy_state : copy_state{};
}

/// Where the target alone has the content the source follows.
std::vector<operation> ways_of(const scarce_rig& r)
{
    using enum operation;
    if (r.process->disk->legs().front().role != leg_role::current) return {restore_from_replica};
    return {resync_replica, resume, activate};
}

void be_synchronized(scarce_rig& r)
{
    for (unsigned i = 0; i < 20 && state_of(r) != copy_state::synchronized; ++i) {
        if (r.process->pair(0) == nullptr)
            (void)r.create();
        else
            for (const operation what : ways_of(r))
                if (r.modify(what, {}, true).code == return_code::completed) break;
        r.settle();
    }
    REQUIRE(state_of(r) == copy_state::synchronized);
}

void be_without(scarce_rig& r)
{
    if (r.process->pair(0) != nullptr) (void)r.modify(operation::detach, {}, true);
    r.settle();
    REQUIRE(r.process->pair(0) == nullptr);
}

void be_split(scarce_rig& r)
{
    be_synchronized(r);
    REQUIRE(r.modify(operation::split).code == return_code::completed);
    r.settle();
}

const std::vector<method_case>& cases()
{
    using enum operation;
    const auto modify = [](operation what) {
        return [what](scarce_rig& r) { return r.modify(what); };
    };
    static const std::vector<method_case> all = {
        {"CreateElementReplica", be_without, [](scarce_rig& r) { return r.create(); }},
        {"AttachOrModifyReplica", be_without,
         [](scarce_rig& r) {
             return r.run<attach_or_modify_replica>({.source_element = r.world.leg_path(0),
                                                     .target_element = r.world.leg_path(1),
                                                     .copy_type = attach_or_modify_copy_type::sync,
                                                     .goal = {},
                                                     .replication_pipe = {}});
         }},
        {"Fracture", be_synchronized, modify(fracture)},
        {"Split", be_synchronized, modify(split)},
        {"Suspend", be_synchronized, modify(suspend)},
        {"Resync", be_split, modify(resync_replica)},
        {"Resync and wait", be_split,
         [](scarce_rig& r) { return r.modify(resync_replica, copy_state::synchronized); }},
        {"Restore", be_split,
         [](scarce_rig& r) { return r.modify(restore_from_replica, {}, true); }},
        {"Dissolve", be_synchronized, modify(dissolve)},
        {"Detach of none", be_without, modify(detach)},
        {"a list", be_synchronized,
         [](scarce_rig& r) {
             modify_list_synchronization::inputs in;
             in.operation = fracture;
             in.synchronization.push_back(r.process->pair(0)->path());
             return r.run<modify_list_synchronization>(std::move(in));
         }},
        {"GetReplicationRelationshipInstances", be_synchronized,
         [](scarce_rig& r) { return r.run<get_replication_relationship_instances>({}); }},
        {"ModifySynchronization", be_synchronized,
         [](scarce_rig& r) {
             return r.run<modify_synchronization>({.operation = legacy_operation::fracture,
                                                   .synchronization = r.process->pair(0)->path()});
         }},
    };
    return all;
}

bool ran_out_of_memory(const ending& how)
{
    return how.error && how.error->code == std::errc::not_enough_memory;
}

}  // namespace

TEST_CASE("a method for whose start there is no memory is refused and changes nothing",
          "[sim][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    scarce_rig r;
    r.begin();
    std::uint64_t refused = 0;
    for (const method_case& each : cases())
        for (std::uint64_t count = 0;; ++count) {
            CAPTURE(each.name, count);
            REQUIRE(count < 2000);
            each.prepare(r);
            const std::string before = r.process->opened->dump();
            const std::size_t jobs = r.process->service->instances().size();
            scarce_memory::fail(count);
            const ending how = each.call(r);
            const bool failed = scarce_memory::failures() != 0;
            scarce_memory::suffice();
            if (!failed) break;
            if (how.code == return_code::completed || how.code == return_code::job_started)
                continue;  // what was missing was no part of the method
            ++refused;
            CHECK(ran_out_of_memory(how));
            CHECK(how.error->sentence() != "");
            CHECK(r.process->opened->dump() == before);
            CHECK(r.process->service->instances().size() == jobs);
        }
    CHECK(refused > 200);
    be_synchronized(r);
    r.end();
    life_audit::compare_legs(r.world);
    CHECK(r.world.report.wrong == "");
}

TEST_CASE("a method on whose way memory runs out anywhere is answered, and all goes on",
          "[sim][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    scarce_rig r;
    r.begin();
    r.only_start = false;
    for (const std::uint64_t together : {1u, 3u, 40u})
        for (const method_case& each : cases())
            for (std::uint64_t count = 0;; count += together) {
                CAPTURE(each.name, count, together);
                REQUIRE(count < 5000);
                each.prepare(r);
                scarce_memory::fail(count, together);
                const ending how = each.call(r);
                r.settle();
                const bool failed = scarce_memory::failures() != 0;
                scarce_memory::suffice();
                if (!failed) break;
                r.settle();
                const bool well = succeeded(how.code) || how.error;
                CHECK(well);
                r.process->watch_jobs();
                REQUIRE(r.world.report.wrong == "");
            }
    be_synchronized(r);
    r.end();
    life_audit::compare_legs(r.world);
    CHECK(r.world.report.wrong == "");
}

TEST_CASE("what cannot be opened for want of memory is opened later", "[sim][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    scarce_rig r;
    r.begin();
    be_synchronized(r);
    r.end();
    for (std::uint64_t count = 0;; ++count) {
        CAPTURE(count);
        REQUIRE(count < 5000);
        r.process.emplace(r.world);
        // Anywhere in the opening, and in what follows from it.
        scarce_memory::fail(count);
        r.process->boot(false);
        r.settle();
        const bool failed = scarce_memory::failures() != 0;
        scarce_memory::suffice();
        REQUIRE(r.world.report.wrong == "");
        REQUIRE(r.process->works());
        // One for which there was no memory is away until somebody says that it is back.
        for (std::size_t i = 0; i < r.world.leg_count(); ++i)
            (void)r.process->opened->element_returned(r.world.leg_path(i));
        r.settle();
        be_synchronized(r);
        r.end();
        if (!failed) break;
    }
    life_audit::compare_legs(r.world);
    CHECK(r.world.report.wrong == "");
}
