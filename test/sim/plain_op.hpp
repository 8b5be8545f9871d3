// test/sim/plain_op.hpp -- an operation of nobody's host, which remembers how it has ended.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/io_op.hpp>

namespace cimrep::test {

struct plain_op : io_op {
    bool over = false;
    error_code error;
    plain_op()
    {
        done = [](io_op& op, error_code why) noexcept {
            auto& self = static_cast<plain_op&>(op);
            self.over = true;
            self.error = why;
        };
    }
};

}  // namespace cimrep::test
