// examples/cimrepctl/claim_wait.cpp -- tells a claim, which may end, from a use that lasts.
// SPDX-License-Identifier: BSL-1.0
#include "claim_wait.hpp"

#include <cimrep/io/uring/device_guard.hpp>

#include <unistd.h>

#include "interrupt.hpp"
#include "kept_repository.hpp"
#include <algorithm>
#include <thread>

namespace cimrepctl {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 2s;
constexpr auto untold = 300ms;  // nobody notices less
constexpr auto pause = 20ms;

/// What this program itself has open is not let go of while it waits.
bool is_held_here(const std::string& path)
{
    const auto openers = find_device_openers(path);
    return openers && std::ranges::any_of(openers.value(), [](const device_opener& each) {
               return each.locks && each.process_id == ::getpid();
           });
}

}  // namespace

bool claim_wait::may_try_again(const std::string& path, const failure& why)
{
    if (why.code != errc::element_in_use || interrupted()) return false;
    // Mounted, a part of another device, or in swap: that does not end by itself.
    const auto user = find_device_user(path);
    if (!user || !user.value().empty() || is_held_here(path)) return false;
    const auto now = std::chrono::steady_clock::now();
    if (!refused_first_) refused_first_ = now;
    const auto waited = now - *refused_first_;
    if (waited >= patience) return false;
    if (waited >= untold && !std::exchange(told_, true))
        out_->note(why.wrong + "; waiting for it, two seconds at most");
    std::this_thread::sleep_for(pause);
    return true;
}

outcome<std::unique_ptr<block_device>> patient_elements::open(event_loop& loop,
                                                              const object_path& path,
                                                              const element_open_request& request)
{
    return wait_.open(location_of(path), [&] { return files_->open(loop, path, request); });
}

}  // namespace cimrepctl
