// test/space/world.cpp -- devices without time, a process that dies, and what a client can do.
// SPDX-License-Identifier: BSL-1.0
#include "world.hpp"

#include <cimrep/cim/object_path_parse.hpp>

#include "catch.hpp"
#include <cstring>
#include <utility>

namespace cimrep::test {

namespace {

object_path path_of(const std::string& name)
{
    return make_object_path({.name_space = "root/cimv2",
                             .class_name = "CIM_StorageVolume",
                             .keys = {{"DeviceID", name}}})
        .value();
}

struct answered : control_op {
    bool over = false;
    answered()
    {
        done = [](control_op& op) noexcept { static_cast<answered&>(op).over = true; };
    }
};

struct host_op : io_op {
    bool over = false;
    error_code error{};
    host_op()
    {
        done = [](io_op& op, error_code how) noexcept {
            auto& self = static_cast<host_op&>(op);
            self.over = true;
            self.error = how;
        };
    }
};

/// A medium as a process has it open.
class medium_device final : public block_device {
public:
    medium_device(event_loop& loop, process_state& process, medium& below)
        : loop_(&loop), process_(&process), medium_(&below)
    {
        shape_.size_bytes = below.bytes.size();
        shape_.logical_block_bytes = 512;
        shape_.volatile_cache = true;
    }
    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return *loop_; }

    void submit(io_op& op) noexcept override
    {
        op.device = this;
        if (op.reads() && process_->holds_reads && !process_->dead && !medium_->failing)
            return process_->held.push_back(&op);
        perform(op);
    }
    void cancel(io_op& op) noexcept override
    {
        if (std::erase(process_->held, &op) != 0)
            loop_->complete(op, std::make_error_code(std::errc::operation_canceled));
    }

    bool fails() const noexcept { return medium_->failing; }

    void perform(io_op& op) noexcept
    {
        error_code error = check_bounds(op, shape_);
        if (process_->dead) error = std::make_error_code(std::errc::no_such_device);
        if (medium_->failing || (op.kind == io_kind::flush && medium_->flush_fails))
            error = errc::injected;
        if (op.kind == io_kind::discard) error = errc::not_supported;
        if (!error) transfer(op);
        loop_->complete(op, error);
    }

private:
    void transfer(io_op& op) noexcept
    {
        std::byte* at = medium_->bytes.data() + op.offset_bytes;
        if (op.kind == io_kind::flush) return;
        op.transferred_bytes = op.length_bytes;
        if (op.kind == io_kind::write_zeroes) std::memset(at, 0, op.length_bytes);
        if (op.kind == io_kind::read)
            for (const io_segment& each : op.read_segments()) {
                std::memcpy(each.data, at, each.size_bytes);
                at += each.size_bytes;
            }
        if (op.kind == io_kind::write)
            for (const const_io_segment& each : op.write_segments()) {
                std::memcpy(at, each.data, each.size_bytes);
                at += each.size_bytes;
            }
    }

    event_loop* loop_;
    process_state* process_;
    medium* medium_;
    geometry shape_;
};

}  // namespace

region_value medium::value(std::size_t region) const
{
    region_value first = 0;
    std::memcpy(&first, bytes.data() + region * space_region_bytes, sizeof first);
    return first;
}

void medium::fill(std::size_t region, region_value with)
{
    for (std::size_t at = 0; at < space_region_bytes; at += sizeof with)
        std::memcpy(bytes.data() + region * space_region_bytes + at, &with, sizeof with);
}

region_values medium::values() const
{
    region_values all;
    for (std::size_t region = 0; region < space_regions; ++region) all[region] = value(region);
    return all;
}

void space_repository::commit(commit_op& op) noexcept
{
    op.outcome = process_->dead ? make_error_code(errc::injected) : error_code{};
    for (const record_change& each : op.changes) {
        if (process_->dead) break;
        if (each.erase)
            durable_->erase(each.key);
        else
            (*durable_)[each.key].assign(each.value.begin(), each.value.end());
    }
    op.run = [](loop_task& task) noexcept {
        auto& self = static_cast<commit_op&>(task);
        self.done(self, self.outcome);
    };
    loop_->defer(op);
}

std::optional<std::span<const std::byte>> space_repository::find(const record_key& key) const
{
    const auto found = durable_->find(key);
    if (found == durable_->end()) return std::nullopt;
    return found->second;
}

void space_repository::for_each(record_kind kind, const record_visitor& visit) const
{
    for (const auto& [key, value] : *durable_)
        if (key.kind == kind) visit(key, value);
}

void space_repository::for_each(record_kind kind, std::uint64_t owner,
                                const record_visitor& visit) const
{
    for (const auto& [key, value] : *durable_)
        if (key.kind == kind && key.owner == owner) visit(key, value);
}

medium* space_elements::find(const object_path& path) const
{
    const auto* name = path.key_as<std::string>("DeviceID");
    for (medium* each : media_)
        if (name != nullptr && each->name == *name) return each;
    return nullptr;
}

outcome<element_description> space_elements::describe(const object_path& path) const
{
    const medium* found = find(path);
    if (found == nullptr) return cimrep::fail(errc::stale_reference, to_text(path), "name s or t");
    return element_description{path, found->name, found->name, found->bytes.size(), 512};
}

outcome<std::unique_ptr<block_device>> space_elements::open(event_loop& loop,
                                                            const object_path& path,
                                                            const element_open_request&)
{
    CIMREP_TRY(describe(path));
    medium& found = *find(path);
    if (found.failing)
        return cimrep::fail(std::make_error_code(std::errc::no_such_device), found.name,
                            "bring it back");
    return std::unique_ptr<block_device>(std::make_unique<medium_device>(loop, *process_, found));
}

world::world(bool manual_recovery) : manual_recovery_(manual_recovery)
{
    for (std::size_t region = 0; region < space_regions; ++region)
        for (medium* each : {&source, &target}) each->fill(region, ++last_value_);
    volume_values = source.values();
    listener_.self = this;
    listener_.changed = [](relationship_listener& self, relationship_event,
                           const relationship& which, const relationship_info&) noexcept {
        static_cast<listener&>(self).self->trace.push_back(which.state());
    };
    open();
}

world::~world()
{
    process_->dead = true;
    close();
}

void world::open()
{
    process_ = std::make_unique<process_state>();
    elements_ = std::make_unique<space_elements>(*process_, source, target);
    store_ = std::make_unique<space_repository>(loop_, *process_, durable);
    shard_options options;
    options.elements = elements_.get();
    options.repository = store_.get();
    options.requests_max = 4;
    options.bounce_buffers = 1;
    options.hot_extents_max = 4;
    options.legs_max = 2;
    options.region_bytes = options.window_bytes = space_region_bytes;
    options.windows_max = options.windows_busy = 1;
    auto made = shard::open(loop_, options);
    if (!made) FAIL(made.error().sentence());
    shard_ = std::move(made).value();
    shard_->listen(listener_);
    if (pair() != nullptr) trace.push_back(pair()->state());
    // What the legs hold is looked at first; those reads are no copy's.
    answered recovered;
    shard_->await_recovery(recovered);
    run_until(recovered.over);
}

void world::close()
{
    process_->holds_reads = false;
    answered op;
    shard_->close(op);
    run_until(op.over);
    listener_.unlink();
    shard_.reset();
    run();
}

void world::reopen(bool orderly)
{
    process_->dead = !orderly;
    const auto before = trace.size();
    close();
    if (!orderly) trace.resize(before);
    open();
}

relationship* world::pair() const
{
    relationship* found = nullptr;
    shard_->for_each_relationship([&](relationship& each) { found = &each; });
    return found;
}

volume& world::disk()
{
    auto found = shard_->volume(path_of("s"));
    if (!found) FAIL(found.error().sentence());
    return *found.value();
}

// Only the copy that the state speaks of is held: one that is being stopped ends.
void world::run()
{
    for (;;) {
        while (loop_.run_once(duration{}) != 0) {
        }
        const relationship* found = shard_ && !process_->held.empty() ? pair() : nullptr;
        if (found == nullptr || found->state().copy_state == copy_state::unsynchronized) return;
        let_reads_go();
    }
}

void world::let_reads_go()
{
    for (io_op* op : std::exchange(process_->held, {}))
        static_cast<medium_device*>(op->device)->perform(*op);
}

// What waits for the window of a copy lets that one window end, and the copy's next one wait.
void world::run_until(const bool& over)
{
    for (unsigned turn = 0; turn < 1000; ++turn) {
        run();
        if (over) return;
        let_reads_go();
        loop_.run_once(milliseconds(1));
    }
    FAIL("an operation does not end; " << (shard_ ? shard_->dump() : ""));
}

world::answer world::create(initial_synchronization initial)
{
    answered op;
    mirror_request wish{.source = path_of("s"), .target = path_of("t"), .initial = initial};
    if (manual_recovery_) wish.settings.copy_recovery_mode = desired_copy_recovery_mode::manual;
    process_->holds_reads = initial != initial_synchronization::identical;
    auto made = shard_->create_mirror(wish, op);
    if (made) run_until(op.over);
    process_->holds_reads = true;
    if (!made) return {false, std::move(made).error()};
    run();
    return {true, std::move(op.error)};
}

world::answer world::request(operation what, bool force)
{
    answered op;
    auto started = pair()->request(what, force, op);
    if (!started) return {false, std::move(started).error()};
    run_until(op.over);
    return {true, std::move(op.error)};
}

error_code world::submit(block_device& device, io_op& op, const bool& over, error_code& error)
{
    device.submit(op);
    run_until(over);
    run();
    return error;
}

error_code world::write(bool to_target, std::size_t region)
{
    auto front = shard_->front(path_of(to_target ? "t" : "s"));
    if (!front) return front.error().code;
    const region_value value = ++last_value_;
    medium data;
    data.fill(0, value);
    host_op op;
    op.prepare_write(region * space_region_bytes,
                     std::span<const std::byte>(data.bytes).first(space_region_bytes));
    const error_code error = submit(*front.value(), op, op.over, op.error);
    if (!to_target && !error) volume_values[region] = value;
    return error;
}

error_code world::flush()
{
    host_op op;
    op.prepare_flush();
    return submit(disk().front(), op, op.over, op.error);
}

void world::copy_one_window()
{
    let_reads_go();
    run();
}

void world::copy_to_the_end()
{
    process_->holds_reads = false;
    let_reads_go();
    run();
    process_->holds_reads = true;
}

void world::fail(bool which)
{
    (which ? target : source).failing = true;
    for (io_op* op : std::exchange(process_->held, {})) {
        auto& device = static_cast<medium_device&>(*op->device);
        device.fails() ? device.perform(*op) : process_->held.push_back(op);
    }
    run();
}

outcome<> world::element_returned(bool which)
{
    (which ? target : source).failing = false;
    auto told = shard_->element_returned(path_of(which ? "t" : "s"));
    run();
    return told;
}

}  // namespace cimrep::test
