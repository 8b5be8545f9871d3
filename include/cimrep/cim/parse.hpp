// cim/parse.hpp -- numbers and names from outside into the vocabulary, with errors.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/error.hpp>
#include <cimrep/cim/list_operation.hpp>
#include <cimrep/cim/value_map.hpp>

namespace cimrep::inline v0 {

/// The value with this number. Named and vendor values pass.
///
/// @errors     errc::unknown_value if the number is reserved or too large for the type.
/// Allocates:  never.
template <enumeration E>
result<E> parse(std::uint64_t number) noexcept
{
    const auto kind = classify<E>(number);
    if (kind == value_kind::named || kind == value_kind::vendor) return static_cast<E>(number);
    return make_error_code(errc::unknown_value);
}

/// The value with this exact CIM name.
///
/// @errors     errc::unknown_value if no value has this name.
/// Allocates:  never.
template <enumeration E>
result<E> parse_name(std::string_view name) noexcept
{
    if (const auto value = from_name<E>(name)) return *value;
    return make_error_code(errc::unknown_value);
}

/// The operation that a list may be asked for with this number.
///
/// @errors     errc::unknown_value for 3, 5, 6, 13 and everything reserved.
/// Allocates:  never.
inline result<list_operation> parse_list_operation(std::uint64_t number) noexcept
{
    CIMREP_TRY(const auto value, parse<operation>(number));
    if (const auto checked = list_operation::from(value)) return *checked;
    return make_error_code(errc::unknown_value);
}

}  // namespace cimrep::inline v0
