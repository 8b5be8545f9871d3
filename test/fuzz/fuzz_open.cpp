// test/fuzz/fuzz_open.cpp -- libFuzzer's door to fuzz_open().
// SPDX-License-Identifier: BSL-1.0
#include "store_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    cimrep::test::fuzz_open(std::as_bytes(std::span(data, size)));
    return 0;
}
