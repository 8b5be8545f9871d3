// test/sim/life_moments.cpp -- which moment, seen by a device before each copy of the repository.
// SPDX-License-Identifier: BSL-1.0
#include "life_moments.hpp"

#include <cimrep/store/change_codec.hpp>
#include <cimrep/store/layout.hpp>
#include <cimrep/store/log_entry.hpp>

#include <utility>

namespace cimrep::test {

namespace {

bool tells_of(record_kind kind, const io_op& op)
{
    const const_io_segment& whole = op.write_segments().front();
    const auto record = decode_log_record(std::span(whole.data, whole.size_bytes));
    if (!record) return false;
    change_reader changes(record.value().payload);
    for (auto next = changes.next(); next && next.value(); next = changes.next())
        if (next.value()->key.kind == kind) return true;
    return false;
}

}  // namespace

/// Sees each write to the log of a copy before its disk does.
class life_moments::tap final : public block_device {
public:
    tap(life_moments& owner, std::size_t copy, byte_extent log, std::unique_ptr<block_device> below)
        : owner_(owner), copy_(copy), log_(log), below_(std::move(below))
    {
    }
    const geometry& shape() const noexcept override { return below_->shape(); }
    event_loop& loop() const noexcept override { return below_->loop(); }
    void submit(io_op& op) noexcept override
    {
        if (op.kind == io_kind::write && op.extent().overlaps(log_)) {
            owner_.log_record_begins(copy_, tells_of(record_kind::relationship_state, op));
            if (tells_of(record_kind::leg_state, op)) owner_.world_.at_members_record(copy_);
        }
        below_->submit(op);
    }
    void cancel(io_op& op) noexcept override { below_->cancel(op); }
    result<> data_extents(const std::function<void(byte_extent)>& report) const override
    {
        return below_->data_extents(report);
    }

private:
    life_moments& owner_;
    std::size_t copy_;
    byte_extent log_;
    std::unique_ptr<block_device> below_;
};

life_moments::life_moments(life_world& world)
    : world_(world), random_(seed_of_part(world.options.seed, 50))
{
    if (world_.options.has(hazard::bad_moments))
        world_.at_moment = [this](moment what) { reached(what); };
    else if (!world_.options.has(hazard::crossed_losses))
        return;
    world_.tap_copy = [this](std::size_t copy, std::unique_ptr<block_device> below) {
        return tap_copy(copy, std::move(below));
    };
}

void life_moments::begin_process(crash_kind kind)
{
    armed_ = world_.copy_failed_last = false;
    if (!world_.options.has(hazard::bad_moments) || !random_.chance(0.8)) return;
    armed_ = true;
    kind_ = kind;
    wanted_ = static_cast<moment>(random_.below(moment_count));
    nth_ = 1;
    of_relationships_ = random_.chance(0.5);
    if (wanted_ == moment::log_record) nth_ = random_.between(1, of_relationships_ ? 10 : 40);
    if (wanted_ == moment::answered) nth_ = random_.between(1, 8);
    later_ = random_.between(1, 10);
    copy_ = static_cast<std::size_t>(random_.below(world_.repository.size()));
    fails_ = copy_ != world_.honest_copy && random_.chance(0.7);
}

void life_moments::reached(moment what)
{
    if (!armed_ || what != wanted_ || world_.machine.crashed() || --nth_ != 0) return;
    armed_ = false;
    world_.tell("a bad moment");
    world_.machine.crash_at(later_, kind_);
}

void life_moments::log_record_begins(std::size_t copy, bool of_a_relationship)
{
    if (!armed_ || copy != copy_ || wanted_ != moment::log_record) return;
    if (of_relationships_ && !of_a_relationship) return;
    const bool fails = nth_ == 1 && fails_ && !world_.machine.crashed();
    world_.copy_failed_last = fails;
    if (fails)
        world_.repository[copy]->add(
            {.fault = disk_fault::transient_error, .kind = io_kind::write});
    reached(moment::log_record);
}

std::unique_ptr<block_device> life_moments::tap_copy(std::size_t copy,
                                                     std::unique_ptr<block_device> below)
{
    const auto layout = repository_layout::divide(world_.options.repository_bytes).value();
    return std::make_unique<tap>(*this, copy, layout.log(), std::move(below));
}

}  // namespace cimrep::test
