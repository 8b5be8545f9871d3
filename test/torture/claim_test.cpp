// torture/claim_test.cpp -- a second process is refused by the name of the first, dead or alive.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/copy_state.hpp>
#include <cimrep/io/portable_loop.hpp>
#include <cimrep/io/uring/device_guard.hpp>

#include "catch.hpp"
#include "frozen_disk.hpp"
#include "stage.hpp"
#include "worker_process.hpp"
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>

using namespace cimrep;
using namespace cimrep::test;
using Catch::Matchers::Contains;

namespace {

constexpr std::uint64_t volume_bytes = 8 * mib;
constexpr std::uint64_t repository_bytes = 2 * mib;

/// A worker and what it has said.
struct visitor {
    visitor(event_loop& used, const worker_devices& devices)
        : clock(used), worker(used, devices, volume_bytes, [this](const message& m) {
              ready |= m.what == topic::ready;
              if (m.what == topic::found || m.what == topic::told)
                  state = static_cast<copy_state>(m.state);
              was_broken |= state == copy_state::broken;
              if (m.what == topic::failed) refusal = m.text;
          })
    {
    }
    /// Until it is ready or has gone.
    bool opens()
    {
        const monotonic_time late = clock.now() + seconds(60);
        while (!ready && clock.now() < late && worker.pump(milliseconds(20))) {
        }
        return ready;
    }
    /// Until its first target is in that state.
    bool becomes(copy_state wanted)
    {
        const monotonic_time late = clock.now() + seconds(20);
        while (state != wanted && clock.now() < late && worker.pump(milliseconds(20))) {
        }
        return state == wanted;
    }
    void close()
    {
        worker.send({.what = topic::close});
        while (worker.pump(milliseconds(20))) {
        }
        CHECK(worker.reap() == 0);
    }

    event_loop& clock;
    bool ready = false;
    copy_state state = copy_state::not_applicable;
    bool was_broken = false;
    std::string refusal;
    worker_process worker;
};

std::string named(const visitor& holder)
{
    return "test_worker (process " + std::to_string(holder.worker.id()) + ")";
}

/// Waits until `reached`, for a minute at most.
bool comes_true(event_loop& clock, const std::function<bool()>& reached)
{
    const monotonic_time late = clock.now() + seconds(60);
    while (!reached() && clock.now() < late) clock.run_once(milliseconds(1));
    return reached();
}

void refuse_the_second(bool loop_devices)
{
    portable_loop clock;
    stage devices(loop_devices);
    const std::string claimed = loop_devices ? " is claimed by " : " is locked by ";
    const worker_devices all{
        .format = true,
        .copies = {devices.add("a", repository_bytes), devices.add("b", repository_bytes)},
        .elements = {devices.add("source", volume_bytes)}};
    const std::string other = devices.add("other", repository_bytes);
    const std::string free_source = devices.add("free", volume_bytes);
    visitor first(clock, all);
    REQUIRE(first.opens());

    visitor of_both_copies(clock, {.copies = all.copies, .elements = all.elements});
    REQUIRE_FALSE(of_both_copies.opens());
    CHECK_THAT(of_both_copies.refusal, Contains(all.copies[0] + claimed + named(first)));

    visitor of_one_copy(clock, {.copies = {all.copies[1]}, .elements = {free_source}});
    REQUIRE_FALSE(of_one_copy.opens());
    CHECK_THAT(of_one_copy.refusal, Contains(all.copies[1] + claimed + named(first)));

    visitor of_the_element(clock, {.format = true, .copies = {other}, .elements = all.elements});
    REQUIRE_FALSE(of_the_element.opens());
    CHECK_THAT(of_the_element.refusal, Contains(all.elements[0] + claimed + named(first)));

    // Nothing of this has disturbed the first one, and it leaves nothing behind.
    first.close();
    visitor next(clock, {.copies = all.copies, .elements = all.elements});
    REQUIRE(next.opens());
    next.close();
}

/// A host's write that does not end.
struct host_write : io_op {
    std::vector<std::byte> data = std::vector<std::byte>(4096, std::byte{7});
    int ended = 0;
    explicit host_write(std::uint64_t at)
    {
        prepare_write(at, std::span<const std::byte>(data));
        done = [](io_op& op, error_code) noexcept { ++static_cast<host_write&>(op).ended; };
    }
};

std::string words_of(const std::filesystem::path& file)
{
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    return line;
}

/// True once the kernel has a request for `path` that does not end: of a device in its queue, of a
/// file in a thread of the process that waits.
bool is_held_up(const std::string& path, pid_t id)
{
    struct stat about {};
    if (::stat(path.c_str(), &about) == 0 && S_ISBLK(about.st_mode)) {
        std::istringstream counts(words_of("/sys/dev/block/" +
                                           std::to_string(major(about.st_rdev)) + ":" +
                                           std::to_string(minor(about.st_rdev)) + "/inflight"));
        unsigned reads = 0, writes = 0;
        counts >> reads >> writes;
        return writes > 0;
    }
    const auto waits = [](const std::filesystem::directory_entry& thread) {
        const std::string line = words_of(thread.path() / "stat");
        return line.find(") D ") != std::string::npos;
    };
    const std::filesystem::directory_iterator threads("/proc/" + std::to_string(id) + "/task");
    return std::any_of(begin(threads), end(threads), waits);
}

/// Nothing of a test may wait for ever for what is frozen.
struct thaw_at_the_end {
    frozen_disk& cold;
    ~thaw_at_the_end() { cold.thaw(); }
};

/// Kills a holder while writes to `source` are in flight; it thaws when this has been seen.
void outlive_the_holder(frozen_disk& cold, const std::string& source, const char* expected)
{
    portable_loop clock;
    stage warm(false);
    worker_devices devices{
        .format = true, .copies = {warm.add("a", repository_bytes)}, .elements = {source}};
    host_write write(0), another(volume_bytes / 2);
    auto first = std::make_unique<visitor>(clock, devices);
    REQUIRE(first->opens());
    const std::string name = named(*first);
    devices.format = false;
    const thaw_at_the_end guard{cold};
    REQUIRE(cold.freeze());
    first->worker.submit(write);
    first->worker.submit(another);
    // The marks are made elsewhere; then the writes are with the kernel, and stay there.
    CHECK(comes_true(clock, [&] {
        first->worker.pump(milliseconds(1));
        return is_held_up(source, first->worker.id());
    }));
    CHECK(write.ended == 0);
    CHECK(::kill(first->worker.id(), SIGKILL) == 0);
    // A holder whose requests are with the kernel's own threads dies at once, others with them.
    for (int i = 0; i < 50; ++i) clock.run_once(milliseconds(5));
    const bool kept = !claim_is_free(source);
    const std::string own = warm.add("b", repository_bytes);
    visitor second(clock, {.format = true, .copies = {own}, .elements = {source}});
    const bool opened = second.opens();
    cold.thaw();
    CHECK(kept);
    CHECK_FALSE(opened);
    CHECK_THAT(second.refusal, Contains(source + " is ") && Contains(expected));
    if (second.refusal.find("test_worker") != std::string::npos)
        CHECK_THAT(second.refusal, Contains(name));

    REQUIRE(comes_true(clock, [&] { return claim_is_free(source); }));
    REQUIRE(comes_true(clock, [&] { return claim_is_free(devices.copies[0]); }));
    first.reset();
    visitor next(clock, devices);
    CHECK(next.opens());
    CHECK(next.refusal.empty());
    next.close();
}

}  // namespace

TEST_CASE("a second process is refused the files of the first, by its name", "[claim]")
{
    refuse_the_second(false);
}

TEST_CASE("a second process is refused the devices of the first, by its name", "[claim]")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    refuse_the_second(true);
}

TEST_CASE("a killed process keeps the claim of a device until its requests end", "[claim]")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    frozen_disk cold;
    if (!cold.missing().empty()) CIMREP_SKIP(cold.missing());
    const loop_device disk(cold.file("disk", volume_bytes));
    outlive_the_holder(cold, disk.path(), "no process that can be seen holds it");
}

TEST_CASE("a killed process keeps the lock of a file until its requests end", "[claim]")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    frozen_disk cold;
    if (!cold.missing().empty()) CIMREP_SKIP(cold.missing());
    outlive_the_holder(cold, cold.file("disk", volume_bytes), "locked");
}

TEST_CASE("a repository stays claimed while an element of its shard has requests", "[claim]")
{
    if (const auto missing = loop_device::missing(); !missing.empty()) CIMREP_SKIP(missing);
    frozen_disk cold;
    if (!cold.missing().empty()) CIMREP_SKIP(cold.missing());
    const loop_device disk(cold.file("disk", volume_bytes));
    portable_loop clock;
    stage warm(false);
    worker_devices devices{.format = true,
                           .copies = {warm.add("a", repository_bytes)},
                           .elements = {disk.path(), warm.add("target", volume_bytes)}};
    host_write write(0);
    visitor first(clock, devices);
    REQUIRE(first.opens());
    first.worker.send({.what = topic::ask, .target = 1});
    REQUIRE(first.becomes(copy_state::synchronized));
    devices.format = false;
    const thaw_at_the_end guard{cold};
    REQUIRE(cold.freeze());
    first.worker.submit(write);
    CHECK(comes_true(clock, [&] {
        first.worker.pump(milliseconds(1));
        return is_held_up(disk.path(), first.worker.id());
    }));
    CHECK(write.ended == 0);
    first.worker.kill();
    for (int i = 0; i < 50; ++i) clock.run_once(milliseconds(5));

    // Nothing is in flight on the repository; but whoever opened it would take the source for lost.
    visitor second(clock, devices);
    CHECK_FALSE(second.opens());
    CHECK_THAT(second.refusal, Contains(devices.copies[0] + " is locked, and no process that can"));
    CHECK_FALSE(claim_is_free(devices.copies[0]));
    CHECK_FALSE(claim_is_free(devices.elements[0]));

    cold.thaw();
    REQUIRE(comes_true(clock, [&] { return claim_is_free(devices.copies[0]); }));
    visitor third(clock, devices);
    REQUIRE(third.opens());
    CHECK(third.becomes(copy_state::synchronized));
    CHECK_FALSE(third.was_broken);
    third.close();
    CHECK(content_of(devices.elements[0], volume_bytes) ==
          content_of(devices.elements[1], volume_bytes));
}

TEST_CASE("those who have a file open are found with what they lock", "[claim]")
{
    temporary_directory directory;
    const std::string path = directory.file("image", 4096);
    const auto mine = [&]() -> std::optional<device_opener> {
        const auto all = find_device_openers(path);
        REQUIRE(all);
        const auto found = std::ranges::find(all.value(), ::getpid(), &device_opener::process_id);
        if (found == all.value().end()) return std::nullopt;
        return *found;
    };
    CHECK_FALSE(mine());
    const int looked_at = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    CHECK_FALSE(mine());
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(mine());
    CHECK(mine()->program == "test_torture");
    CHECK_FALSE(mine()->locks);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    REQUIRE(::fcntl(file, F_OFD_SETLK, &lock) == 0);
    CHECK(mine()->locks);
    ::close(file);
    ::close(looked_at);
    CHECK_FALSE(mine());
    CHECK(find_device_openers(path + "-not").error().code == std::errc::no_such_file_or_directory);
}
