// service/job_life_test.cpp -- jobs that follow relationships, and what clients ask of them.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/return_codes.hpp>

#include "service_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A creation that waits for Synchronized, its copy held.
struct job_rig : service_rig {
    object_path pair;
    object_path job;

    job_rig()
    {
        hold("t");
        const auto made = create("t", copy_state::synchronized);
        REQUIRE(made.return_code == return_code::job_started);
        REQUIRE(made.job.has_value());
        pair = *made.out.synchronization;
        job = *made.job;
        run_until([&] { return elements["t"].device->held() > 0; });
    }
    const concrete_job& look() const
    {
        const auto* found = service->find_job(job);
        REQUIRE(found != nullptr);
        return *found;
    }
    /// Asks while writes may be held: lets go as soon as the request is on its way.
    method_result<request_state_change> ask(requested_job_state wanted,
                                            std::optional<duration> timeout = {})
    {
        method_result<request_state_change> answer;
        bool over = false;
        request_state_change::inputs in;
        in.job = job;
        in.requested_state = wanted;
        in.timeout_period = timeout;
        service->call<request_state_change>(in, [&](auto result) {
            answer = result;
            over = true;
        });
        CHECK_FALSE(over);
        settle();
        if (!over) let_go("t");
        run_until([&] { return over; });
        return answer;
    }
};

using wanted = requested_job_state;

}  // namespace

TEST_CASE("a job runs while the copy runs, and completes with it")
{
    job_rig rig;
    CHECK(rig.look().state() == job_state::running);
    CHECK(rig.look().name() == "CreateElementReplica");
    CHECK(rig.look().percent_complete() < 100);
    CHECK(to_text(rig.job).find("CIM_ConcreteJob.InstanceID=\"cimrep:") != std::string::npos);
    CHECK(rig.look().affected() ==
          std::vector<affected_job_element>{{rig.pair, element_effect::create},
                                            {element_path("t"), element_effect::exclusive_use}});
    rig.let_go("t");
    CHECK(rig.service->run_job(rig.job) == job_state::completed);
    CHECK(rig.state_of(rig.pair) == copy_state::synchronized);
    CHECK(rig.look().percent_complete() == 100);
    get_errors::inputs in;
    in.job = rig.job;
    const auto errors = rig.run<get_errors>(in);
    CHECK(errors.return_code == return_code::completed);
    CHECK(errors.out.errors.empty());
}

TEST_CASE("the percentage of a job follows the copy and never falls")
{
    service_rig rig;
    rig.hold("t");
    const auto made = rig.create("t", copy_state::synchronized);
    REQUIRE(made.job.has_value());
    std::uint16_t last = 0;
    rig.elements.faults("t").clear();
    unsigned steps = 0;
    for (int i = 0; i < 100000 && !rig.service->find_job(*made.job)->finished(); ++i) {
        rig.elements["t"].device->release();
        rig.loop.run_once(milliseconds(1));
        const auto percent = rig.service->find_job(*made.job)->percent_complete();
        CHECK(percent >= last);
        steps += percent > last;
        last = percent;
    }
    CHECK(last == 100);
    CHECK(steps > 1);
}

TEST_CASE("job ids are never used twice, by no service")
{
    service_rig rig;
    std::set<std::string> ids;
    for (int i = 0; i < 3; ++i) {
        const auto made = rig.create("t", copy_state::synchronized);
        REQUIRE(made.job.has_value());
        CHECK(ids.insert(to_text(*made.job)).second);
        rig.service->run_job(*made.job);
        REQUIRE(rig.modify(*made.out.synchronization, operation::detach).succeeded());
        rig.service = std::make_unique<replication_service>(*rig.opened);
    }
}

TEST_CASE("a job ends in an exception when its relationship breaks, and tells why")
{
    service_rig rig;
    rig.elements.faults("t").add({.kind = io_kind::write, .nth = 2, .times = fault::always});
    const auto made = rig.create("t", copy_state::synchronized);
    REQUIRE(made.return_code == return_code::job_started);
    CHECK(rig.service->run_job(*made.job) == job_state::exception);
    CHECK(rig.state_of(*made.out.synchronization) == copy_state::broken);
    get_errors::inputs in;
    in.job = made.job;
    const auto errors = rig.run<get_errors>(in);
    REQUIRE(errors.out.errors.size() == 1);
    CHECK(contains(errors.out.errors[0].message, "became Broken while Synchronized was waited"));
    CHECK(rig.service->find_job(*made.job)->error_code() == 4);
    CHECK(rig.service->find_job(*made.job)->percent_complete() == 100);
}

TEST_CASE("a job ends in an exception when another client leads its relationship elsewhere")
{
    for (const auto what :
         {operation::abort, operation::fracture, operation::deactivate, operation::detach}) {
        CAPTURE(to_name(what));
        job_rig rig;
        bool over = false;
        modify_replica_synchronization::inputs in;
        in.operation = what;
        in.synchronization = rig.pair;
        in.force = true;
        rig.service->call<modify_replica_synchronization>(in, [&](auto result) {
            CHECK(sentence(result) == "");
            over = true;
        });
        rig.settle();
        CHECK(rig.look().state() == job_state::running);  // it may still fail
        rig.let_go("t");
        rig.run_until([&] { return over; });
        CHECK(rig.look().state() == job_state::exception);
        CHECK(rig.look().get_errors().size() == 1);
    }
}

TEST_CASE("Suspend and Start of a job are Suspend and Resume of the copy")
{
    job_rig rig;
    CHECK(rig.ask(wanted::start).return_code == method_code::invalid_state_transition);
    const auto suspended = rig.ask(wanted::suspend);
    CHECK(sentence(suspended) == "");
    CHECK(suspended.return_code == return_code::completed);
    CHECK(rig.look().state() == job_state::suspended);
    CHECK(rig.state_of(rig.pair) == copy_state::suspended);
    CHECK(rig.ask(wanted::suspend).return_code == method_code::invalid_state_transition);
    CHECK(rig.ask(wanted::start).return_code == return_code::completed);
    CHECK(rig.look().state() != job_state::suspended);
    CHECK(rig.service->run_job(rig.job) == job_state::completed);
    CHECK(rig.equal("s", "t", service_rig::size));
}

TEST_CASE("a relationship that another client suspends suspends the job")
{
    job_rig rig;
    bool over = false;
    rig.service->call<modify_replica_synchronization>(
        {.operation = operation::suspend, .synchronization = rig.pair},
        [&](const auto&) { over = true; });
    rig.settle();
    rig.let_go("t");
    rig.run_until([&] { return over; });
    CHECK(rig.look().state() == job_state::suspended);
    CHECK(rig.ask(wanted::terminate).return_code == return_code::completed);
    CHECK(rig.look().state() == job_state::terminated);
    CHECK(rig.state_of(rig.pair) == copy_state::suspended);
}

TEST_CASE("Terminate aborts the copy and ends the job once it is aborted")
{
    job_rig rig;
    const auto answer = rig.ask(wanted::terminate);
    CHECK(sentence(answer) == "");
    CHECK(rig.look().state() == job_state::terminated);
    CHECK(rig.state_of(rig.pair) == copy_state::aborted);
    CHECK(rig.look().percent_complete() == 100);
    CHECK(rig.look().get_errors().size() == 1);
    for (const auto again : {wanted::start, wanted::suspend, wanted::terminate, wanted::kill})
        CHECK(rig.ask(again).return_code == method_code::invalid_state_transition);
}

TEST_CASE("a job that is being terminated is shutting down until the copy has stopped")
{
    job_rig rig;
    bool over = false;
    request_state_change::inputs in;
    in.job = rig.job;
    in.requested_state = wanted::terminate;
    rig.service->call<request_state_change>(in, [&](const auto&) { over = true; });
    rig.settle();
    CHECK_FALSE(over);
    CHECK(rig.look().state() == job_state::shutting_down);
    rig.let_go("t");
    rig.run_until([&] { return over; });
    CHECK(rig.look().state() == job_state::terminated);
}

TEST_CASE("Kill ends the job at once and the copy as soon as it can")
{
    job_rig rig;
    bool over = false;
    request_state_change::inputs in;
    in.job = rig.job;
    in.requested_state = wanted::kill;
    rig.service->call<request_state_change>(in, [&](const auto&) { over = true; });
    CHECK(rig.look().state() == job_state::killed);
    rig.let_go("t");
    rig.run_until([&] { return over; });
    rig.run_until([&] { return rig.state_of(rig.pair) == copy_state::aborted; });
    CHECK(rig.look().state() == job_state::killed);
}

TEST_CASE("a job refuses what it cannot do, by name and value, and runs on")
{
    job_rig rig;
    CHECK(rig.ask(wanted::service).return_code == return_code::not_supported);
    CHECK(rig.ask(wanted{1}).return_code == return_code::invalid_parameter);
    CHECK(rig.ask(wanted{0x8001}).return_code == return_code::not_supported);
    const auto timed = rig.ask(wanted::suspend, seconds(5));
    CHECK(timed.return_code == method_code::use_of_timeout_parameter_not_supported);
    CHECK(contains(sentence(timed), "TimeoutPeriod"));
    CHECK(rig.look().state() == job_state::running);
    request_state_change::inputs in;
    CHECK(contains(sentence(rig.run<request_state_change>(in)), "Job is missing"));
    in.job = rig.pair;
    CHECK(contains(sentence(rig.run<request_state_change>(in)), "RequestedState is missing"));
    in.requested_state = wanted::kill;
    const auto stale = rig.run<request_state_change>(in);
    CHECK(stale.return_code == return_code::invalid_parameter);
    CHECK(stale.error->code == errc::stale_reference);
    get_errors::inputs errors;
    errors.job = rig.pair;
    CHECK(rig.run<get_errors>(errors).error->code == errc::stale_reference);
}

TEST_CASE("a request to a job whose relationship is being changed finds it busy")
{
    job_rig rig;
    bool over = false;
    rig.service->call<modify_replica_synchronization>(
        {.operation = operation::suspend, .synchronization = rig.pair},
        [&](const auto&) { over = true; });
    CHECK(rig.ask(wanted::suspend).return_code == method_code::busy);
    rig.let_go("t");
    rig.run_until([&] { return over; });
}

TEST_CASE("a finished job goes when its time has come, and a kept one stays")
{
    job_rig rig;
    CHECK(rig.service->delete_job(rig.job).error().code == errc::element_in_use);
    REQUIRE(rig.service->keep_job(rig.job, true, milliseconds(1)).has_value());
    CHECK(rig.service->keep_job(rig.job, true, {-1}).has_error());
    rig.let_go("t");
    rig.run_until([&] { return rig.service->find_job(rig.job) == nullptr; });
    CHECK(rig.service->get_instance(rig.job).error().code == errc::stale_reference);
    CHECK(rig.service->delete_job(rig.job).error().code == errc::stale_reference);
    CHECK(rig.service->keep_job(rig.job, true, {}).error().code == errc::stale_reference);
}

TEST_CASE("a finished job can be kept and deleted")
{
    job_rig rig;
    REQUIRE(rig.service->keep_job(rig.job, false, {}).has_value());
    rig.let_go("t");
    REQUIRE(rig.service->run_job(rig.job) == job_state::completed);
    rig.settle();
    REQUIRE(rig.service->find_job(rig.job) != nullptr);
    unsigned seen = 0;
    rig.service->for_each_job([&](const concrete_job&) { ++seen; });
    CHECK(seen == 1);
    CHECK(rig.service->delete_job(rig.job).has_value());
    CHECK(rig.service->find_job(rig.job) == nullptr);
}
