// service/list_test.cpp -- ModifyListSynchronization.
// SPDX-License-Identifier: BSL-1.0
#include "service_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

struct list_rig : service_rig {
    object_path first = synchronized("t");
    object_path second = synchronized("u");

    modify_list_synchronization::inputs ask(operation what) const
    {
        modify_list_synchronization::inputs in;
        in.operation = what;
        in.synchronization = {first, second};
        return in;
    }
    void refused(modify_list_synchronization::inputs in, unsigned code, const std::string& wrong)
    {
        const auto before = everything();
        const auto result = run<modify_list_synchronization>(std::move(in));
        CAPTURE(wrong, sentence(result));
        CHECK(to_number(result.return_code) == code);
        CHECK(contains(sentence(result), wrong));
        CHECK(everything() == before);
    }
};

}  // namespace

TEST_CASE("a list is carried out entry by entry")
{
    list_rig rig;
    const auto result = rig.run<modify_list_synchronization>(rig.ask(operation::fracture));
    CHECK(sentence(result) == "");
    CHECK(result.return_code == return_code::completed);
    CHECK(rig.state_of(rig.first) == copy_state::fractured);
    CHECK(rig.state_of(rig.second) == copy_state::fractured);
    REQUIRE(result.out.entry_errors.size() == 2);
    CHECK_FALSE(result.out.entry_errors[0].has_value());
}

TEST_CASE("a list that waits has one job for all its entries")
{
    list_rig rig;
    REQUIRE(rig.run<modify_list_synchronization>(rig.ask(operation::deactivate)).succeeded());
    for (const char* name : {"t", "u"}) rig.hold(name);
    for (const char* name : {"s"}) {
        auto* front = rig.opened->front(element_path(name)).value();
        REQUIRE_FALSE(rig.write(*front, 0, 256 * kib, 0x77));
    }
    auto in = rig.ask(operation::activate);
    in.wait_for_copy_state = copy_state::synchronized;
    const auto result = rig.run<modify_list_synchronization>(in);
    CHECK(result.return_code == return_code::job_started);
    REQUIRE(result.job.has_value());
    CHECK(rig.service->find_job(*result.job)->affected().size() == 4);
    rig.let_go("t");
    rig.run_until([&] { return rig.state_of(rig.first) == copy_state::synchronized; });
    rig.settle();
    CHECK(rig.service->find_job(*result.job)->state() == job_state::running);
    CHECK(rig.service->find_job(*result.job)->percent_complete() >= 50);
    rig.let_go("u");
    CHECK(rig.service->run_job(*result.job) == job_state::completed);
    CHECK(rig.equal("s", "t", service_rig::size));
    CHECK(rig.equal("s", "u", service_rig::size));
}

TEST_CASE("a list with an entry that would be refused is refused as a whole, before the first")
{
    list_rig rig;
    REQUIRE(rig.modify(rig.second, operation::fracture).succeeded());
    rig.refused(rig.ask(operation::split), 4, "Synchronization[1]: Split of a Mirror");
    CHECK(rig.state_of(rig.first) == copy_state::synchronized);
}

TEST_CASE("a list that is to continue asks every entry and tells which failed")
{
    list_rig rig;
    REQUIRE(rig.modify(rig.first, operation::fracture).succeeded());
    auto in = rig.ask(operation::split);
    in.replication_setting_data.emplace().on_group_or_list_error =
        on_group_or_list_error::continue_;
    const auto result = rig.run<modify_list_synchronization>(in);
    CHECK(result.return_code == return_code::failed);
    CHECK(contains(sentence(result), "1 of 2 failed, the first: Synchronization[0]"));
    REQUIRE(result.out.entry_errors.size() == 2);
    CHECK(result.out.entry_errors[0].has_value());
    CHECK_FALSE(result.out.entry_errors[1].has_value());
    CHECK(rig.state_of(rig.first) == copy_state::fractured);
    CHECK(rig.state_of(rig.second) == copy_state::split);
}

TEST_CASE("a list that is to continue answers from the loop even if every entry is refused")
{
    list_rig rig;
    auto in = rig.ask(operation::resume);
    in.replication_setting_data.emplace().on_group_or_list_error =
        on_group_or_list_error::continue_;
    rig.refused(in, 4, "2 of 2 failed");
}

TEST_CASE("a list stops at an entry that fails on the way")
{
    service_rig rig;
    modify_list_synchronization::inputs in;
    in.operation = operation::split;
    in.synchronization = {rig.synchronized("cached"), rig.synchronized("u")};
    // Splitting the first flushes its target: that it cannot, nobody knows before.
    rig.elements.faults("cached").add({.kind = io_kind::flush, .times = fault::always});
    const auto result = rig.run<modify_list_synchronization>(in);
    CHECK(result.return_code == return_code::failed);
    CHECK(contains(sentence(result), "1 of 2 failed, the first: Synchronization[0]"));
    CHECK(rig.state_of(in.synchronization[0]) == copy_state::broken);
    CHECK(rig.state_of(in.synchronization[1]) == copy_state::synchronized);
}

TEST_CASE("Dissolve of a list leaves an aspect for each entry")
{
    list_rig rig;
    const auto result = rig.run<modify_list_synchronization>(rig.ask(operation::dissolve));
    CHECK(sentence(result) == "");
    CHECK(result.out.settings_state.size() == 2);
    CHECK(rig.service->synchronization_aspects().size() == 2);
    CHECK(rig.service->synchronization_aspects()[0].instance_id !=
          rig.service->synchronization_aspects()[1].instance_id);
}

TEST_CASE("a list has room for its answer before its first entry is asked")
{
    list_rig rig;
    static bool over;
    over = false;
    method_op<modify_list_synchronization> op;
    op.in = rig.ask(operation::dissolve);
    op.done = [](method_call&) noexcept { over = true; };
    rig.service->start(op);
    CHECK(op.out.settings_state.capacity() >= 2);
    CHECK_FALSE(over);
    rig.run_until([] { return over; });
    CHECK(op.out.settings_state.size() == 2);
}

TEST_CASE("lists that cannot be are refused by name and value")
{
    list_rig rig;
    auto in = rig.ask(operation::fracture);
    in.operation.reset();
    rig.refused(in, 5, "Operation is missing");
    in = rig.ask(operation{28});
    rig.refused(in, 5, "Operation is 28");
    for (const unsigned number : {3u, 5u, 6u, 13u})
        rig.refused(rig.ask(static_cast<operation>(number)), 5, "which a list does not take");
    rig.refused(rig.ask(operation{0x9000}), 1, "a vendor's value");
    in = rig.ask(operation::fracture);
    in.synchronization.clear();
    rig.refused(in, 5, "Synchronization is missing");
    in = rig.ask(operation::fracture);
    in.synchronization.push_back(rig.first);
    rig.refused(in, 5, to_text(rig.first) + " twice");
    in = rig.ask(operation::fracture);
    in.synchronization.push_back(element_path("s"));
    rig.refused(in, 5, "Synchronization[2] is " + to_text(element_path("s")));
    in = rig.ask(operation::fracture);
    in.wait_for_copy_state = copy_state::synchronized;
    rig.refused(in, 5, "to which Fracture does not lead");
    in = rig.ask(operation::fracture);
    in.wait_for_copy_state = copy_state{1};
    rig.refused(in, 5, "WaitForCopyState is 1");
    in = rig.ask(operation::fracture);
    in.replication_setting_data.emplace().on_group_or_list_error = on_group_or_list_error{9};
    rig.refused(in, 5, "OnGroupOrListError is 9");
    in = rig.ask(operation::fracture);
    in.replication_setting_data.emplace().copy_priority = copy_priority::low;
    rig.refused(in, 1, "CopyPriority differs");
}
