// test/support/tapped_elements.hpp -- elements whose operations a test sees, and may make deaf.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/io/block_device.hpp>
#include <cimrep/runtime/element_provider.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace cimrep::test {

/// Hands on the elements of another provider, each behind a device that shows every operation.
///
/// A cancel() that is heard ends a held op unseen by what lies below; deaf devices lose every one,
/// so that what is held does all of its work when it is let go, however late.
class tapped_elements final : public element_provider {
public:
    explicit tapped_elements(element_provider& below) : below_(&below) {}

    /// Is shown each op before its element is; the element's name is its DeviceID.
    std::function<void(const std::string& name, const io_op& op)> shown;
    bool deaf = true;
    std::set<std::string> gone;  ///< are not there to be opened

    outcome<element_description> describe(const object_path& path) const override
    {
        return below_->describe(path);
    }
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path& path,
                                                const element_open_request& request) override
    {
        std::string name = *path.key_as<std::string>("DeviceID");
        if (gone.contains(name))
            return fail(std::make_error_code(std::errc::no_such_device), name, "bring it back");
        CIMREP_TRY(auto device, below_->open(loop, path, request));
        return std::unique_ptr<block_device>(
            std::make_unique<tap>(*this, std::move(name), std::move(device)));
    }

private:
    class tap final : public block_device {
    public:
        tap(tapped_elements& owner, std::string name, std::unique_ptr<block_device> below)
            : owner_(&owner), name_(std::move(name)), below_(std::move(below))
        {
        }
        const geometry& shape() const noexcept override { return below_->shape(); }
        event_loop& loop() const noexcept override { return below_->loop(); }
        void submit(io_op& op) noexcept override
        {
            if (owner_->shown) owner_->shown(name_, op);
            below_->submit(op);
        }
        void cancel(io_op& op) noexcept override
        {
            if (!owner_->deaf) below_->cancel(op);
        }
        result<> data_extents(const std::function<void(byte_extent)>& report) const override
        {
            return below_->data_extents(report);
        }

    private:
        tapped_elements* owner_;
        std::string name_;
        std::unique_ptr<block_device> below_;
    };

    element_provider* below_;
};

}  // namespace cimrep::test
