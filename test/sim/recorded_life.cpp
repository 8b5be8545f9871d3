// test/sim/recorded_life.cpp -- records, cuts the power everywhere, recovers, and judges.
// SPDX-License-Identifier: BSL-1.0
#include "recorded_life.hpp"

#include "life_audit.hpp"
#include <utility>

namespace cimrep::test {

namespace {

constexpr std::uint64_t volume_bytes = 16 * kib;
constexpr const char* step_names[step_count] = {"write",   "overlapping", "flush", "fua",
                                                "create",  "fracture",    "split", "resync",
                                                "restore", "detach"};

/// A device that others open and close while the recorder behind it stays.
class opened_recorder final : public block_device {
public:
    explicit opened_recorder(recorder_device& below) : below_(below) {}
    const geometry& shape() const noexcept override { return below_.shape(); }
    event_loop& loop() const noexcept override { return below_.loop(); }
    void submit(io_op& op) noexcept override { below_.submit(op); }
    void cancel(io_op& op) noexcept override { below_.cancel(op); }
    result<> data_extents(const std::function<void(byte_extent)>& report) const override
    {
        return below_.data_extents(report);
    }

private:
    recorder_device& below_;
};

}  // namespace

std::string to_text(const std::vector<recorded_step>& steps)
{
    std::string text;
    for (const recorded_step each : steps) {
        if (!text.empty()) text += ", ";
        text += step_names[static_cast<std::size_t>(each)];
    }
    return text;
}

struct recorded_life::host_op : io_op {
    recorded_life* owner = nullptr;
    content_oracle::operation_id id = 0;
    std::vector<std::byte> memory;
};

life_options recorded_life::options_of(std::uint64_t seed)
{
    life_options o;
    o.seed = seed;
    o.operations = 0;
    o.volume_bytes = volume_bytes;
    o.region_bytes = 4 * kib;
    return o;
}

recorded_life::recorded_life(std::uint64_t seed, bool related)
    : world_(options_of(related ? 1 : 2)), choices_(seed)
{
    prepare(related);
}

recorded_life::~recorded_life()
{
    if (process_) end_recording();
}

// In a process of its own, which ends in order: what it does is not recorded.
void recorded_life::prepare(bool related)
{
    life_process first(world_);
    first.boot(true);
    life_operator its_operator(first);
    if (related && first.works()) {
        its_operator.create(0);
        world_.until("the creation", [&] { return first.calls() == 0; });
        world_.until("the copy", [&] {
            const relationship* pair = first.pair(0);
            return pair != nullptr && pair->info().copy_state == copy_state::synchronized;
        });
    }
    first.close();
    world_.machine.restart();
}

void recorded_life::begin_recording()
{
    for (std::size_t i = 0; i < world_.machine.disk_count(); ++i) {
        simulated_disk& disk = world_.machine.disk(i);
        before_.push_back(disk.image());
        devices_.push_back(disk.open(world_.machine.loop()).value());
        recorders_.push_back(std::make_unique<recorder_device>(*devices_.back(), power_));
    }
    world_.elements.opener = [this](simulated_disk& disk) -> std::unique_ptr<block_device> {
        std::size_t i = 0;
        while (&world_.machine.disk(i) != &disk) ++i;
        return std::make_unique<opened_recorder>(*recorders_[i]);
    };
    process_ = std::make_unique<life_process>(world_);
    remember();
    process_->boot(false);
    operator_ = std::make_unique<life_operator>(*process_);
}

void recorded_life::end_recording()
{
    for (const auto& each : recorders_) {
        each->finish();
        logs_.push_back(each->log());
    }
    operator_.reset();
    process_->close();
    process_.reset();
    recorders_.clear();
    devices_.clear();
    world_.elements.opener = {};
}

// The last that is known at a moment is what was told before the next one.
void recorded_life::remember()
{
    known_.insert_or_assign(power_.moment(),
                            knowledge{world_.oracle, world_.other, world_.replicas, told_});
}

bool recorded_life::run(const std::function<bool()>& reached)
{
    const auto report = world_.machine.loop().run_until(
        [&] {
            const std::uint64_t answers = world_.report.requests + world_.report.refused;
            told_ += std::exchange(answers_, answers) != answers ? 1 : 0;
            remember();
            return reached();
        },
        seconds(60));
    if (!report) world_.fail("a recorded step does not end: " + report.queued);
    return static_cast<bool>(report);
}

void recorded_life::record(const std::vector<recorded_step>& steps, bool together)
{
    begin_recording();
    for (const recorded_step each : steps) {
        if (world_.wrong()) break;
        carry_out(each);
        const bool of_host = each <= recorded_step::fua_write;
        if (!together || !of_host) run([&] { return in_flight_ == 0 && process_->calls() == 0; });
    }
    run([&] { return in_flight_ == 0 && process_->calls() == 0; });
    // What goes on by itself: copies, and records of them.
    for (int turn = 0; turn < 40; ++turn) {
        world_.machine.loop().run_until([] { return false; }, milliseconds(1));
        remember();
    }
    end_recording();
}

void recorded_life::carry_out(recorded_step what)
{
    constexpr std::uint64_t sectors = volume_bytes / stamp_sector_bytes;
    const std::uint64_t at = choices_.below(sectors - 4);
    switch (what) {
    case recorded_step::write: return host_writes(at, 1 + choices_.below(3), false);
    case recorded_step::overlapping_writes:
        host_writes(at, 3, false);
        return host_writes(at + 1, 3, false);
    case recorded_step::flush: return host_flushes();
    case recorded_step::fua_write: return host_writes(at, 2, true);
    case recorded_step::create:
        if (process_->pair(0) == nullptr) operator_->create(0);
        return remember();
    case recorded_step::fracture: return ask(operation::fracture);
    case recorded_step::split: return ask(operation::split);
    case recorded_step::resync: return ask(operation::resync_replica);
    case recorded_step::detach: return ask(operation::detach);
    case recorded_step::restore: return restore();
    }
}

void recorded_life::host_writes(std::uint64_t sector, std::uint64_t count, bool fua)
{
    host_ops_.push_back(std::make_unique<host_op>());
    host_op& op = *host_ops_.back();
    op.owner = this;
    op.memory.resize(static_cast<std::size_t>(count * stamp_sector_bytes));
    op.id = world_.oracle.write_submitted(sector, count, world_.machine.loop().now(), fua);
    world_.oracle.fill(op.id, op.memory);
    op.prepare_write(sector * stamp_sector_bytes, std::span<const std::byte>(op.memory));
    op.fua = fua;
    op.done = [](io_op& base, error_code error) noexcept {
        auto& self = static_cast<host_op&>(base);
        if (error)
            self.owner->world_.oracle.write_failed(self.id);
        else
            self.owner->world_.oracle.write_acknowledged(self.id);
        --self.owner->in_flight_;
        ++self.owner->told_;
        self.owner->remember();
    };
    ++in_flight_;
    remember();
    process_->disk->front().submit(op);
}

void recorded_life::host_flushes()
{
    host_ops_.push_back(std::make_unique<host_op>());
    host_op& op = *host_ops_.back();
    op.owner = this;
    op.id = world_.oracle.flush_submitted();
    op.prepare_flush();
    op.done = [](io_op& base, error_code error) noexcept {
        auto& self = static_cast<host_op&>(base);
        if (error)
            self.owner->world_.oracle.flush_failed(self.id, false);
        else
            self.owner->world_.oracle.flush_acknowledged(self.id);
        --self.owner->in_flight_;
        ++self.owner->told_;
        self.owner->remember();
    };
    ++in_flight_;
    process_->disk->front().submit(op);
}

void recorded_life::ask(operation what)
{
    operator_->send(0, what, false);
    remember();
}

void recorded_life::restore()
{
    if (!world_.replicas[0].content) return ask(operation::restore_from_replica);
    run([&] { return in_flight_ == 0 && process_->calls() == 0; });
    if (!world_.replicas[0].content) return;
    world_.other = *world_.replicas[0].content;
    const std::uint64_t before = world_.report.requests;
    operator_->send(0, operation::restore_from_replica, true);
    remember();
    run([&] { return process_->calls() == 0; });
    if (world_.report.requests != before)
        world_.oracle = *std::exchange(world_.other, std::nullopt);
    remember();
}

void recorded_life::enumerate(state_enumeration& all, std::uint64_t states_max)
{
    std::vector<recorded_device> recorded;
    for (std::size_t i = 0; i < logs_.size(); ++i) recorded.push_back({&logs_[i], &before_[i]});
    const crash_state_options options{
        .subsets_exhaustive_max = 6, .subsets_sampled = 12, .seed = world_.options.seed};
    const auto count = for_each_crash_state(recorded, options, [&](const crash_state& state) {
        const knowledge& known = std::prev(known_.upper_bound(state.moment))->second;
        std::uint64_t key = known.told;
        for (const sparse_image& each : state.images) key = seed_of_part(key, each.content_hash());
        if (!all.seen.insert(key).second) return true;
        ++all.states;
        const mishap with = all.states % 8 == 0   ? mishap::another_crash
                            : all.states % 8 == 4 ? mishap::source_away
                                                  : mishap::none;
        all.crashed_again += with == mishap::another_crash ? 1 : 0;
        const std::string wrong = judge(state, known, with, all);
        if (!wrong.empty() && all.wrong.empty()) all.wrong = state.what + ": " + wrong;
        return all.wrong.empty() && all.states < states_max;
    });
    all.cuts += count.cuts;
    ++all.sequences;
}

// What was durable is durable on each leg in sync: the target has it without the source.
void recorded_life::recover_without_source(life_world& after, life_process& p,
                                           state_enumeration& all)
{
    after.leg(0).vanish();
    p.boot(false);
    if (after.wrong() || !p.works()) return;
    // Until it is known what each leg holds, and that the source is away.
    after.machine.loop().run_until([] { return false; }, milliseconds(50));
    const auto legs = p.disk->legs();
    if (legs.size() > 1 && legs[1].role == leg_role::current) {
        ++all.without_source;
        life_audit(p).audit();
    }
    after.leg(0).come_back();
    (void)p.opened->element_returned(after.leg_path(0));
    after.machine.loop().run_until([] { return false; }, milliseconds(50));
}

std::string recorded_life::judge(const crash_state& state, const knowledge& known, mishap with,
                                 state_enumeration& all)
{
    life_world after(world_.options);
    for (std::size_t i = 0; i < after.machine.disk_count(); ++i)
        after.machine.disk(i).come_back_as(state.images[i]);
    after.oracle = known.oracle;
    after.other = known.other;
    after.replicas = known.replicas;
    after.volume_ids = world_.volume_ids;
    const auto lose_power = [&] {
        after.oracle.power_lost();
        if (after.other) after.other->power_lost();
        for (replica& each : after.replicas)
            if (each.content) each.content->power_lost();
    };
    lose_power();
    if (with == mishap::another_crash) {
        life_process interrupted(after);
        after.machine.crash_at(1 + after.random.below(30), crash_kind::power_loss);
        interrupted.boot(false);
        if (!after.machine.crashed() && !after.wrong())
            after.machine.loop().run_until([&] { return after.machine.crashed(); },
                                           milliseconds(5));
        if (!after.machine.crashed()) after.machine.crash(crash_kind::power_loss);
        lose_power();
        interrupted.die();
        after.machine.restart();
    }
    life_process p(after);
    const bool alone = with == mishap::source_away && known.replicas[0].told;
    if (!after.wrong() && alone)
        recover_without_source(after, p, all);
    else if (!after.wrong())
        p.boot(false);
    if (!p.works()) after.fail("the source cannot be opened");
    if (!after.wrong()) life_audit(p).settle();
    if (p.quiet()) p.close();
    if (!after.wrong()) life_audit::compare_legs(after);
    return after.report.wrong;
}

}  // namespace cimrep::test
