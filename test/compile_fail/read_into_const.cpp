// test/compile_fail/read_into_const.cpp -- memory that is const is written out, never read into.
// SPDX-License-Identifier: BSL-1.0
// expect: prepare_read
#include <cimrep/io/io_op.hpp>

using namespace cimrep;

void use(io_op& op, std::span<const std::byte> memory)
{
#ifdef CIMREP_WRONG
    op.prepare_read(0, memory);
#else
    op.prepare_write(0, memory);
#endif
}
