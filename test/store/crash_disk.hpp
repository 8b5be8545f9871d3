// test/store/crash_disk.hpp -- disks with a volatile cache, and the power that they share.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>

#include "../sim/scarce_memory.hpp"
#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <span>
#include <vector>

namespace cimrep::test {

/// What of the writes that are not durable, or in flight, is there after a power cut.
enum class survival : std::uint8_t { nothing, everything, random_sectors };

class crash_disk;

/// Counts the operations of all disks, and goes off at one of them.
struct power {
    static constexpr std::uint64_t never = UINT64_MAX;

    std::uint64_t operations = 0;
    std::uint64_t off_at = never;
    bool off = false;
    survival survives = survival::nothing;
    std::mt19937_64 random{1};
    std::vector<crash_disk*> disks;

    inline void cut();
    inline void restore();
};

/// A disk in memory: an op takes effect, and ends, in a turn after submit(); a write is durable
/// after a flush that was submitted after its end, or by fua.
class crash_disk final : public block_device {
public:
    static constexpr std::size_t sector_bytes = 512;
    /// Says whether an op fails; a write that fails takes effect in part.
    using fault_rule = std::function<error_code(const io_op& op, std::uint64_t nth)>;

    crash_disk(event_loop& loop, power& mains, std::uint64_t size_bytes, bool cached = true)
        : loop_(&loop), mains_(&mains), media_(static_cast<std::size_t>(size_bytes))
    {
        shape_.size_bytes = size_bytes;
        shape_.volatile_cache = cached;
        turn_.self = this;
        turn_.run = [](loop_task& task) noexcept { static_cast<turn&>(task).self->execute(); };
        mains.disks.push_back(this);
    }

    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return *loop_; }
    void cancel(io_op&) noexcept override {}
    void submit(io_op& op) noexcept override
    {
        const user_scope device;
        if (const error_code error = check_bounds(op, shape_)) return loop_->complete(op, error);
        const std::uint64_t most = shape_.maximum_transfer_bytes;
        if (most != 0 && op.length_bytes > most) return loop_->complete(op, errc::out_of_bounds);
        queue_.push_back(&op);
        if (!turn_.queued) loop_->defer(turn_);
    }

    fault_rule fault;
    void limit_transfers(std::uint64_t bytes) noexcept { shape_.maximum_transfer_bytes = bytes; }
    std::function<bool(const io_op& op)> held;  ///< these wait until it says otherwise
    bool jitter = false;                        ///< ops are executed in any order, some turns later
    std::uint64_t writes = 0, flushes = 0, reads = 0;

    /// The content that a read gets now.
    std::vector<std::byte> content() const { return content_of(0, media_.size()); }
    void set_content(std::vector<std::byte> all)
    {
        media_ = std::move(all);
        shape_.size_bytes = media_.size();
        cache_.clear();
    }

private:
    friend struct power;
    using sector = std::vector<std::byte>;
    struct turn : loop_task {
        crash_disk* self = nullptr;
    };

    /// Whole sectors of content().
    std::vector<std::byte> content_of(std::uint64_t offset, std::uint64_t length) const
    {
        const auto from = media_.begin() + static_cast<std::ptrdiff_t>(offset);
        std::vector<std::byte> part(from, from + static_cast<std::ptrdiff_t>(length));
        for (auto each = cache_.lower_bound(offset);
             each != cache_.end() && each->first < offset + length; ++each)
            std::copy(each->second.back().begin(), each->second.back().end(),
                      position(part, each->first - offset));
        return part;
    }

    static std::vector<std::byte>::iterator position(std::vector<std::byte>& of, std::uint64_t at)
    {
        return of.begin() + static_cast<std::ptrdiff_t>(at);
    }

    void execute() noexcept
    {
        const user_scope device;
        std::vector<io_op*> now = std::move(queue_);
        queue_.clear();
        for (std::size_t i = 0; i < now.size(); ++i) {
            if (mains_->off) {
                loop_->complete(*now[i], errc::injected);
                continue;
            }
            if ((held && held(*now[i])) || (jitter && mains_->random() % 2 == 0)) {
                queue_.push_back(now[i]);
                continue;
            }
            if (mains_->operations++ == mains_->off_at) {
                // This one and all behind it are in flight.
                queue_.insert(queue_.end(), now.begin() + static_cast<std::ptrdiff_t>(i),
                              now.end());
                mains_->cut();
                break;
            }
            perform(*now[i]);
        }
        if (!queue_.empty() && !turn_.queued) loop_->defer(turn_);
    }

    void perform(io_op& op) noexcept
    {
        const error_code error = fault ? fault(op, ++seen_) : error_code{};
        switch (op.kind) {
        case io_kind::read: {
            ++reads;
            const auto found = content_of(op.offset_bytes, op.length_bytes);
            auto at = found.begin();
            for (const io_segment& each : op.read_segments()) {
                std::copy_n(at, each.size_bytes, each.data);
                at += static_cast<std::ptrdiff_t>(each.size_bytes);
            }
            break;
        }
        case io_kind::write:
            ++writes;
            if (error)
                tear(op);
            else
                write(op);
            break;
        case io_kind::flush:
            ++flushes;
            if (!error)
                settle([](const auto& versions) { return versions.size(); });
            else
                lose();
            break;
        case io_kind::write_zeroes:
        case io_kind::discard:
        case io_kind::compare_and_write: std::abort();
        }
        loop_->complete(op, error);
    }

    static sector sector_of(const io_op& op, std::uint64_t index)
    {
        const std::byte* from = op.write_segments().front().data + index * sector_bytes;
        return {from, from + sector_bytes};
    }
    static std::uint64_t sectors(const io_op& op) { return op.length_bytes / sector_bytes; }

    void write(const io_op& op)
    {
        for (std::uint64_t i = 0; i < sectors(op); ++i) {
            const std::uint64_t at = op.offset_bytes + i * sector_bytes;
            sector data = sector_of(op, i);
            if (op.fua || !shape_.volatile_cache) {
                std::copy(data.begin(), data.end(), position(media_, at));
                cache_.erase(at);
            } else {
                cache_[at].push_back(std::move(data));
            }
        }
    }

    /// Sector by sector: in the cache or not at all.
    void tear(const io_op& op)
    {
        for (std::uint64_t i = 0; i < sectors(op); ++i)
            if (mains_->random() % 2 == 0)
                cache_[op.offset_bytes + i * sector_bytes].push_back(sector_of(op, i));
    }

    /// The cache reaches the media as far as `versions` says: 0 none, n the nth.
    template <class Versions>
    void settle(const Versions& versions)
    {
        for (auto& [at, all] : cache_)
            if (const std::size_t n = versions(all); n > 0)
                std::copy(all[n - 1].begin(), all[n - 1].end(), position(media_, at));
        cache_.clear();
    }

    void lose()
    {
        auto& random = mains_->random;
        settle([&](const auto& all) -> std::size_t {
            switch (mains_->survives) {
            case survival::nothing: return 0;
            case survival::everything: return all.size();
            case survival::random_sectors: return random() % (all.size() + 1);
            }
            return 0;
        });
    }

    void lose_power()
    {
        for (const io_op* op : queue_)
            if (op->kind == io_kind::write && !(op->fua && mains_->survives == survival::nothing))
                for (std::uint64_t i = 0; i < sectors(*op); ++i)
                    cache_[op->offset_bytes + i * sector_bytes].push_back(sector_of(*op, i));
        lose();
    }

    event_loop* loop_;
    power* mains_;
    geometry shape_;
    std::vector<std::byte> media_;
    std::map<std::uint64_t, std::vector<sector>> cache_;
    std::vector<io_op*> queue_;
    std::uint64_t seen_ = 0;
    turn turn_;
};

inline void power::cut()
{
    off = true;
    for (crash_disk* each : disks) each->lose_power();
}

inline void power::restore()
{
    off = false;
    off_at = never;
    operations = 0;
}

}  // namespace cimrep::test
