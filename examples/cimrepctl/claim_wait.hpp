// examples/cimrepctl/claim_wait.hpp -- waits a moment for what a killed process still holds.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/failure.hpp>
#include <cimrep/runtime/file_elements.hpp>

#include "console.hpp"
#include <chrono>
#include <optional>
#include <string>

namespace cimrepctl {

/// Opens what may be claimed by a process that was killed: its claims last until its last request
/// has ended, which is a matter of a moment. What is claimed is tried again for up to two seconds
/// from the first refusal on. Whoever holds it for longer stays, and is named by the failure.
class claim_wait {
public:
    explicit claim_wait(console& out) : out_(&out) {}

    /// The last answer of `attempt()`, which opens `path`.
    ///
    /// Blocks:  for the two seconds at most, less if a signal asks the program to end.
    template <class Attempt>
    auto open(const std::string& path, Attempt&& attempt)
    {
        for (;;) {
            auto opened = attempt();
            if (opened || !may_try_again(path, opened.error())) return opened;
        }
    }

private:
    /// Sleeps before it says so.
    bool may_try_again(const std::string& path, const failure& why);

    console* out_;
    std::optional<std::chrono::steady_clock::time_point> refused_first_;
    bool told_ = false;
};

/// Elements that are opened as claim_wait does.
class patient_elements final : public element_provider {
public:
    patient_elements(console& out, file_elements& files) : files_(&files), wait_(out) {}

    outcome<element_description> describe(const object_path& path) const override
    {
        return files_->describe(path);
    }
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                const element_open_request& request) override;
    std::vector<object_path> available_targets(const object_path& source) const override
    {
        return files_->available_targets(source);
    }

private:
    file_elements* files_;
    claim_wait wait_;
};

}  // namespace cimrepctl
