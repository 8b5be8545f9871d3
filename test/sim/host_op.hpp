// test/sim/host_op.hpp -- an operation of a host, with what the host knows of it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>

#include "sim_host.hpp"
#include <vector>

namespace cimrep::test {

struct sim_host::host_op : io_op {
    struct moment : timer {
        host_op* of = nullptr;
    };
    sim_host* owner = nullptr;
    content_oracle::operation_id id = 0;
    std::vector<std::byte> memory;
    std::vector<std::byte> expected;            ///< of a comparison
    content_oracle::operation_id compared = 0;  ///< the read that stands for it
    /// The write that each sector held when it was submitted; nothing unless it must be equal.
    std::vector<content_oracle::operation_id> certain;
    bool over = true;
    bool free = true;  ///< its memory is
    bool doubted = false;
    std::uint64_t sent = 0;
    bool cancels = false;   ///< cancel() was called
    bool too_late = false;  ///< its deadline had come when it was submitted
    moment to_cancel;
    moment to_look;      ///< whether it has ended, as it should have
    unsigned looks = 0;  ///< that it was seen waiting nevertheless
};

}  // namespace cimrep::test
