// test/compile_fail/copied_op.cpp -- an operation in flight has one address, so it has no copies.
// SPDX-License-Identifier: BSL-1.0
// expect: deleted
#include <cimrep/io/io_op.hpp>

using namespace cimrep;

void use(io_op& op)
{
#ifdef CIMREP_WRONG
    io_op other = op;
#else
    io_op& other = op;
#endif
    other.prepare_flush();
}
