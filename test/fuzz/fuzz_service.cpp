// test/fuzz/fuzz_service.cpp -- libFuzzer's door to fuzz_service().
// SPDX-License-Identifier: BSL-1.0
#include "service_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    cimrep::test::fuzz_service(std::as_bytes(std::span(data, size)));
    return 0;
}
