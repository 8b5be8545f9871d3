// worker/worker.hpp -- a product in a process of its own: it obeys, and may be killed at any time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/uring/uring_loop.hpp>
#include <cimrep/runtime/file_elements.hpp>
#include <cimrep/runtime/shard.hpp>
#include <cimrep/store/device_repository.hpp>

#include "wire.hpp"
#include <array>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace cimrep::test {

/// What a worker is started with.
struct worker_orders {
    int socket = -1;  ///< of datagrams, to the test
    int memory = -1;  ///< shared with the test: slots_max slots
    bool format = false;
    std::size_t hot_extents_max = 4;
    std::vector<std::string> copies;    ///< of the repository
    std::vector<std::string> elements;  ///< the source, then the targets
};

/// The real library on io_uring, driven through a socket by another process.
class worker {
public:
    explicit worker(worker_orders orders);
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    ~worker();

    /// Until everything is closed; or the test has gone, which ends the process.
    ///
    /// @errors  what opening was refused with. The test hears of it too.
    outcome<> run();

private:
    struct transfer_op;
    struct asked_op;
    struct listener;

    outcome<> open();
    outcome<> open_repository();
    void close();
    void serve();
    void receive();
    void obey(const message& order);
    void transfer(const message& order);
    void ask(const message& order);
    void tell(topic what, std::uint32_t target);
    relationship* pair(std::uint32_t target) const;
    void send(const message& answer) const;
    void turn_until(const bool& over);

    worker_orders orders_;
    std::byte* memory_ = nullptr;
    std::unique_ptr<uring_loop> loop_;
    std::vector<std::unique_ptr<block_device>> copies_;
    std::unique_ptr<device_repository> store_;
    std::unique_ptr<file_elements> elements_;
    std::vector<object_path> paths_;
    std::unique_ptr<listener> listener_;
    std::unique_ptr<shard> shard_;
    volume* volume_ = nullptr;
    std::unique_ptr<std::array<transfer_op, slots_max>> transfers_;
    std::list<asked_op> asked_;
    bool clean_ = false;
    bool closing_ = false;
};

}  // namespace cimrep::test
