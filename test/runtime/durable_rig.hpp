// test/runtime/durable_rig.hpp -- a shard whose relationships outlive it, and its repository.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/store/device_repository.hpp>

#include "runtime_rig.hpp"
#include <memory>

namespace cimrep::test {

template <class Op>
struct waited_store_op : Op {
    bool over = false;
    waited_store_op()
    {
        this->done = [](Op& which) noexcept { static_cast<waited_store_op&>(which).over = true; };
    }
};

/// A mirror of "s" to "t" with a repository that outlives its shards.
struct durable_rig {
    virtual_rig rig;
    memory_device disk{rig.loop, {.size_bytes = 4 * mib}};
    std::unique_ptr<device_repository> store;

    explicit durable_rig(std::uint64_t size_bytes = device_bytes)
    {
        waited_store_op<repository_format_op> made;
        made.copies = {&disk};
        device_repository::format(made);
        rig.run_until([&] { return made.over; });
        REQUIRE_FALSE(made.error);
        for (const char* name : {"s", "t"}) rig.elements.add(name, {.size_bytes = size_bytes});
        open();
    }
    ~durable_rig() { close(); }

    void open_store()
    {
        waited_store_op<repository_open_op> op;
        op.copies = {&disk};
        device_repository::open(op);
        rig.run_until([&] { return op.over; });
        REQUIRE_FALSE(op.error);
        store = std::move(op.opened);
    }
    void open()
    {
        open_store();
        rig.options.repository = store.get();
        rig.open();
    }
    void close()
    {
        if (rig.opened) rig.close();
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

}  // namespace cimrep::test
