// examples/020_repository.cpp -- a relationship that outlives the process: the repository.
// SPDX-License-Identifier: BSL-1.0
//
// 010_first_mirror.cpp keeps its relationship in memory: at the end of the process it is gone. Here
// a repository, on a file of its own, remembers relationships, their states, and what may differ.
// The program lives twice: it makes a mirror and ends in order, then finds the mirror again.
#include <cimrep/cim/format.hpp>
#include <cimrep/io/uring/uring_device.hpp>
#include <cimrep/io/uring/uring_loop.hpp>
#include <cimrep/runtime/file_elements.hpp>
#include <cimrep/runtime/shard.hpp>
#include <cimrep/service/replication_service.hpp>
#include <cimrep/store/device_repository.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace cimrep;

namespace {

constexpr std::uint64_t size_bytes = 16 * mib;
/// A small product needs little; `repository_format_options` has the defaults for a large one.
constexpr std::uint64_t repository_bytes = 8 * mib;

/// Three files of a product, here in a folder that is gone at the end. A real repository is on two
/// devices, neither of them one that is mirrored: losing one then loses no state.
struct three_files {
    std::filesystem::path folder = std::filesystem::temp_directory_path();
    std::string source, target, repository;

    three_files()
    {
        std::string name = (folder / "cimrep-repository-").string() + std::string(6, 'X');
        if (mkdtemp(name.data()) == nullptr) std::exit(EXIT_FAILURE);
        folder = name;
        source = make("source", size_bytes);
        target = make("target", size_bytes);
        repository = make("repository", repository_bytes);
    }
    ~three_files() { std::filesystem::remove_all(folder); }
    std::string make(const char* name, std::uint64_t bytes) const
    {
        const auto path = folder / name;
        std::ofstream{path};
        std::filesystem::resize_file(path, bytes);
        return path.string();
    }
};

/// An operation of the library that remembers its end: of a repository, of a shard.
template <class Op>
struct waited : Op {
    bool over = false;
    waited()
    {
        this->done = [](Op& op) noexcept { static_cast<waited&>(op).over = true; };
    }
};

/// A host's operation, in memory that stays until it is done.
struct host_op : io_op {
    std::vector<std::byte> data = std::vector<std::byte>(64 * kib);
    bool over = false;
    error_code error{};
    host_op()
    {
        done = [](io_op& op, error_code why) noexcept {
            static_cast<host_op&>(op).error = why;
            static_cast<host_op&>(op).over = true;
        };
    }
};

/// All that one life of the product has open.
class product {
public:
    /// Opens everything, in the order in which each thing stands on the one before.
    static outcome<std::unique_ptr<product>> start(const three_files& files, bool first_time)
    {
        std::unique_ptr<product> made(new product);
        CIMREP_TRY(made->open_loop());
        CIMREP_TRY(made->open_repository(files.repository, first_time));
        CIMREP_TRY(made->open_shard(files));
        return made;
    }
    ~product() { (void)stop(); }

    /// Closes everything, in the opposite order. The shard comes first: it drains, flushes its
    /// legs, and records that nothing is in flight any more. Then the repository gets its clean
    /// mark. A product that dies instead finds its relationships too, and copies what it had been
    /// writing to just before.
    outcome<> stop()
    {
        outcome<> ended = success();
        if (shard_ != nullptr) {
            waited<control_op> closing;
            shard_->close(closing);
            run_until(closing.over);
            if (closing.error) ended = *closing.error;
            shard_.reset();
        }
        if (repository_ != nullptr) {
            waited<repository_close_op> closing;
            repository_->close(closing);
            run_until(closing.over);
            if (closing.error) ended = *closing.error;
            repository_.reset();
        }
        return ended;
    }

    /// Creates the mirror through the CIM method and waits until it is Synchronized.
    outcome<> create_mirror()
    {
        replication_service service(*shard_);
        const auto made =
            service.run<create_element_replica>({.sync_type = sync_type::mirror,
                                                 .source_element = source_,
                                                 .target_element = target_,
                                                 .wait_for_copy_state = copy_state::synchronized});
        if (made.error) return *made.error;
        if (made.job && service.run_job(*made.job) != job_state::completed)
            return *service.find_job(*made.job)->error();
        return success();
    }

    outcome<> write(std::uint64_t offset_bytes, std::byte value)
    {
        host_op op;
        op.data.assign(op.data.size(), value);
        op.prepare_write(offset_bytes, op.data);
        return run(op);
    }

    outcome<std::byte> read(std::uint64_t offset_bytes)
    {
        host_op op;
        op.prepare_read(offset_bytes, op.data);
        CIMREP_TRY(run(op));
        return op.data.front();
    }

    /// The one relationship of this product, or nothing.
    std::optional<relationship_info> mirror() const
    {
        std::optional<relationship_info> found;
        shard_->for_each_relationship([&](relationship& each) { found = each.info(); });
        return found;
    }

private:
    outcome<> open_loop()
    {
        auto made = uring_loop::create();
        if (!made) return fail(made.error(), "cannot set up io_uring");
        loop_ = std::move(made).value();
        return success();
    }

    outcome<> open_repository(const std::string& path, bool first_time)
    {
        CIMREP_TRY(disk_, uring_device::open(*loop_, path));
        // Once in the life of a product: an empty repository. A second time is refused.
        if (first_time) {
            waited<repository_format_op> format;
            format.copies = {disk_.get()};
            device_repository::format(format);
            run_until(format.over);
            if (format.error) return *format.error;
        }
        waited<repository_open_op> open;
        open.options.name = "020_repository";
        open.copies = {disk_.get()};
        device_repository::open(open);
        run_until(open.over);
        if (open.error) return *open.error;
        repository_ = std::move(open.opened);
        std::printf("repository: %llu records, %s\n",
                    static_cast<unsigned long long>(open.report.records),
                    first_time                 ? "new"
                    : open.report.closed_clean ? "closed in order"
                                               : "not closed in order");
        return success();
    }

    outcome<> open_shard(const three_files& files)
    {
        // The shard opens the elements of the relationships that it finds: they must be known by
        // then. What is missing is not forgotten; its relationship is Broken until it is back.
        elements_ = std::make_unique<file_elements>(*loop_);
        CIMREP_TRY(source_, elements_->add(files.source));
        CIMREP_TRY(target_, elements_->add(files.target));
        CIMREP_TRY(shard_, shard::open(*loop_, {.elements = elements_.get(),
                                                .repository = repository_.get()}));
        // Host I/O could begin at once, and would wait. Who asks for states waits himself until it
        // is known that the files are those that were left.
        waited<control_op> recovered;
        shard_->await_recovery(recovered);
        run_until(recovered.over);
        return success();
    }

    outcome<> run(host_op& op)
    {
        CIMREP_TRY(volume * volume, shard_->volume(source_));
        volume->front().submit(op);
        run_until(op.over);
        if (op.error) return fail(op.error, "an operation of the host");
        return success();
    }

    void run_until(const bool& over)
    {
        while (!over) loop_->run_once();
    }

    // In this order: each outlives what follows.
    std::unique_ptr<uring_loop> loop_;
    std::unique_ptr<uring_device> disk_;
    std::unique_ptr<device_repository> repository_;
    std::unique_ptr<file_elements> elements_;
    std::unique_ptr<shard> shard_;
    object_path source_, target_;
};

outcome<> first_life(const three_files& files)
{
    CIMREP_TRY(const auto here, product::start(files, true));
    CIMREP_TRY(here->write(1 * mib, std::byte{41}));
    CIMREP_TRY(here->create_mirror());
    // From here on a write is acknowledged when it is on both.
    CIMREP_TRY(here->write(2 * mib, std::byte{42}));
    return here->stop();
}

outcome<> second_life(const three_files& files)
{
    CIMREP_TRY(const auto here, product::start(files, false));
    const auto found = here->mirror();
    if (!found)
        return fail(errc::stale_reference, "the mirror is not there any more",
                    "register the elements before shard::open()");
    std::printf("found again: CopyState %s, %llu bytes copied, %llu differ\n",
                std::string(to_name(found->copy_state)).c_str(),
                static_cast<unsigned long long>(found->copied_bytes),
                static_cast<unsigned long long>(found->different_bytes));
    if (found->copy_state != copy_state::synchronized || found->copied_bytes != 0)
        return fail(errc::not_identical, "the mirror had to be copied again");
    CIMREP_TRY(const std::byte first, here->read(1 * mib));
    CIMREP_TRY(const std::byte second, here->read(2 * mib));
    if (first != std::byte{41} || second != std::byte{42})
        return fail(errc::not_identical, "what was written before is not there");
    // It goes on as a mirror at once.
    CIMREP_TRY(here->write(3 * mib, std::byte{43}));
    return here->stop();
}

std::vector<char> content_of(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main()
{
    const three_files files;
    for (const auto live : {first_life, second_life}) {
        if (const auto ended = live(files); !ended) {
            std::fprintf(stderr, "%s\n", ended.error().sentence().c_str());
            return EXIT_FAILURE;
        }
    }
    const auto copy = content_of(files.target);
    const bool equal =
        copy == content_of(files.source) && copy[2 * mib] == 42 && copy[3 * mib] == 43;
    std::puts(equal ? "the target has what was written in both lives" : "the files differ");
    return equal ? EXIT_SUCCESS : EXIT_FAILURE;
}
