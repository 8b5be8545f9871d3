// lib/runtime/leg_examination.cpp -- reads what should be there, and says what is.
// SPDX-License-Identifier: BSL-1.0
#include "leg_examination.hpp"

#include <cimrep/base/mutant.hpp>
#include <cimrep/store/content_checksum.hpp>

#include <fmt/format.h>

#include "../base/out_of_memory.hpp"
#include "place_reader.hpp"
#include "volume_core.hpp"
#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

namespace {

bool equal_by_map(const leg& which, byte_extent place) noexcept
{
    return !which.map.different().any(place) && !which.map.unflushed().any(place);
}

/// One examination, which its readers keep alive.
class examination : public std::enable_shared_from_this<examination> {
public:
    examination(volume_core& volume, leg& which, leg* reference, examination_over over)
        : volume_(&volume), leg_(&which), reference_(reference), over_(std::move(over))
    {
    }

    void begin()
    {
        leg_->remark.clear();
        if (reference_ != nullptr) reference_text_ = reference_->element_text;
        if (volume_->evidence_.is_strange(leg_->index)) {
            note(leg_verdict::not_recognized, "it was not recognized when it was looked at before");
            return tell();
        }
        const label_record& label = volume_->evidence_.label_of(leg_->index);
        labelled_ = volume_->evidence_.needed() && label.place_bytes != 0;
        if (labelled_)
            places_.push_back({volume_->evidence_.area_of(leg_->index), label_area_bytes});
        for (const content_sample& each : volume_->evidence_.samples())
            if (equal_by_map(*leg_, each.place)) add(each);
        first_compared_ = places_.size();
        if (CIMREP_MUTANT(leg_believed_unseen)) places_.clear();
        if (reference_ == nullptr || CIMREP_MUTANT(leg_believed_unseen)) return look();
        const auto compared = choose_compared();
        if (compared.empty()) return look();
        auto self = shared_from_this();
        const auto show = [self, compared](std::size_t i, std::span<const std::byte> content) {
            self->seen_.push_back({compared[i], content_checksum(content)});
        };
        seen_.reserve(compared.size());
        const auto reader =
            std::make_shared<place_reader>(*reference_, compared, show, [self](error_code error) {
                self->or_give_up([&] {
                    // What cannot be read tells nothing of the other leg.
                    if (!error)
                        for (const content_sample& each : self->seen_) self->add(each);
                    self->look();
                });
            });
        leg_->examined = true;
        reader->start();
    }

    /// Runs a part of it; where memory runs out the leg is as good as unreadable.
    template <class Work>
    void or_give_up(Work&& work) noexcept
    {
        try {
            work();
        } catch (const std::bad_alloc&) {
            found_.unreadable = no_memory();
            end();
        }
    }

private:
    void add(const content_sample& sample)
    {
        places_.push_back(sample.place);
        expected_.push_back(sample);
    }

    std::vector<byte_extent> choose_compared() const
    {
        const std::uint64_t size = volume_->shape().size_bytes;
        std::vector<std::uint64_t> picks(samples_max);
        volume_->loop().random_bytes(std::as_writable_bytes(std::span(picks)));
        for (std::uint64_t& pick : picks)
            pick = pick % ((size + sample_bytes - 1) / sample_bytes) * sample_bytes;
        std::sort(picks.begin(), picks.end());
        picks.erase(std::unique(picks.begin(), picks.end()), picks.end());
        std::vector<byte_extent> chosen;
        for (const std::uint64_t at : picks) {
            const byte_extent place{at, std::min(sample_bytes, size - at)};
            if (equal_by_map(*leg_, place) && !reference_->map.different().any(place))
                chosen.push_back(place);
        }
        return chosen;
    }

    void look()
    {
        if (places_.empty()) return end();
        auto self = shared_from_this();
        const auto reader = std::make_shared<place_reader>(
            *leg_, places_,
            [self](std::size_t i, std::span<const std::byte> content) {
                self->or_stay_unjudged([&] { self->show(i, content); });
            },
            [self](error_code error) { self->or_give_up([&] { self->looked_at_places(error); }); });
        leg_->examined = true;
        reader->start();
    }

    template <class Work>
    void or_stay_unjudged(Work&& work) noexcept
    {
        try {
            work();
        } catch (const std::bad_alloc&) {
            unjudged_ = true;
        }
    }

    void looked_at_places(error_code error)
    {
        const bool of_places = !error || is_of_the_place(error);
        if (labelled_ && !label_read_ && !unjudged_ && of_places) return look_at_blocks();
        found_.unreadable = unjudged_ && !error ? no_memory() : error;
        end();
    }

    // A sector that cannot be read, such as that of a label whose write failed, takes one of the
    // two along at most.
    void look_at_blocks()
    {
        const std::uint64_t begin = places_.front().offset_bytes;
        auto self = shared_from_this();
        const auto reader = std::make_shared<place_reader>(
            *leg_,
            std::vector<byte_extent>{{begin, store_block_bytes},
                                     {begin + store_block_bytes, store_block_bytes}},
            [self](std::size_t i, std::span<const std::byte> content) {
                self->or_stay_unjudged(
                    [&] { self->blocks_[i].assign(content.begin(), content.end()); });
            },
            [self](error_code error) { self->or_give_up([&] { self->looked_at_blocks(error); }); });
        reader->start();
    }

    void looked_at_blocks(error_code error)
    {
        if (error && !is_of_the_place(error)) {
            found_.unreadable = error;
        } else if (unjudged_) {
            found_.unreadable = no_memory();
        } else {
            show_label({blocks_[0], blocks_[1]});
            // What cannot be read tells nothing, where other places do.
            if (!told_) found_.unreadable = std::make_error_code(std::errc::io_error);
        }
        end();
    }

    void show_label(const label_blocks& blocks)
    {
        std::string why;
        const auto verdict = volume_->evidence_.judge_label(*leg_, blocks, why);
        if (!verdict) return;
        told_ = true;
        note(*verdict, std::move(why));
    }

    void show(std::size_t index, std::span<const std::byte> content)
    {
        if (labelled_ && index == 0) {
            label_read_ = true;
            return show_label(
                {content.first(store_block_bytes), content.subspan(store_block_bytes)});
        }
        told_ = true;
        const content_sample& expected = expected_[index - (labelled_ ? 1 : 0)];
        // What the host has written since is marked by now.
        if (content_checksum(content) == expected.checksum || !equal_by_map(*leg_, expected.place))
            return;
        if (CIMREP_MUTANT(sample_not_compared)) return;
        const bool compared = index >= first_compared_;
        note(leg_verdict::not_recognized,
             fmt::format("at byte {} it holds something else than {}", expected.place.offset_bytes,
                         compared ? reference_text_ : "at the last close"));
    }

    void note(leg_verdict verdict, std::string why)
    {
        if (verdict <= found_.verdict) return;
        found_.verdict = verdict;
        found_.why = std::move(why);
    }

    // The end is told in a turn of its own: then nothing of the leg is with its device, which may
    // be let go of.
    void end() noexcept
    {
        if (!leg_->examined) return tell();
        found_.places = places_.size();
        ending_.self = shared_from_this();
        ending_.run = [](loop_task& task) noexcept {
            const auto self = std::exchange(static_cast<ending&>(task).self, nullptr);
            self->tell();
        };
        volume_->loop().defer(ending_);
    }

    void tell() noexcept
    {
        leg& which = *leg_;
        const bool looked = std::exchange(which.examined, false);
        try {
            which.remark = found_.why;
        } catch (const std::bad_alloc&) {  // the words alone are missing
        }
        if (!found_.unreadable && found_.places != 0) {
            const bool known = found_.verdict == leg_verdict::recognized;
            volume_->log(known ? log_level::info : log_level::error,
                         known ? log_event::leg_recognized : log_event::leg_not_recognized, &which,
                         known ? error_code{} : make_error_code(errc::leg_not_recognized),
                         {{"places", found_.places}});
        }
        std::exchange(over_, nullptr)(found_);
        if (looked && which.quiet()) volume_->leg_is_quiet(which);
    }

    volume_core* volume_;
    leg* leg_;
    leg* reference_;
    std::string reference_text_;  ///< it may be gone by the end
    examination_over over_;
    examination_result found_;
    bool labelled_ = false;
    bool label_read_ = false;                       ///< in one piece
    std::array<std::vector<std::byte>, 2> blocks_;  ///< of the label, each by itself
    bool told_ = false;                     ///< a place could be read that tells what the leg is
    bool unjudged_ = false;                 ///< there was no memory to say what a place holds
    std::vector<byte_extent> places_;       ///< the label's first, if there is one
    std::vector<content_sample> expected_;  ///< of the others
    std::vector<content_sample> seen_;      ///< on the reference
    std::size_t first_compared_ = 0;
    struct ending : loop_task {
        std::shared_ptr<examination> self;
    } ending_;
};

}  // namespace

void examine(volume_core& volume, leg& which, leg* reference, examination_over over) noexcept
{
    CIMREP_ASSERT(!which.examined && which.quiet());
    std::shared_ptr<examination> made;
    try {
        made = std::make_shared<examination>(volume, which, reference, over);
    } catch (const std::bad_alloc&) {
        examination_result none;
        none.unreadable = no_memory();
        return over(none);
    }
    made->or_give_up([&] { made->begin(); });
}

}  // namespace cimrep::inline v0
