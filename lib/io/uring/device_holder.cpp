// lib/io/uring/device_holder.cpp -- reads of /proc who has a device or a file open, and locked.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/device_guard.hpp>

#include <sys/sysmacros.h>

#include "descriptor.hpp"
#include "device_facts.hpp"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

namespace cimrep::inline v0 {

namespace {

/// What an open file must be to count.
struct wanted_file {
    struct stat about {};
    std::set<dev_t> devices;  // the device, its partitions, and the disk that it is a part of

    bool is(const struct stat& other) const
    {
        if (S_ISBLK(about.st_mode))
            return S_ISBLK(other.st_mode) && devices.contains(other.st_rdev);
        return S_ISREG(other.st_mode) && other.st_dev == about.st_dev &&
               other.st_ino == about.st_ino;
    }
};

void add_device(std::set<dev_t>& devices, const std::string& sysfs)
{
    unsigned major_number = 0, minor_number = 0;
    const std::string numbers = detail::first_line(sysfs + "/dev");
    if (std::sscanf(numbers.c_str(), "%u:%u", &major_number, &minor_number) == 2)
        devices.insert(makedev(major_number, minor_number));
}

wanted_file wanted_at(const struct stat& about)
{
    wanted_file wanted{about, {}};
    if (!S_ISBLK(about.st_mode)) return wanted;
    wanted.devices.insert(about.st_rdev);
    const std::string sysfs = detail::sysfs_directory(major(about.st_rdev), minor(about.st_rdev));
    if (!detail::first_line(sysfs + "/partition").empty())
        add_device(wanted.devices, sysfs + "/..");
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(sysfs, ignored))
        if (!detail::first_line(entry.path() / "partition").empty())
            add_device(wanted.devices, entry.path());
    return wanted;
}

/// How a process has one file open.
struct open_kind {
    bool for_transfer = false;  // not only as a path
    bool locked = false;
};

open_kind kind_of(const std::string& information, bool block_device)
{
    std::ifstream file(information);
    std::string line;
    open_kind kind;
    while (std::getline(file, line)) {
        if (line.starts_with("flags:"))
            kind.for_transfer = (std::strtoul(line.c_str() + 6, nullptr, 8) & O_PATH) == 0;
        // On a device others lock in passing, with flock(); on a file these two exclude each other.
        if (!line.starts_with("lock:")) continue;
        kind.locked |= line.find(" OFDLCK ") != std::string::npos ||
                       (!block_device && line.find(" POSIX ") != std::string::npos);
    }
    return kind;
}

/// `directory` belongs to one process for as long as it is open, whoever gets its number later.
void look_into(const detail::descriptor& directory, int id, const wanted_file& wanted,
               std::vector<device_opener>& openers)
{
    device_opener found{.process_id = id};
    bool opens = false;
    std::error_code ignored;
    const std::string process = directory.link();
    for (const auto& entry : std::filesystem::directory_iterator(process + "/fd", ignored)) {
        struct stat about {};
        if (::stat(entry.path().c_str(), &about) != 0 || !wanted.is(about)) continue;
        const open_kind kind = kind_of(process + "/fdinfo/" + entry.path().filename().string(),
                                       S_ISBLK(about.st_mode));
        opens |= kind.for_transfer;
        found.locks |= kind.locked;
    }
    if (!opens) return;
    found.program = detail::first_line(process + "/comm");
    openers.push_back(std::move(found));
}

std::string text_of(const device_opener& opener)
{
    if (opener.process_id == getpid()) return "this program";
    const std::string number = "process " + std::to_string(opener.process_id);
    return opener.program.empty() ? number : opener.program + " (" + number + ")";
}

}  // namespace

outcome<std::vector<device_opener>> find_device_openers(const std::string& path)
{
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0)
        return fail(detail::last_error(), "cannot look at " + path, "check the path");
    const wanted_file wanted = wanted_at(about);
    std::vector<device_opener> openers;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const std::string name = entry.path().filename();
        const int id = std::atoi(name.c_str());
        if (id <= 0) continue;
        const detail::descriptor directory(
            ::open(entry.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (directory.is_open()) look_into(directory, id, wanted, openers);
    }
    return openers;
}

std::string detail::described_holder(const std::string& path, bool block_device)
{
    const std::string claimed = block_device ? "claimed" : "locked";
    auto found = find_device_openers(path);
    std::vector<device_opener> openers;
    if (found) openers = std::move(found).value();
    const auto holds = [](const device_opener& each) { return each.locks; };
    const bool known = std::ranges::any_of(openers, holds);
    // Without a lock, this program has it open because it has just been refused.
    std::erase_if(openers, [&](const device_opener& each) {
        return !holds(each) && (known || each.process_id == getpid());
    });
    std::string names;
    for (const device_opener& each : openers)
        names += (names.empty() ? "" : " and ") + text_of(each);
    if (known) return claimed + " by " + names;
    const std::string unseen =
        ", and no process that can be seen holds it: one that was killed may have requests in "
        "flight still, or it belongs to another user or container";
    return claimed + unseen + (names.empty() ? names : "; it is open in " + names);
}

}  // namespace cimrep::inline v0
