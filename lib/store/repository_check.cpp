// lib/store/repository_check.cpp -- reads every copy, and judges with the eyes of open().
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/event_loop.hpp>
#include <cimrep/store/repository_check.hpp>

#include <fmt/format.h>

#include "../base/out_of_memory.hpp"
#include "copy_reader.hpp"
#include "judgement.hpp"
#include "tell_later.hpp"
#include <map>
#include <new>

namespace cimrep::inline v0 {

namespace {

/// What a copy held when it was read.
class record_image final : public repository {
public:
    record_image(event_loop& loop, std::unique_ptr<record_map> records,
                 const repository_features& features)
        : loop_(&loop), records_(std::move(records)), features_(features)
    {
    }
    repository_features features() const noexcept override { return features_; }
    void commit(commit_op& op) noexcept override
    {
        op.run = [](loop_task& task) noexcept {
            auto& self = static_cast<commit_op&>(task);
            self.done(self, errc::not_supported);
        };
        loop_->defer(op);
    }
    std::optional<std::span<const std::byte>> find(const record_key& key) const override
    {
        return records_->find(key);
    }
    void for_each(record_kind kind, const record_visitor& visit) const override
    {
        records_->for_each({kind, 0, 0}, {kind, UINT64_MAX, UINT64_MAX}, visit);
    }
    void for_each(record_kind kind, std::uint64_t owner, const record_visitor& visit) const override
    {
        records_->for_each({kind, owner, 0}, {kind, owner, UINT64_MAX}, visit);
    }

private:
    event_loop* loop_;
    std::unique_ptr<record_map> records_;
    repository_features features_;
};

/// Reads one device after the other, then judges.
class checker {
public:
    explicit checker(repository_check_op& op)
        : op_(&op),
          memory_(op.options.memory != nullptr ? op.options.memory
                                               : std::pmr::get_default_resource())
    {
        end_.self = this;
        end_.run = [](loop_task& task) noexcept { static_cast<end_task&>(task).self->end(); };
        for (std::size_t i = 0; i < op.copies.size(); ++i) {
            readers_.push_back(std::make_unique<copy_reader>());
            findings_.push_back(&readers_.back()->findings());
            records_.push_back(std::make_unique<record_map>(memory_));
        }
    }

    void read_next()
    {
        if (at_ == readers_.size()) return op_->copies.front()->loop().defer(end_);
        readers_[at_]->read_superblocks(*op_->copies[at_], &checker::superblocks_read, this);
    }

private:
    struct end_task : loop_task {
        checker* self = nullptr;
    };

    static void superblocks_read(copy_reader& reader) noexcept
    {
        auto& self = *static_cast<checker*>(reader.context);
        const copy_findings& found = reader.findings();
        // One of them may not have been read for want of memory, and be the newer.
        if (found.error || found.newest() == nullptr) return loaded(reader);
        reader.load(*self.records_[self.at_], &checker::loaded);
    }
    static void loaded(copy_reader& reader) noexcept
    {
        auto& self = *static_cast<checker*>(reader.context);
        ++self.at_;
        self.read_next();
    }

    void end() noexcept
    {
        repository_check_op& op = *op_;
        try {
            judge(op.report);
        } catch (const std::bad_alloc&) {
            op.report.refused = in_words(no_memory(), [] {
                return fail(no_memory(), "the records do not fit into memory", "give more memory");
            });
        }
        const auto keep = std::move(op.working);  // this; until it has told
        op.done(op);
    }

    void judge(repository_check_report& report)
    {
        report = {};
        for (const copy_findings* each : findings_) report.copies.push_back(describe(*each));
        // A copy that did not fit into memory is none that is damaged.
        for (const copy_findings* each : findings_)
            if (each->error == std::errc::not_enough_memory) throw std::bad_alloc();
        auto known = identify(findings_, op_->options);
        if (!known) {
            report.refused = std::move(known).error();
            return;
        }
        report.stale_copies = known.value().best.stale_copies;
        auto chosen = choose(known.value(), findings_);
        place(known.value(), report);
        if (!chosen) {
            report.refused = std::move(chosen).error();
            return;
        }
        const auto device = static_cast<std::size_t>(known.value().device[chosen.value()]);
        report.believed = static_cast<unsigned>(device);
        const std::uint64_t last = findings_[device]->log.last_sequence;
        for (std::size_t i = 0; i < findings_.size(); ++i) {
            copy_report& each = report.copies[i];
            if (each.verdict != copy_verdict::whole || each.last_sequence == last) continue;
            each.verdict = copy_verdict::behind;
            each.problems.push_back(fmt::format("it ends with log record {}, the best with {}",
                                                each.last_sequence, last));
        }
        count(*records_[device], report);
        if (op_->keep_content)
            op_->content = std::make_unique<record_image>(op_->copies.front()->loop(),
                                                          std::move(records_[device]),
                                                          findings_[device]->newest()->features);
    }

    static copy_report describe(const copy_findings& found)
    {
        copy_report report;
        report.superblocks = found.superblock_errors;
        for (std::size_t slot = 0; slot < report.superblocks.size(); ++slot)
            if (report.superblocks[slot] && !found.blank)
                report.problems.push_back(
                    fmt::format("superblock {}: {}", slot, report.superblocks[slot].message()));
        if (found.blank) report.problems.push_back("both superblocks are zeros");
        const superblock* newest = found.newest();
        if (newest == nullptr) return report;
        report.newest = *newest;
        report.verdict = copy_verdict::foreign;
        report.checkpoint_number = found.checkpoint.number;
        report.checkpoint_records = found.checkpoint.records;
        report.checkpoint_bytes = found.checkpoint.payload_bytes;
        report.log_records = found.log.records;
        report.last_sequence = found.log.last_sequence;
        report.torn_tail = found.log.torn;
        if (!found.whole()) report.problems.push_back(found.problem);
        if (found.whole() && found.log_read_in_blocks)
            report.problems.push_back(
                fmt::format("its log could be read only block by block, {} of them not at all, "
                            "which seem to hold nothing that counts",
                            found.unreadable_log_blocks));
        return report;
    }

    /// What the copies are to each other.
    void place(const known_copies& known, repository_check_report& report) const
    {
        for (unsigned copy = 0; copy < known.best.copy_count; ++copy) {
            if (!known.given(copy)) continue;
            const auto device = static_cast<std::size_t>(known.device[copy]);
            copy_report& each = report.copies[device];
            each.verdict = known.stale.has(copy)         ? copy_verdict::stale
                           : !findings_[device]->whole() ? copy_verdict::damaged
                                                         : copy_verdict::whole;
            if (known.stale.has(copy))
                each.problems.push_back("it is recorded as stale by the other copies");
        }
    }

    static void count(const record_map& records, repository_check_report& report)
    {
        report.records = records.records();
        report.record_bytes = records.bytes();
        std::map<record_kind, std::uint64_t> kinds;
        records.for_each({record_kind{0}, 0, 0}, {record_kind{0xffff}, UINT64_MAX, UINT64_MAX},
                         [&](const record_key& key, auto) { ++kinds[key.kind]; });
        report.kinds.assign(kinds.begin(), kinds.end());
    }

    repository_check_op* op_;
    std::pmr::memory_resource* memory_;
    std::vector<std::unique_ptr<copy_reader>> readers_;
    std::vector<const copy_findings*> findings_;
    std::vector<std::unique_ptr<record_map>> records_;
    std::size_t at_ = 0;
    end_task end_;
};

}  // namespace

void check_repository(repository_check_op& op)
{
    CIMREP_ASSERT(op.done != nullptr && !op.copies.empty() &&
                  op.copies.size() <= repository_copies_max);
    op.content.reset();
    try {
        const auto made = std::make_shared<checker>(op);
        op.working = made;
        made->read_next();
    } catch (const std::bad_alloc&) {
        op.report = {};
        op.report.refused = out_of_memory();
        tell_later(op, op.copies.front()->loop());
    }
}

}  // namespace cimrep::inline v0
