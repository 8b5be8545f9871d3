// lib/store/bytes.hpp -- values to and from bytes in memory, little-endian, one after the other.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>

#include <boost/endian/conversion.hpp>
#include <boost/uuid/uuid.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace cimrep::inline v0 {

/// Writes into memory that is large enough.
class byte_writer {
public:
    explicit byte_writer(std::span<std::byte> to) noexcept : rest_(to) {}

    template <class Integer>
    byte_writer& put(Integer value) noexcept
    {
        CIMREP_ASSERT(rest_.size() >= sizeof value);
        boost::endian::endian_store<Integer, sizeof value, boost::endian::order::little>(
            reinterpret_cast<unsigned char*>(rest_.data()), value);
        rest_ = rest_.subspan(sizeof value);
        return *this;
    }
    byte_writer& put_bytes(std::span<const std::byte> bytes) noexcept
    {
        CIMREP_ASSERT(rest_.size() >= bytes.size());
        std::copy(bytes.begin(), bytes.end(), rest_.begin());
        rest_ = rest_.subspan(bytes.size());
        return *this;
    }
    byte_writer& put_uuid(const boost::uuids::uuid& id) noexcept
    {
        return put_bytes(std::as_bytes(std::span(id.data)));
    }
    /// A text in a field of one byte for its length and `size_max` for itself.
    byte_writer& put_text(std::string_view text, std::size_t size_max) noexcept
    {
        text = text.substr(0, size_max);
        put(static_cast<std::uint8_t>(text.size()));
        put_bytes(std::as_bytes(std::span(text)));
        return put_zeros(size_max - text.size());
    }
    byte_writer& put_zeros(std::size_t count) noexcept
    {
        CIMREP_ASSERT(rest_.size() >= count);
        std::fill_n(rest_.begin(), count, std::byte{});
        rest_ = rest_.subspan(count);
        return *this;
    }
    std::size_t room() const noexcept { return rest_.size(); }
    std::span<std::byte> rest() const noexcept { return rest_; }

private:
    std::span<std::byte> rest_;
};

/// Reads from bytes of which the caller knows that they are enough.
class byte_reader {
public:
    explicit byte_reader(std::span<const std::byte> from) noexcept : rest_(from) {}

    template <class Integer>
    Integer take() noexcept
    {
        CIMREP_ASSERT(rest_.size() >= sizeof(Integer));
        const auto value =
            boost::endian::endian_load<Integer, sizeof(Integer), boost::endian::order::little>(
                reinterpret_cast<const unsigned char*>(rest_.data()));
        rest_ = rest_.subspan(sizeof(Integer));
        return value;
    }
    std::span<const std::byte> take_bytes(std::size_t count) noexcept
    {
        CIMREP_ASSERT(rest_.size() >= count);
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }
    boost::uuids::uuid take_uuid() noexcept
    {
        boost::uuids::uuid id;
        const auto bytes = take_bytes(sizeof id.data);
        std::memcpy(id.data, bytes.data(), bytes.size());
        return id;
    }
    /// False if the length is out of range.
    bool take_text(std::string& to, std::size_t size_max)
    {
        const auto size = take<std::uint8_t>();
        const auto bytes = take_bytes(size_max);
        if (size > size_max) return false;
        to.assign(reinterpret_cast<const char*>(bytes.data()), size);
        return true;
    }

private:
    std::span<const std::byte> rest_;
};

}  // namespace cimrep::inline v0
