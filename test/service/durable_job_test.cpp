// test/service/durable_job_test.cpp -- jobs that outlive the process that started them.
// SPDX-License-Identifier: BSL-1.0
#include "../../lib/service/job_record.hpp"
#include "remembering_repository.hpp"
#include "service_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A service whose jobs are on record.
struct durable_jobs : service_rig {
    remembering_repository store{loop};

    durable_jobs()
    {
        end();
        options.repository = &store;
        begin();
    }
    ~durable_jobs() { end(); }
    void begin()
    {
        open();
        service = std::make_unique<replication_service>(*opened);
    }
    /// Closes in order, with what was let go on the way to the target.
    void end()
    {
        let_go("t");
        settle();
        service.reset();
        close();
    }
    /// What is on record at this moment is all that the next process knows.
    void crash()
    {
        const auto durable = store.records;
        end();
        store.records = durable;
    }
    /// Starts a mirror whose copy is held, with a job that waits for its end.
    object_path start_job()
    {
        hold("t");
        const auto made = create("t", copy_state::synchronized);
        INFO(sentence(made));
        REQUIRE(made.return_code == return_code::job_started);
        return *made.job;
    }
    const concrete_job& look(const object_path& job) const
    {
        const auto* found = service->find_job(job);
        REQUIRE(found != nullptr);
        return *found;
    }
    std::size_t jobs() const
    {
        std::size_t count = 0;
        service->for_each_job([&](const concrete_job&) { ++count; });
        return count;
    }
};

}  // namespace

TEST_CASE("a job that a client was told of is found after a crash, and ends with its copy")
{
    durable_jobs rig;
    const auto job = rig.start_job();
    const auto submitted = rig.look(job).time_submitted();
    rig.crash();
    rig.hold("t");
    rig.begin();
    CHECK(rig.look(job).state() == job_state::running);
    CHECK(rig.look(job).name() == "CreateElementReplica");
    CHECK(rig.look(job).time_submitted() == submitted);
    CHECK(rig.look(job).affected().size() == 2);
    rig.let_go("t");
    CHECK(rig.service->run_job(job) == job_state::completed);
    CHECK(rig.look(job).percent_complete() == 100);
    rig.crash();
    rig.begin();
    CHECK(rig.look(job).state() == job_state::completed);
}

TEST_CASE("a job whose copy does not go on after a crash says that the process ended")
{
    durable_jobs rig;
    const auto job = rig.start_job();
    rig.crash();
    rig.elements["t"].present = false;
    rig.begin();
    CHECK(rig.service->run_job(job) == job_state::exception);
    get_errors::inputs in;
    in.job = job;
    const auto errors = rig.run<get_errors>(in).out.errors;
    REQUIRE(errors.size() == 1);
    CHECK(contains(errors.front().message, "the process that had started the job has ended"));
    CHECK(contains(errors.front().message, "Broken while Synchronized was waited for"));
}

TEST_CASE("a job that waited for what a crash has ended with is complete")
{
    durable_jobs rig;
    const auto job = rig.start_job();
    const auto durable = rig.store.records;
    rig.let_go("t");
    REQUIRE(rig.service->run_job(job) == job_state::completed);
    // Of all that the end has brought only the job's own record is lost.
    for (const auto& [key, value] : durable)
        if (key.kind == record_kind::job_outcome) rig.store.records[key] = value;
    rig.crash();
    rig.begin();
    CHECK(rig.service->run_job(job) == job_state::completed);
}

TEST_CASE("how a job ended is found after an orderly close, until it is deleted")
{
    durable_jobs rig;
    const auto job = rig.start_job();
    rig.let_go("t");
    REQUIRE(rig.service->run_job(job) == job_state::completed);
    REQUIRE(rig.service->keep_job(job, false, seconds(7)).has_value());
    rig.settle();
    rig.end();
    rig.begin();
    CHECK(rig.look(job).state() == job_state::completed);
    CHECK_FALSE(rig.look(job).delete_on_completion());
    CHECK(rig.look(job).time_before_removal() == seconds(7));
    REQUIRE(rig.service->delete_job(job).has_value());
    rig.settle();
    rig.end();
    rig.begin();
    CHECK(rig.service->find_job(job) == nullptr);
    CHECK(rig.jobs() == 0);
}

TEST_CASE("a job that was killed stays killed, with its reason")
{
    durable_jobs rig;
    const auto job = rig.start_job();
    bool over = false;
    request_state_change::inputs in;
    in.job = job;
    in.requested_state = requested_job_state::kill;
    rig.service->call<request_state_change>(in, [&](const auto&) { over = true; });
    rig.settle();
    rig.let_go("t");
    rig.run_until([&] { return over; });
    rig.crash();
    rig.begin();
    CHECK(rig.look(job).state() == job_state::killed);
    REQUIRE(rig.look(job).error().has_value());
    CHECK(contains(rig.look(job).error()->sentence(), "was killed"));
    CHECK(rig.look(job).error()->code == errc::job_stopped);
}

TEST_CASE("a Terminate whose Abort cannot be recorded is refused, and the job runs to its end")
{
    durable_jobs rig;
    const auto job = rig.start_job();
    rig.store.fails = record_kind::relationship_state;
    method_result<request_state_change> answer;
    bool over = false;
    request_state_change::inputs in;
    in.job = job;
    in.requested_state = requested_job_state::terminate;
    rig.service->call<request_state_change>(in, [&](auto result) {
        answer = result;
        over = true;
        rig.store.fails.reset();
    });
    rig.run_until([&] { return over; });
    CHECK(answer.return_code == return_code::failed);
    CHECK(sentence(answer) != "");
    CHECK(rig.look(job).state() == job_state::running);
    rig.let_go("t");
    CHECK(rig.service->run_job(job) == job_state::completed);
    CHECK_FALSE(rig.look(job).error().has_value());
}

TEST_CASE("the name of a job is never given again, also when the job is gone")
{
    durable_jobs rig;
    std::set<std::string> names;
    for (int process = 0; process < 4; ++process) {
        const auto job = rig.start_job();
        const auto id = rig.look(job).instance_id();
        // Without the random part, which a bad generator might repeat.
        CHECK(names.insert(id.substr(id.find('-'))).second);
        rig.let_go("t");
        REQUIRE(rig.service->run_job(job) == job_state::completed);
        REQUIRE(rig.service->delete_job(job).has_value());
        rig.opened->for_each_relationship(
            [&](relationship& each) { REQUIRE(rig.request(each, operation::detach) == ""); });
        rig.settle();
        rig.end();
        rig.begin();
    }
    CHECK(rig.jobs() == 0);
}

TEST_CASE("a client is told of a job when it is on record")
{
    durable_jobs rig;
    rig.hold("t");
    rig.store.holds = record_kind::job_outcome;
    method_result<create_element_replica> answer;
    bool over = false;
    create_element_replica::inputs in;
    in.sync_type = sync_type::mirror;
    in.source_element = element_path("s");
    in.target_element = element_path("t");
    in.wait_for_copy_state = copy_state::synchronized;
    rig.service->call<create_element_replica>(in, [&](auto result) {
        answer = result;
        over = true;
    });
    rig.run_until([&] { return rig.store.held() != 0; });
    rig.settle();
    CHECK_FALSE(over);
    CHECK(rig.jobs() == 0);
    SECTION("then it is told")
    {
        rig.store.let_go();
        rig.run_until([&] { return over; });
        CHECK(answer.return_code == return_code::job_started);
        CHECK(rig.look(*answer.job).state() == job_state::running);
    }
    SECTION("one that cannot be recorded is none")
    {
        rig.store.fails = record_kind::job_outcome;
        rig.store.let_go();
        rig.run_until([&] { return over; });
        CHECK(answer.return_code == return_code::failed);
        CHECK_FALSE(answer.job.has_value());
        CHECK(contains(sentence(answer), "could not be recorded"));
        CHECK(rig.jobs() == 0);
    }
    SECTION("one that has ended meanwhile is told as it is")
    {
        rig.let_go("t");
        relationship* pair = nullptr;
        rig.opened->for_each_relationship([&](relationship& each) { pair = &each; });
        rig.wait_for(*pair, copy_state::synchronized);
        CHECK_FALSE(over);
        rig.store.let_go();
        rig.run_until([&] { return over; });
        CHECK(rig.look(*answer.job).state() == job_state::completed);
    }
}

TEST_CASE("a job is seen to have ended when that is on record")
{
    durable_jobs rig;
    const auto job = rig.start_job();
    rig.store.holds = record_kind::job_outcome;
    rig.let_go("t");
    rig.run_until([&] { return rig.store.held() != 0; });
    rig.settle();
    CHECK(rig.look(job).state() == job_state::running);
    CHECK(rig.service->delete_job(job).has_error());
    SECTION("then it is seen") {}
    SECTION("one whose end cannot be recorded ends all the same")
    {
        rig.store.fails = record_kind::job_outcome;
    }
    rig.store.let_go();
    CHECK(rig.service->run_job(job) == job_state::completed);
}

TEST_CASE("any bytes are a job or an error")
{
    durable_jobs rig;
    (void)rig.start_job();
    for (const auto& [key, value] : rig.store.records) {
        if (key.kind != record_kind::job_outcome || key.owner == 0) continue;
        REQUIRE(decode_job(value).has_value());
        for (std::size_t at = 0; at < value.size(); ++at) {
            CHECK(decode_job(std::span(value).first(at)).has_error());
            for (const std::byte bits : {std::byte{0x01}, std::byte{0x10}, std::byte{0xff}}) {
                auto changed = value;
                changed[at] ^= bits;
                (void)decode_job(changed);
            }
        }
    }
    // The next service does without those that it cannot read.
    for (auto& [key, value] : rig.store.records)
        if (key.kind == record_kind::job_outcome && key.owner != 0) value.resize(5);
    rig.crash();
    rig.begin();
    CHECK(rig.jobs() == 0);
}
