// test/support/sparse_device.hpp -- a device of any size that keeps only what was written to it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>
#include <cimrep/io/fault_device.hpp>
#include <cimrep/runtime/element_provider.hpp>

#include "runtime_rig.hpp"
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <string>

namespace cimrep::test {

/// Keeps pages of 4 KiB, which are its blocks. Everything else reads zeros.
class sparse_device final : public block_device {
public:
    static constexpr std::uint32_t page_bytes = 4096;

    sparse_device(event_loop& loop, std::uint64_t size_bytes) : loop_(&loop)
    {
        shape_.size_bytes = size_bytes;
        shape_.logical_block_bytes = shape_.physical_block_bytes = page_bytes;
        shape_.volatile_cache = true;
    }
    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return *loop_; }
    void submit(io_op& op) noexcept override
    {
        op.device = this;
        error_code error = check_bounds(op, shape_);
        if (!error && (op.kind == io_kind::discard || op.kind == io_kind::compare_and_write))
            error = errc::not_supported;
        if (!error) transfer(op);
        loop_->complete(op, error);
    }
    void cancel(io_op&) noexcept override {}
    result<> data_extents(const std::function<void(byte_extent)>& report) const override
    {
        for (const auto& each : pages_) report({each.first, page_bytes});
        return success();
    }

    /// What the first byte of a page is, as a number.
    unsigned at(std::uint64_t offset) const
    {
        const auto found = pages_.find(offset);
        return found == pages_.end() ? 0u : std::to_integer<unsigned>(found->second[0]);
    }
    bool equals(const sparse_device& other) const { return pages_ == other.pages_; }

private:
    using page = std::array<std::byte, page_bytes>;

    // Zeros are not kept, so that equal devices keep the same pages.
    void keep(std::uint64_t at, const std::byte* data)
    {
        static constexpr page zeros{};
        if (std::memcmp(data, zeros.data(), page_bytes) == 0)
            pages_.erase(at);
        else
            std::memcpy(pages_[at].data(), data, page_bytes);
    }
    void transfer(io_op& op)
    {
        std::uint64_t at = op.offset_bytes;
        if (op.kind == io_kind::write_zeroes)
            pages_.erase(pages_.lower_bound(at), pages_.lower_bound(op.extent().end_bytes()));
        if (op.kind == io_kind::write)
            for (const const_io_segment& each : op.write_segments())
                for (std::size_t i = 0; i < each.size_bytes; i += page_bytes, at += page_bytes)
                    keep(at, each.data + i);
        if (op.kind == io_kind::read)
            for (const io_segment& each : op.read_segments())
                for (std::size_t i = 0; i < each.size_bytes; i += page_bytes, at += page_bytes) {
                    const auto found = pages_.find(at);
                    if (found == pages_.end())
                        std::memset(each.data + i, 0, page_bytes);
                    else
                        std::memcpy(each.data + i, found->second.data(), page_bytes);
                }
    }

    event_loop* loop_;
    geometry shape_;
    std::map<std::uint64_t, page> pages_;
};

/// Elements of that kind by name, each below a fault_device. They live as long as the provider.
class sparse_elements final : public element_provider {
public:
    explicit sparse_elements(event_loop& loop) : loop_(&loop) {}

    void add(const std::string& name, std::uint64_t size_bytes)
    {
        element& made = elements_[name];
        made.sparse = std::make_unique<sparse_device>(*loop_, size_bytes);
        made.faulty = std::make_unique<fault_device>(*made.sparse);
    }
    sparse_device& sparse(const std::string& name) { return *elements_.at(name).sparse; }
    fault_device& device(const std::string& name) { return *elements_.at(name).faulty; }

    outcome<element_description> describe(const object_path& path) const override
    {
        const std::string name = *path.key_as<std::string>("DeviceID");
        const geometry& shape = elements_.at(name).sparse->shape();
        return element_description{path, "sparse:" + name, name, shape.size_bytes,
                                   shape.logical_block_bytes};
    }
    outcome<std::unique_ptr<block_device>> open(event_loop&, const object_path& path,
                                                const element_open_request&) override
    {
        element& found = elements_.at(*path.key_as<std::string>("DeviceID"));
        return std::unique_ptr<block_device>(std::make_unique<borrowed_device>(*found.faulty));
    }

private:
    struct element {
        std::unique_ptr<sparse_device> sparse;
        std::unique_ptr<fault_device> faulty;
    };

    event_loop* loop_;
    std::map<std::string, element> elements_;
};

}  // namespace cimrep::test
