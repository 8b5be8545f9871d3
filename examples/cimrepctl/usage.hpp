// examples/cimrepctl/usage.hpp -- names that make no sense, whatever they lead to.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "repository_copies.hpp"
#include <optional>
#include <string>

namespace cimrepctl {

/// What is wrong with the names that a command was given: one is empty or given twice, or a
/// repository has no copy or too many. Empty: nothing that can be told without a look at them.
///
/// @param copies  of a repository; none: the command was given no repository.
std::string wrong_with_names(const copy_names& elements, const std::optional<copy_names>& copies);

}  // namespace cimrepctl
