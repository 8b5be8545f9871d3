// lib/store/volatile_repository.cpp -- answers every commit in the loop's next turn.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/store/repository.hpp>

namespace cimrep::inline v0 {

void volatile_repository::commit(commit_op& op) noexcept
{
    op.run = [](loop_task& task) noexcept {
        auto& self = static_cast<commit_op&>(task);
        self.done(self, {});
    };
    loop_->defer(op);
}

}  // namespace cimrep::inline v0
