// examples/cimrepctl/repository_copies.cpp -- opens, names and makes what repositories lie on.
// SPDX-License-Identifier: BSL-1.0
#include "repository_copies.hpp"

#include <cimrep/cim/object_path.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "claim_wait.hpp"
#include "store_op.hpp"
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

namespace cimrepctl {

namespace {

failure cannot(const std::string& what, int error)
{
    return fail({error, std::system_category()}, "cannot " + what);
}

/// What a name leads to: the device, or the file system and the inode of a file.
std::optional<std::pair<dev_t, ino_t>> what_is(const std::string& name)
{
    struct stat about {};
    if (::stat(name.c_str(), &about) != 0) return std::nullopt;
    if (S_ISBLK(about.st_mode)) return std::pair(about.st_rdev, ino_t{0});
    return std::pair(about.st_dev, about.st_ino);
}

bool same(const std::string& a, const std::string& b)
{
    if (a == b) return true;
    const auto first = what_is(a);
    return first && first == what_is(b);
}

/// The directory's entry is as durable as the file.
void sync_folder_of(const std::string& name)
{
    const auto parent = std::filesystem::absolute(name).parent_path();
    const int folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    (void)::fsync(folder);
    ::close(folder);
}

void replace_all(std::string& in, const std::string& what, const std::string& with)
{
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + with.size()))
        in.replace(at, what.size(), with);
}

}  // namespace

copy_names split_names(const std::vector<std::string>& words)
{
    copy_names names;
    for (const std::string& word : words)
        for (std::size_t at = 0; at <= word.size();) {
            const std::size_t end = std::min(word.find(',', at), word.size());
            names.push_back(word.substr(at, end - at));
            at = end + 1;
        }
    return names;
}

std::string names_text(const copy_names& names)
{
    std::string text;
    for (const std::string& each : names) text += (text.empty() ? "" : ", ") + each;
    return text;
}

outcome<> check_apart(const copy_names& names, const copy_names& elements)
{
    if (names.empty() || names.size() > repository_copies_max)
        return fail(errc::invalid_argument,
                    fmt::format("a repository of {} copies is asked for", names.size()),
                    "name one to three files or devices, separated by commas");
    copy_names all = names;
    all.insert(all.end(), elements.begin(), elements.end());
    for (std::size_t i = 0; i < names.size(); ++i)
        for (std::size_t other = i + 1; other < all.size(); ++other)
            if (same(names[i], all[other]))
                return fail(errc::invalid_argument,
                            fmt::format("copy {} of the repository and {} are the same", names[i],
                                        all[other]),
                            "each copy needs a file or device of its own");
    return success();
}

outcome<repository_copies> repository_copies::open(console& out, uring_loop& loop,
                                                   const copy_names& names, copy_access access)
{
    repository_copies made;
    made.names_ = names;
    const uring_device_options options{.signatures = signature_policy::accept,
                                       .read_only = access == copy_access::read};
    claim_wait wait(out);
    for (const std::string& each : names) {
        CIMREP_TRY(auto device,
                   wait.open(each, [&] { return uring_device::open(loop, each, options); }));
        made.devices_.push_back(std::move(device));
    }
    return made;
}

std::vector<block_device*> repository_copies::devices() const
{
    std::vector<block_device*> all;
    for (const auto& each : devices_) all.push_back(each.get());
    return all;
}

failure in_names(failure why, const copy_names& names)
{
    for (std::size_t i = 0; i < names.size(); ++i)
        replace_all(why.wrong, fmt::format("device {} of those given", i), names[i]);
    std::string all;
    for (const std::string& each : names) all += " " + each;
    // Which of those given may be what is missing.
    const bool doubtful = why.wrong.find("has no valid superblock") != std::string::npos;
    if (why.code == errc::repository_incomplete && doubtful)
        why.remedy = "`cimrepctl check" + all +
                     "` tells what it carries; only if that is lost for good, `cimrepctl repair" +
                     all + " --accept-missing` goes on without it";
    else if (why.code == errc::repository_incomplete &&
             why.wrong.find("is missing") != std::string::npos)
        why.remedy = "give every copy; if one is lost for good, `cimrepctl repair" + all +
                     " --accept-missing` goes on without it";
    if (why.code == errc::repository_damaged)
        why.remedy =
            "`cimrepctl check" + all + "` tells what is damaged; another copy may be whole";
    return why;
}

repository_check_report check_copies(uring_loop& loop, const repository_copies& copies,
                                     bool accept_missing)
{
    waited_store_op<repository_check_op> op;
    op.copies = copies.devices();
    op.options.accept_missing = accept_missing;
    check_repository(op);
    op.wait(loop);
    return std::move(op.report);
}

copy_names surplus_of(const repository_check_report& found, const copy_names& names,
                      const copy_names& absent)
{
    if (!found.believed) return {};
    copy_names others = absent;
    for (std::size_t i = 0; i < found.copies.size(); ++i)
        if (found.copies[i].verdict == copy_verdict::unknown) others.push_back(names[i]);
    const std::size_t given = names.size() + absent.size();
    return given > found.copies[*found.believed].newest->copy_count ? others : copy_names{};
}

failure refuse_surplus(const copy_names& surplus)
{
    return fail(errc::repository_absent,
                names_text(surplus) + " is no copy of the repository that the others are",
                std::string(surplus_remedy));
}

std::string boot_id()
{
    std::string text;
    std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), text);
    return text;
}

std::string owner_name(const char* command)
{
    return fmt::format("cimrepctl {} (process {})", command, ::getpid());
}

outcome<> make_copy_file(const std::string& name, std::uint64_t size_bytes)
{
    const int number = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (number < 0) return cannot("make " + name, errno);
    int error = ::posix_fallocate(number, 0, static_cast<off_t>(size_bytes));
    if (error == 0 && ::fsync(number) != 0) error = errno;
    ::close(number);
    if (error != 0) {
        ::unlink(name.c_str());
        return cannot("give " + name + " its " + std::to_string(size_bytes) + " bytes", error);
    }
    sync_folder_of(name);
    return success();
}

}  // namespace cimrepctl
