// examples/cimrepctl/session.cpp -- calls the CIM methods and turns the loop meanwhile.
// SPDX-License-Identifier: BSL-1.0
#include "session.hpp"

#include <cimrep/base/assert.hpp>

#include "interrupt.hpp"
#include <algorithm>

namespace cimrepctl {

namespace {

constexpr duration turn_max = milliseconds(20);
constexpr duration patience = seconds(60);

struct waited_op : control_op {
    bool over = false;
    waited_op()
    {
        done = [](control_op& op) noexcept { static_cast<waited_op&>(op).over = true; };
    }
};

template <class Result>
outcome<> success_of(const Result& answer)
{
    if (answer.succeeded()) return success();
    return *answer.error;
}

}  // namespace

outcome<std::unique_ptr<uring_loop>> make_loop()
{
    auto made = uring_loop::create();
    if (made) return std::move(made).value();
    return fail(made.error(), "cannot set up io_uring",
                "check /proc/sys/kernel/io_uring_disabled, and that the kernel is 5.11 or later");
}

outcome<element_pair> name_pair(console& out, const std::string& source, const std::string& target)
{
    CIMREP_TRY(element_pair pair, [&]() -> outcome<element_pair> {
        CIMREP_TRY(auto from, storage_volume_path(source));
        CIMREP_TRY(auto to, storage_volume_path(target));
        return element_pair{std::move(from), std::move(to)};
    }());
    const auto call = [&out](const object_path& path, const std::string& word) {
        out.call(to_text(path), word);
        out.call(*path.key_as<std::string>("DeviceID"), word);
    };
    call(pair.source, source);
    call(pair.target, target);
    return pair;
}

outcome<element_pair> add_pair(console& out, file_elements& files, const std::string& source,
                               const std::string& target)
{
    CIMREP_TRY(name_pair(out, source, target));
    CIMREP_TRY(element_pair pair, [&]() -> outcome<element_pair> {
        CIMREP_TRY(auto from, files.add(source));
        CIMREP_TRY(auto to, files.add(target));
        return element_pair{std::move(from), std::move(to)};
    }());
    CIMREP_TRY(const auto from, files.describe(pair.source));
    CIMREP_TRY(const auto to, files.describe(pair.target));
    // A file may be used with larger blocks than its file system asks for; a device may not, and
    // the mirror then says what is wrong.
    if (from.logical_block_bytes < to.logical_block_bytes)
        (void)files.add(source, to.logical_block_bytes);
    if (to.logical_block_bytes < from.logical_block_bytes)
        (void)files.add(target, from.logical_block_bytes);
    return pair;
}

outcome<std::unique_ptr<session>> session::open(event_loop& loop, element_provider& elements,
                                                shard_options options)
{
    options.elements = &elements;
    std::unique_ptr<session> made(new session(loop));
    const bool recovers = options.repository != nullptr;
    CIMREP_TRY(made->shard_, shard::open(loop, std::move(options)));
    if (recovers) {
        // No command copies for a relationship that it is not about.
        made->shard_->for_each_relationship([](relationship& each) { each.hold_copy(true); });
        // Before it is known what the legs hold, no state says anything.
        waited_op recovered;
        made->shard_->await_recovery(recovered);
        while (!recovered.over) loop.run_once(turn_max);
    }
    made->service_ = std::make_unique<replication_service>(*made->shard_);
    return made;
}

session::~session()
{
    (void)close();
}

outcome<> session::close()
{
    if (shard_ == nullptr) return success();
    waited_op op;
    shard_->close(op);
    while (!op.over) loop_->run_once(turn_max);
    service_.reset();
    shard_.reset();
    if (op.error) return *std::move(op.error);
    return success();
}

outcome<> session::turn_until(const std::function<bool()>& reached,
                              const std::function<std::uint64_t()>& moved)
{
    std::uint64_t last = moved ? moved() : 0;
    monotonic_time due = loop_->now() + patience;
    while (!reached()) {
        if (interrupted()) return interruption();
        loop_->run_once(turn_max);
        if (const std::uint64_t now = moved ? moved() : 0; now != last) {
            last = now;
            due = loop_->now() + patience;
        }
        if (loop_->now() >= due)
            return fail(errc::deadline_exceeded, "nothing has moved for a minute",
                        "see whether the devices still answer");
    }
    return success();
}

outcome<> session::wait_for_job(const object_path& job, const on_turn& turn)
{
    const auto finished = [&] {
        const concrete_job* found = service_->find_job(job);
        if (turn && has_mirror()) turn(info());
        return found == nullptr || found->finished();
    };
    CIMREP_TRY(turn_until(finished, [&] { return has_mirror() ? info().copied_bytes : 0; }));
    const concrete_job* found = service_->find_job(job);
    if (found != nullptr && found->error()) return *found->error();
    return success();
}

outcome<> session::create_mirror(const element_pair& elements, bool allow_overwrite,
                                 const on_turn& turn)
{
    create_element_replica::inputs in;
    in.sync_type = sync_type::mirror;
    in.mode = mode::synchronous;
    in.source_element = elements.source;
    in.target_element = elements.target;
    in.wait_for_copy_state = copy_state::synchronized;
    in.allow_overwrite = allow_overwrite;
    const auto made = service_->run<create_element_replica>(std::move(in));
    CIMREP_TRY(success_of(made));
    path_ = *made.out.synchronization;
    source_ = elements.source;
    if (made.job) return wait_for_job(*made.job, turn);
    return success();
}

outcome<> session::create_identical(const element_pair& elements, bool allow_overwrite,
                                    identity_check check)
{
    waited_op op;
    CIMREP_TRY(const relationship* made,
               shard_->create_mirror({.source = elements.source,
                                      .target = elements.target,
                                      .initial = initial_synchronization::identical,
                                      .check = check,
                                      .allow_overwrite = allow_overwrite},
                                     op));
    const object_path path = made->path();
    bool stopped = false;
    while (!op.over) {
        loop_->run_once(turn_max);
        // The end of the shard ends the check too.
        if (interrupted() && !std::exchange(stopped, true)) (void)close();
    }
    if (stopped) return interruption();
    if (op.error) return *std::move(op.error);
    path_ = path;
    source_ = elements.source;
    return turn_until([&] { return info().copy_state == copy_state::synchronized; });
}

bool session::find(const element_pair& elements)
{
    bool found = false;
    shard_->for_each_relationship([&](relationship& each) {
        const relationship_info info = each.info();
        if (info.system_element != elements.source || info.synced_element != elements.target)
            return;
        path_ = info.path;
        source_ = elements.source;
        found = true;
    });
    return found;
}

outcome<> session::wait_for(copy_state wanted, const on_turn& turn)
{
    const auto ended = [&] {
        const relationship_info now = info();
        if (turn) turn(now);
        return now.copy_state == wanted || now.copy_state != copy_state::unsynchronized;
    };
    CIMREP_TRY(turn_until(ended, [&] { return info().copied_bytes; }));
    const copy_state reached = info().copy_state;
    if (reached == wanted) return success();
    return fail(errc::invalid_state_transition,
                "the relationship is " + std::string(to_name(reached)) + " now");
}

outcome<> session::modify(operation what, bool force, std::optional<copy_state> wanted,
                          const on_turn& turn)
{
    modify_replica_synchronization::inputs in;
    in.operation = what;
    in.synchronization = path_;
    in.force = force;
    in.wait_for_copy_state = wanted;
    const auto answer = service_->run<modify_replica_synchronization>(std::move(in));
    CIMREP_TRY(success_of(answer));
    if (answer.job) return wait_for_job(*answer.job, turn);
    return success();
}

outcome<> session::flush()
{
    struct flush_op : io_op {
        bool over = false;
        error_code error{};
    } op;
    op.prepare_flush();
    op.done = [](io_op& base, error_code error) noexcept {
        auto& self = static_cast<flush_op&>(base);
        self.over = true;
        self.error = error;
    };
    CIMREP_TRY(block_device * device, front(source_));
    device->submit(op);
    while (!op.over) loop_->run_once(turn_max);
    if (op.error) return fail(op.error, "the flush of " + to_text(source_));
    return success();
}

outcome<> session::verify(waited_verify& op, const std::function<void()>& turn)
{
    CIMREP_TRY(mirror().verify(op));
    bool stopped = false;
    while (!op.over) {
        loop_->run_once(turn_max);
        if (turn) turn();
        // The end of the shard ends the verification too.
        if (interrupted() && !std::exchange(stopped, true)) (void)close();
    }
    if (stopped) return interruption();
    if (op.error) return *op.error;
    return success();
}

void session::let_copy()
{
    mirror().hold_copy(false);
}

relationship& session::mirror() const
{
    relationship* found = shard_->find(path_);
    CIMREP_ASSERT(found != nullptr);
    return *found;
}

bool session::has_mirror() const
{
    return shard_ != nullptr && !path_.empty() && shard_->find(path_) != nullptr;
}

std::uint64_t session::size_bytes() const
{
    const auto device = shard_->front(source_);
    return device ? device.value()->shape().size_bytes : 0;
}

outcome<block_device*> session::front(const object_path& element)
{
    return shard_->front(element);
}

}  // namespace cimrepctl
