// test/sim/scarce_memory.cpp -- the global operator new of this program, and who is inside.
// SPDX-License-Identifier: BSL-1.0
#include "scarce_memory.hpp"

#include <cimrep/io/event_loop.hpp>
#include <cimrep/testing/seeded_random.hpp>

#include <cstdlib>
#include <new>
#include <unordered_map>
#include <utility>

namespace cimrep::test {

namespace {

struct memory_state {
    bool inside = false;
    bool random = false;
    std::uint64_t left = UINT64_MAX;  ///< allocations until the first that fails
    std::uint64_t run = 0;            ///< allocations that fail then
    std::uint64_t failures = 0;
    seeded_random choices{1};
};

memory_state& state() noexcept
{
    static memory_state all;
    return all;
}

void draw(memory_state& of) noexcept
{
    of.left = of.choices.chance(0.3) ? of.choices.below(12) : of.choices.below(1500);
    of.run = of.choices.chance(0.7) ? 1 : of.choices.between(1, 6);
}

[[maybe_unused]] bool fails() noexcept
{
    memory_state& of = state();
    if (!of.inside || of.left == UINT64_MAX) return false;
    if (of.left > 0) return --of.left, false;
    ++of.failures;
    if (--of.run == 0) of.random ? draw(of) : void(of.left = UINT64_MAX);
    return true;
}

}  // namespace

library_scope::library_scope(bool inside) noexcept : before_(std::exchange(state().inside, inside))
{
}

library_scope::~library_scope()
{
    state().inside = before_;
}

void scarce_memory::fail(std::uint64_t after, std::uint64_t count) noexcept
{
    suffice();
    state().failures = 0;
    state().left = after;
    state().run = count;
}

void scarce_memory::fail_at_random(std::uint64_t seed) noexcept
{
    suffice();
    state().failures = 0;
    state().random = true;
    state().choices = seeded_random(seed);
    draw(state());
}

void scarce_memory::suffice() noexcept
{
    state().random = false;
    state().left = UINT64_MAX;
}

std::uint64_t scarce_memory::failures() noexcept
{
    return state().failures;
}

namespace {

/// Puts itself between an operation's end and whoever waits for it.
class scarce_device final : public block_device {
public:
    explicit scarce_device(std::unique_ptr<block_device> below) : below_(std::move(below)) {}

    const geometry& shape() const noexcept override { return below_->shape(); }
    event_loop& loop() const noexcept override { return below_->loop(); }
    void submit(io_op& op) noexcept override
    {
        const user_scope device;
        waiting().emplace(&op, op.done);
        op.done = [](io_op& which, error_code error) noexcept {
            const auto found = waiting().extract(&which);
            which.done = found.mapped();
            const library_scope library;
            which.done(which, error);
        };
        below_->submit(op);
    }
    void cancel(io_op& op) noexcept override
    {
        const user_scope device;
        below_->cancel(op);
    }
    result<> data_extents(const std::function<void(byte_extent)>& report) const override
    {
        const user_scope device;
        return below_->data_extents(report);
    }

private:
    using ending = void (*)(io_op&, error_code) noexcept;
    static std::unordered_map<io_op*, ending>& waiting()
    {
        static std::unordered_map<io_op*, ending> all;
        return all;
    }

    std::unique_ptr<block_device> below_;
};

}  // namespace

std::unique_ptr<block_device> in_scarce_memory(std::unique_ptr<block_device> below)
{
    return std::make_unique<scarce_device>(std::move(below));
}

#if defined(__linux__)

bool memory_can_fail() noexcept
{
    return true;
}

namespace {

void* take(std::size_t bytes, std::size_t alignment)
{
    if (fails()) throw std::bad_alloc();
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* const memory = alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__
                             ? std::malloc(bytes == 0 ? 1 : bytes)
                             : std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

#else

bool memory_can_fail() noexcept
{
    return false;
}

#endif

}  // namespace cimrep::test

#if defined(__linux__)

// The other forms come to these.
void* operator new(std::size_t bytes)
{
    return cimrep::test::take(bytes, 1);
}
void* operator new(std::size_t bytes, std::align_val_t alignment)
{
    return cimrep::test::take(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}

#endif
