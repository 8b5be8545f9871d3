// lib/io/fault_device.cpp -- one passage per op: struck or not, passed on, held, given back.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/fault_device.hpp>

#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

/// One op of the caller, and the op that the device below gets in its place.
struct fault_device::passage {
    enum class phase : std::uint8_t { idle, waiting, with_below, waiting_done };

    struct child_op : io_op {
        passage* of = nullptr;
    };
    struct passage_timer : timer {
        passage* of = nullptr;
    };

    explicit passage(fault_device& device) : owner(device)
    {
        child.of = this;
        delay.of = this;
        deadline.of = this;
        delay.fired = [](timer& which) noexcept {
            passage& self = *static_cast<passage_timer&>(which).of;
            self.owner.resume(self);
        };
        deadline.fired = [](timer& which) noexcept {
            passage& self = *static_cast<passage_timer&>(which).of;
            self.owner.end_early(self, errc::deadline_exceeded);
        };
    }

    fault_device& owner;
    io_op* parent = nullptr;
    phase where = phase::idle;
    bool held = false;
    std::optional<fault> struck;
    error_code outcome;              // of what is done and not yet said
    error_code ending;               // asked for while nothing could be ended
    std::uint64_t length_bytes = 0;  // that is passed on
    child_op child;
    std::vector<io_segment> segments;  // of a transfer that is cut short
    std::vector<const_io_segment> const_segments;
    std::vector<std::byte> old_content;
    unflushed_blocks::write_id write = unflushed_blocks::none;
    std::uint64_t flush_started = 0;
    restored_blocks restoring;
    passage_timer delay;
    passage_timer deadline;

    bool strikes(fault_action action) const noexcept { return struck && struck->action == action; }
    byte_extent extent() const noexcept { return {parent->offset_bytes, length_bytes}; }
};

fault_device::fault_device(block_device& below, const fault_device_options& options)
    : below_(below), options_(options), unflushed_(below.shape().logical_block_bytes)
{
    adopt_shape();
}

/// As the device below, which may have lost a capability since.
void fault_device::adopt_shape() noexcept
{
    shape_ = below_.shape();
    if (options_.model_volatile_cache) shape_.volatile_cache = true;
}

fault_device::~fault_device()
{
    CIMREP_ASSERT(in_flight_ == 0);
}

fault_device::passage& fault_device::take_passage(io_op& op)
{
    if (free_passages_.empty()) {
        passages_.push_back(std::make_unique<passage>(*this));
        free_passages_.push_back(passages_.back().get());
    }
    passage& at = *free_passages_.back();
    free_passages_.pop_back();
    at.parent = &op;
    at.where = passage::phase::waiting;
    at.held = false;
    at.struck.reset();
    at.outcome = {};
    at.ending = {};
    at.length_bytes = op.length_bytes;
    at.write = unflushed_blocks::none;
    op.scratch[0] = reinterpret_cast<std::uintptr_t>(&at);
    ++in_flight_;
    return at;
}

void fault_device::submit(io_op& op) noexcept
{
    CIMREP_ASSERT(op.done != nullptr);
    op.device = this;
    op.transferred_bytes = 0;
    op.scratch[0] = 0;
    error_code error = check_bounds(op, shape_);
    if (!error && op.deadline.nanoseconds != 0 && op.deadline <= loop().now())
        error = errc::deadline_exceeded;
    if (error) {
        loop().complete(op, error);
        return;
    }
    ++statistics_.submitted[fault_statistics::index(op.kind)];
    passage& at = take_passage(op);
    // Now, not when it reaches the device below: it promises no more than that.
    if (op.kind == io_kind::flush) at.flush_started = unflushed_.flush_started();
    if (const fault* rule = script_.match(op)) {
        at.struck = *rule;
        ++statistics_.struck;
    }
    if (op.deadline.nanoseconds != 0) loop().arm(at.deadline, op.deadline);
    strike(at);
}

/// Does to the op what its fault says, before the device below sees it.
void fault_device::strike(passage& at) noexcept
{
    if (!at.struck) {
        pass(at);
        return;
    }
    const fault& rule = *at.struck;
    switch (rule.action) {
    case fault_action::fail: finish(at, rule.error); return;
    case fault_action::fail_late:
    case fault_action::delay_done:
    case fault_action::hold_done: pass(at); return;
    case fault_action::cut_short:
        at.length_bytes = std::min(rule.short_bytes, at.length_bytes);
        if (at.length_bytes == 0)
            finish(at, errc::short_transfer);
        else
            pass(at);
        return;
    case fault_action::delay: loop().arm(at.delay, loop().now() + rule.delay); return;
    case fault_action::hold:
        at.held = true;
        ++held_;
        return;
    case fault_action::lose_cache:
        at.restoring = durable_blocks({});
        unflushed_.clear();
        at.where = passage::phase::with_below;
        restore_next(at, {});
        return;
    }
}

/// Goes on after a delay or after release().
void fault_device::resume(passage& at) noexcept
{
    if (at.where == passage::phase::waiting_done)
        finish(at, at.outcome);
    else if (at.ending)
        finish(at, at.ending);
    else
        pass(at);
}

std::size_t fault_device::release() noexcept
{
    std::size_t count = 0;
    for (std::size_t i = 0; i < passages_.size(); ++i) {
        passage& at = *passages_[i];
        if (!at.held) continue;
        at.held = false;
        --held_;
        ++count;
        resume(at);
    }
    return count;
}

/// Gives the op to the device below; with a modelled cache, after a look at what it overwrites.
void fault_device::pass(passage& at) noexcept
{
    at.where = passage::phase::with_below;
    const io_op& op = *at.parent;
    if (!options_.model_volatile_cache || !op.changes() || op.fua || at.length_bytes == 0) {
        forward(at);
        return;
    }
    at.old_content.resize(static_cast<std::size_t>(at.length_bytes));
    at.child.prepare_read(op.offset_bytes, std::span<std::byte>(at.old_content));
    at.child.buffer_index = -1;
    at.child.done = [](io_op& child, error_code error) noexcept {
        passage& self = *static_cast<passage::child_op&>(child).of;
        fault_device& owner = self.owner;
        if (error) {
            owner.finish(self, error);
            return;
        }
        self.write = owner.unflushed_.write_started(self.parent->offset_bytes, self.old_content);
        owner.forward(self);
    };
    below_.submit(at.child);
}

namespace {

/// The first `length` bytes of a segment list.
template <class Segment>
void cut(std::span<const Segment> list, std::uint64_t length, std::vector<Segment>& to)
{
    to.assign(list.begin(), list.end());
    for (Segment& segment : to) {
        segment.size_bytes =
            static_cast<std::size_t>(std::min<std::uint64_t>(segment.size_bytes, length));
        length -= segment.size_bytes;
    }
}

}  // namespace

void fault_device::forward(passage& at) noexcept
{
    const io_op& op = *at.parent;
    io_op& child = at.child;
    switch (op.kind) {
    case io_kind::read:
        cut(op.read_segments(), at.length_bytes, at.segments);
        child.prepare_read(op.offset_bytes, std::span<const io_segment>(at.segments));
        break;
    case io_kind::write:
        cut(op.write_segments(), at.length_bytes, at.const_segments);
        child.prepare_write(op.offset_bytes, std::span<const const_io_segment>(at.const_segments));
        break;
    case io_kind::flush: child.prepare_flush(); break;
    case io_kind::write_zeroes: child.prepare_write_zeroes(op.offset_bytes, at.length_bytes); break;
    case io_kind::discard: child.prepare_discard(op.offset_bytes, at.length_bytes); break;
    case io_kind::compare_and_write: {
        const const_io_segment& segment = op.write_segments().front();
        child.prepare_compare_and_write(op.offset_bytes, op.expected,
                                        {segment.data, segment.size_bytes});
        break;
    }
    }
    child.buffer_index = op.buffer_index;
    child.fua = op.fua;
    child.unstable_buffer = op.unstable_buffer;
    child.may_unmap = op.may_unmap;
    child.done = [](io_op& done, error_code error) noexcept {
        passage& self = *static_cast<passage::child_op&>(done).of;
        self.owner.forwarded(self, error);
    };
    below_.submit(child);
}

/// The device below is done: keeps the model of its cache, then says so as the fault wants it.
void fault_device::forwarded(passage& at, error_code error) noexcept
{
    const io_op& op = *at.parent;
    at.parent->transferred_bytes = at.child.transferred_bytes;
    if (at.write != unflushed_blocks::none) unflushed_.write_completed(at.write, at.extent());
    if (error == make_error_code(errc::not_supported)) adopt_shape();
    if (!error && op.kind == io_kind::flush) unflushed_.flush_completed(at.flush_started);
    if (!error && op.kind == io_kind::write && op.fua) unflushed_.made_durable(at.extent());
    if (!error && at.strikes(fault_action::cut_short) && at.length_bytes < op.length_bytes)
        error = errc::short_transfer;
    if (!error && at.strikes(fault_action::fail_late)) error = at.struck->error;
    at.outcome = error;
    at.where = passage::phase::waiting_done;
    if (at.strikes(fault_action::delay_done)) {
        loop().arm(at.delay, loop().now() + at.struck->delay);
    } else if (at.strikes(fault_action::hold_done)) {
        at.held = true;
        ++held_;
    } else {
        finish(at, error);
    }
}

/// Ends the caller's op, by way of the loop, and keeps the passage for another.
void fault_device::finish(passage& at, error_code error) noexcept
{
    io_op& op = *at.parent;
    loop().disarm(at.delay);
    loop().disarm(at.deadline);
    if (at.held) {
        at.held = false;
        --held_;
    }
    const bool late = at.ending == make_error_code(errc::deadline_exceeded);
    if (late) error = at.ending;
    if (!error) {
        ++statistics_.succeeded[fault_statistics::index(op.kind)];
        statistics_.bytes[fault_statistics::index(op.kind)] += op.length_bytes;
    }
    at.where = passage::phase::idle;
    at.parent = nullptr;
    op.scratch[0] = 0;
    free_passages_.push_back(&at);
    --in_flight_;
    loop().complete(op, error);
}

void fault_device::cancel(io_op& op) noexcept
{
    CIMREP_ASSERT(op.device == this);
    if (op.scratch[0] == 0) return;  // complete already, and on its way
    end_early(*reinterpret_cast<passage*>(op.scratch[0]),
              std::make_error_code(std::errc::operation_canceled));
}

void fault_device::end_early(passage& at, error_code error) noexcept
{
    if (at.ending) return;
    at.ending = error;
    switch (at.where) {
    case passage::phase::idle: CIMREP_ASSERT(at.where != passage::phase::idle); break;
    case passage::phase::with_below: below_.cancel(at.child); break;
    case passage::phase::waiting:
    case passage::phase::waiting_done:
        // Not cancelable: as with a disk that does not answer, the op stays until it is released.
        if (at.struck->cancelable) finish(at, error);
        break;
    }
}

fault_device::restored_blocks fault_device::durable_blocks(
    const std::function<bool(std::uint64_t)>& survives) const
{
    constexpr std::size_t run_bytes_max = 64 * kib;
    restored_blocks runs;
    unflushed_.for_each_block([&](std::uint64_t offset, std::span<const std::byte> content) {
        if (survives && survives(offset)) return;
        const bool follows = !runs.empty() &&
                             runs.back().first + runs.back().second.size() == offset &&
                             runs.back().second.size() < run_bytes_max;
        if (!follows) runs.emplace_back(offset, std::vector<std::byte>());
        runs.back().second.insert(runs.back().second.end(), content.begin(), content.end());
    });
    return runs;
}

/// Writes back one run of blocks after the other; then ends the op of the passage.
void fault_device::restore_next(passage& at, error_code error) noexcept
{
    if (error || at.restoring.empty()) {
        at.restoring.clear();
        finish(at, error ? error : at.struck ? at.struck->error : error_code{});
        return;
    }
    at.old_content = std::move(at.restoring.back().second);
    const std::uint64_t offset = at.restoring.back().first;
    at.restoring.pop_back();
    at.child.prepare_write(offset, std::span<const std::byte>(at.old_content));
    at.child.buffer_index = -1;
    at.child.fua = false;
    at.child.done = [](io_op& child, error_code result) noexcept {
        passage& self = *static_cast<passage::child_op&>(child).of;
        self.owner.restore_next(self, result);
    };
    below_.submit(at.child);
}

result<> fault_device::lose_unflushed(const std::function<bool(std::uint64_t)>& survives)
{
    CIMREP_ASSERT(options_.model_volatile_cache);
    for (const auto& at : passages_) CIMREP_ASSERT(at->where != passage::phase::with_below);
    struct ending : io_op {
        bool over = false;
    } op;
    op.prepare_flush();
    op.done = [](io_op& which, error_code) noexcept { static_cast<ending&>(which).over = true; };
    op.device = this;
    passage& at = take_passage(op);
    at.restoring = durable_blocks(survives);
    unflushed_.clear();
    at.where = passage::phase::with_below;
    restore_next(at, {});
    while (!op.over) loop().run_once();
    if (op.outcome) return op.outcome;
    return success();
}

}  // namespace cimrep::inline v0
