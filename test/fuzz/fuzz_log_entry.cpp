// test/fuzz/fuzz_log_entry.cpp -- libFuzzer's door to fuzz_log_record().
// SPDX-License-Identifier: BSL-1.0
#include "store_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    cimrep::test::fuzz_log_record(std::as_bytes(std::span(data, size)));
    return 0;
}
