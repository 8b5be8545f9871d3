// examples/cimrepctl/losable_elements.hpp -- elements that can be lost and come back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/element_provider.hpp>

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace cimrepctl {

using namespace cimrep;

/// Passes everything to another provider; what it opens fails from lose() to bring_back().
///
/// Lifetime:  outlives what it opened; the provider below outlives it.
class losable_elements final : public element_provider {
public:
    explicit losable_elements(element_provider& below) : below_(&below) {}

    /// Every operation on the element fails from now on, and so does opening it.
    void lose(const object_path& path);
    void bring_back(const object_path& path);

    outcome<element_description> describe(const object_path& path) const override
    {
        return below_->describe(path);
    }
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                const element_open_request& request) override;

private:
    class device;

    element_provider* below_;
    std::set<object_path> lost_;
    std::map<object_path, device*> open_;
};

}  // namespace cimrepctl
