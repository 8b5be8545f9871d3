// examples/200_asio_callback.cpp -- host I/O with callbacks, the loop inside an io_context.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/async/async_io.hpp>
#include <cimrep/io/memory_device.hpp>
#include <cimrep/io/portable_loop.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

namespace asio = boost::asio;

namespace {

/// Writes a block, makes it durable, and reads it again: each step starts the next.
class round_trip {
public:
    round_trip(cimrep::loop_in_io_context& driver, cimrep::block_device& device)
        : driver_(driver), device_(device)
    {
        written_.fill(std::byte{42});
    }

    void start()
    {
        cimrep::async_write(driver_, device_, 0, written_,
                            [this](boost::system::error_code error) { flush(error); });
    }
    bool succeeded() const { return succeeded_; }

private:
    void flush(boost::system::error_code error)
    {
        if (error) return end(error);
        cimrep::async_flush(driver_, device_,
                            [this](boost::system::error_code ended) { read(ended); });
    }
    void read(boost::system::error_code error)
    {
        if (error) return end(error);
        cimrep::async_read(driver_, device_, 0, read_,
                           [this](boost::system::error_code ended) { end(ended); });
    }
    void end(boost::system::error_code error)
    {
        succeeded_ = !error && read_ == written_;
        std::printf("callback: %s\n", error ? error.message().c_str() : "read what was written");
        driver_.stop();  // nothing else is to come: run() returns
    }

    cimrep::loop_in_io_context& driver_;
    cimrep::block_device& device_;
    std::array<std::byte, 4096> written_{}, read_{};
    bool succeeded_ = false;
};

}  // namespace

int main()
{
    cimrep::portable_loop loop;
    cimrep::memory_device device(loop);
    asio::io_context context;
    cimrep::loop_in_io_context driver(context, loop);

    round_trip trip(driver, device);
    trip.start();
    context.run();
    return trip.succeeded() ? 0 : 1;
}
