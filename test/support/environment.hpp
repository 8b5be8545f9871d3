// test/support/environment.hpp -- numbers that whoever runs a test may give.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cimrep::test {

/// The value of an environment variable, or `otherwise` if there is none. Throws at no number.
inline std::uint64_t number_of(const char* name, std::uint64_t otherwise)
{
    const char* const given = std::getenv(name);
    if (given == nullptr) return otherwise;
    const std::string_view text(given);
    std::uint64_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc{} || end.ptr != text.data() + text.size())
        throw std::invalid_argument(std::string(name) + "='" + given + "' is no number");
    return value;
}

}  // namespace cimrep::test
