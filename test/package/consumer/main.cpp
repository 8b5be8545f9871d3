// test/package/consumer/main.cpp -- a program of a user: the example of README.md.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cimrep.hpp>

#include <array>
#include <cstdio>

// An operation belongs to its caller, who derives from it to know its completion.
struct request : cimrep::io_op {
    request()
    {
        done = [](cimrep::io_op& op, cimrep::error_code error) noexcept {
            auto& self = static_cast<request&>(op);
            self.error = error;
            self.finished = true;
        };
    }
    cimrep::error_code error;
    bool finished = false;
};

int main()
{
    cimrep::portable_loop loop;
    cimrep::memory_device device(loop, {.size_bytes = cimrep::mib});
    std::array<std::byte, 4096> written{};
    std::array<std::byte, 4096> read{};
    written.fill(std::byte{0x5a});

    request write;
    write.prepare_write(8192, written);
    device.submit(write);
    while (!write.finished) loop.run_once();

    request back;
    back.prepare_read(8192, read);
    device.submit(back);
    while (!back.finished) loop.run_once();

    const bool right = !write.error && !back.error && read == written;
    std::puts(right ? "read what was written" : "wrong data");
    return right ? 0 : 1;
}
