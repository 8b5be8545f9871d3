// test/runtime/create_refusal_test.cpp -- a mirror that cannot be is refused, and nothing changes.
// SPDX-License-Identifier: BSL-1.0
#include "runtime_rig.hpp"

using namespace cimrep;
using namespace cimrep::test;

namespace {

struct create_rig {
    virtual_rig rig;
    block_device* front = nullptr;

    explicit create_rig(shard_options wanted = {}) : rig(std::move(wanted))
    {
        for (const char* name : {"s", "t", "u", "v", "w"})
            rig.elements.add(name, {.size_bytes = device_bytes});
        rig.elements.add("small", {.size_bytes = device_bytes - 512});
        rig.elements.add("coarse", {.size_bytes = device_bytes, .logical_block_bytes = 4096});
        rig.open();
        front = &rig.opened->volume(element_path("s")).value()->front();
    }

    /// Asks for it, and checks that the refusal is one: `code`, the texts, and nothing else.
    void refuses(const mirror_request& request, error_code code,
                 std::initializer_list<const char*> wrong, const char* remedy)
    {
        const std::string before = rig.opened->dump();
        waited_op op;
        const auto made = rig.opened->create_mirror(request, op);
        REQUIRE_FALSE(made.has_value());
        const failure& why = made.error();
        INFO(why.sentence());
        CHECK(why.code == code);
        for (const char* each : wrong)
            CHECK_THAT(why.wrong, Catch::Matchers::ContainsSubstring(each));
        CHECK_THAT(why.remedy, Catch::Matchers::ContainsSubstring(remedy));
        CHECK(rig.opened->dump() == before);
        rig.settle();
        CHECK_FALSE(op.over);
        CHECK(rig.opened->dump() == before);
    }
    static mirror_request of(const char* source, const char* target)
    {
        return {.source = element_path(source), .target = element_path(target)};
    }
};

}  // namespace

TEST_CASE("two elements that make no mirror are refused by name and figure", "[runtime][create]")
{
    create_rig r;
    r.rig.wait_for(r.rig.mirror("s", "t"), copy_state::synchronized);
    REQUIRE(r.rig.opened->volume(element_path("v")).has_value());
    SECTION("the same device twice")
    {
        r.refuses(r.of("u", "u"), errc::element_in_use, {"\"u\"", "as source and as target"},
                  "two devices");
        r.refuses(r.of("s", "s"), errc::element_in_use, {"\"s\"", "as source and as target"},
                  "two devices");
    }
    SECTION("a target that is too small")
    {
        r.refuses(r.of("s", "small"), errc::geometry_mismatch, {"\"small\"", "8388096", "8388608"},
                  "at least 8388608 bytes");
    }
    SECTION("another block size")
    {
        r.refuses(r.of("s", "coarse"), errc::geometry_mismatch,
                  {"\"coarse\"", "blocks of 4096 bytes", "of 512"}, "block size of the source");
        r.refuses(r.of("coarse", "u"), errc::geometry_mismatch, {"blocks of 512", "of 4096"},
                  "block size");
    }
    SECTION("a target that is one already, of this source or another's")
    {
        r.refuses(r.of("s", "t"), errc::element_in_use, {"\"t\"", "is the target of", "\\\"s\\\""},
                  "detach that relationship");
        r.refuses(r.of("u", "t"), errc::element_in_use, {"\"t\"", "is the target of"}, "detach");
    }
    SECTION("a source that is a target")
    {
        r.refuses(r.of("t", "u"), errc::element_in_use, {"\"t\"", "is the target of"},
                  "another element");
    }
    SECTION("a target that a host uses as a volume")
    {
        r.refuses(r.of("s", "v"), errc::element_in_use, {"\"v\"", "open as a volume"},
                  "no host uses");
        r.refuses(r.of("u", "s"), errc::element_in_use, {"\"s\"", "open as a volume"},
                  "no host uses");
    }
    SECTION("a mode that is not built")
    {
        mirror_request request = r.of("s", "u");
        request.replication_mode = mode::asynchronous;
        r.refuses(request, errc::not_supported, {"Asynchronous"}, "Synchronous");
    }
    SECTION("elements that do not exist")
    {
        r.refuses(r.of("s", "nobody"), errc::stale_reference, {"\"nobody\""}, "exists");
        r.refuses(r.of("nobody", "u"), errc::stale_reference, {"\"nobody\""}, "exists");
    }
    CHECK_FALSE(r.rig.write(*r.front, 0, 4096, 0x11));
    CHECK(r.rig.equal("s", "t", device_bytes));
}

TEST_CASE("what the provider refuses is passed on, and nothing stays open", "[runtime][create]")
{
    create_rig r;
    r.rig.elements["u"].refuse = true;
    r.refuses(r.of("s", "u"), errc::element_in_use, {"u"}, "close it");
    // Neither is a source that was not open before.
    r.refuses(r.of("v", "u"), errc::element_in_use, {"u"}, "close it");
    r.refuses(r.of("u", "v"), errc::element_in_use, {"u"}, "close it");
    CHECK(r.rig.elements["v"].opened == 1);
    r.rig.elements["u"].refuse = false;
    r.rig.wait_for(r.rig.mirror("v", "u"), copy_state::synchronized);
}

TEST_CASE("a volume that has all its legs takes no other", "[runtime][create]")
{
    create_rig r({.legs_max = 3});
    for (const char* name : {"t", "u"})
        r.rig.wait_for(r.rig.mirror("s", name), copy_state::synchronized);
    r.refuses(r.of("s", "v"), errc::over_budget, {"3 legs"}, "legs_max");
    CHECK(r.rig.elements["v"].opened == 1);  // and let go
    REQUIRE(r.rig.opened->volume(element_path("v")).has_value());
}

TEST_CASE("a mirror beyond the budget is refused with the figures", "[runtime][create]")
{
    std::uint64_t with_one = 0;
    {
        create_rig plenty;
        with_one = plenty.rig.opened->statistics().memory_bytes;
    }
    const std::uint64_t budget = with_one + 10;
    create_rig r({.memory_budget_bytes = budget});
    const std::string used = std::to_string(with_one), all = std::to_string(budget);
    r.refuses(r.of("s", "t"), errc::over_budget,
              {"a leg of", "\"s\"", (used + " of " + all).c_str()}, "memory_budget_bytes");
    // A second volume does not fit either, though its mirror opens it first.
    r.refuses(r.of("u", "t"), errc::over_budget, {"volume", "\"u\"", (used + " of " + all).c_str()},
              "memory_budget_bytes");
    CHECK(r.rig.opened->statistics().memory_bytes == with_one);
    CHECK(r.rig.elements["t"].opened == 0);
}

TEST_CASE("a leg beyond the budget lets go of the volume that was opened for it",
          "[runtime][create]")
{
    std::uint64_t two_volumes = 0;
    {
        create_rig plenty;
        REQUIRE(plenty.rig.opened->volume(element_path("u")).has_value());
        two_volumes = plenty.rig.opened->statistics().memory_bytes;
    }
    create_rig r({.memory_budget_bytes = two_volumes + 1});
    r.refuses(r.of("u", "t"), errc::over_budget, {"a leg of", "\"u\""}, "memory_budget_bytes");
    CHECK(r.rig.elements["u"].opened == 1);
    CHECK(r.rig.opened->volume(element_path("u")).has_value());
}

TEST_CASE("a shard that is closing or closed makes no mirror", "[runtime][create]")
{
    create_rig r;
    waited_op closing;
    r.rig.opened->close(closing);
    const auto refused = [&] {
        waited_op op;
        const auto made = r.rig.opened->create_mirror(r.of("s", "t"), op);
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().code == errc::closed);
        CHECK(made.error().wrong == "the shard");
        CHECK_FALSE(made.error().remedy.empty());
    };
    refused();
    r.rig.run_until([&] { return closing.over; });
    const std::string before = r.rig.opened->dump();
    refused();
    CHECK(r.rig.opened->dump() == before);
    r.rig.opened.reset();
}
