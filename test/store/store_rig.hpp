// test/store/store_rig.hpp -- a repository on crash disks, and the model of what it must hold.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/store/repository_check.hpp>

#include "catch.hpp"
#include "crash_disk.hpp"
#include "fault_rules.hpp"
#include "virtual_loop.hpp"
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::test {

/// Fills up, and is replaced by a checkpoint, after a few commits.
inline const repository_format_options smallest_log{.log_bytes = 16 * kib};

inline record_key key_of(std::uint64_t index, std::uint64_t owner = 1)
{
    return {record_kind::leg_state, owner, index};
}

using content_map = std::map<record_key, std::vector<std::byte>>;

/// A commit with memory of its own.
struct owned_commit : commit_op {
    struct step {
        record_key key;
        std::vector<std::byte> value;
        bool erase = false;
    };
    std::vector<step> steps;
    std::vector<record_change> list;
    bool over = false;
    error_code error;

    owned_commit& set(record_key key, std::size_t size, unsigned fill)
    {
        steps.push_back({key, std::vector<std::byte>(size, static_cast<std::byte>(fill)), false});
        return *this;
    }
    owned_commit& erase(record_key key)
    {
        steps.push_back({key, {}, true});
        return *this;
    }
    void start(repository& store)
    {
        list.clear();
        for (const step& each : steps) list.push_back({each.key, each.value, each.erase});
        changes = list;
        over = false;
        done = [](commit_op& op, error_code why) noexcept {
            const user_scope user;
            auto& self = static_cast<owned_commit&>(op);
            CHECK_FALSE(self.over);
            self.over = true;
            self.error = why;
        };
        const library_scope library;
        store.commit(*this);
    }
    void apply(content_map& to) const
    {
        for (const step& each : steps) {
            if (each.erase)
                to.erase(each.key);
            else
                to[each.key] = each.value;
        }
    }
};

/// A request to fill a copy that remembers that it is over.
struct waited_resilver : repository_resilver_op {
    bool over = false;

    explicit waited_resilver(unsigned which)
    {
        copy = which;
        done = [](repository_resilver_op& op) noexcept {
            static_cast<waited_resilver&>(op).over = true;
        };
    }
};

/// A close that remembers that it is over.
struct waited_close : repository_close_op {
    bool over = false;

    waited_close()
    {
        done = [](repository_close_op& op) noexcept { static_cast<waited_close&>(op).over = true; };
    }
};

/// One machine: a loop, the power, disks, and at most one open repository.
struct store_rig {
    virtual_loop loop;
    power mains;
    std::vector<std::unique_ptr<crash_disk>> disks;
    std::unique_ptr<device_repository> store;
    repository_open_report report;
    std::deque<owned_commit> commits;  ///< of this life, in their order
    content_map base;                  ///< what the repository held before them

    explicit store_rig(unsigned copies = 1, std::uint64_t size_bytes = 128 * kib,
                       std::uint64_t seed = 1, bool cached = true)
        : loop(seed)
    {
        mains.random.seed(seed);
        for (unsigned i = 0; i < copies; ++i) add_disk(size_bytes, cached);
    }
    ~store_rig() { shut(); }

    crash_disk& add_disk(std::uint64_t size_bytes, bool cached = true)
    {
        disks.push_back(std::make_unique<crash_disk>(loop, mains, size_bytes, cached));
        return *disks.back();
    }
    std::vector<block_device*> devices() const
    {
        std::vector<block_device*> all;
        for (const auto& each : disks) all.push_back(each.get());
        return all;
    }

    /// Calls the library, and nobody else: while memory is scarce it is so there.
    template <class Op>
    static void start(void (*function)(Op& op), Op& op)
    {
        const library_scope library;
        function(op);
    }
    std::size_t run_once(duration wait_max)
    {
        const library_scope library;
        return loop.run_once(wait_max);
    }
    template <class Condition>
    void run_until(const Condition& condition)
    {
        while (!condition()) {
            if (run_once(milliseconds(1)) == 0 && !condition() && run_once({}) == 0)
                FAIL("nothing is left to happen");
        }
    }
    void settle()
    {
        while (run_once({}) != 0) {
        }
    }

    std::optional<failure> format(repository_format_options options,
                                  std::vector<block_device*> on = {})
    {
        struct waited : repository_format_op {
            bool over = false;
        } op;
        op.options = options;
        op.copies = on.empty() ? devices() : on;
        op.done = [](repository_format_op& which) noexcept {
            static_cast<waited&>(which).over = true;
        };
        start<repository_format_op>(device_repository::format, op);
        run_until([&] { return op.over; });
        return op.error;
    }

    std::optional<failure> open(repository_open_options options = {},
                                std::vector<block_device*> on = {})
    {
        struct waited : repository_open_op {
            bool over = false;
        } op;
        op.options = std::move(options);
        op.copies = on.empty() ? devices() : on;
        op.done = [](repository_open_op& which) noexcept {
            static_cast<waited&>(which).over = true;
        };
        start<repository_open_op>(device_repository::open, op);
        run_until([&] { return op.over; });
        store = std::move(op.opened);
        report = op.report;
        return op.error;
    }

    /// A new repository on all disks, open.
    void begin(repository_format_options options = smallest_log)
    {
        REQUIRE_FALSE(format(options));
        REQUIRE_FALSE(open());
    }

    std::optional<failure> close()
    {
        waited_close op;
        store->close(op);
        run_until([&] { return op.over; });
        for (const owned_commit& each : commits) CHECK(each.over);
        store.reset();
        return op.error;
    }
    /// Whatever state it is in.
    void shut()
    {
        if (store) close();
    }

    std::optional<failure> resilver(unsigned copy, block_device* device = nullptr,
                                    bool overwrite = false)
    {
        waited_resilver op(copy);
        op.device = device;
        op.overwrite = overwrite;
        {
            const library_scope library;
            store->resilver(op);
        }
        run_until([&] { return op.over; });
        return op.error;
    }

    owned_commit& commit() { return commits.emplace_back(); }
    /// Commits the last one that was made, and waits.
    error_code put(owned_commit& one)
    {
        one.start(*store);
        run_until([&] { return one.over; });
        return one.error;
    }
    error_code put(record_key key, std::size_t size, unsigned fill)
    {
        return put(commit().set(key, size, fill));
    }

    content_map content() const
    {
        content_map all;
        store->for_each([&](const record_key& key, std::span<const std::byte> value) {
            all[key].assign(value.begin(), value.end());
        });
        return all;
    }

    /// After a reopening: what is there is what was there before, and the commits up to one that
    /// is not before the last that was answered.
    content_map verified_content() const
    {
        std::size_t answered = 0;
        for (std::size_t i = 0; i < commits.size(); ++i)
            if (commits[i].over && !commits[i].error) answered = i + 1;
        const content_map found = content();
        content_map expected = base;
        for (std::size_t i = 0; i < answered; ++i) commits[i].apply(expected);
        std::size_t count = answered;
        while (found != expected && count < commits.size()) commits[count++].apply(expected);
        if (found != expected) {
            CAPTURE(answered, commits.size(), found.size());
            FAIL("what is found is no state that may be there");
        }
        return expected;
    }
    /// As above, and goes on from there.
    void check_content()
    {
        base = verified_content();
        commits.clear();
    }

    repository_check_report check(repository_open_options options = {})
    {
        struct waited : repository_check_op {
            bool over = false;
        } op;
        op.copies = devices();
        op.options = std::move(options);
        op.done = [](repository_check_op& which) noexcept {
            static_cast<waited&>(which).over = true;
        };
        start<repository_check_op>(check_repository, op);
        run_until([&] { return op.over; });
        return op.report;
    }

    /// Every copy that is not stale knows everything that was answered, if all others are lost.
    void check_each_alone()
    {
        const auto kept = keep_disks();
        const repository_check_report all = check();
        for (unsigned i = 0; i < disks.size(); ++i) {
            CAPTURE(i);
            CHECK(all.copies[i].verdict != copy_verdict::damaged);
            // Behind by a record that was not answered, at most.
            if (all.copies[i].verdict != copy_verdict::whole &&
                all.copies[i].verdict != copy_verdict::behind)
                continue;
            const auto error = open({.accept_missing = true}, {disks[i].get()});
            // A copy that has just come back may still say of itself that it is stale.
            const superblock& block = *all.copies[i].newest;
            CHECK(error.has_value() == block.stale(block.copy_index));
            if (!error) verified_content();
            shut();
            bring_back(kept);
        }
    }

    /// The power goes off at the next operation, a commit's, and comes back.
    void cut_power()
    {
        mains.off_at = mains.operations;
        CHECK(put(key_of(99), 1, 1));
        power_back();
    }
    /// After the power went off: everything ends, and the disks have what has survived.
    void power_back()
    {
        shut();
        settle();
        mains.restore();
        for (const auto& each : disks) each->fault = {};
    }
    using images = std::vector<std::vector<std::byte>>;
    images keep_disks() const
    {
        images all;
        for (const auto& each : disks) all.push_back(each->content());
        return all;
    }
    void bring_back(const images& all)
    {
        for (std::size_t i = 0; i < disks.size(); ++i) disks[i]->set_content(all[i]);
    }
};

}  // namespace cimrep::test
