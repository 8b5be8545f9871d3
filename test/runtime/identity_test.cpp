// test/runtime/identity_test.cpp -- who cannot say who it is may be somebody else.
// SPDX-License-Identifier: BSL-1.0
#include "runtime_rig.hpp"
#include <algorithm>

using namespace cimrep;
using namespace cimrep::test;

namespace {

/// Elements of which nothing stays the same but the path.
class nameless_elements final : public element_provider {
public:
    explicit nameless_elements(element_provider& below) : below_(&below) {}

    outcome<element_description> describe(const object_path& path) const override
    {
        CIMREP_TRY(auto known, below_->describe(path));
        known.identity.clear();
        return known;
    }
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                const element_open_request& request) override
    {
        return below_->open(loop, path, request);
    }

private:
    element_provider* below_;
};

struct nameless_rig {
    virtual_rig rig;
    nameless_elements nameless{rig.elements};
    block_device* front = nullptr;
    relationship* pair = nullptr;

    nameless_rig()
    {
        for (const char* name : {"s", "t"}) rig.elements.add(name, {.size_bytes = device_bytes});
        rig.options.elements = &nameless;
        rig.open();
        front = &rig.opened->volume(element_path("s")).value()->front();
        REQUIRE_FALSE(rig.write(*front, 0, mib, 0x11));
        pair = &rig.mirror("s", "t");
        rig.wait_for(*pair, copy_state::synchronized);
    }
    /// Another device has taken the place of this one.
    void exchange(const char* name)
    {
        const auto memory = rig.elements[name].memory->memory();
        std::fill(memory.begin(), memory.end(), std::byte{0xee});
    }
};

}  // namespace

TEST_CASE("a target without an identity that comes back is copied wholly", "[runtime][identity]")
{
    nameless_rig r;
    r.rig.elements.faults("t").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(*r.front, 0, 4096, 0x22));
    r.rig.wait_for(*r.pair, copy_state::broken);
    r.exchange("t");
    REQUIRE(r.rig.request(*r.pair, operation::resync_replica) == "");
    r.rig.wait_for(*r.pair, copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("a source without an identity that comes back is copied wholly", "[runtime][identity]")
{
    nameless_rig r;
    r.rig.elements.faults("s").add({.kind = io_kind::write});
    REQUIRE_FALSE(r.rig.write(*r.front, 0, 4096, 0x22));
    r.rig.wait_for(*r.pair, copy_state::broken);
    r.exchange("s");
    REQUIRE(r.rig.opened->element_returned(element_path("s")).has_value());
    r.rig.wait_for(*r.pair, copy_state::synchronized);
    CHECK(r.rig.equal("s", "t", device_bytes));
    CHECK(r.rig.elements["s"].memory->memory()[4096] == std::byte{0x11});
}
