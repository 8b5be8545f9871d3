// test/runtime/restore_flush_test.cpp -- a flush while it is being recorded who holds the content.
// SPDX-License-Identifier: BSL-1.0
#include "durable_rig.hpp"
#include "passing_repository.hpp"
#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// A repository that is slow: what comes waits, one behind the other, until a test lets it go.
struct lagging_repository final : passing_repository {
    bool waits = false;
    std::deque<commit_op*> held;

    void commit(commit_op& op) noexcept override
    {
        waits ? held.push_back(&op) : below->commit(op);
    }

    record_kind next() const { return held.front()->changes.front().key.kind; }
    void let_one_go()
    {
        below->commit(*held.front());
        held.pop_front();
    }
    void let_go()
    {
        waits = false;
        while (!held.empty()) let_one_go();
    }
};

// Closing the shard still commits.
struct with_lagging_repository {
    lagging_repository lagging;
};

/// The volume "s" with the targets "t" and "u", which have caches.
struct lagging_rig : with_lagging_repository, durable_rig {
    static constexpr std::uint64_t size = 8 * mib;

    lagging_rig()
    {
        close();
        for (const char* name : {"s", "t", "u"})
            rig.elements.add(name, {.size_bytes = size, .volatile_cache = true});
        open_behind();
    }
    void open_behind()
    {
        open_store();
        lagging.below = store.get();
        rig.options.repository = &lagging;
        rig.open();
        rig.recover();
        rig.settle();
    }
    ~lagging_rig() { lagging.let_go(); }
    relationship& pair_with(const char* target)
    {
        relationship* found = nullptr;
        rig.opened->for_each_relationship([&](relationship& each) {
            if (each.info().synced_element == element_path(target)) found = &each;
        });
        REQUIRE(found != nullptr);
        return *found;
    }
    std::span<std::byte> memory(const std::string& name)
    {
        return name == "repository" ? disk.memory() : rig.elements[name].memory->memory();
    }
    bool current(const char* name)
    {
        for (const leg_info& each : rig.opened->volume(element_path("s")).value()->legs())
            if (each.element == element_path(name)) return each.role == leg_role::current;
        return false;
    }
    /// The next process finds what is there now.
    void crash()
    {
        std::map<std::string, std::vector<std::byte>> now;
        for (const char* name : {"repository", "s", "t", "u"}) {
            const auto bytes = memory(name);
            now[name].assign(bytes.begin(), bytes.end());
        }
        lagging.let_go();
        close();
        for (const auto& [name, was] : now) std::ranges::copy(was, memory(name).begin());
    }
};

}  // namespace

// Until then the target is apart on record, and what is saved of its map says where it differs.
TEST_CASE("a flush before the record of a restored content leaves what differs on record",
          "[runtime][record]")
{
    lagging_rig r;
    for (const char* name : {"t", "u"})
        r.rig.wait_for(r.rig.mirror("s", name), copy_state::synchronized);
    for (const char* name : {"t", "u"}) {
        REQUIRE(r.rig.request(r.pair_with(name), operation::split).empty());
        REQUIRE_FALSE(r.rig.write(r.front(), mib, 64 * kib, 0x22));
    }
    REQUIRE_FALSE(r.rig.flush(r.front()));
    // After a crash no sample tells what the legs hold, and later no mark stands any more.
    r.crash();
    r.open_behind();

    // The map of "u" is being saved when "t" becomes the content, whose own comes after it.
    r.lagging.waits = true;
    waited_op restored;
    REQUIRE(r.pair_with("t").request(operation::restore_from_replica, true, restored).has_value());
    r.rig.run_until([&] { return !r.lagging.held.empty(); });
    while (r.lagging.next() != record_kind::relationship_state) {
        r.lagging.let_one_go();
        r.rig.run_until([&] { return !r.lagging.held.empty(); });
    }
    const std::vector<std::byte> data(4096, std::byte{0x33});
    host_op write, flush;
    write.prepare_write(6 * mib, data);
    r.rig.opened->front(element_path("u")).value()->submit(write);
    r.rig.run_until([&] { return r.lagging.held.size() == 2; });
    r.lagging.let_one_go();
    REQUIRE(r.lagging.next() == record_kind::map_page);
    r.rig.run_until([&] { return r.current("t"); });
    flush.prepare_flush();
    r.front().submit(flush);
    r.rig.settle();
    CHECK_FALSE(flush.over);

    // Everything but who holds the content is durable.
    while (r.lagging.next() == record_kind::map_page) {
        r.lagging.let_one_go();
        r.rig.run_until([&] { return !r.lagging.held.empty(); });
    }
    REQUIRE(r.lagging.next() == record_kind::leg_state);
    r.crash();
    CHECK(restored.over);
    r.open_behind();
    // Nothing was replaced, and what differs is known when it is asked for again.
    REQUIRE(r.pair_with("t").info().copy_state == copy_state::split);
    REQUIRE(r.rig.request(r.pair_with("t"), operation::restore_from_replica, true) == "");
    r.rig.wait_for(r.pair_with("t"), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", r.size));
}
