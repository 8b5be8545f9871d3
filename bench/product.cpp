// bench/product.cpp -- host I/O through a volume, a fixed number of operations in flight.
// SPDX-License-Identifier: BSL-1.0
#include "product.hpp"

#include <cimrep/cim/object_path_parse.hpp>
#include <cimrep/io/uring/uring_device.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace bench {

using namespace cimrep;

namespace {

template <class T>
T value_of(outcome<T>&& made)
{
    if (!made) die(made.error().sentence());
    return std::move(made).value();
}

using waited_op = waited<control_op>;

struct waited_point : point_op {
    bool over = false;
    waited_point()
    {
        done = [](control_op& op) noexcept { static_cast<waited_point&>(op).over = true; };
    }
};

struct load_run;
struct load_op : io_op {
    load_run* run = nullptr;
    std::span<std::byte> memory{};
};

/// A load under way: each operation that ends starts the next, until there is none left.
struct load_run {
    block_device* front;
    const random_load* load;
    random_offsets offsets;
    std::uint64_t started = 0, ended = 0, failed = 0;

    void start(load_op& op) noexcept
    {
        ++started;
        if (load->writes)
            op.prepare_write(offsets.next(), op.memory);
        else
            op.prepare_read(offsets.next(), op.memory);
        front->submit(op);
    }
    static void ended_one(io_op& base, error_code error) noexcept
    {
        auto& op = static_cast<load_op&>(base);
        load_run& run = *op.run;
        ++run.ended;
        run.failed += error ? 1 : 0;
        if (run.started < run.load->operations) run.start(op);
    }
};

}  // namespace

object_path path_elements::path_of(const std::string& device)
{
    return value_of(make_object_path({.name_space = "root/cimv2",
                                      .class_name = "CIM_StorageVolume",
                                      .keys = {{"DeviceID", device}}}));
}

outcome<element_description> path_elements::describe(const object_path& path) const
{
    const auto* name = path.key_as<std::string>("DeviceID");
    if (name == nullptr) return fail(errc::stale_reference, to_text(path), "name a device");
    const int file = ::open(name->c_str(), O_RDONLY | O_CLOEXEC);
    const off_t size = file < 0 ? -1 : ::lseek(file, 0, SEEK_END);
    if (file >= 0) ::close(file);
    if (size < 0) return fail(errc::stale_reference, *name, "name a device that exists");
    return element_description{path, *name, *name, static_cast<std::uint64_t>(size), 512};
}

outcome<std::unique_ptr<block_device>> path_elements::open(event_loop&, const object_path& path,
                                                           const element_open_request&)
{
    CIMREP_TRY(const auto known, describe(path));
    uring_device_options options;
    options.signatures = signature_policy::accept;
    CIMREP_TRY(auto device, uring_device::open(*loop_, known.location, options));
    return std::unique_ptr<block_device>(std::move(device));
}

product::product(const std::string& source, shard_options options, const std::string& repository)
    : source_(source)
{
    auto made = uring_loop::create();
    if (!made) die("no io_uring: " + made.error().message());
    loop_ = std::move(made).value();
    elements_ = std::make_unique<path_elements>(*loop_);
    options.elements = elements_.get();
    if (!repository.empty()) make_repository(repository);
    options.repository = store_.get();
    shard_ = value_of(shard::open(*loop_, options));
    auto opened = shard_->volume(path_elements::path_of(source));
    if (!opened) {
        waited_op closing;
        shard_->close(closing);
        run_until([&] { return closing.over; });
        shard_.reset();
        close_repository();
        die(opened.error().sentence());
    }
    volume_ = opened.value();
}

product::~product()
{
    waited_op closing;
    shard_->close(closing);
    run_until([&] { return closing.over; });
    shard_.reset();
    close_repository();
    if (buffer_index_ >= 0) loop_->unregister_buffer(buffer_index_);
}

void product::make_repository(const std::string& path)
{
    uring_device_options accepting;
    accepting.signatures = signature_policy::accept;
    copy_ = value_of(uring_device::open(*loop_, path, accepting));
    waited<repository_format_op> format;
    format.copies = {copy_.get()};
    format.options.overwrite = true;
    device_repository::format(format);
    run_until([&] { return format.over; });
    if (format.error) die(format.error->sentence());
    waited<repository_open_op> open;
    open.copies = {copy_.get()};
    device_repository::open(open);
    run_until([&] { return open.over; });
    if (open.error) die(open.error->sentence());
    store_ = std::move(open.opened);
}

void product::close_repository()
{
    if (!store_) return;
    waited<repository_close_op> closing;
    store_->close(closing);
    run_until([&] { return closing.over; });
    store_.reset();
    copy_.reset();
}

void product::register_buffer(std::span<std::byte> memory)
{
    auto index = loop_->register_buffer(memory);
    if (!index) die("cannot register the buffers: " + index.error().message());
    buffer_index_ = index.value();
}

void product::run_until(const std::function<bool()>& reached)
{
    while (!reached()) loop_->run_once();
}

relationship& product::start_mirror(const std::string& target, initial_synchronization how,
                                    control_op& op)
{
    return *value_of(shard_->create_mirror({.source = path_elements::path_of(source_),
                                            .target = path_elements::path_of(target),
                                            .initial = how,
                                            .allow_overwrite = true},
                                           op));
}

relationship& product::mirror(const std::string& target, initial_synchronization how)
{
    waited_op op;
    relationship& made = start_mirror(target, how, op);
    run_until([&] { return op.over; });
    if (op.error) die(op.error->sentence());
    return made;
}

double product::initial_copy(const std::string& target)
{
    waited_op op;
    relationship& made = start_mirror(target, initial_synchronization::copy, op);
    const double began = seconds_now();
    run_until([&] { return op.over; });
    if (op.error) die(op.error->sentence());
    wait_for(made, copy_state::synchronized);
    const double took = seconds_now() - began;
    request(made, operation::detach);
    return took;
}

void product::request(relationship& which, operation what)
{
    waited_op op;
    if (auto started = which.request(what, false, op); !started) die(started.error().sentence());
    run_until([&] { return op.over; });
    if (op.error) die(op.error->sentence());
}

void product::wait_for(relationship& which, copy_state state)
{
    run_until([&] { return which.state().copy_state == state; });
}

std::uint64_t product::take_point(const std::string& pool)
{
    waited_point op;
    if (auto started = shard_->take_point({.source = path_elements::path_of(source_),
                                           .pool = path_elements::path_of(pool),
                                           .allow_overwrite = true},
                                          op);
        !started)
        die(started.error().sentence());
    run_until([&] { return op.over; });
    if (op.error) die(op.error->sentence());
    return op.number;
}

bool product::has_broken_point() const
{
    const auto all = shard_->points(path_elements::path_of(source_));
    return std::any_of(all.begin(), all.end(), [](const point_info& each) { return each.broken; });
}

void product::drop_point(std::uint64_t number)
{
    waited_point op;
    op.number = number;
    if (auto started = shard_->drop_point(path_elements::path_of(source_), op); !started)
        die(started.error().sentence());
    run_until([&] { return op.over; });
    if (op.error) die(op.error->sentence());
}

void product::write_regions(std::uint64_t size_bytes, std::uint64_t region_bytes,
                            std::uint64_t every, const page_buffer& memory)
{
    struct one_write : io_op {
        bool over = false;
        error_code error{};
    };
    for (std::uint64_t region = 0; region * region_bytes < size_bytes; region += every) {
        one_write op;
        op.done = [](io_op& base, error_code error) noexcept {
            static_cast<one_write&>(base).over = true;
            static_cast<one_write&>(base).error = error;
        };
        op.prepare_write(region * region_bytes, memory.all().first(4096));
        volume_->front().submit(op);
        run_until([&] { return op.over; });
        if (op.error) die("a write failed: " + op.error.message());
    }
}

std::uint64_t product::written_bytes(std::size_t leg)
{
    const leg_statistics counters = volume_->legs().at(leg).statistics;
    return counters.copied_bytes + counters.written_bytes;
}

double product::random(const random_load& load, const page_buffer& memory)
{
    load_run run{&volume_->front(), &load, random_offsets(load)};
    std::vector<load_op> ops(load.depth);
    const double began = seconds_now();
    for (std::uint32_t slot = 0; slot < load.depth; ++slot) {
        load_op& op = ops[slot];
        op.run = &run;
        op.done = load_run::ended_one;
        op.memory = {memory.at(std::size_t{slot} * load.block_bytes), load.block_bytes};
        op.buffer_index = buffer_index_;
        if (run.started < load.operations) run.start(op);
    }
    while (run.ended < load.operations) loop_->run_once();
    const double took = seconds_now() - began;
    if (run.failed != 0) die(std::to_string(run.failed) + " operations failed");
    return took;
}

}  // namespace bench
