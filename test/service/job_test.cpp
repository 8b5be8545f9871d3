// service/job_test.cpp -- the life of a job, with a clock of the test's own.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/job.hpp>

#include "catch.hpp"

using namespace cimrep;

namespace {

job_time at(int second)
{
    return {{(1'700'000'000ll + second) * 1'000'000'000}, {second * 1'000'000'000ll}};
}

concrete_job make_job()
{
    job_birth birth;
    birth.instance_id = "cimrep:1-1";
    birth.name = "ModifyReplicaSynchronization";
    birth.method = method_id::modify_replica_synchronization;
    return {birth, at(0)};
}

std::vector<unsigned> statuses(const concrete_job& job)
{
    std::vector<unsigned> numbers;
    for (const auto each : job.operational_statuses()) numbers.push_back(to_number(each));
    return numbers;
}

failure broken()
{
    return fail(errc::leg_failed, "the target is lost", "repair it");
}

using wanted = requested_job_state;

}  // namespace

TEST_CASE("a job runs from the moment of its birth")
{
    const auto job = make_job();
    CHECK(job.state() == job_state::running);
    CHECK(statuses(job) == std::vector<unsigned>{2});
    CHECK(job.percent_complete() == 0);
    CHECK(job.time_submitted() == at(0).wall);
    CHECK(job.start_time() == at(0).wall);
    CHECK(job.elapsed_time(at(7).steady) == seconds(7));
    CHECK(job.error_code() == 0);
    CHECK(job.get_errors().empty());
    CHECK(job.method_result().code == return_code::job_started);
    CHECK_FALSE(job.removal_due().has_value());
}

TEST_CASE("the percentage of a running job never falls and never says 100")
{
    auto job = make_job();
    job.progress(40);
    job.progress(30);
    CHECK(job.percent_complete() == 40);
    job.progress(100);
    CHECK(job.percent_complete() == 99);
}

TEST_CASE("a completed job says 100, 2 and 17, and how long it took")
{
    auto job = make_job();
    job.complete(at(9));
    CHECK(job.state() == job_state::completed);
    CHECK(statuses(job) == std::vector<unsigned>{2, 17});
    CHECK(job.percent_complete() == 100);
    CHECK(job.elapsed_time(at(99).steady) == seconds(9));
    CHECK(job.time_of_last_state_change() == at(9).wall);
    CHECK(job.error_code() == 0);
    CHECK(job.get_errors().empty());
    CHECK(job.method_result().code == return_code::completed);
    CHECK(job.removal_due() == at(309).steady);
}

TEST_CASE("a failed job says 100, 6 and 17, and tells why")
{
    auto job = make_job();
    job.fail(broken(), at(3));
    CHECK(job.state() == job_state::exception);
    CHECK(statuses(job) == std::vector<unsigned>{6, 17});
    CHECK(job.percent_complete() == 100);
    CHECK(job.error_code() == 4);
    REQUIRE(job.get_errors().size() == 1);
    CHECK(job.get_errors()[0].message == broken().sentence());
    CHECK(job.get_errors()[0].recommended_actions == std::vector<std::string>{"repair it"});
    CHECK(job.method_result().code == return_code::failed);
}

TEST_CASE("a job that a client ends tells so, and is final")
{
    const auto stopped = fail(errc::job_stopped, "a client sent Terminate");
    auto terminated = make_job();
    terminated.terminate(stopped, at(1));
    CHECK(terminated.state() == job_state::terminated);
    CHECK(terminated.get_errors().size() == 1);
    auto killed = make_job();
    killed.kill(stopped, at(1));
    CHECK(killed.state() == job_state::killed);
    CHECK(statuses(killed) == std::vector<unsigned>{6, 17});

    for (auto* job : {&terminated, &killed}) {
        const auto before = instance_of(*job, at(50).steady);
        job->progress(3);
        job->suspend(at(2));
        job->resume(at(2));
        job->complete(at(2));
        job->fail(broken(), at(2));
        CHECK(instance_of(*job, at(60).steady) == before);
    }
}

TEST_CASE("a job that is kept is never due for removal")
{
    auto job = make_job();
    job.set_delete_on_completion(false);
    job.complete(at(1));
    CHECK_FALSE(job.removal_due().has_value());
    job.set_delete_on_completion(true);
    job.set_time_before_removal(seconds(10));
    CHECK(job.removal_due() == at(11).steady);
}

TEST_CASE("what a client may ask of a job depends on its state")
{
    struct row {
        job_state state;
        bool start, suspend, terminate, kill;
    };
    // clang-format off
    constexpr row rows[] = {
        {job_state::running,       false, true,  true,  true},
        {job_state::suspended,     true,  false, true,  true},
        {job_state::shutting_down, false, false, false, true},
        {job_state::completed,     false, false, false, false},
        {job_state::exception,     false, false, false, false},
        {job_state::terminated,    false, false, false, false},
        {job_state::killed,        false, false, false, false},
    };
    // clang-format on
    for (const auto& row : rows) {
        CAPTURE(to_name(row.state));
        auto job = make_job();
        if (row.state == job_state::suspended) job.suspend(at(1));
        if (row.state == job_state::shutting_down) job.shut_down(at(1));
        if (row.state == job_state::completed) job.complete(at(1));
        if (row.state == job_state::exception) job.fail(broken(), at(1));
        if (row.state == job_state::terminated) job.terminate(broken(), at(1));
        if (row.state == job_state::killed) job.kill(broken(), at(1));
        REQUIRE(job.state() == row.state);
        CHECK(job.check_request(wanted::start).has_value() == row.start);
        CHECK(job.check_request(wanted::suspend).has_value() == row.suspend);
        CHECK(job.check_request(wanted::terminate).has_value() == row.terminate);
        CHECK(job.check_request(wanted::kill).has_value() == row.kill);
    }
}

TEST_CASE("a request that a job cannot take is refused with the state and what is legal")
{
    const auto job = make_job();
    const auto refused = job.check_request(wanted::start);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::invalid_state_transition);
    CHECK(refused.error().wrong == "job cimrep:1-1 is Running and was asked to Start");
    CHECK_FALSE(refused.error().remedy.empty());
    CHECK(job.check_request(wanted::service).error().code == errc::not_supported);
    CHECK(job.check_request(wanted(0x8000)).error().code == errc::not_supported);
    CHECK(job.check_request(wanted(7)).error().code == errc::unknown_value);
    CHECK(job.check_request(wanted(0)).error().code == errc::unknown_value);
}

TEST_CASE("a job's instance has the properties of its class")
{
    auto job = make_job();
    job.fail(broken(), at(61));
    const auto it = instance_of(job, at(100).steady);
    REQUIRE(it.find("JobState") != nullptr);
    CHECK(to_text(it.find("JobState")->value) == "10");
    CHECK(it.find("JobState")->meaning == "Exception");
    CHECK(to_text(it.find("OperationalStatus")->value) == "{6, 17}");
    CHECK(to_text(it.find("ElapsedTime")->value) == "00000000000101.000000:000");
    CHECK(to_text(it.find("TimeBeforeRemoval")->value) == "00000000000500.000000:000");
    CHECK(to_text(it.find("DeleteOnCompletion")->value) == "TRUE");
    CHECK(to_text(it.find("ErrorDescription")->value) == broken().sentence());
}
