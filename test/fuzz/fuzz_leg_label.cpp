// test/fuzz/fuzz_leg_label.cpp -- libFuzzer's door to fuzz_leg_label().
// SPDX-License-Identifier: BSL-1.0
#include "store_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    cimrep::test::fuzz_leg_label(std::as_bytes(std::span(data, size)));
    return 0;
}
