// test/runtime/random_rig.hpp -- one seeded life of a volume, its relationships and their devices.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../../lib/runtime/shard_core.hpp"
#include "content_oracle.hpp"
#include "runtime_rig.hpp"
#include <list>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace cimrep::test {

struct random_traits {
    bool faults = true;    ///< errors and losses; without, only delays
    bool losses = false;   ///< a flush may fail and drop what it had to write
    unsigned targets = 1;  ///< 1 or 2
    duration deadline{};   ///< of a leg
};

struct random_rig {
    static constexpr std::uint64_t block = content_oracle::block_bytes;

    random_rig(std::uint64_t with_seed, const random_traits& with)
        : seed(with_seed), traits(with), random(with_seed), rig(options_of(random, with))
    {
        size = random() % 4 == 0 ? 9 * mib : 512 * kib;
        const bool cached = random() % 3 != 0;
        names = {"s", "t"};
        if (traits.targets == 2) names.push_back("u");
        for (const std::string& name : names)
            rig.elements.add(name, {.size_bytes = size,
                                    .discard_reads_zeros = random() % 2 == 0,
                                    .volatile_cache = cached});
        const auto memory = rig.elements["s"].memory->memory();
        for (std::uint64_t b = 0; b < size / block; ++b)
            if (b % 64 < 48) content_oracle::fill(memory, b, content_oracle::value_of(1u << 30, b));
        oracle = std::make_unique<content_oracle>(memory);
        rig.open();
        opened = rig.opened->volume(element_path("s")).value();
        pairs.resize(traits.targets);
        for (unsigned i = 0; i < traits.targets; ++i) pairs[i].target = names[i + 1];
    }

    void run(unsigned steps)
    {
        for (unsigned step = 0; step < steps; ++step) {
            CAPTURE(step);
            one_step();
            for (auto turns = random() % 4; turns > 0; --turns) rig.loop.run_once(microseconds(50));
            collect();
            check_legs();
            if (step % 40 == 39) drain();
        }
    }

    /// Faults are over: every relationship must come back to Synchronized.
    void heal()
    {
        INFO("heal");
        for (const std::string& name : names) rig.elements.faults(name).clear();
        drain();
        for (unsigned attempt = 0; attempt < 40 && !all_synchronized(); ++attempt) {
            for (pair& each : pairs) help(each);
            drain();
        }
        INFO(rig.opened->dump());
        REQUIRE(all_synchronized());
        for (const leg_info& each : opened->legs()) REQUIRE(each.role == leg_role::current);
        check_legs();
        std::vector<std::byte> all(size);
        for (std::uint64_t at = 0; at < size; at += mib) {
            const auto part = std::span(all).subspan(at, std::min<std::uint64_t>(mib, size - at));
            const auto expected = oracle->read_submitted(at / block, part.size() / block);
            REQUIRE_FALSE(rig.read(opened->front(), at, part));
            const auto wrong = oracle->read_returned(expected, part);
            REQUIRE(wrong == "");
        }
    }

    void end()
    {
        INFO("end");
        waited_op closing;
        rig.opened->close(closing);
        rig.run_until([&] { return closing.over; }, 20000);
        rig.opened.reset();
        for (const pair& each : pairs) REQUIRE(rig.equal("s", each.target, size));
    }

    // What a step does (random_steps.hpp).
    void one_step();
    void host_step();
    void target_step();
    void request_step();
    void fault_step();
    void create(unsigned index);

    struct pair {
        std::string target;
        relationship* which = nullptr;
    };
    struct host_call : host_op {
        random_rig* owner = nullptr;
        std::uint64_t order = 0;
        bool writes = false;
        std::int8_t must_match = -1;  ///< compare_and_write: 1 yes, 0 no, -1 who knows
        std::uint64_t epoch = 0;      ///< of the content that must match
        content_oracle::expectation expected;
        std::vector<std::byte> data, compared;
        bool front = false;           ///< to the target's, of which the oracle knows nothing
        bool beside_a_flush = false;  ///< when it was submitted
        std::uint64_t flushes_not_done = 0;
        bool released_too = false;
    };
    struct asked : waited_op {
        random_rig* owner = nullptr;
        unsigned index = 0;
        operation what{};
        bool creates = false;
        enum class content : std::uint8_t { same, targets, sources } becomes = content::same;
    };

    void submit(block_device& to, std::unique_ptr<host_call> op)
    {
        host_call& made = *op;
        made.beside_a_flush = flush_in_flight();
        made.flushes_not_done = flushes_not_done();
        calls.push_back(std::move(op));
        to.submit(made);
        REQUIRE_FALSE(made.over);
    }

    std::span<const std::byte> memory_of(const std::string& name)
    {
        return std::as_const(*rig.elements[name].memory).memory();
    }

    /// The ends of host operations, told to the oracle in the order of their completion.
    void collect();
    static void on_done(io_op& op, error_code how) noexcept;
    static void on_asked(control_op& op) noexcept;

    void drain()
    {
        for (unsigned i = 0; i < 4000; ++i) {
            for (const std::string& name : names) rig.elements[name].device->release();
            rig.loop.run_once(milliseconds(1));
            collect();
            if (calls.empty() && asking.empty() && i > 200) break;
        }
        INFO(rig.opened->dump());
        REQUIRE(calls.empty());
        REQUIRE(asking.empty());
        check_legs();
        check_states();
    }

    static duration microseconds(std::int64_t n) { return {n * 1000}; }
    static shard_options options_of(std::mt19937_64& random, const random_traits& traits)
    {
        shard_options o;
        o.region_bytes = random() % 2 == 0 ? 4 * kib : 64 * kib;
        o.window_bytes = std::max<std::uint64_t>(o.region_bytes, 128 * kib);
        o.requests_max = random() % 2 == 0 ? 8 : 64;
        o.hot_extents_max = 64;
        o.leg_deadline = traits.deadline;
        o.guard_volatile_host_buffers = random() % 2 == 0;
        return o;
    }

    static std::string first_difference(std::span<const std::byte> truth,
                                        std::span<const std::byte> have)
    {
        for (std::uint64_t b = 0; b < truth.size() / block; ++b) {
            const auto expected = content_oracle::value_in(truth, b);
            const auto got = content_oracle::value_in(have, b);
            if (expected != got)
                return std::to_string(b) + " holds " + std::to_string(got >> 24) + ", not " +
                       std::to_string(expected >> 24);
        }
        return "none";
    }
    bool flush_in_flight() const
    {
        if (!asking.empty() || opened->read_only()) return true;
        for (const pair& each : pairs)
            if (each.which != nullptr &&
                each.which->info().copy_state == copy_state::unsynchronized)
                return true;
        return std::any_of(calls.begin(), calls.end(),
                           [](const auto& op) { return op->kind == io_kind::flush; });
    }
    std::uint64_t flushes_not_done()
    {
        std::uint64_t count = 0;
        for (const std::string& name : names) {
            const fault_statistics& all = rig.elements[name].device->statistics();
            count += all.submitted_of(io_kind::flush) - all.succeeded_of(io_kind::flush);
        }
        return count;
    }
    /// Between the loss and the error that tells of it a device reads what it likes.
    bool excused(const host_call& op)
    {
        return traits.losses && (op.beside_a_flush || flush_in_flight() ||
                                 op.flushes_not_done != flushes_not_done());
    }
    bool all_synchronized()
    {
        for (const pair& each : pairs)
            if (each.which == nullptr || each.which->info().copy_state != copy_state::synchronized)
                return false;
        return true;
    }
    void help(pair& each);

    /// Where no host write is in flight: current legs are equal, others differ only where marked.
    void check_legs();
    /// Where all is quiet: what is called Synchronized is in sync.
    void check_states();

    std::uint64_t seed;
    random_traits traits;
    std::mt19937_64 random;
    virtual_rig rig;
    std::uint64_t size = 0;
    std::vector<std::string> names;
    volume* opened = nullptr;
    std::unique_ptr<content_oracle> oracle;
    std::vector<pair> pairs;
    std::list<std::unique_ptr<host_call>> calls;
    std::list<std::unique_ptr<asked>> asking;
    std::string complaint;
};

inline void random_rig::on_done(io_op& base, error_code how) noexcept
{
    auto& op = static_cast<host_call&>(base);
    op.over = true;
    ++op.times;
    op.error = how;
    auto& self = *op.owner;
    if (op.front) return;
    auto& oracle = *self.oracle;
    // A cut may have held the operation until the content was another one.
    if (op.epoch != oracle.epoch() || self.excused(op)) op.must_match = -1;
    if (op.writes && how == errc::compare_mismatch) {
        if (op.must_match == 1) self.complaint = "a comparison failed that had to hold";
        oracle.write_withdrawn(op.order);
    } else if (op.writes && how) {
        oracle.write_failed(op.order);
    } else if (op.writes) {
        if (op.must_match == 0) self.complaint = "a comparison held that had to fail";
        oracle.write_acknowledged(op.order);
    } else if (op.kind == io_kind::read && !how && !self.excused(op)) {
        const auto wrong = oracle.read_returned(op.expected, op.data);
        if (self.complaint.empty()) self.complaint = wrong;
    }
    if (how && how != errc::compare_mismatch && !self.traits.faults)
        self.complaint = "an error without a fault: " + how.message();
}

inline void random_rig::collect()
{
    REQUIRE(complaint == "");
    std::erase_if(calls, [](const auto& each) {
        if (each->over && each->times != 1) FAIL("an operation was done more than once");
        return each->over && (!each->stable_until_released || each->released_too);
    });
    std::erase_if(asking, [](const auto& each) { return each->over; });
    for (pair& each : pairs) {
        relationship* found = nullptr;
        rig.opened->for_each_relationship([&](relationship& r) {
            if (r.info().synced_element == element_path(each.target)) found = &r;
        });
        each.which = found;
    }
    if (opened->read_only()) {
        oracle->everything_may_be_old();
        opened->accept_after_failed_flush();
    }
}

inline void random_rig::on_asked(control_op& base) noexcept
{
    auto& op = static_cast<asked&>(base);
    op.over = true;
    random_rig& self = *op.owner;
    const std::string& target = self.pairs[op.index].target;
    if (op.error) {
        if (op.becomes != asked::content::same) self.oracle->everything_may_be_old();
        if (!self.traits.faults && !op.creates)
            self.complaint = "refused without a fault: " + op.error->sentence();
        return;
    }
    // A sibling may have been faster: then the leg is only being copied to.
    const auto taken = [&](const std::string& name) {
        for (const leg_info& each : self.opened->legs())
            if (each.element == element_path(name)) return each.role == leg_role::current;
        return false;
    };
    if (op.becomes == asked::content::targets && taken(target))
        self.oracle->replaced_by(self.memory_of(target));
    if (op.becomes == asked::content::sources && taken("s"))
        self.oracle->replaced_by(self.memory_of("s"));
    if (op.what == operation::split) {
        const auto wrong = self.oracle->check_instant(self.memory_of(target));
        if (self.complaint.empty() && !wrong.empty()) self.complaint = "split " + target + wrong;
    }
}

inline void random_rig::check_legs()
{
    for (const auto& each : calls)
        if (each->kind != io_kind::read) return;
    const auto& core = opened->parts().core;
    const leg* reference = nullptr;
    for (const auto& each : core.legs_)
        if (each && each->role == leg_role::current && each->quiet()) reference = each.get();
    REQUIRE(core.current_count() != 0);
    if (reference == nullptr) return;
    const auto name_of = [](const leg& which) {
        return *which.element.key_as<std::string>("DeviceID");
    };
    const auto truth = memory_of(name_of(*reference));
    for (const auto& each : core.legs_) {
        // A flush that is about to fail may have lost what it will report.
        if (!each || each.get() == reference || !each->quiet()) continue;
        // Declared identical, and not yet believed.
        const auto examined = [&](const auto& op) {
            return op->creates && pairs[op->index].target == name_of(*each);
        };
        if (std::any_of(asking.begin(), asking.end(), examined)) continue;
        const auto have = memory_of(name_of(*each));
        for (std::uint64_t at = 0; at < size; at += 4 * kib) {
            if (same_bytes(truth.subspan(at, 4 * kib), have.subspan(at, 4 * kib))) continue;
            const bool marked =
                each->role != leg_role::current && each->map.different().any({at, 4 * kib});
            if (marked) continue;
            FAIL("leg " << name_of(*each) << " in role " << static_cast<int>(each->role)
                        << " differs from " << name_of(*reference) << " at " << at
                        << ", which is not marked: block " << first_difference(truth, have) << "\n"
                        << rig.opened->dump());
        }
    }
}

inline void random_rig::check_states()
{
    for (const pair& each : pairs) {
        if (each.which == nullptr || each.which->info().copy_state != copy_state::synchronized)
            continue;
        INFO(rig.opened->dump());
        REQUIRE(rig.equal("s", each.target, size));
        for (const leg_info& one : opened->legs())
            if (one.element == element_path(each.target) || one.element == element_path("s"))
                REQUIRE(one.role == leg_role::current);
    }
}

}  // namespace cimrep::test

#include "random_steps.hpp"
