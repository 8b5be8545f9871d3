// test/sim/life_process.hpp -- what runs between two crashes: repository, shard, service, hosts.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/replication_service.hpp>
#include <cimrep/store/device_repository.hpp>

#include "life_world.hpp"
#include "scarce_memory.hpp"
#include "sim_host.hpp"
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cimrep::test {

/// An operation that remembers that it has ended.
template <class Op>
struct waited : Op {
    bool over = false;
    waited()
    {
        this->done = [](Op& op) noexcept { static_cast<waited&>(op).over = true; };
    }
};

class life_process {
public:
    static constexpr std::size_t copy_windows_max = 4;

    explicit life_process(life_world& world);
    life_process(const life_process&) = delete;
    life_process& operator=(const life_process&) = delete;

    /// Opens everything, judges what was found, and has a volume to work with; or not, if the
    /// machine crashes meanwhile or there is no source.
    void boot(bool first);
    bool works() const noexcept { return disk != nullptr; }

    /// Takes a dead process apart; nothing that is done now reaches a disk.
    void die();
    /// Ends in order: true if nothing was left undone.
    bool close();
    /// The shard was closed, with everything flushed and on record.
    bool closed_in_order() const noexcept { return closed_in_order_; }

    relationship* pair(std::size_t replica) const;
    /// The target's leg is one from which the volume is served.
    bool holds_content(std::size_t replica) const;
    /// Legs in sync that have not failed, by number.
    std::uint32_t legs_in_sync() const;
    /// And those that are being copied to.
    std::uint32_t legs_in_use() const;
    /// A leg has failed, and its relationship is not Broken yet.
    bool has_untold_failure() const;
    /// Neither hosts nor operators have anything in flight.
    bool quiet() const noexcept;
    void pause_hosts() noexcept;
    void let_hosts_go_on();
    /// Hosts pause until nothing is in flight; false after a crash.
    bool quieten();

    /// Nothing is held any more by hold_copy().
    void let_copies_go_on();

    /// None is called strange if nobody has replaced any, and those in sync are labelled.
    void look_at_legs();

    /// Tells the oracle if the volume says that it may have lost what was not flushed.
    void notice_read_only();
    void start_host();
    /// A copy of the repository that is stale, or was lost.
    bool lacks(unsigned copy) const;
    /// Brings such a copy back.
    void resilver(unsigned copy);
    /// A host of a target, which may be apart.
    sim_host& host_of(std::size_t replica);

    /// Starts a method; `then` is called with its result unless the process dies first.
    template <class Method, class Then>
    void ask(typename Method::inputs in, Then then)
    {
        struct record : method_op<Method> {
            record(life_process& process, Then what) : owner(&process), then(std::move(what)) {}
            life_process* owner;
            Then then;
        };
        auto op = std::make_unique<record>(*this, std::move(then));
        op->in = std::move(in);
        op->done = [](method_call& base) noexcept {
            const user_scope user;
            const std::unique_ptr<record> self(static_cast<record*>(&base));
            life_process& owner = *self->owner;
            --owner.calls_;
            if (owner.dying_ || owner.world.machine.crashed()) return;
            owner.note_job(*self);
            self->then(*self);
            owner.world.at_moment(moment::answered);
        };
        ++calls_;
        record& started = *op.release();
        const library_scope library;
        service->start(started);
    }
    /// For what takes a control_op: `start(op)` is true if it was accepted. `then` is called with
    /// the op at its end, unless the process dies first.
    template <class Op, class Start>
    bool ask_directly(Start start, std::function<void(Op&)> then, bool repair = false)
    {
        struct record : Op {
            life_process* owner = nullptr;
            std::function<void(Op&)> then;
        };
        auto op = std::make_unique<record>();
        op->owner = this;
        op->then = std::move(then);
        if constexpr (std::is_same_v<Op, verify_op>) op->repair = repair;
        op->done = [](auto& base) noexcept {
            const user_scope user;
            const std::unique_ptr<record> self(static_cast<record*>(&base));
            --self->owner->calls_;
            if (self->owner->dying_ || self->owner->world.machine.crashed()) return;
            self->then(*self);
        };
        {
            const library_scope library;
            if (!start(static_cast<Op&>(*op))) return false;
        }
        ++calls_;
        op.release();
        return true;
    }
    std::size_t calls() const noexcept { return calls_; }
    void call_begins() noexcept { ++calls_; }
    /// False where nobody judges its end: the process dies.
    bool call_ended() noexcept
    {
        --calls_;
        return !dying_ && !world.machine.crashed();
    }

    /// Each job that was answered ends, and its percentage never falls.
    void watch_jobs();
    bool jobs_ended() const;

    life_world& world;
    std::unique_ptr<device_repository> store;
    std::unique_ptr<shard> opened;
    std::unique_ptr<replication_service> service;
    volume* disk = nullptr;
    bool copies_held = false;    ///< some of them, by hold_copy()
    unsigned copies_let_go = 0;  ///< so often all of them
    unsigned restores_seen = 0;  ///< copies to the source that have begun
    std::unique_ptr<sim_host> host;
    std::vector<std::unique_ptr<sim_host>> target_hosts;  ///< by replica

private:
    std::uint32_t legs_where(bool (*wanted)(leg_role role)) const;
    /// Tells the story: what happens to states and legs.
    struct teller final : observer {
        explicit teller(life_process& of) : process(of) {}
        void log(const log_record& record) noexcept override;
        void state_changed(const relationship& which, const state_change& what) noexcept override;
        life_process& process;
    } teller_;

    shard_options options_of();
    bool open_repository(bool first);
    bool finish_opening(waited<repository_open_op>& open);
    bool open_store(waited<repository_open_op>& open);
    bool open_without_lost(waited<repository_open_op>& open);
    bool open_shard();
    void look_at_what_was_found();
    void check_replica(replica& each, const relationship* found, std::size_t index);
    void before_end(const io_op& op, error_code error);
    host_habits habits_of_a_host(std::uint64_t operations, std::size_t depth) const;
    std::size_t depth_of_a_host(std::size_t ordinary, std::size_t greatest);
    /// What is to wait for its operator does so across a crash too.
    void check_recovery_mode(const replica& each, const relationship& found);
    /// It goes on by a request alone.
    void judge_recovery(const relationship& which, const state_change& what);
    bool is_away(std::size_t replica) const;
    /// A host is about to be told of a write: who has not got it is in sync no more.
    void look_at_missed();
    std::vector<std::size_t> missed_;  ///< writes in a row that a replica has perhaps missed
    void note_job(const method_answer& answer);
    void take_apart();

    seeded_random depths_;  ///< of hosts
    std::size_t depth_ = host_habits{}.depth;
    std::vector<std::unique_ptr<block_device>> copies_;
    std::size_t calls_ = 0;
    bool dying_ = false;
    bool closed_in_order_ = false;
    bool resilvering_ = false;
    bool was_read_only_ = false;
    std::uint64_t failed_last_flushes_ = 0;  ///< of which the volume has told, and nobody noticed
};

}  // namespace cimrep::test
