// examples/cimrepctl/usage.cpp -- compares names without opening anything.
// SPDX-License-Identifier: BSL-1.0
#include "usage.hpp"

#include <cimrep/store/superblock.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace cimrepctl {

namespace {

/// "./a" and "a" are one name.
std::string spelled_out(const std::string& name)
{
    std::error_code error;
    const auto whole = std::filesystem::absolute(name, error);
    return error ? name : whole.lexically_normal().string();
}

}  // namespace

std::string wrong_with_names(const copy_names& elements, const std::optional<copy_names>& copies)
{
    copy_names all = elements;
    if (copies) all.insert(all.end(), copies->begin(), copies->end());
    if (std::ranges::find(all, "") != all.end()) return "the name of a file or device is empty";
    if (copies && (copies->empty() || copies->size() > repository_copies_max))
        return fmt::format(
            "a repository of {} copies is asked for: name one to three files or "
            "devices, separated by commas",
            copies->size());
    for (auto each = all.begin(); each != all.end(); ++each) {
        const auto is_again = [&, name = spelled_out(*each)](const std::string& other) {
            return spelled_out(other) == name;
        };
        if (std::find_if(all.begin(), each, is_again) != each)
            return *each + " is given twice: each has to be a file or device of its own";
    }
    return {};
}

}  // namespace cimrepctl
