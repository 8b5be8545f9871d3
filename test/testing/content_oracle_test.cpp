// test/testing/content_oracle_test.cpp -- what the oracle allows, and that nothing else passes.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/testing/content_oracle.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include "catch.hpp"
#include <set>
#include <vector>

using namespace cimrep;

namespace {

using id = content_oracle::operation_id;

/// One sector of an oracle, by which write it holds; 0 is zeros.
struct one_sector {
    content_oracle oracle{5, 8};
    std::uint64_t sector = 3;

    id begin(bool fua = false) { return oracle.write_submitted(sector, 1, {1}, fua); }
    id written(bool fua = false)
    {
        const id write = begin(fua);
        oracle.write_acknowledged(write);
        return write;
    }
    void flush()
    {
        const id flush = oracle.flush_submitted();
        oracle.flush_acknowledged(flush);
    }
    std::vector<std::byte> content(id write) const
    {
        std::vector<std::byte> data(stamp_sector_bytes);
        if (write != 0) oracle.fill(write, data);
        return data;
    }
    bool may_hold(id write) const { return !oracle.check(sector, content(write)); }
    std::set<id> may_hold(const std::vector<id>& of) const
    {
        std::set<id> allowed;
        for (const id write : of)
            if (may_hold(write)) allowed.insert(write);
        return allowed;
    }
    bool reads(id write)
    {
        const id read = oracle.read_submitted(sector, 1);
        return !oracle.read_returned(read, content(write));
    }
};

using writes = std::set<id>;

}  // namespace

TEST_CASE("an acknowledged write is the only thing that a read may return")
{
    one_sector s;
    REQUIRE(s.may_hold(0));
    const id a = s.written();
    const id b = s.written();
    REQUIRE(s.may_hold({0, a, b}) == writes{b});
    REQUIRE(s.oracle.certain(3) == b);
    const auto wrong = s.oracle.check(3, s.content(a));
    REQUIRE(wrong);
    REQUIRE(wrong->sector == 3);
    REQUIRE(wrong->found == sector_class::old);
    REQUIRE_THAT(wrong->text, Catch::Matchers::ContainsSubstring("it may hold write"));
    REQUIRE(s.oracle.check(3, s.content(0))->found == sector_class::zero);
}

TEST_CASE("a write in flight or failed may be there or not, until a read has shown it")
{
    one_sector s;
    const id a = s.written();
    const id b = s.begin();
    REQUIRE(s.may_hold({0, a, b}) == writes{a, b});
    s.oracle.write_failed(b);
    REQUIRE(s.may_hold({0, a, b}) == writes{a, b});
    SECTION("the new one")
    {
        REQUIRE(s.reads(b));
        REQUIRE(s.may_hold({0, a, b}) == writes{b});
    }
    SECTION("the old one")
    {
        REQUIRE(s.reads(a));
        REQUIRE(s.may_hold({0, a, b}) == writes{a});
        REQUIRE_FALSE(s.reads(b));
    }
}

TEST_CASE("what a read returns while a write is in flight does not exclude that write")
{
    one_sector s;
    const id a = s.written();
    const id b = s.begin();
    REQUIRE(s.reads(a));
    REQUIRE(s.may_hold({a, b}) == writes{a, b});
    REQUIRE(s.reads(b));
    REQUIRE(s.may_hold({a, b}) == writes{b});
    s.oracle.write_acknowledged(b);
    REQUIRE(s.may_hold({a, b}) == writes{b});
}

TEST_CASE("writes that were in flight together are in no order, later ones exclude both")
{
    one_sector s;
    const id a = s.begin();
    const id b = s.begin();
    s.oracle.write_acknowledged(b);
    s.oracle.write_acknowledged(a);
    REQUIRE(s.may_hold({0, a, b}) == writes{a, b});
    REQUIRE_FALSE(s.oracle.certain(3).has_value());
    const id c = s.written();
    REQUIRE(s.may_hold({0, a, b, c}) == writes{c});
}

TEST_CASE("a read may return what was there at any moment between its submission and its end")
{
    one_sector s;
    const id a = s.written();
    const id b = s.begin();
    const id read = s.oracle.read_submitted(3, 1);
    s.oracle.write_acknowledged(b);
    s.flush();
    const id late = s.oracle.read_submitted(3, 1);
    REQUIRE_FALSE(s.oracle.read_returned(read, s.content(a)));
    REQUIRE(s.oracle.read_returned(late, s.content(a)));
    REQUIRE(s.may_hold({a, b}) == writes{b});
}

TEST_CASE("after a power loss everything may be there that no durable write excludes")
{
    one_sector s;
    const id a = s.written();
    s.flush();
    const id b = s.written();
    const id c = s.written();
    const id d = s.begin();
    s.oracle.power_lost();
    REQUIRE(s.may_hold({0, a, b, c, d}) == writes{a, b, c, d});
    REQUIRE(s.reads(b));
    REQUIRE(s.may_hold({0, a, b, c, d}) == writes{b});
    s.oracle.power_lost();
    REQUIRE(s.may_hold({0, a, b, c, d}) == writes{b});
}

TEST_CASE("zeros that a read returns may be new ones, and then say nothing of what lay below them")
{
    one_sector s;
    const id a = s.begin();
    s.oracle.power_lost();
    REQUIRE(s.may_hold({0, a}) == writes{0, a});
    s.oracle.write_acknowledged(s.oracle.zeroes_submitted(3, 1));
    REQUIRE(s.reads(0));
    REQUIRE_FALSE(s.may_hold(a));
    s.oracle.power_lost();
    REQUIRE(s.may_hold({0, a}) == writes{0, a});
}

TEST_CASE("a write with fua is durable when it is acknowledged, and not before")
{
    one_sector s;
    const id a = s.written();
    const id b = s.begin(true);
    SECTION("acknowledged")
    {
        s.oracle.write_acknowledged(b);
        s.oracle.power_lost();
        REQUIRE(s.may_hold({0, a, b}) == writes{b});
    }
    SECTION("in flight")
    {
        s.oracle.power_lost();
        REQUIRE(s.may_hold({0, a, b}) == writes{0, a, b});
    }
}

TEST_CASE("a flush covers what was acknowledged before its submission, and only if it succeeds")
{
    one_sector s;
    const id a = s.begin();
    const id flush = s.oracle.flush_submitted();
    s.oracle.write_acknowledged(a);
    SECTION("acknowledged after the submission")
    {
        s.oracle.flush_acknowledged(flush);
        s.oracle.power_lost();
        REQUIRE(s.may_hold({0, a}) == writes{0, a});
    }
    SECTION("failed")
    {
        const id failing = s.oracle.flush_submitted();
        s.oracle.flush_failed(failing, false);
        REQUIRE(s.may_hold({0, a}) == writes{a});
        s.oracle.power_lost();
        REQUIRE(s.may_hold({0, a}) == writes{0, a});
    }
    SECTION("failed, and the cache is lost without a crash")
    {
        const id failing = s.oracle.flush_submitted();
        s.oracle.flush_failed(failing, true);
        REQUIRE(s.may_hold({0, a}) == writes{0, a});
        REQUIRE(s.reads(0));
        REQUIRE(s.may_hold({0, a}) == writes{0});
    }
    SECTION("failed while a read was in flight, which may have seen what is lost")
    {
        const id read = s.oracle.read_submitted(3, 1);
        s.oracle.flush_failed(s.oracle.flush_submitted(), true);
        REQUIRE_FALSE(s.oracle.read_returned(read, s.content(a)));
        REQUIRE(s.may_hold({0, a}) == writes{0, a});
    }
    SECTION("in flight at the power loss")
    {
        s.oracle.flush_submitted();
        s.oracle.power_lost();
        REQUIRE(s.may_hold({0, a}) == writes{0, a});
    }
}

TEST_CASE("a flush does not cover a write in flight, although a read has seen it")
{
    one_sector s;
    const id a = s.begin();
    REQUIRE(s.reads(a));
    REQUIRE(s.may_hold({0, a}) == writes{a});
    const id flush = s.oracle.flush_submitted();
    SECTION("not acknowledged")
    {
        s.oracle.flush_acknowledged(flush);
    }
    SECTION("acknowledged before the flush ends")
    {
        s.oracle.write_acknowledged(a);
        s.oracle.flush_acknowledged(flush);
    }
    SECTION("acknowledged after it")
    {
        s.oracle.flush_acknowledged(flush);
        s.oracle.write_acknowledged(a);
    }
    s.oracle.power_lost();
    REQUIRE(s.may_hold({0, a}) == writes{0, a});
}

TEST_CASE("a killed process keeps its cache, and what it had in flight may be there or not")
{
    one_sector s;
    const id a = s.written();
    const id b = s.begin();
    s.oracle.process_killed();
    REQUIRE(s.may_hold({0, a, b}) == writes{a, b});
    REQUIRE(s.reads(b));
    REQUIRE(s.may_hold({0, a, b}) == writes{b});
    SECTION("not flushed, a power loss may bring the others back")
    {
        s.oracle.power_lost();
        REQUIRE(s.may_hold({0, a, b}) == writes{0, a, b});
    }
    SECTION("a flush of the next process covers it")
    {
        s.flush();
        s.oracle.power_lost();
        REQUIRE(s.may_hold({0, a, b}) == writes{b});
    }
}

TEST_CASE("what is said of operations of an earlier process is ignored")
{
    one_sector s;
    const id a = s.written();
    s.flush();
    const id b = s.begin();
    const id flush = s.oracle.flush_submitted();
    const id read = s.oracle.read_submitted(3, 1);
    s.oracle.power_lost();
    s.oracle.write_acknowledged(b);
    s.oracle.flush_acknowledged(flush);
    REQUIRE_FALSE(s.oracle.read_returned(read, s.content(0)));
    REQUIRE(s.may_hold({0, a, b}) == writes{a, b});
}

TEST_CASE("zeros and discards are writes too, a comparison that failed is none")
{
    one_sector s;
    const id a = s.written();
    s.flush();
    const id zeros = s.oracle.zeroes_submitted(3, 1);
    s.oracle.write_acknowledged(zeros);
    REQUIRE(s.may_hold({0, a}) == writes{0});
    REQUIRE(s.oracle.certain(3) == 0);
    const id compared = s.begin();
    const auto content = s.content(compared);
    s.oracle.write_withdrawn(compared);
    REQUIRE(s.may_hold({0, a}) == writes{0});
    REQUIRE(s.oracle.check(3, content));
    const id discard = s.oracle.discard_submitted(3, 1);
    s.oracle.write_acknowledged(discard);
    REQUIRE(s.may_hold({0, a}) == writes{0, a});
    REQUIRE_FALSE(s.oracle.certain(3).has_value());
    const id b = s.written();
    REQUIRE(s.may_hold({0, a, b}) == writes{b});
}

TEST_CASE("a write of several sectors is judged sector by sector, each in its place")
{
    content_oracle oracle(5, 8);
    const id write = oracle.write_submitted(2, 3, {1});
    oracle.write_acknowledged(write);
    std::vector<std::byte> data(3 * stamp_sector_bytes);
    oracle.fill(write, data);
    REQUIRE_FALSE(oracle.check(2, data));
    REQUIRE(oracle.check(3, data)->found == sector_class::wrong_sector);
    content_oracle other(6, 8);
    other.write_acknowledged(other.write_submitted(2, 3, {1}));
    REQUIRE(other.check(2, data)->found == sector_class::wrong_volume);
}

TEST_CASE("any corruption of any sector at random is reported, at its place")
{
    seeded_random random(3);
    constexpr std::uint64_t sectors = 64;
    content_oracle oracle(9, sectors);
    std::vector<std::byte> image(sectors * stamp_sector_bytes);
    for (int i = 0; i < 200; ++i) {
        const std::uint64_t first = random.below(sectors);
        const std::uint64_t count = random.between(1, std::min<std::uint64_t>(8, sectors - first));
        const id write = oracle.write_submitted(first, count, {i});
        oracle.fill(write, std::span(image).subspan(first * 512, count * 512));
        oracle.write_acknowledged(write);
    }
    REQUIRE_FALSE(oracle.check(0, image));
    for (int i = 0; i < 2000; ++i) {
        auto corrupt = image;
        const std::uint64_t at = random.below(sectors);
        const auto sector = std::span(corrupt).subspan(at * 512, 512);
        switch (random.below(4)) {
        case 0: sector[random.below(512)] ^= std::byte{1} << random.below(8); break;
        case 1: random.fill(sector.subspan(random.below(512))); break;
        case 2: std::ranges::fill(sector, std::byte{}); break;
        default: {
            const std::uint64_t from = (at + random.between(1, sectors - 1)) % sectors;
            std::ranges::copy(std::span(image).subspan(from * 512, 512), sector.begin());
        }
        }
        if (corrupt == image) continue;
        const auto found = oracle.check(0, corrupt);
        REQUIRE(found);
        REQUIRE(found->sector == at);
    }
}

TEST_CASE(
    "a fork holds what a read could have returned since it was submitted, and goes its own way")
{
    one_sector s;
    const id before = s.written();
    const id kept = s.written();
    s.flush();
    const id cut = s.oracle.read_submitted(0, 0);
    const id meanwhile = s.written();
    s.flush();
    const id in_flight = s.begin();
    content_oracle replica = s.oracle.fork(cut, 6);
    s.oracle.read_failed(cut);
    s.oracle.write_acknowledged(in_flight);

    std::set<id> allowed;
    for (const id write : {id{0}, before, kept, meanwhile, in_flight})
        if (!replica.check(s.sector, s.content(write))) allowed.insert(write);
    REQUIRE(allowed == writes{kept, meanwhile, in_flight});
    REQUIRE(s.may_hold({kept, meanwhile, in_flight}) == writes{in_flight});

    // One of them is there, and is durable.
    const id read = replica.read_submitted(s.sector, 1);
    REQUIRE_FALSE(replica.read_returned(read, s.content(meanwhile)));
    replica.power_lost();
    REQUIRE(replica.certain(s.sector) == meanwhile);

    // The same number is another write there.
    const id of_replica = replica.write_submitted(s.sector, 1, {1});
    replica.write_acknowledged(of_replica);
    std::vector<std::byte> data(stamp_sector_bytes);
    replica.fill(of_replica, data);
    REQUIRE_FALSE(replica.check(s.sector, data));
    REQUIRE(s.oracle.check(s.sector, data).has_value());
}

TEST_CASE("damage of a leg may be read or not, until a write covers it or it is undone")
{
    one_sector s;
    const id kept = s.written();
    s.flush();
    s.oracle.damaged(99, s.sector, 1);
    std::vector<std::byte> damage(stamp_sector_bytes);
    content_oracle::fill_damage(99, s.sector, damage);
    const auto reads = [&](std::span<const std::byte> data) {
        return !s.oracle.read_returned(s.oracle.read_submitted(s.sector, 1), data);
    };
    // Neither shows what another leg holds.
    for (int i = 0; i < 2; ++i) {
        CHECK(reads(damage));
        CHECK(reads(s.content(kept)));
    }
    CHECK_FALSE(s.oracle.certain(s.sector).has_value());
    std::vector<std::byte> another(stamp_sector_bytes);
    content_oracle::fill_damage(98, s.sector, another);
    CHECK(s.oracle.check(s.sector, another).has_value());

    SECTION("a write")
    {
        const id later = s.written();
        CHECK(s.oracle.check(s.sector, damage).has_value());
        // It was in a cache alone.
        s.oracle.power_lost();
        CHECK(reads(damage));
        CHECK(reads(s.content(later)));
    }
    SECTION("a write that is durable")
    {
        s.written();
        s.flush();
        s.oracle.power_lost();
        CHECK(s.oracle.check(s.sector, damage).has_value());
    }
    SECTION("it is undone")
    {
        const id before = s.oracle.read_submitted(s.sector, 1);
        s.oracle.damage_undone(99, s.sector, 1);
        CHECK_FALSE(s.oracle.read_returned(before, damage));
        s.oracle.power_lost();
        CHECK(s.oracle.check(s.sector, damage).has_value());
        CHECK(s.oracle.certain(s.sector) == kept);
    }
    SECTION("a replica was split off")
    {
        const id cut = s.oracle.read_submitted(0, 0);
        content_oracle replica = s.oracle.fork(cut, 6);
        CHECK_FALSE(replica.check(s.sector, damage));
        CHECK_FALSE(replica.check(s.sector, s.content(kept)));
    }
}

TEST_CASE("what a sector holds is told with and without a write in flight")
{
    one_sector s;
    const id before = s.written();
    std::vector<std::byte> newest(stamp_sector_bytes);
    s.oracle.fill_newest(s.sector, newest);
    CHECK(std::ranges::equal(newest, s.content(before)));
    const id in_flight = s.begin();
    CHECK_FALSE(s.oracle.certain(s.sector).has_value());
    CHECK(s.oracle.certain(s.sector, in_flight) == before);
    s.oracle.fill_newest(s.sector, newest);
    CHECK(std::ranges::equal(newest, s.content(in_flight)));
    s.oracle.write_withdrawn(in_flight);
    CHECK(s.oracle.certain(s.sector) == before);
}
