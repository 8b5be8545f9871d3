// examples/010_first_mirror.cpp -- the least a product writes: a volume, host I/O and its mirror.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/uring_loop.hpp>
#include <cimrep/runtime/file_elements.hpp>
#include <cimrep/runtime/shard.hpp>
#include <cimrep/service/replication_service.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace cimrep;

namespace {

constexpr std::uint64_t size_bytes = 16 * mib;

/// Two files of a product, here in a folder that is gone at the end.
struct two_files {
    std::filesystem::path folder = std::filesystem::temp_directory_path();
    std::string source, target;

    two_files()
    {
        std::string name = (folder / "cimrep-first-").string() + std::string(6, 'X');
        if (mkdtemp(name.data()) == nullptr) std::exit(EXIT_FAILURE);
        folder = name;
        source = make("source");
        target = make("target");
    }
    ~two_files() { std::filesystem::remove_all(folder); }
    std::string make(const char* name) const
    {
        const auto path = folder / name;
        std::ofstream{path};
        std::filesystem::resize_file(path, size_bytes);
        return path.string();
    }
};

std::vector<char> content_of(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A host's write, in memory that stays until it is done.
struct host_write : io_op {
    std::vector<std::byte> data = std::vector<std::byte>(64 * kib, std::byte{42});
    bool over = false;
    error_code error{};
};

struct closing_op : control_op {
    bool over = false;
};

outcome<> mirror(const two_files& files)
{
    // The loop: one io_uring. The elements: what the product has. The shard: all that is on it.
    auto loop = uring_loop::create({.queue_depth = 256});
    if (!loop) return fail(loop.error(), "cannot set up io_uring");
    file_elements elements(*loop.value());
    CIMREP_TRY(const object_path source, elements.add(files.source));
    CIMREP_TRY(const object_path target, elements.add(files.target));
    CIMREP_TRY(const auto shard, shard::open(*loop.value(), {.elements = &elements}));

    // Host I/O enters through the volume's front, a block device like any other.
    closing_op closing;
    closing.done = [](control_op& op) noexcept { static_cast<closing_op&>(op).over = true; };
    const auto ended = [&]() -> outcome<> {
        CIMREP_TRY(volume * volume, shard->volume(source));
        host_write write;
        write.prepare_write(1 * mib, write.data);
        write.done = [](io_op& op, error_code error) noexcept {
            static_cast<host_write&>(op).error = error;
            static_cast<host_write&>(op).over = true;
        };
        volume->front().submit(write);

        // A CIM method creates the mirror; the copy is a job that goes on while the host writes.
        replication_service service(*shard);
        const auto made =
            service.run<create_element_replica>({.sync_type = sync_type::mirror,
                                                 .source_element = source,
                                                 .target_element = target,
                                                 .wait_for_copy_state = copy_state::synchronized});
        while (!write.over) loop.value()->run_once();
        if (made.error) return *made.error;
        if (write.error) return fail(write.error, "the host's write");
        if (made.job && service.run_job(*made.job) != job_state::completed)
            return *service.find_job(*made.job)->error();
        return success();
    }();

    // Drains, flushes, lets go of both files.
    shard->close(closing);
    while (!closing.over) loop.value()->run_once();
    if (ended && closing.error) return *closing.error;
    return ended;
}

}  // namespace

int main()
{
    const two_files files;
    if (const auto ended = mirror(files); !ended) {
        std::fprintf(stderr, "%s\n", ended.error().sentence().c_str());
        return EXIT_FAILURE;
    }
    const auto copy = content_of(files.target);
    const bool equal = copy == content_of(files.source) && copy[1 * mib] == 42;
    std::puts(equal ? "the target is a mirror of the source" : "the files differ");
    return equal ? EXIT_SUCCESS : EXIT_FAILURE;
}
