// volatile_disk/disk_server.hpp -- disks as files of a file system that this process serves.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <linux/fuse.h>

#include "cached_disk.hpp"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cimrep::test {

/// Answers the kernel's FUSE requests and the test's orders, one after the other.
///
/// Threads:  one.
class disk_server {
public:
    /// @param kernel  a descriptor of /dev/fuse that is mounted.
    /// @param test    a socket of datagrams.
    disk_server(int kernel, int test);

    /// Until the test has gone, or the file system has.
    void run();

private:
    enum class power : std::uint8_t { on, held, off };

    /// What the kernel has asked for: its head and what follows.
    struct request {
        fuse_in_header head;
        std::span<const std::byte> body;
    };

    bool take_request();
    bool take_order();
    void obey(const disk_request& order, disk_answer& answer);
    void lose(const disk_request& order, disk_answer& answer);

    void serve(const request& asked);
    void serve_file_system(const request& asked);
    void serve_transfer(const request& asked);
    void read(const request& asked, cached_disk& disk);
    void write(const request& asked, cached_disk& disk);
    void zero(const request& asked, cached_disk& disk);
    void start(const request& asked);
    void look_up(const request& asked);
    void tell_attributes(const request& asked);
    fuse_attr attributes(std::uint64_t node) const;
    cached_disk* disk_of(std::uint64_t node) const;

    void reply(const request& asked, std::span<const std::byte> content) const;
    void refuse(const request& asked, int error) const;
    template <class Answer>
    void reply_with(const request& asked, const Answer& answer) const
    {
        reply(asked, std::as_bytes(std::span(&answer, 1)));
    }

    int kernel_;
    int test_;
    power power_ = power::on;
    std::vector<std::unique_ptr<cached_disk>> disks_;  // node 2 and so on; 1 is the root
    std::vector<std::byte> buffer_;
    std::vector<std::vector<std::byte>> held_;  // requests, unanswered
};

}  // namespace cimrep::test
