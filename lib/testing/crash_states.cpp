// lib/testing/crash_states.cpp -- replays logs, and chooses what of the unflushed survives.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/assert.hpp>
#include <cimrep/testing/crash_states.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace cimrep::inline v0 {

namespace {

/// Some blocks of an unflushed write; all of them, unless it is torn.
struct piece {
    std::size_t write = 0;  ///< index into what is unflushed
    std::uint64_t first_block = 0;
    std::uint64_t block_count = 0;
};

bool is_durable_event(const log_entry& entry) noexcept
{
    return entry.is(log_flag::flush) || entry.is(log_flag::fua);
}

void apply_to(sparse_image& image, const log_entry& entry, std::uint64_t offset_in_entry,
              std::uint64_t length_bytes)
{
    if (!entry.writes() || length_bytes == 0) return;
    const std::uint64_t at = entry.extent.offset_bytes + offset_in_entry;
    CIMREP_ASSERT(within(at, length_bytes, image.size_bytes()));
    // What is discarded may read as anything; zeros are the likeliest.
    if (entry.is(log_flag::discard))
        image.zero({at, length_bytes});
    else if (!entry.data.empty())
        image.write(at, std::span(entry.data)
                            .subspan(static_cast<std::size_t>(offset_in_entry),
                                     static_cast<std::size_t>(length_bytes)));
}

}  // namespace

log_replayer::log_replayer(const recorded_device& recorded)
    : log_(*recorded.log), image_(*recorded.before)
{
    std::uint64_t last_event = 0;
    for (std::size_t i = 0; i < log_.entries.size(); ++i) {
        const log_entry& entry = log_.entries[i];
        const bool known = entry.logged != log_entry::unknown;
        logged_.push_back(known ? entry.logged : i + 1);
        submitted_.push_back(known ? entry.submitted : last_event);
        if (is_durable_event(entry)) last_event = logged_.back();
    }
}

std::vector<std::uint64_t> log_replayer::moments() const
{
    std::vector<std::uint64_t> found;
    for (std::size_t i = 0; i < log_.entries.size(); ++i)
        if (is_durable_event(log_.entries[i])) found.push_back(logged_[i]);
    return found;
}

bool log_replayer::next()
{
    for (std::size_t i = position_; i < log_.entries.size(); ++i) {
        if (!is_durable_event(log_.entries[i]) || logged_[i] <= moment_) continue;
        advance_to(logged_[i]);
        return true;
    }
    return false;
}

void log_replayer::advance_to(std::uint64_t moment)
{
    CIMREP_ASSERT(moment >= moment_);
    moment_ = moment;
    const auto apply = [&](std::size_t i) {
        apply_to(image_, log_.entries[i], 0, log_.entries[i].extent.length_bytes);
    };
    std::size_t end = position_;
    for (std::size_t i = position_; i < log_.entries.size() && logged_[i] <= moment; ++i)
        if (log_.entries[i].is(log_flag::flush)) end = i + 1;
    // Those with FUA once more, in their place among the others.
    for (; position_ < end; ++position_) apply(position_);
    for (std::size_t i = position_; i < log_.entries.size() && logged_[i] <= moment; ++i)
        if (log_.entries[i].is(log_flag::fua)) apply(i);
}

std::vector<const log_entry*> log_replayer::unflushed() const
{
    std::vector<const log_entry*> found;
    for (std::size_t i = position_; i < log_.entries.size(); ++i) {
        const log_entry& entry = log_.entries[i];
        const bool durable = entry.is(log_flag::fua) && logged_[i] <= moment_;
        if (entry.writes() && !durable && submitted_[i] <= moment_) found.push_back(&entry);
    }
    return found;
}

namespace {

/// The states of one moment.
class states_of_cut {
public:
    states_of_cut(std::span<const log_replayer> devices, std::uint64_t moment,
                  const crash_state_options& options, std::unordered_set<std::uint64_t>& seen,
                  crash_state_count& count, const std::function<bool(const crash_state&)>& visit)
        : options_(options),
          seen_(seen),
          count_(count),
          visit_(visit),
          moment_(moment),
          random_(seed_of_part(options.seed, moment))
    {
        for (std::size_t d = 0; d < devices.size(); ++d) {
            durable_.push_back(devices[d].durable());
            hashes_.push_back(durable_.back().content_hash());
            for (const log_entry* entry : devices[d].unflushed()) writes_.push_back({d, entry});
        }
    }

    void run()
    {
        if (writes_.size() <= options_.subsets_exhaustive_max)
            all_subsets();
        else
            samples();
        if (options_.tears) tears();
    }

private:
    struct unflushed_write {
        std::size_t device;
        const log_entry* entry;
    };

    std::uint64_t blocks_of(std::size_t write) const
    {
        return writes_[write].entry->extent.length_bytes /
               durable_[writes_[write].device].block_bytes();
    }
    piece whole(std::size_t write) const { return {write, 0, blocks_of(write)}; }

    void all_subsets()
    {
        std::vector<piece> chosen;
        for (std::uint64_t mask = 0; mask < std::uint64_t{1} << writes_.size(); ++mask) {
            chosen.clear();
            for (std::size_t i = 0; i < writes_.size(); ++i)
                if ((mask >> i & 1) != 0) chosen.push_back(whole(i));
            if (!try_state(chosen, [&] { return describe(chosen); })) return;
        }
    }

    /// Those of all writes for which `keeps` is true.
    template <class Keeps>
    bool try_those(const Keeps& keeps)
    {
        std::vector<piece> chosen;
        for (std::size_t i = 0; i < writes_.size(); ++i)
            if (keeps(i)) chosen.push_back(whole(i));
        return try_state(chosen, [&] { return describe(chosen); });
    }

    void samples()
    {
        const std::size_t count = writes_.size();
        for (std::size_t end = 0; end <= count; ++end)
            if (!try_those([&](std::size_t i) { return i < end; })) return;
        for (std::size_t only = 0; only < count; ++only) {
            if (!try_those([&](std::size_t i) { return i == only; })) return;
            if (!try_those([&](std::size_t i) { return i != only; })) return;
        }
        for (std::size_t n = 0; n < options_.subsets_sampled; ++n)
            if (!try_those([&](std::size_t) { return random_.chance(0.5); })) return;
    }

    void tears()
    {
        for (std::size_t torn = 0; torn < writes_.size(); ++torn) {
            const std::uint64_t blocks = blocks_of(torn);
            for (std::uint64_t split = 1; split < blocks; ++split) {
                for (const piece& part :
                     {piece{torn, 0, split}, piece{torn, split, blocks - split}})
                    for (const bool others : {false, true})
                        if (!try_torn(part, others)) return;
            }
        }
    }

    bool try_torn(const piece& part, bool with_others)
    {
        std::vector<piece> chosen;
        for (std::size_t i = 0; i < writes_.size(); ++i) {
            if (i == part.write)
                chosen.push_back(part);
            else if (with_others)
                chosen.push_back(whole(i));
        }
        return try_state(chosen, [&] { return describe(chosen); });
    }

    /// False to stop.
    template <class Describe>
    bool try_state(const std::vector<piece>& chosen, const Describe& describe)
    {
        if (count_.stopped) return false;
        std::vector<sparse_image> images = durable_;
        for (const piece& one : chosen) {
            const unflushed_write& write = writes_[one.write];
            const std::uint32_t block = durable_[write.device].block_bytes();
            apply_to(images[write.device], *write.entry, one.first_block * block,
                     one.block_count * block);
        }
        if (!seen_.insert(hash_of(images, chosen)).second) {
            ++count_.duplicates;
            return true;
        }
        ++count_.visited;
        count_.stopped = !visit_({images, moment_, describe()});
        return !count_.stopped;
    }

    std::uint64_t hash_of(const std::vector<sparse_image>& images, const std::vector<piece>& chosen)
    {
        touched_.clear();
        for (const piece& one : chosen) {
            const unflushed_write& write = writes_[one.write];
            const std::uint64_t first =
                write.entry->extent.offset_bytes / durable_[write.device].block_bytes() +
                one.first_block;
            for (std::uint64_t i = 0; i < one.block_count; ++i)
                touched_.push_back({write.device, first + i});
        }
        std::ranges::sort(touched_);
        touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
        std::vector<std::uint64_t> hashes = hashes_;
        for (const auto& [device, block] : touched_)
            hashes[device] ^= sparse_image::block_hash(block, durable_[device].block(block)) ^
                              sparse_image::block_hash(block, images[device].block(block));
        std::uint64_t hash = 0;
        for (const std::uint64_t one : hashes) hash = seed_of_part(hash, one);
        return hash;
    }

    std::string describe(const std::vector<piece>& chosen) const
    {
        std::string text = fmt::format("after moment {}, {} of {} unflushed writes:", moment_,
                                       chosen.size(), writes_.size());
        for (const piece& one : chosen) {
            const unflushed_write& write = writes_[one.write];
            text += fmt::format(" [device {} at {} of {} bytes", write.device,
                                write.entry->extent.offset_bytes, write.entry->extent.length_bytes);
            if (one.block_count != blocks_of(one.write))
                text += fmt::format(", its blocks {} to {} only", one.first_block,
                                    one.first_block + one.block_count - 1);
            text += "]";
        }
        return text;
    }

    const crash_state_options& options_;
    std::unordered_set<std::uint64_t>& seen_;
    crash_state_count& count_;
    const std::function<bool(const crash_state&)>& visit_;
    std::uint64_t moment_;
    seeded_random random_;
    std::vector<sparse_image> durable_;
    std::vector<std::uint64_t> hashes_;  ///< of the durable images
    std::vector<unflushed_write> writes_;
    std::vector<std::pair<std::size_t, std::uint64_t>> touched_;
};

}  // namespace

crash_state_count for_each_crash_state(std::span<const recorded_device> devices,
                                       const crash_state_options& options,
                                       const std::function<bool(const crash_state&)>& visit)
{
    CIMREP_ASSERT(options.subsets_exhaustive_max < 32);
    std::vector<log_replayer> replayers;
    std::vector<std::uint64_t> moments = {0};
    for (const recorded_device& device : devices) {
        replayers.emplace_back(device);
        const auto found = replayers.back().moments();
        moments.insert(moments.end(), found.begin(), found.end());
    }
    std::ranges::sort(moments);
    moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
    crash_state_count count;
    std::unordered_set<std::uint64_t> seen;
    for (const std::uint64_t moment : moments) {
        for (log_replayer& device : replayers) device.advance_to(moment);
        ++count.cuts;
        states_of_cut(replayers, moment, options, seen, count, visit).run();
        if (count.stopped) break;
    }
    return count;
}

}  // namespace cimrep::inline v0
