// torture/judgement.cpp -- what must hold of devices and states, known without the library.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/format.hpp>

#include <fmt/format.h>

#include "torture.hpp"
#include <algorithm>
#include <cstring>

namespace cimrep::test {

namespace {

/// Where two contents differ first, or nothing.
std::optional<std::ptrdiff_t> difference(const std::vector<std::byte>& a,
                                         const std::vector<std::byte>& b)
{
    // Nearly always they are equal, which is found faster.
    if (std::memcmp(a.data(), b.data(), a.size()) == 0) return std::nullopt;
    const auto at = std::mismatch(a.begin(), a.end(), b.begin());
    return at.first - a.begin();
}

/// Which state may follow which without anybody asking for it: a copy ends, or begins again.
bool follows(copy_state before, copy_state after)
{
    const auto in_flow = [](copy_state each) {
        return each == copy_state::synchronized || each == copy_state::unsynchronized;
    };
    return before == after || (in_flow(before) && in_flow(after));
}

}  // namespace

void torture::recovered(target_view& view, const message& m)
{
    const auto state = static_cast<copy_state>(m.state);
    report_.recovered += m.exists ? 1 : 0;
    if (!view.asked && view.exists != m.exists)
        fail(fmt::format("the relationship with {} was told to {}, and {}", view.path,
                         view.exists ? "exist" : "be gone",
                         m.exists ? "is there" : "is forgotten"));
    else if (!view.asked && m.exists && !follows(view.state, state))
        fail(fmt::format("{} was {}, and is {} after the kill", view.path, view.state, state));
    if (m.exists && state == copy_state::synchronized && m.different_bytes != 0)
        fail(fmt::format("{} is Synchronized, and {} bytes of it differ", view.path,
                         m.different_bytes));
    view.asked = false;
    view.exists = m.exists;
    view.state = state;
}

/// No worker is alive: the legs hold what was acknowledged, whoever reads them.
void torture::judge_devices()
{
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        target_view& view = targets_[i];
        const bool in_sync =
            i == 0 || (view.exists && !view.asked && view.state == copy_state::synchronized);
        if (in_sync) {
            if (const auto wrong = oracle_.check(0, content_of(view.path, volume_bytes)))
                fail(view.path + ": " + wrong->text);
        } else if (view.frozen) {
            judge_frozen(view);
        }
    }
}

void torture::compare(const target_view& view)
{
    ++report_.comparisons;
    const auto at =
        difference(content_of(source_, volume_bytes), content_of(view.path, volume_bytes));
    if (at) fail(fmt::format("{} is Synchronized and differs at byte {}", view.path, *at));
}

void torture::judge_frozen(target_view& view)
{
    ++report_.frozen;
    if (const auto at = difference(*view.frozen, content_of(view.path, volume_bytes)))
        fail(fmt::format("{} is apart and has changed at byte {}", view.path, *at));
}

}  // namespace cimrep::test
