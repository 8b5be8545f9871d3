// test/runtime/host_allocation_test.cpp -- the host's path asks new for nothing, once it is warm.
// SPDX-License-Identifier: BSL-1.0
#include "leg_rig.hpp"
#include "sparse_device.hpp"
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

// AddressSanitizer has operators of its own, which know what was allocated how: there it would
// measure nothing that the test does not in the other builds.
#if !defined(CIMREP_ADDRESS_SANITIZER)

using namespace cimrep;
using namespace cimrep::test;

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t bytes)
{
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(bytes != 0 ? bytes : 1)) return memory;
    throw std::bad_alloc();
}

}  // namespace

// Of the whole program. The forms that are not here call these, or are not for plain objects.
void* operator new(std::size_t bytes)
{
    return counted(bytes);
}
void* operator new[](std::size_t bytes)
{
    return counted(bytes);
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace {

/// Devices that hold zeros and keep nothing, so that what allocates is the library's.
class idle_device final : public block_device {
public:
    explicit idle_device(event_loop& loop) : loop_(&loop) { shape_.size_bytes = gib; }
    const geometry& shape() const noexcept override { return shape_; }
    event_loop& loop() const noexcept override { return *loop_; }
    void submit(io_op& op) noexcept override
    {
        op.device = this;
        if (op.kind == io_kind::read)
            for (const io_segment& each : op.read_segments())
                std::memset(each.data, 0, each.size_bytes);
        loop_->complete(op, {});
    }
    void cancel(io_op&) noexcept override {}
    result<> data_extents(const std::function<void(byte_extent)>&) const override
    {
        return success();
    }

private:
    event_loop* loop_;
    geometry shape_;
};

struct idle_elements final : element_provider {
    outcome<element_description> describe(const object_path& path) const override
    {
        return element_description{path, to_text(path), "", gib, 512};
    }
    outcome<std::unique_ptr<block_device>> open(event_loop& loop, const object_path&,
                                                const element_open_request&) override
    {
        return std::unique_ptr<block_device>(std::make_unique<idle_device>(loop));
    }
};

}  // namespace

TEST_CASE("after it is open the host's path allocates nothing at all", "[runtime][memory]")
{
    constexpr unsigned count = 400;
    idle_elements elements;
    std::vector<std::byte> data(4096);
    std::vector<std::unique_ptr<host_op>> ops;
    for (unsigned i = 0; i < count; ++i) ops.push_back(std::make_unique<host_op>());
    virtual_rig rig;
    rig.options.elements = &elements;
    rig.open();
    block_device& front = rig.opened->volume(element_path("s")).value()->front();
    rig.wait_for(rig.mirror("s", "t"), copy_state::synchronized);
    rig.settle();

    const std::uint64_t before = allocations.load();
    for (unsigned i = 0; i < count; ++i) {
        host_op& op = *ops[i];
        const std::uint64_t offset = i * 37 % 200 * (mib + 512);
        switch (i % 6) {
        case 0: op.prepare_read(offset, std::span<std::byte>(data)); break;
        case 1: op.prepare_flush(); break;
        case 2: op.prepare_write_zeroes(offset, data.size()); break;
        case 3: op.prepare_compare_and_write(offset, data, data); break;
        case 4: op.unstable_buffer = true; [[fallthrough]];
        case 5: op.prepare_write(offset, std::span<const std::byte>(data)); break;
        }
        front.submit(op);
    }
    for (unsigned turn = 0; turn < 4000 && !ops.back()->over; ++turn) rig.loop.poll();
    const std::uint64_t after = allocations.load();
    CHECK(after == before);
    rig.run_until([&] {
        return std::all_of(ops.begin(), ops.end(), [](const auto& each) { return each->over; });
    });
    for (const auto& each : ops) CHECK_FALSE(each->error);
    ::operator delete(::operator new(1));
    CHECK(allocations.load() > after);  // it does count
}

#endif
