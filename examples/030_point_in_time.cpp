// examples/030_point_in_time.cpp -- a backup while the host goes on: a point in time of a volume.
// SPDX-License-Identifier: BSL-1.0
//
// A point in time is what the volume held at an instant. Nothing is copied when it is taken; each
// change after it keeps what it overwrites in a pool first. Here all of it is in memory and ends
// with the process; with a repository, as in 020_repository.cpp, points are found again.
#include <cimrep/io/uring/uring_loop.hpp>
#include <cimrep/runtime/file_elements.hpp>
#include <cimrep/runtime/shard.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

using namespace cimrep;

namespace {

constexpr std::uint64_t size_bytes = 16 * mib;

/// Two files of a product, here in a folder that is gone at the end.
struct two_files {
    std::filesystem::path folder = std::filesystem::temp_directory_path();
    std::string source, pool;

    two_files()
    {
        std::string name = (folder / "cimrep-point-").string() + std::string(6, 'X');
        if (mkdtemp(name.data()) == nullptr) std::exit(EXIT_FAILURE);
        folder = name;
        source = make("source");
        pool = make("pool");
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

/// An operation of the shard that remembers its end.
template <class Op>
struct waited : Op {
    bool over = false;
    waited()
    {
        this->done = [](control_op& op) noexcept { static_cast<waited&>(op).over = true; };
    }
};

/// A host's operation, in memory that stays until it is done.
struct host_op : io_op {
    std::vector<std::byte> data;
    bool over = false;
    error_code error{};
    explicit host_op(std::uint64_t bytes, std::byte value = {}) : data(bytes, value)
    {
        done = [](io_op& op, error_code why) noexcept {
            static_cast<host_op&>(op).error = why;
            static_cast<host_op&>(op).over = true;
        };
    }
};

class product {
public:
    outcome<> open(const two_files& files)
    {
        auto made = uring_loop::create();
        if (!made) return fail(made.error(), "cannot set up io_uring");
        loop_ = std::move(made).value();
        elements_ = std::make_unique<file_elements>(*loop_);
        CIMREP_TRY(source_, elements_->add(files.source));
        CIMREP_TRY(pool_, elements_->add(files.pool));
        CIMREP_TRY(shard_, shard::open(*loop_, {.elements = elements_.get()}));
        return success();
    }
    ~product()
    {
        if (shard_ == nullptr) return;
        waited<control_op> closing;
        shard_->close(closing);
        run_until(closing.over);
    }

    outcome<> write(std::uint64_t offset_bytes, std::uint64_t length_bytes, std::byte value)
    {
        host_op op(length_bytes, value);
        op.prepare_write(offset_bytes, op.data);
        CIMREP_TRY(volume * volume, shard_->volume(source_));
        return run(volume->front(), op);
    }

    outcome<std::uint64_t> take()
    {
        waited<point_op> op;
        CIMREP_TRY(shard_->take_point({.source = source_, .pool = pool_}, op));
        run_until(op.over);
        if (op.error) return *op.error;
        return op.number;
    }

    /// A backup would read all of it, piece by piece, at its leisure.
    outcome<std::byte> read(std::uint64_t point, std::uint64_t offset_bytes)
    {
        CIMREP_TRY(block_device * device, shard_->point(source_, point));
        host_op op(4 * kib);
        op.prepare_read(offset_bytes, op.data);
        CIMREP_TRY(run(*device, op));
        return op.data.front();
    }

    outcome<> drop(std::uint64_t point)
    {
        waited<point_op> op;
        op.number = point;
        CIMREP_TRY(shard_->drop_point(source_, op));
        run_until(op.over);
        if (op.error) return *op.error;
        return success();
    }
    std::uint64_t used_bytes() const { return shard_->pools().front().used_bytes; }

private:
    outcome<> run(block_device& device, host_op& op)
    {
        device.submit(op);
        run_until(op.over);
        if (op.error) return fail(op.error, "an operation of the host");
        return success();
    }
    void run_until(const bool& over)
    {
        while (!over) loop_->run_once();
    }

    std::unique_ptr<uring_loop> loop_;
    std::unique_ptr<file_elements> elements_;
    std::unique_ptr<shard> shard_;
    object_path source_, pool_;
};

outcome<> back_up(const two_files& files)
{
    product here;
    CIMREP_TRY(here.open(files));
    CIMREP_TRY(here.write(0, 1 * mib, std::byte{41}));
    CIMREP_TRY(const std::uint64_t point, here.take());
    // The host goes on. Of what it overwrites each block is kept once, whatever comes later.
    CIMREP_TRY(here.write(64 * kib, 64 * kib, std::byte{42}));
    CIMREP_TRY(here.write(64 * kib, 64 * kib, std::byte{43}));
    std::printf("point %llu keeps %llu bytes\n", static_cast<unsigned long long>(point),
                static_cast<unsigned long long>(here.used_bytes()));
    CIMREP_TRY(const std::byte then, here.read(point, 64 * kib));
    if (then != std::byte{41} || here.used_bytes() != 64 * kib)
        return fail(errc::not_identical, "the point does not hold what the volume held");
    CIMREP_TRY(here.drop(point));
    if (here.used_bytes() != 0) return fail(errc::over_budget, "something is still kept");
    std::puts("the point held what the volume held, and its pool is empty again");
    return success();
}

}  // namespace

int main()
{
    const two_files files;
    if (const auto ended = back_up(files); !ended) {
        std::fprintf(stderr, "%s\n", ended.error().sentence().c_str());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
