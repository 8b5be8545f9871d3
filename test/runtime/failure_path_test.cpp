// test/runtime/failure_path_test.cpp -- what goes wrong beside something else that goes wrong.
// SPDX-License-Identifier: BSL-1.0
#include "runtime_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Fails every commit while `failing` is set.
struct failing_repository final : repository {
    event_loop* loop = nullptr;
    bool failing = false;

    void commit(commit_op& op) noexcept override
    {
        op.run = [](loop_task& task) noexcept {
            auto& self = static_cast<commit_op&>(task);
            self.done(self, {});
        };
        if (failing)
            op.run = [](loop_task& task) noexcept {
                auto& self = static_cast<commit_op&>(task);
                self.done(self, errc::injected);
            };
        loop->defer(op);
    }
};

struct failure_rig {
    failing_repository store;
    virtual_rig rig;
    block_device* front = nullptr;

    explicit failure_rig(shard_options wanted = {}, bool cached = false)
        : rig([&] {
              wanted.repository = &store;
              return std::move(wanted);
          }())
    {
        store.loop = &rig.loop;
        for (const char* name : {"s", "t", "u"})
            rig.elements.add(name, {.size_bytes = device_bytes, .volatile_cache = cached});
        rig.open();
        front = &rig.opened->volume(element_path("s")).value()->front();
    }
    relationship& in_sync(const char* target)
    {
        relationship& pair = rig.mirror("s", target);
        rig.wait_for(pair, copy_state::synchronized);
        return pair;
    }
    std::span<std::byte> bytes(const char* name) { return rig.elements[name].memory->memory(); }
};

}  // namespace

TEST_CASE("a verification repairs from the source, whatever a second target says", "[runtime]")
{
    failure_rig r;
    relationship& first = r.in_sync("t");
    r.in_sync("u");
    for (std::size_t i = 0; i < 4 * mib; i += 4096) r.bytes("u")[i] = std::byte{0xEE};
    r.bytes("t")[5 * mib] = std::byte{0x77};
    struct watched : verify_op {
        bool over = false;
    } watch;
    watch.repair = true;
    watch.done = [](control_op& done) noexcept { static_cast<watched&>(done).over = true; };
    REQUIRE(first.verify(watch).has_value());
    r.rig.run_until([&] { return watch.over; });
    CHECK_FALSE(watch.error);
    CHECK(watch.different_bytes == 512);
    REQUIRE(watch.differences.size() == 1);
    CHECK(watch.differences.front().offset_bytes == 5 * mib);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("what a verification found to differ is not read from that leg", "[runtime]")
{
    failure_rig r;
    relationship& pair = r.in_sync("t");
    r.bytes("t")[mib] = std::byte{0x55};
    struct watched : verify_op {
        bool over = false;
    } watch;
    watch.done = [](control_op& done) noexcept { static_cast<watched&>(done).over = true; };
    REQUIRE(pair.verify(watch).has_value());
    r.rig.run_until([&] { return watch.over; });
    CHECK(watch.different_bytes == 512);
    // Two reads at once: the second would go to the idle leg.
    std::vector<std::byte> a(512), b(512);
    host_op one, two;
    one.prepare_read(mib, a);
    two.prepare_read(mib, b);
    r.front->submit(one);
    r.front->submit(two);
    r.rig.run_until([&] { return one.over && two.over; });
    CHECK(a[0] == std::byte{0});
    CHECK(b[0] == std::byte{0});
}

TEST_CASE("a split whose flush hangs lets the host go on, and the leg is Broken", "[runtime]")
{
    failure_rig r({}, true);
    relationship& pair = r.in_sync("t");
    r.rig.elements.faults("t").add(
        {.kind = io_kind::flush, .times = fault::always, .action = fault_action::hold});
    waited_op op;
    REQUIRE(pair.request(operation::split, false, op).has_value());
    r.rig.settle();
    std::vector<std::byte> data(4096, std::byte{1});
    host_op write;
    write.prepare_write(0, data);
    r.front->submit(write);
    r.rig.settle();
    r.rig.run_until([&] { return write.over; });
    CHECK_FALSE(write.error);
    r.rig.wait_for(pair, copy_state::broken);
    r.rig.elements.faults("t").clear();
    r.rig.elements["t"].device->release();
    r.rig.run_until([&] { return op.over; });
    CHECK(op.error.has_value());
}

TEST_CASE("a flush that is under way when a restore lands succeeds", "[runtime]")
{
    failure_rig r({}, true);
    relationship& pair = r.in_sync("t");
    REQUIRE(r.rig.request(pair, operation::split) == "");
    r.rig.elements.faults("s").add({.kind = io_kind::flush, .action = fault_action::hold});
    host_op flush;
    flush.prepare_flush();
    r.front->submit(flush);
    r.rig.settle();
    REQUIRE(r.rig.request(pair, operation::restore_from_replica, true) == "");
    r.rig.elements["s"].device->release();
    r.rig.run_until([&] { return flush.over; });
    CHECK_FALSE(flush.error);
    r.rig.wait_for(pair, copy_state::synchronized);
}

TEST_CASE("a request whose state cannot be made durable is taken back", "[runtime][record]")
{
    failure_rig r;
    relationship& pair = r.in_sync("t");
    REQUIRE(r.rig.request(pair, operation::suspend) == "");
    r.store.failing = true;
    CHECK(r.rig.request(pair, operation::detach) != "");
    CHECK(pair.info().copy_state == copy_state::suspended);
    CHECK(r.rig.opened->find(pair.path()) == &pair);
    r.store.failing = false;
    REQUIRE(r.rig.request(pair, operation::resume) == "");
    r.rig.wait_for(pair, copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("no write is acknowledged while no record says that a leg has left", "[runtime][record]")
{
    failure_rig r;
    r.in_sync("t");
    r.store.failing = true;
    r.rig.elements.faults("t").add({.kind = io_kind::write});
    CHECK(r.rig.write(*r.front, 0, 4096, 1) == errc::injected);
    CHECK(r.rig.write(*r.front, 0, 4096, 2) == errc::injected);
    r.store.failing = false;
    CHECK_FALSE(r.rig.write(*r.front, 0, 4096, 3));
}

TEST_CASE("a refused creation leaves nothing open and nothing charged", "[runtime]")
{
    failure_rig r;
    r.rig.elements.add("x", {.size_bytes = device_bytes});
    r.rig.elements.add("y", {.size_bytes = device_bytes});
    const std::string before = r.rig.opened->dump();
    r.rig.elements["y"].refuse = true;
    waited_op op;
    const auto made =
        r.rig.opened->create_mirror({.source = element_path("x"), .target = element_path("y")}, op);
    REQUIRE_FALSE(made.has_value());
    CHECK(r.rig.opened->dump() == before);
    CHECK_FALSE(op.over);
}

TEST_CASE("a stuck leg keeps its buffers, and the host has as many as before", "[runtime]")
{
    failure_rig r({.leg_deadline = milliseconds(50)});
    relationship& pair = r.in_sync("t");
    r.rig.elements.faults("t").add(
        {.kind = io_kind::write, .times = fault::always, .action = fault_action::hold});
    std::vector<std::byte> data(4096, std::byte{9});
    std::vector<std::unique_ptr<host_op>> writes;
    for (unsigned i = 0; i < 24; ++i) {
        writes.push_back(std::make_unique<host_op>());
        writes.back()->prepare_write(i * 4096, data);
        writes.back()->unstable_buffer = true;
        r.front->submit(*writes.back());
    }
    r.rig.run_until([&] {
        return std::all_of(writes.begin(), writes.end(), [](const auto& w) { return w->over; });
    });
    for (const auto& each : writes) CHECK_FALSE(each->error);
    r.rig.wait_for(pair, copy_state::broken);
    r.rig.elements.faults("t").clear();
    r.rig.elements["t"].device->release();
    r.rig.settle();
    REQUIRE(r.rig.request(pair, operation::resync_replica) == "");
    r.rig.wait_for(pair, copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("a fractured target that fails a host's write is Broken", "[runtime]")
{
    failure_rig r;
    relationship& pair = r.in_sync("t");
    REQUIRE(r.rig.request(pair, operation::fracture) == "");
    block_device* target = r.rig.opened->front(element_path("t")).value();
    r.rig.elements.faults("t").add({.kind = io_kind::write});
    CHECK(r.rig.write(*target, 0, 512, 1) == errc::injected);
    r.rig.wait_for(pair, copy_state::broken);
    REQUIRE(r.rig.request(pair, operation::resync_replica) == "");
    r.rig.wait_for(pair, copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("the last flush of a close comes after the last write", "[runtime]")
{
    failure_rig r({}, true);
    r.in_sync("t");
    r.rig.elements.faults("s").add(
        {.kind = io_kind::write, .action = fault_action::delay, .delay = milliseconds(20)});
    std::vector<std::byte> data(4096, std::byte{3});
    host_op write;
    write.prepare_write(0, data);
    r.front->submit(write);
    r.rig.close();
    CHECK_FALSE(write.error);
    CHECK_FALSE(r.rig.elements["s"].device->has_unflushed());
    CHECK_FALSE(r.rig.elements["t"].device->has_unflushed());
}
