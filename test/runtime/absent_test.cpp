// test/runtime/absent_test.cpp -- a shard is opened while elements of its relationships are away.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/device_repository.hpp>

#include "runtime_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

template <class Op>
struct waited_store_op : Op {
    bool over = false;
    waited_store_op()
    {
        this->done = [](Op& which) noexcept { static_cast<waited_store_op&>(which).over = true; };
    }
};

/// A mirror of "s" to "t" with a repository that outlives its shards.
struct absent_rig {
    virtual_rig rig;
    memory_device disk{rig.loop, {.size_bytes = 4 * mib}};
    std::unique_ptr<device_repository> store;

    absent_rig()
    {
        waited_store_op<repository_format_op> made;
        made.copies = {&disk};
        device_repository::format(made);
        rig.run_until([&] { return made.over; });
        REQUIRE_FALSE(made.error);
        for (const char* name : {"s", "t"}) rig.elements.add(name, {.size_bytes = device_bytes});
        open();
        relationship& pair = rig.mirror("s", "t");
        rig.wait_for(pair, copy_state::synchronized);
    }
    ~absent_rig() { close(); }

    void open()
    {
        waited_store_op<repository_open_op> op;
        op.copies = {&disk};
        device_repository::open(op);
        rig.run_until([&] { return op.over; });
        REQUIRE_FALSE(op.error);
        store = std::move(op.opened);
        rig.options.repository = store.get();
        rig.open();
    }
    void close()
    {
        rig.close();
        waited_store_op<repository_close_op> op;
        store->close(op);
        rig.run_until([&] { return op.over; });
        store.reset();
    }
    relationship& pair()
    {
        relationship* found = nullptr;
        rig.opened->for_each_relationship([&](relationship& each) { found = &each; });
        REQUIRE(found != nullptr);
        return *found;
    }
    block_device& front() { return rig.opened->volume(element_path("s")).value()->front(); }
};

}  // namespace

TEST_CASE("elements that were all away when the shard was opened serve again when they are back",
          "[runtime][absent]")
{
    const bool target_first = GENERATE(false, true);
    absent_rig r;
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x11));
    r.close();
    for (const char* name : {"s", "t"}) r.rig.elements[name].refuse = true;
    r.open();
    r.rig.settle();
    CHECK(r.pair().info().copy_state == copy_state::broken);
    CHECK(r.rig.write(r.front(), 0, 4096, 0x22));
    CHECK_FALSE(r.rig.opened->element_returned(element_path("s")));
    CHECK_FALSE(r.rig.opened->element_returned(element_path("t")));

    for (const char* name : {"s", "t"}) r.rig.elements[name].refuse = false;
    const char* order[] = {target_first ? "t" : "s", target_first ? "s" : "t"};
    for (const char* name : order) {
        (void)r.rig.opened->element_returned(element_path(name));
        r.rig.settle();
    }
    (void)r.rig.opened->element_returned(element_path(order[0]));
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    std::vector<std::byte> data(4096);
    REQUIRE_FALSE(r.rig.read(r.front(), 0, data));
    CHECK(data[0] == std::byte{0x11});
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x33));
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("a target that was away when the shard was opened comes back", "[runtime][absent]")
{
    const char* away = GENERATE("s", "t");
    absent_rig r;
    REQUIRE_FALSE(r.rig.write(r.front(), 0, 4096, 0x11));
    r.close();
    r.rig.elements[away].refuse = true;
    r.open();
    r.rig.settle();
    CHECK(r.pair().info().copy_state == copy_state::broken);
    REQUIRE_FALSE(r.rig.write(r.front(), mib, 4096, 0x22));
    r.rig.elements[away].refuse = false;
    REQUIRE(r.rig.opened->element_returned(element_path(away)).has_value());
    r.rig.wait_for(r.pair(), copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
    CHECK(r.rig.elements["s"].memory->memory()[mib] == std::byte{0x22});
}
