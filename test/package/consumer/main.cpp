// test/package/consumer/main.cpp -- a program of a user: writes a block and reads it back.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cimrep.hpp>

#include <array>
#include <cstdio>

namespace {
int completions = 0;
cimrep::error_code last_error;

void transfer(cimrep::event_loop& loop, cimrep::block_device& device, cimrep::io_op& op)
{
    op.done = [](cimrep::io_op&, cimrep::error_code error) noexcept {
        ++completions;
        last_error = error;
    };
    const int before = completions;
    device.submit(op);
    while (completions == before) loop.run_once();
}
}  // namespace

int main()
{
    cimrep::portable_loop loop;
    cimrep::memory_device device(loop, {.size_bytes = cimrep::mib});
    std::array<std::byte, 4096> written{};
    std::array<std::byte, 4096> read{};
    written.fill(std::byte{0x5a});
    cimrep::io_op op;
    op.prepare_write(8192, written);
    transfer(loop, device, op);
    op.prepare_read(8192, read);
    transfer(loop, device, op);
    const bool right = completions == 2 && !last_error && read == written;
    std::printf("cimrep %s: %s\n", CIMREP_VERSION, right ? "read what was written" : "wrong data");
    return right ? 0 : 1;
}
