// lib/runtime/place_reader.cpp -- places of a leg to memory, in lanes.
// SPDX-License-Identifier: BSL-1.0
#include "place_reader.hpp"

#include <algorithm>
#include <utility>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t alignment_bytes = 4096;

}  // namespace

place_reader::place_reader(leg& which, std::vector<byte_extent> places, shown show, ended over)
    : leg_(&which), places_(std::move(places)), show_(std::move(show)), over_(std::move(over))
{
    const std::size_t lanes = std::min(lanes_max, places_.size());
    memory_.resize(lanes * place_bytes_max + alignment_bytes);
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    std::byte* at = memory_.data() + (alignment_bytes - address % alignment_bytes);
    for (std::size_t i = 0; i < lanes; ++i) {
        lane& each = lanes_[i];
        each.self = this;
        each.memory = at + i * place_bytes_max;
        each.may_be_given_up = true;
        each.settled = [](leg_op& op, error_code error) noexcept {
            auto& self = static_cast<lane&>(op);
            self.self->settled(self, error);
        };
        each.returned = [](leg_op& op) noexcept { static_cast<lane&>(op).self->returned(); };
    }
}

void place_reader::start() noexcept
{
    CIMREP_ASSERT(!places_.empty() && self_ == nullptr);
    self_ = shared_from_this();
    // Held up by one, so that it does not end before every lane has begun.
    ++out_;
    for (std::size_t i = 0; i < std::min(lanes_max, places_.size()); ++i) next(lanes_[i]);
    returned();
}

void place_reader::next(lane& which) noexcept
{
    which.index = next_++;
    const byte_extent place = places_[which.index];
    which.prepare_read(place.offset_bytes, std::span(which.memory, place.length_bytes));
    ++waiting_;
    ++out_;
    leg_->submit(which);
}

void place_reader::settled(lane& which, error_code error) noexcept
{
    --waiting_;
    // A place that cannot be read proves nothing, if others can be.
    const bool of_the_place = is_of_the_place(error);
    if (of_the_place)
        unreadable_ = error;
    else if (error && !error_)
        error_ = error;
    shown_any_ |= !error;
    if (!error)
        show_(which.index, std::span(which.memory, places_[which.index].length_bytes));
    else if (error_ && waiting_ == 0)
        end();  // what was given up may never return
}

// The next place of a lane waits for this: until then its op is the leg's.
void place_reader::returned() noexcept
{
    --out_;
    for (lane& each : lanes_) {
        if (error_ || next_ == places_.size()) break;
        if (each.memory != nullptr && !each.is_linked()) next(each);
    }
    if (waiting_ == 0) end();
    if (out_ == 0) self_.reset();
}

void place_reader::end() noexcept
{
    const error_code ending = error_ || shown_any_ ? error_ : unreadable_;
    if (auto over = std::exchange(over_, nullptr)) over(ending);
}

}  // namespace cimrep::inline v0
