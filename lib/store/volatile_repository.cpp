// lib/store/volatile_repository.cpp -- answers every commit in the loop's next turn.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/repository.hpp>

namespace cimrep::inline v0 {

std::optional<std::span<const std::byte>> repository::find(const record_key&) const
{
    return std::nullopt;
}

void repository::for_each(record_kind, const record_visitor&) const {}

void repository::for_each(record_kind, std::uint64_t, const record_visitor&) const {}

void volatile_repository::commit(commit_op& op) noexcept
{
    op.run = [](loop_task& task) noexcept {
        auto& self = static_cast<commit_op&>(task);
        self.done(self, {});
    };
    loop_->defer(op);
}

}  // namespace cimrep::inline v0
