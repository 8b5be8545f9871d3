// examples/cimrepctl/kept_repository.cpp -- opens a repository, or makes one where nothing is.
// SPDX-License-Identifier: BSL-1.0
#include "kept_repository.hpp"

#include <cimrep/store/checkpoint_header.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include "store_op.hpp"
#include <algorithm>
#include <filesystem>

namespace cimrepctl {

namespace {

/// Of a file that is made here: for relationships of some TiB.
constexpr std::uint64_t file_bytes = 32 * mib;
/// Of a device that is used here, at most.
constexpr std::uint64_t device_bytes_max = repository_format_options{}.size_bytes;

/// Files that were made, and go again if nothing comes of it.
class made_files {
public:
    ~made_files()
    {
        for (const std::string& each : names_) ::unlink(each.c_str());
    }
    outcome<> make_missing(const copy_names& names)
    {
        for (const std::string& each : names) {
            std::error_code ignored;
            // An empty one is what a run leaves that was killed before it gave it its bytes.
            if (std::filesystem::is_regular_file(each, ignored) &&
                std::filesystem::file_size(each, ignored) == 0)
                ::unlink(each.c_str());
            if (std::filesystem::exists(each, ignored)) continue;
            CIMREP_TRY(make_copy_file(each, file_bytes));
            names_.push_back(each);
        }
        return success();
    }
    void keep() { names_.clear(); }
    const copy_names& names() const { return names_; }

private:
    copy_names names_;
};

struct read_op : io_op {
    bool over = false;
    error_code error;
    read_op()
    {
        done = [](io_op& op, error_code why) noexcept {
            static_cast<read_op&>(op).error = why;
            static_cast<read_op&>(op).over = true;
        };
    }
};

bool all_zero(std::span<const std::byte> block)
{
    return std::ranges::all_of(block, [](std::byte each) { return each == std::byte{}; });
}

/// True if nothing is where a repository would be made, but for the head of the empty checkpoint
/// that a run leaves which was killed while it made one.
outcome<bool> is_unused(uring_loop& loop, block_device& device)
{
    const std::uint64_t size = std::min(device.shape().size_bytes, device_bytes_max);
    const std::uint64_t blocks = size / store_block_bytes;
    std::vector<std::byte> memory(static_cast<std::size_t>(mib) + store_block_bytes);
    for (std::uint64_t at = 0; at < blocks * store_block_bytes; at += mib) {
        const auto length =
            static_cast<std::size_t>(std::min(mib, blocks * store_block_bytes - at));
        const auto into = std::span(memory).first(length);
        read_op op;
        op.prepare_read(at, into);
        device.submit(op);
        while (!op.over) loop.run_once();
        if (op.error) return fail(op.error, "cannot read what is to become a repository");
        for (std::size_t i = 0; i < length; i += store_block_bytes) {
            const auto block = into.subspan(i, store_block_bytes);
            if (!all_zero(block) && !decode_checkpoint_header(block, at + i)) return false;
        }
    }
    return true;
}

}  // namespace

std::optional<failure> kept_repository::try_to_open(const char* command)
{
    waited_store_op<repository_open_op> op;
    op.copies = copies_.devices();
    op.options.boot_id = boot_id();
    op.options.name = owner_name(command);
    device_repository::open(op);
    op.wait(*loop_);
    store_ = std::move(op.opened);
    report_ = std::move(op.report);
    return std::move(op.error);
}

/// Formats copies of which none was ever opened and all others are blank: they hold nothing.
outcome<> kept_repository::format()
{
    const repository_check_report found = check_copies(*loop_, copies_);
    const auto devices = copies_.devices();
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const auto& block = found.copies[i].newest;
        if (block && block->owner.incarnation == 0) continue;
        bool unused = false;
        if (!block) {
            CIMREP_TRY(unused, is_unused(*loop_, *devices[i]));
        }
        if (unused) continue;
        if (found.refused && block) return *found.refused;
        return fail(errc::foreign_signature,
                    names()[i] + " carries something that is no copy of a repository",
                    "give a file that is not there yet, or a device that reads zeros");
    }
    waited_store_op<repository_format_op> op;
    op.copies = devices;
    op.options.overwrite = true;
    device_repository::format(op);
    op.wait(*loop_);
    if (op.error) return std::move(*op.error);
    new_ = true;
    return success();
}

/// Opening leaves aside what is no copy, of which a user would think that it keeps everything.
outcome<> kept_repository::check_all_are_copies()
{
    const auto given = std::ranges::count_if(
        report_.copies, [](copy_condition each) { return each != copy_condition::absent; });
    if (static_cast<std::size_t>(given) == names().size()) return success();
    const repository_check_report found = check_copies(*loop_, copies_, true);
    if (const copy_names surplus = surplus_of(found, names()); !surplus.empty())
        return refuse_surplus(surplus);
    for (std::size_t i = 0; i < found.copies.size(); ++i)
        if (found.copies[i].verdict == copy_verdict::unknown)
            return fail(errc::repository_absent, names()[i] + " is no copy of the repository",
                        fmt::format("leave it out, or make it the copy that is missing: "
                                    "`cimrepctl repair {} --replace`",
                                    fmt::join(names(), " ")));
    return success();
}

outcome<std::unique_ptr<kept_repository>> kept_repository::open(console& out, uring_loop& loop,
                                                                const copy_names& names,
                                                                const kept_options& options)
{
    made_files made_here;
    if (options.create) {
        CIMREP_TRY(made_here.make_missing(names));
    }
    CIMREP_TRY(auto copies, repository_copies::open(out, loop, names, copy_access::write));
    std::unique_ptr<kept_repository> made(new kept_repository(loop, std::move(copies)));
    auto error = made->try_to_open(options.command);
    if (error && options.create &&
        (error->code == errc::repository_absent || error->code == errc::repository_incomplete)) {
        const auto formatted = made->format();
        // What was wrong first tells more than that there is something.
        if (!formatted && error->code == errc::repository_incomplete)
            return in_names(std::move(*error), names);
        if (!formatted) return in_names(formatted.error(), names);
        error = made->try_to_open(options.command);
    }
    if (error) return in_names(std::move(*error), names);
    CIMREP_TRY(made->check_all_are_copies());
    made_here.keep();
    return made;
}

kept_repository::~kept_repository()
{
    (void)close();
}

outcome<> kept_repository::close()
{
    if (store_ == nullptr) return success();
    waited_store_op<repository_close_op> op;
    store_->close(op);
    op.wait(*loop_);
    store_.reset();
    if (op.error) return in_names(std::move(*op.error), names());
    return success();
}

std::string location_of(const object_path& element)
{
    const std::string* location = element.key_as<std::string>("DeviceID");
    return location != nullptr ? *location : to_text(element);
}

outcome<std::vector<saved_element>> register_saved(file_elements& files, const repository& from)
{
    CIMREP_TRY(auto saved, saved_elements(from));
    for (const saved_element& each : saved)
        (void)files.add(location_of(each.path), each.block_bytes);
    return saved;
}

}  // namespace cimrepctl
