// examples/cimrepctl/live_writer.cpp -- a few writes each millisecond, as long as it runs.
// SPDX-License-Identifier: BSL-1.0
#include "live_writer.hpp"

namespace cimrepctl {

namespace {

constexpr duration tick_length = milliseconds(1);
constexpr std::uint64_t ticks_between_flushes = 100;

}  // namespace

/// An operation and its memory.
struct live_writer::slot : io_op {
    slot() : memory(block_content::bytes) {}
    live_writer* self = nullptr;
    aligned_memory memory;
    std::uint64_t place = 0;
    std::size_t record = 0;
    bool in_flight = false;
};

live_writer::live_writer(block_device& front, std::vector<std::uint64_t> offsets)
    : front_(&front),
      offsets_(std::move(offsets)),
      contents_(offsets_.size(), 0),
      busy_(offsets_.size(), false),
      flush_(std::make_unique<slot>())
{
    for (std::size_t i = 0; i < slots_count; ++i) slots_.push_back(std::make_unique<slot>());
    pulse_.self = this;
    pulse_.fired = [](timer& t) noexcept { static_cast<pulse&>(t).self->tick(); };
}

live_writer::~live_writer()
{
    CIMREP_ASSERT(idle() && "pause the writer and let it end");
}

void live_writer::start()
{
    if (std::exchange(running_, true)) return;
    event_loop& loop = front_->loop();
    loop.arm(pulse_, loop.now());
}

void live_writer::pause()
{
    if (std::exchange(running_, false)) front_->loop().disarm(pulse_);
}

void live_writer::tick() noexcept
{
    event_loop& loop = front_->loop();
    loop.arm(pulse_, loop.now() + tick_length);
    std::size_t started = 0;
    for (const auto& each : slots_) {
        if (started == writes_each_tick) break;
        if (each->in_flight) continue;
        write(*each);
        ++started;
    }
    if (++ticks_ % ticks_between_flushes == 0 && !flush_->in_flight) flush();
}

void live_writer::write(slot& at)
{
    do at.place = random_() % offsets_.size();
    while (busy_[at.place]);
    busy_[at.place] = true;
    at.self = this;
    at.in_flight = true;
    at.record = history_.size();
    history_.push_back({at.place, next_sequence(), ++clock_, 0});
    block_content{at.place, history_.back().sequence}.fill(at.memory.bytes());
    at.prepare_write(offsets_[at.place], at.memory.bytes());
    at.done = [](io_op& op, error_code error) noexcept {
        slot& ended_slot = static_cast<slot&>(op);
        live_writer& self = *ended_slot.self;
        write_record& record = self.history_[ended_slot.record];
        record.acknowledged_at = ++self.clock_;
        self.busy_[ended_slot.place] = false;
        self.contents_[ended_slot.place] = record.sequence;
        ended_slot.in_flight = false;
        if (!error) ++self.acknowledged_;
        self.ended(error);
    };
    ++in_flight_;
    front_->submit(at);
}

void live_writer::flush()
{
    flush_->self = this;
    flush_->in_flight = true;
    flush_->prepare_flush();
    flush_->done = [](io_op& op, error_code error) noexcept {
        slot& ended_slot = static_cast<slot&>(op);
        ended_slot.in_flight = false;
        ended_slot.self->ended(error);
    };
    ++in_flight_;
    front_->submit(*flush_);
}

void live_writer::ended(error_code error) noexcept
{
    --in_flight_;
    if (error && !error_) error_ = error;
}

}  // namespace cimrepctl
