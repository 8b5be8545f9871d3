// cim/object_path_format.hpp -- fmt prints object paths as WBEM URIs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/object_path.hpp>

#include <fmt/format.h>

/// Prints `to_text(path)`; takes the format options of a string.
template <>
struct fmt::formatter<cimrep::object_path, char> : fmt::formatter<std::string_view, char> {
    template <class Context>
    auto format(const cimrep::object_path& path, Context& context) const
    {
        return fmt::formatter<std::string_view, char>::format(cimrep::to_text(path), context);
    }
};
