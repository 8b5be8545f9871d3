// bench/product.hpp -- the library as a product drives it: a loop, elements, a shard, host I/O.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/uring/uring_loop.hpp>
#include <cimrep/runtime/shard.hpp>
#include <cimrep/store/device_repository.hpp>

#include "support.hpp"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// An operation that can be waited for.
template <class Op>
struct waited : Op {
    bool over = false;
    waited()
    {
        this->done = [](Op& op) noexcept { static_cast<waited&>(op).over = true; };
    }
};

/// Elements named by the path of their device or file.
class path_elements final : public cimrep::element_provider {
public:
    explicit path_elements(cimrep::uring_loop& loop) : loop_(&loop) {}
    cimrep::outcome<cimrep::element_description> describe(
        const cimrep::object_path& path) const override;
    cimrep::outcome<std::unique_ptr<cimrep::block_device>> open(
        cimrep::event_loop& loop, const cimrep::object_path& path,
        const cimrep::element_open_request& request) override;
    static cimrep::object_path path_of(const std::string& device);

private:
    cimrep::uring_loop* loop_;
};

/// What a product has: built up in order, closed in the reverse order.
class product {
public:
    /// `repository`: a device or file that becomes one; empty: states live in memory only.
    explicit product(const std::string& source, cimrep::shard_options options = {},
                     const std::string& repository = {});
    product(const product&) = delete;
    product& operator=(const product&) = delete;
    ~product();

    cimrep::uring_loop& loop() noexcept { return *loop_; }
    cimrep::volume& volume() noexcept { return *volume_; }
    std::uint64_t commits() const noexcept { return store_ ? store_->statistics().commits : 0; }
    void register_buffer(std::span<std::byte> memory);

    /// Starts a mirror of the source; returns before anything has been copied.
    cimrep::relationship& mirror(const std::string& target, cimrep::initial_synchronization how);
    void request(cimrep::relationship& which, cimrep::operation what);
    void wait_for(cimrep::relationship& which, cimrep::copy_state state);

    /// Mirrors the source to `target` and dissolves the pair again; the seconds that the copy took,
    /// from the end of the opening of the target until the pair is Synchronized.
    double initial_copy(const std::string& target);

    /// Runs `load` through the front of the volume; the seconds it took.
    double random(const random_load& load, const page_buffer& memory);

    /// Takes a point in time of the volume, whose number it returns; drops one.
    std::uint64_t take_point(const std::string& pool);
    void drop_point(std::uint64_t number);
    /// All that was kept since is worth nothing.
    bool has_broken_point() const;

    /// Writes a block into every `every`-th region.
    void write_regions(std::uint64_t size_bytes, std::uint64_t region_bytes, std::uint64_t every,
                       const page_buffer& memory);
    /// What copies and hosts have written to a leg so far.
    std::uint64_t written_bytes(std::size_t leg);

private:
    cimrep::relationship& start_mirror(const std::string& target,
                                       cimrep::initial_synchronization how, cimrep::control_op& op);
    void run_until(const std::function<bool()>& reached);
    void make_repository(const std::string& path);
    void close_repository();

    std::unique_ptr<cimrep::uring_loop> loop_;
    std::unique_ptr<cimrep::block_device> copy_;  ///< of the repository
    std::unique_ptr<cimrep::device_repository> store_;
    std::unique_ptr<path_elements> elements_;
    std::unique_ptr<cimrep::shard> shard_;
    cimrep::volume* volume_ = nullptr;
    std::string source_;
    std::int32_t buffer_index_ = -1;
};

}  // namespace bench
