// examples/cimrepctl/losable_elements.cpp -- a fault_device around each device.
// SPDX-License-Identifier: BSL-1.0
#include "losable_elements.hpp"

#include <cimrep/io/fault_device.hpp>

namespace cimrepctl {

namespace {

error_code gone()
{
    return std::make_error_code(std::errc::no_such_device);
}

}  // namespace

/// Owns the device below and the faults around it.
class losable_elements::device final : public block_device {
public:
    device(losable_elements& owner, object_path path, std::unique_ptr<block_device> below)
        : owner_(&owner), path_(std::move(path)), below_(std::move(below)), faults_(*below_)
    {
        owner_->open_[path_] = this;
    }
    ~device() override { owner_->open_.erase(path_); }

    const geometry& shape() const noexcept override { return faults_.shape(); }
    event_loop& loop() const noexcept override { return faults_.loop(); }
    void submit(io_op& op) noexcept override { faults_.submit(op); }
    void cancel(io_op& op) noexcept override { faults_.cancel(op); }
    result<> data_extents(const std::function<void(byte_extent)>& report) const override
    {
        return below_->data_extents(report);
    }

    void lose() { faults_.faults().add({.times = fault::always, .error = gone()}); }
    void bring_back() { faults_.faults().clear(); }

private:
    losable_elements* owner_;
    object_path path_;
    std::unique_ptr<block_device> below_;
    fault_device faults_;
};

void losable_elements::lose(const object_path& path)
{
    lost_.insert(path);
    if (const auto found = open_.find(path); found != open_.end()) found->second->lose();
}

void losable_elements::bring_back(const object_path& path)
{
    lost_.erase(path);
    if (const auto found = open_.find(path); found != open_.end()) found->second->bring_back();
}

outcome<std::unique_ptr<block_device>> losable_elements::open(event_loop& loop,
                                                              const object_path& path,
                                                              const element_open_request& request)
{
    if (lost_.contains(path)) return fail(gone(), to_text(path), "bring it back first");
    CIMREP_TRY(auto opened, below_->open(loop, path, request));
    return std::unique_ptr<block_device>(std::make_unique<device>(*this, path, std::move(opened)));
}

}  // namespace cimrepctl
