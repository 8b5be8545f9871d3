// service/indication_test.cpp -- what subscribers hear, and in which order.
// SPDX-License-Identifier: BSL-1.0
#include "service_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Writes each indication down as one line.
struct recorder : indication_listener {
    std::vector<std::string> lines;
    std::function<void()> and_then;  ///< once

    recorder()
    {
        received = [](indication_listener& self, const indication& what) noexcept {
            auto& me = static_cast<recorder&>(self);
            me.lines.push_back(line(what));
            if (const auto then = std::exchange(me.and_then, nullptr)) then();
        };
    }
    static std::string line(const indication& what)
    {
        constexpr const char* kinds[] = {"creation", "modification", "deletion"};
        const auto& name = what.source_instance.path.class_name();
        std::string text = kinds[static_cast<int>(what.kind)] + std::string{" "} + name.substr(4);
        for (const char* told : {"CopyState", "ProgressStatus", "JobState"}) {
            const auto* now = what.source_instance.find(told);
            if (now == nullptr) continue;
            const bool changed =
                std::find(what.changed_property_names.begin(), what.changed_property_names.end(),
                          told) != what.changed_property_names.end();
            if (what.kind != indication_kind::modification) {
                text += " " + std::string{now->meaning};
            } else if (changed) {
                text += " " + std::string{what.previous_instance->find(told)->meaning} + "->" +
                        std::string{now->meaning};
            }
        }
        CHECK((what.previous_instance != nullptr) == (what.kind == indication_kind::modification));
        CHECK(what.changed_property_names.empty() == (what.kind != indication_kind::modification));
        return text;
    }
};

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a mirror's life is told in the order in which it happened")
{
    service_rig rig;
    recorder heard;
    rig.service->subscribe(heard);
    const auto made = rig.create("t", copy_state::synchronized);
    REQUIRE(made.job.has_value());
    REQUIRE(rig.service->run_job(*made.job) == job_state::completed);
    CHECK(heard.lines == lines{
                             "creation StorageSynchronized Unsynchronized Synchronizing",
                             "creation ConcreteJob Running",
                             "modification StorageSynchronized Unsynchronized->Synchronized "
                             "Synchronizing->Completed",
                             "modification ConcreteJob Running->Completed",
                         });
    heard.lines.clear();
    REQUIRE(rig.modify(*made.out.synchronization, operation::dissolve).succeeded());
    CHECK(heard.lines == lines{
                             "modification StorageSynchronized Completed->Terminating",
                             "creation SynchronizationAspect",
                             "creation SettingsDefineState",
                             "deletion StorageSynchronized Synchronized Terminating",
                         });
    heard.lines.clear();
    REQUIRE(rig.service->delete_job(*made.job).has_value());
    CHECK(heard.lines == lines{"deletion ConcreteJob Completed"});
}

TEST_CASE("a method is done after its indications")
{
    service_rig rig;
    recorder heard;
    rig.service->subscribe(heard);
    std::size_t heard_before_done = 0;
    bool over = false;
    create_element_replica::inputs in;
    in.sync_type = sync_type::mirror;
    in.source_element = element_path("s");
    in.target_element = element_path("t");
    rig.service->call<create_element_replica>(in, [&](const auto&) {
        heard_before_done = heard.lines.size();
        over = true;
    });
    rig.run_until([&] { return over; });
    CHECK(heard_before_done == 1);
}

TEST_CASE("what another party does to a relationship is told too")
{
    service_rig rig;
    const auto path = rig.synchronized();
    recorder heard;
    rig.service->subscribe(heard);
    REQUIRE(rig.request(*rig.opened->find(path), operation::fracture) == "");
    CHECK(heard.lines == lines{
                             "modification StorageSynchronized Completed->Fracturing",
                             "modification StorageSynchronized Synchronized->Fractured "
                             "Fracturing->Completed",
                         });
}

TEST_CASE("nothing is told of a call that is refused")
{
    service_rig rig;
    const auto path = rig.synchronized();
    recorder heard;
    rig.service->subscribe(heard);
    CHECK_FALSE(rig.modify(path, operation::resume).succeeded());
    CHECK_FALSE(rig.create("small").succeeded());
    CHECK(heard.lines.empty());
}

TEST_CASE("a job that only grows older, or is kept as it was, makes no indication")
{
    service_rig rig;
    rig.hold("t");
    const auto made = rig.create("t", copy_state::synchronized);
    REQUIRE(made.job.has_value());
    recorder heard;
    rig.service->subscribe(heard);
    rig.loop.run_once(milliseconds(2));
    REQUIRE(rig.service->keep_job(*made.job, true, seconds(300)).has_value());
    CHECK(heard.lines.empty());
    REQUIRE(rig.service->keep_job(*made.job, false, seconds(300)).has_value());
    CHECK(heard.lines == lines{"modification ConcreteJob"});
}

TEST_CASE("a subscriber may leave, make another leave, and start methods")
{
    service_rig rig;
    const auto path = rig.synchronized();
    recorder first;
    auto second = std::make_unique<recorder>();
    recorder third;
    rig.service->subscribe(first);
    rig.service->subscribe(*second);
    rig.service->subscribe(third);
    bool over = false;
    first.and_then = [&] {
        first.unlink();
        second.reset();
        rig.service->call<get_replication_relationships>({}, [&](const auto&) { over = true; });
    };
    REQUIRE(rig.modify(path, operation::fracture).succeeded());
    rig.run_until([&] { return over; });
    CHECK(first.lines.size() == 1);
    CHECK(third.lines.size() == 2);
}
