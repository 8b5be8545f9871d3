// test/package/errc_object.cpp -- makes an error code in a shared object of its own.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/base/error.hpp>

__attribute__((visibility("default"))) std::error_code MAKE_CODE()
{
    return cimrep::errc::closed;
}
