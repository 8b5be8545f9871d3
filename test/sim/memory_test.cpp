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
    explicit scarce_rig(unsigned targets = 1)
        : world({.seed = 7, .targets = targets, .crashes = 0, .copies = 2})
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
    ending create(std::size_t target = 1)
    {
        create_element_replica::inputs in;
        in.sync_type = sync_type::mirror;
        in.source_element = world.leg_path(0);
        in.target_element = world.leg_path(target);
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

void write_to(scarce_rig& r, std::uint64_t at)
{
    struct one_write : io_op {
        bool over = false;
        std::vector<std::byte> memory = std::vector<std::byte>(4096, std::byte{0x5a});
    } op;
    op.prepare_write(at, std::span<const std::byte>(op.memory));
    op.done = [](io_op& which, error_code) noexcept { static_cast<one_write&>(which).over = true; };
    r.process->disk->front().submit(op);
    REQUIRE(r.world.until("a write", [&] { return op.over; }));
}

/// Waits for a copy that is under way.
object_path begin_job(scarce_rig& r)
{
    be_split(r);
    for (unsigned i = 0; i < 12; ++i) write_to(r, i * 8192);
    const ending how = r.modify(operation::resync_replica, copy_state::synchronized);
    REQUIRE(how.code == return_code::job_started);
    object_path path;
    std::vector<object_path> ended;
    r.process->service->for_each_job([&](const concrete_job& job) {
        if (job.finished()) ended.push_back(job.path());
        if (!job.finished()) path = job.path();
    });
    for (const object_path& each : ended) (void)r.process->service->delete_job(each);
    REQUIRE(!path.empty());
    return path;
}

/// Calls `work` with all of memory but one allocation, another one each time, until none lacks.
/// After `prepare`, and before `check`.
template <class Prepare, class Work, class Check>
void lack_each(scarce_rig& r, Prepare&& prepare, Work&& work, Check&& check,
               std::uint64_t together = 1)
{
    for (std::uint64_t count = 0;; ++count) {
        CAPTURE(count, together);
        REQUIRE(count < 5000);
        prepare();
        scarce_memory::fail(count, together);
        work();
        const bool failed = scarce_memory::failures() != 0;
        scarce_memory::suffice();
        if (!failed) break;
        r.settle();
        check();
    }
}

bool says_carried_out(const ending& how)
{
    return how.error && how.error->wrong.find("is carried out") != std::string::npos;
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

TEST_CASE("a job that fails while memory runs out says why", "[sim][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    scarce_rig r;
    r.begin();
    object_path path;
    lack_each(
        r,
        [&] {
            r.world.leg(1).come_back();
            path = begin_job(r);
            r.world.leg(1).vanish();
        },
        [&] { r.settle(); },
        [&] {
            const concrete_job* job = r.process->service->find_job(path);
            REQUIRE(job != nullptr);
            CHECK(job->state() == job_state::exception);
            CHECK(job->instance_id() != "");
            REQUIRE(job->error().has_value());
            CHECK(job->error()->wrong != "");
        });
    r.world.leg(1).come_back();
    be_synchronized(r);
    r.end();
}

TEST_CASE("a request to a job on whose way memory runs out ends as it is told", "[sim][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    scarce_rig r;
    r.begin();
    for (const auto wanted : {requested_job_state::terminate, requested_job_state::kill})
        for (const std::uint64_t together : {1u, 3u}) {
            object_path path;
            ending how;
            lack_each(
                r, [&] { path = begin_job(r); },
                [&] {
                    r.only_start = false;
                    request_state_change::inputs in;
                    in.job = path;
                    in.requested_state = wanted;
                    how = r.run<request_state_change>(std::move(in));
                    r.settle();
                },
                [&] {
                    const concrete_job* job = r.process->service->find_job(path);
                    REQUIRE(job != nullptr);
                    CAPTURE(to_name(wanted), to_name(job->state()), to_name(state_of(r)),
                            how.error ? how.error->sentence() : "");
                    CHECK(job->finished());
                    // Whoever hears of no error has what was asked for; a refusal changes nothing.
                    if (succeeded(how.code)) CHECK(state_of(r) == copy_state::aborted);
                    if (!succeeded(how.code) && !says_carried_out(how))
                        CHECK(job->state() != job_state::terminated);
                },
                together);
        }
    be_synchronized(r);
    r.end();
}

TEST_CASE("what is dissolved leaves an aspect, whatever memory is missing", "[sim][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    scarce_rig r;
    r.begin();
    std::size_t before = 0;
    const auto& aspects = r.process->service->synchronization_aspects();
    const auto& associations = r.process->service->settings_define_states();
    lack_each(
        r,
        [&] {
            be_synchronized(r);
            before = aspects.size();
        },
        [&] {
            r.only_start = false;
            (void)r.modify(operation::dissolve);
            r.settle();
        },
        [&] {
            const std::size_t left = r.process->pair(0) == nullptr ? 1 : 0;
            CHECK(aspects.size() == before + left);
            CHECK(associations.size() == before + left);
        });
    r.end();
}

TEST_CASE("a list is said to be carried out where it was, whatever memory is missing",
          "[sim][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    scarce_rig r(2);
    r.begin();
    for (const std::uint64_t together : {1u, 3u}) {
        ending how;
        lack_each(
            r,
            [&] {
                for (std::size_t i = 0; i < 2; ++i)
                    if (r.process->pair(i) == nullptr) (void)r.create(i + 1);
                r.settle();
            },
            [&] {
                r.only_start = false;
                modify_list_synchronization::inputs in;
                in.operation = operation::dissolve;
                for (std::size_t i = 0; i < 2; ++i)
                    in.synchronization.push_back(r.process->pair(i)->path());
                how = r.run<modify_list_synchronization>(std::move(in));
            },
            [&] {
                if (!succeeded(how.code) && !says_carried_out(how)) return;
                CHECK(r.process->pair(0) == nullptr);
                CHECK(r.process->pair(1) == nullptr);
            },
            together);
    }
    r.end();
}

TEST_CASE("no exception leaves what looks at jobs", "[sim][memory]")
{
    if (!memory_can_fail()) CIMREP_SKIP("an operator new that fails");
    scarce_rig r;
    r.begin();
    const object_path job = begin_job(r);
    const object_path none = r.world.leg_path(0);
    auto& service = *r.process->service;
    const std::vector<std::function<void()>> looks = {
        [&] { (void)service.delete_job(none); },
        [&] { (void)service.delete_job(job); },
        [&] { (void)service.keep_job(none, true, seconds(1)); },
        [&] { (void)service.keep_job(job, true, {-1}); },
        [&] { (void)service.find_job(job); },
        [&] { service.for_each_job([](const concrete_job&) {}); },
        [&] { (void)service.get_instance(none); },
        [&] { (void)service.get_instance(job); },
    };
    for (const auto& look : looks) {
        bool threw = false;
        lack_each(
            r, [] {},
            [&] {
                const library_scope library;
                try {
                    look();
                } catch (const std::bad_alloc&) {
                    threw = true;
                }
            },
            [] {});
        CHECK_FALSE(threw);
    }
    be_synchronized(r);
    r.end();
}
