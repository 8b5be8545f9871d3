// examples/cimrepctl/store_op.hpp -- operations of a repository, each waited for.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/event_loop.hpp>

namespace cimrepctl {

/// An operation of the store that remembers that it is over.
template <class Op>
struct waited_store_op : Op {
    bool over = false;
    waited_store_op()
    {
        this->done = [](Op& op) noexcept { static_cast<waited_store_op&>(op).over = true; };
    }
    /// Not ended by signals: what is begun is a matter of a moment, and is not left half done.
    void wait(cimrep::event_loop& loop) const
    {
        while (!over) loop.run_once();
    }
};

}  // namespace cimrepctl
