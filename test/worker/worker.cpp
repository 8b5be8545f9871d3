// worker/worker.cpp -- opens, obeys and tells; what it has told is what must survive it.
// SPDX-License-Identifier: BSL-1.0
#include "worker.hpp"

#include <cimrep/cim/object_path_parse.hpp>
#include <cimrep/io/uring/uring_device.hpp>

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace cimrep::test {

namespace {

constexpr std::uint64_t repository_bytes = 2 * mib;

template <class Op>
struct waited : Op {
    bool over = false;
    waited()
    {
        this->done = [](Op& op) noexcept { static_cast<waited&>(op).over = true; };
    }
};

/// Small pieces, and few marks if so ordered: what can be interrupted happens often.
shard_options options_of(element_provider& elements, repository& store, std::size_t hot_extents_max)
{
    shard_options o;
    o.elements = &elements;
    o.repository = &store;
    o.window_bytes = 256 * kib;
    o.windows_max = 4;
    o.windows_busy = 2;
    o.hot_extents_max = hot_extents_max;
    return o;
}

}  // namespace

struct worker::transfer_op : io_op {
    worker* owner = nullptr;
    std::uint32_t slot = 0;
};

struct worker::asked_op : control_op {
    worker* owner = nullptr;
    std::uint32_t target = 0;
    bool over = false;
};

struct worker::listener : relationship_listener {
    worker* owner = nullptr;
};

worker::worker(worker_orders orders) : orders_(std::move(orders))
{
    void* mapped = ::mmap(nullptr, slots_max * slot_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                          orders_.memory, 0);
    CIMREP_ASSERT(mapped != MAP_FAILED);
    memory_ = static_cast<std::byte*>(mapped);
    transfers_ = std::make_unique<std::array<transfer_op, slots_max>>();
}

worker::~worker()
{
    ::munmap(memory_, slots_max * slot_bytes);
}

void worker::send(const message& answer) const
{
    // A test that has gone needs no answer.
    if (::send(orders_.socket, &answer, sizeof answer, MSG_NOSIGNAL) < 0) std::_Exit(3);
}

void worker::turn_until(const bool& over)
{
    while (!over) loop_->run_once();
}

outcome<> worker::open_repository()
{
    std::vector<block_device*> devices;
    for (const std::string& path : orders_.copies) {
        CIMREP_TRY(auto device, uring_device::open(*loop_, path));
        copies_.push_back(std::move(device));
        devices.push_back(copies_.back().get());
    }
    if (orders_.format) {
        waited<repository_format_op> format;
        format.copies = devices;
        // One that was killed while it formatted has promised nothing.
        format.options = {.size_bytes = repository_bytes, .overwrite = true};
        device_repository::format(format);
        turn_until(format.over);
        if (format.error) return std::move(*format.error);
    }
    waited<repository_open_op> open;
    open.copies = devices;
    device_repository::open(open);
    turn_until(open.over);
    if (open.error) return std::move(*open.error);
    store_ = std::move(open.opened);
    clean_ = open.report.closed_clean;
    return success();
}

outcome<> worker::open()
{
    auto loop = uring_loop::create();
    if (!loop) return fail(loop.error(), "cannot set up io_uring");
    loop_ = std::move(loop).value();
    CIMREP_TRY(open_repository());
    elements_ = std::make_unique<file_elements>(*loop_);
    for (const std::string& path : orders_.elements) {
        CIMREP_TRY(object_path added, elements_->add(path, 512));
        paths_.push_back(std::move(added));
    }
    CIMREP_TRY(auto opened,
               shard::open(*loop_, options_of(*elements_, *store_, orders_.hot_extents_max)));
    shard_ = std::move(opened);
    listener_ = std::make_unique<listener>();
    listener_->owner = this;
    listener_->changed = [](relationship_listener& self, relationship_event event,
                            const relationship& which, const relationship_info&) noexcept {
        worker& me = *static_cast<listener&>(self).owner;
        const relationship_info now = which.info();
        message m{.what = topic::told, .different_bytes = now.different_bytes};
        m.target = static_cast<std::uint32_t>(std::ranges::find(me.paths_, now.synced_element) -
                                              me.paths_.begin());
        m.state = static_cast<std::uint32_t>(now.copy_state);
        m.exists = event != relationship_event::deleted;
        me.send(m);
    };
    shard_->listen(*listener_);
    waited<control_op> recovered;
    shard_->await_recovery(recovered);
    turn_until(recovered.over);
    CIMREP_TRY(auto* source, shard_->volume(paths_.front()));
    volume_ = source;
    return success();
}

relationship* worker::pair(std::uint32_t target) const
{
    relationship* found = nullptr;
    shard_->for_each_relationship([&](relationship& each) {
        if (each.info().synced_element == paths_[target]) found = &each;
    });
    return found;
}

void worker::tell(topic what, std::uint32_t target)
{
    message m{.what = what, .target = target};
    if (const relationship* known = pair(target)) {
        const relationship_info now = known->info();
        m.exists = true;
        m.state = static_cast<std::uint32_t>(now.copy_state);
        m.different_bytes = now.different_bytes;
    }
    send(m);
}

void worker::transfer(const message& order)
{
    transfer_op& op = (*transfers_)[order.slot];
    op.owner = this;
    op.slot = order.slot;
    op.fua = order.fua;
    const std::span memory(memory_ + order.slot * slot_bytes,
                           static_cast<std::size_t>(order.length_bytes));
    switch (static_cast<io_kind>(order.kind)) {
    case io_kind::read: op.prepare_read(order.offset_bytes, memory); break;
    case io_kind::write:
        op.prepare_write(order.offset_bytes, std::span<const std::byte>(memory));
        break;
    case io_kind::flush: op.prepare_flush(); break;
    case io_kind::write_zeroes:
        op.prepare_write_zeroes(order.offset_bytes, order.length_bytes);
        break;
    case io_kind::discard: op.prepare_discard(order.offset_bytes, order.length_bytes); break;
    case io_kind::compare_and_write: std::abort();  // no host of a test asks for it
    }
    op.done = [](io_op& ended, error_code error) noexcept {
        auto& self = static_cast<transfer_op&>(ended);
        message m{.what = topic::transfer, .slot = self.slot, .error = error ? 1 : 0};
        m.say(error ? error.message() : std::string());
        self.owner->send(m);
    };
    volume_->front().submit(op);
}

void worker::ask(const message& order)
{
    std::erase_if(asked_, [](const asked_op& each) { return each.over; });
    asked_op& op = asked_.emplace_back();
    op.owner = this;
    op.target = order.target;
    op.done = [](control_op& ended) noexcept {
        auto& self = static_cast<asked_op&>(ended);
        message m{.what = topic::ask, .target = self.target};
        if (self.error) m.say(self.error->sentence());
        m.error = self.error ? 1 : 0;
        self.over = true;
        self.owner->send(m);
    };
    std::optional<failure> refused;
    relationship* known = pair(order.target);
    if (order.kind == 0) {
        auto made = shard_->create_mirror(
            {.source = paths_[0], .target = paths_[order.target], .allow_overwrite = true}, op);
        if (!made) refused = std::move(made).error();
    } else if (known == nullptr) {
        refused = fail(errc::stale_reference, "there is no relationship with this target");
    } else {
        auto started = known->request(static_cast<operation>(order.kind), order.force, op);
        if (!started) refused = std::move(started).error();
    }
    if (!refused) return;
    op.error = std::move(refused);
    op.done(op);
}

void worker::obey(const message& order)
{
    switch (order.what) {
    case topic::transfer: return transfer(order);
    case topic::ask: return ask(order);
    case topic::close: closing_ = true; return;
    case topic::look:
        for (std::uint32_t i = 1; i < paths_.size(); ++i) tell(topic::told, i);
        return send({.what = topic::looked});
    case topic::found:
    case topic::told:
    case topic::looked:
    case topic::ready:
    case topic::failed: std::abort();  // a worker says these
    }
}

void worker::receive()
{
    for (message order; !closing_;) {
        const ssize_t size = ::recv(orders_.socket, &order, sizeof order, MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (size != sizeof order) std::_Exit(3);
        obey(order);
    }
}

// A reactor of the product's own: it watches the socket and the ring side by side.
void worker::serve()
{
    const int ring = static_cast<int>(loop_->wait_handle());
    while (!closing_) {
        while (loop_->poll() > 0) {
        }
        int wait_milliseconds = -1;
        if (const auto due = loop_->next_deadline()) {
            const std::int64_t left = (*due - loop_->now()).nanoseconds;
            wait_milliseconds = left <= 0 ? 0 : static_cast<int>(left / 1000000 + 1);
        }
        pollfd watched[] = {{orders_.socket, POLLIN, 0}, {ring, POLLIN, 0}};
        ::poll(watched, 2, wait_milliseconds);
        if (watched[0].revents != 0) receive();
    }
}

void worker::close()
{
    if (shard_) {
        waited<control_op> closing;
        shard_->close(closing);
        turn_until(closing.over);
    }
    shard_.reset();
    listener_.reset();
    if (store_) {
        waited<repository_close_op> closing;
        store_->close(closing);
        turn_until(closing.over);
    }
    store_.reset();
    copies_.clear();
    elements_.reset();
    loop_.reset();
}

outcome<> worker::run()
{
    auto opened = open();
    if (opened) {
        for (std::uint32_t i = 1; i < paths_.size(); ++i) tell(topic::found, i);
        send({.what = topic::ready, .clean = clean_});
        serve();
    } else {
        message m{.what = topic::failed};
        m.say(opened.error().sentence());
        send(m);
    }
    close();
    return opened;
}

}  // namespace cimrep::test
