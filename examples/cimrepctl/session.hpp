// examples/cimrepctl/session.hpp -- a loop, a shard, and the CIM service that manages it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/uring/uring_loop.hpp>
#include <cimrep/runtime/file_elements.hpp>
#include <cimrep/runtime/shard.hpp>
#include <cimrep/service/replication_service.hpp>

#include "console.hpp"
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cimrepctl {

using namespace cimrep;

/// @errors  what the system says, with the hint that belongs to it.
outcome<std::unique_ptr<uring_loop>> make_loop();

/// The elements of a mirror, by their paths.
struct element_pair {
    object_path source;
    object_path target;
};
/// Whether they are there or not. What `out` says of them has the names that the user gave.
outcome<element_pair> name_pair(console& out, const std::string& source, const std::string& target);
/// Registers both, with equal block sizes if a file can be used with the block of the other.
outcome<element_pair> add_pair(console& out, file_elements& files, const std::string& source,
                               const std::string& target);

/// A verification that remembers that it is over.
struct waited_verify : verify_op {
    bool over = false;
    waited_verify()
    {
        done = [](control_op& op) noexcept { static_cast<waited_verify&>(op).over = true; };
    }
};

/// Everything that is managed in one run of the program. All of it goes through the service.
class session {
public:
    /// Called now and then while something takes long.
    using on_turn = std::function<void(const relationship_info&)>;

    static outcome<std::unique_ptr<session>> open(event_loop& loop, element_provider& elements,
                                                  shard_options options = {});
    /// Closes what is open.
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// CreateElementReplica, until it is Synchronized.
    ///
    /// @errors  the method's failure; std::errc::interrupted with `mirror` naming what was made.
    outcome<> create_mirror(const element_pair& elements, bool allow_overwrite,
                            const on_turn& turn);
    /// Relates elements that are declared equal, once `check` has believed it. Nothing is written.
    ///
    /// @errors  errc::not_identical, the shard's, std::errc::interrupted.
    outcome<> create_identical(const element_pair& elements, bool allow_overwrite,
                               identity_check check);

    /// Takes up the relationship of the pair that the shard has found in its repository.
    ///
    /// @return  false: it has found none.
    bool find(const element_pair& elements);
    /// What was found in a repository is copied for from here on.
    void let_copy();
    /// Turns the loop until the mirror is in `wanted`, or goes where it does not get there from.
    ///
    /// @errors  errc::invalid_state_transition, naming the CopyState it is in; as turn_until().
    outcome<> wait_for(copy_state wanted, const on_turn& turn);

    /// ModifyReplicaSynchronization of the mirror; waits for `wanted` if that is given.
    outcome<> modify(operation what, bool force = false,
                     std::optional<copy_state> wanted = std::nullopt, const on_turn& turn = {});

    /// Makes everything written so far durable on every leg in sync.
    outcome<> flush();
    /// Compares the mirror's target with its source.
    outcome<> verify(waited_verify& op, const std::function<void()>& turn);
    outcome<> close();

    /// Turns the loop until `reached()`.
    ///
    /// @errors  std::errc::interrupted; errc::deadline_exceeded if `moved()` stays the same for a
    ///          minute.
    outcome<> turn_until(const std::function<bool()>& reached,
                         const std::function<std::uint64_t()>& moved = {});

    /// The mirror of this session.
    ///
    /// @pre  it was created and not detached.
    relationship& mirror() const;
    bool has_mirror() const;
    relationship_info info() const { return mirror().info(); }
    outcome<block_device*> front(const object_path& element);
    /// Of the source, and so of what is mirrored.
    std::uint64_t size_bytes() const;
    shard& core() noexcept { return *shard_; }
    event_loop& loop() noexcept { return *loop_; }

private:
    explicit session(event_loop& loop) : loop_(&loop) {}
    outcome<> wait_for_job(const object_path& job, const on_turn& turn);

    event_loop* loop_;
    std::unique_ptr<shard> shard_;
    std::unique_ptr<replication_service> service_;
    object_path source_;
    object_path path_;
};

}  // namespace cimrepctl
