// lib/runtime/place_reader.hpp -- reads some places of a leg, a few at a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "leg.hpp"
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

namespace cimrep::inline v0 {

/// An error of the place that was read, not of the device: Linux answers ENODATA for a sector that
/// cannot be read and EILSEQ for one whose checksum is wrong, others EIO.
inline bool is_of_the_place(error_code error) noexcept
{
    return error == std::errc::io_error || error == std::errc::no_message_available ||
           error == std::errc::illegal_byte_sequence;
}

/// Reads places of a leg into memory of its own and shows what it finds.
///
/// Lifetime:   keeps itself while a device has one of its buffers.
/// Allocates:  in the constructor.
class place_reader : public std::enable_shared_from_this<place_reader> {
public:
    static constexpr std::uint64_t place_bytes_max = 64 * kib;
    using shown = std::function<void(std::size_t index, std::span<const std::byte> content)>;
    using ended = std::function<void(error_code error)>;

    /// @pre  no place is longer than place_bytes_max.
    place_reader(leg& which, std::vector<byte_extent> places, shown show, ended over);

    /// `over` is called once, from the loop: after every place was shown that can be read, or with
    /// an error of the device, or if none could be read.
    ///
    /// @pre  there is a place.
    void start() noexcept;

private:
    static constexpr std::size_t lanes_max = 8;
    struct lane : leg_op {
        place_reader* self = nullptr;
        std::size_t index = 0;
        std::byte* memory = nullptr;
    };

    void next(lane& which) noexcept;
    void settled(lane& which, error_code error) noexcept;
    void returned() noexcept;
    void end() noexcept;

    leg* leg_;
    std::vector<byte_extent> places_;
    shown show_;
    ended over_;
    std::size_t next_ = 0;
    std::size_t waiting_ = 0;  ///< lanes that have not settled
    std::size_t out_ = 0;      ///< lanes that a device has
    error_code error_{};
    error_code unreadable_{};  ///< of a place
    bool shown_any_ = false;
    std::array<lane, lanes_max> lanes_;
    std::vector<std::byte> memory_;
    std::shared_ptr<place_reader> self_;
};

}  // namespace cimrep::inline v0
