// lib/io/uring/device_guard.cpp -- reads mounts, holders, swap, loop devices and signatures.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/device_guard.hpp>

#include <blkid/blkid.h>
#include <sys/sysmacros.h>

#include "descriptor.hpp"
#include "device_facts.hpp"
#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

namespace cimrep::inline v0 {

namespace {

using detail::first_line;

/// A device number, as text where /proc and /sys have it so.
struct device_number {
    unsigned major = 0;
    unsigned minor = 0;
    std::string name;  // of the partition, empty for the device that was asked about
    std::string text() const { return std::to_string(major) + ":" + std::to_string(minor); }
    bool is(dev_t number) const
    {
        return gnu_dev_major(number) == major && gnu_dev_minor(number) == minor;
    }
};

/// "mounted on /mnt", or of a partition: "in use: its partition sda1 is mounted on /mnt".
std::string used(const device_number& which, const std::string& how)
{
    return which.name.empty() ? how : "in use: its partition " + which.name + " is " + how;
}

/// The device and its partitions.
std::vector<device_number> with_partitions(dev_t number)
{
    std::vector<device_number> all{{gnu_dev_major(number), gnu_dev_minor(number), {}}};
    std::error_code ignored;
    const std::string directory = detail::sysfs_directory(all[0].major, all[0].minor);
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
        if (first_line(entry.path() / "partition").empty()) continue;
        device_number part{0, 0, entry.path().filename()};
        const std::string numbers = first_line(entry.path() / "dev");
        if (std::sscanf(numbers.c_str(), "%u:%u", &part.major, &part.minor) == 2)
            all.push_back(part);
    }
    return all;
}

/// Mount tables write blanks, tabs and backslashes in octal.
std::string unescaped(const std::string& text)
{
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '\\' && i + 3 < text.size();
        if (!escape) {
            plain += text[i];
            continue;
        }
        plain += static_cast<char>(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8));
        i += 3;
    }
    return plain;
}

dev_t device_at(const std::string& path)
{
    struct stat about {};
    return ::stat(path.c_str(), &about) == 0 && S_ISBLK(about.st_mode) ? about.st_rdev : dev_t{};
}

std::string find_mount(const std::vector<device_number>& devices)
{
    std::ifstream table("/proc/self/mountinfo");
    std::string line;
    while (std::getline(table, line)) {
        std::istringstream words(line);
        std::string id, parent, numbers, root, point, word, source;
        words >> id >> parent >> numbers >> root >> point;
        while (words >> word && word != "-") {
        }
        words >> word >> source;
        // The source too: file systems over several devices show numbers of their own.
        const dev_t behind = source.starts_with('/') ? device_at(unescaped(source)) : dev_t{};
        for (const device_number& which : devices) {
            if (numbers == which.text() || (behind != dev_t{} && which.is(behind)))
                return used(which, "mounted on " + unescaped(point));
        }
    }
    return {};
}

std::string find_swap(const std::vector<device_number>& devices, const struct stat& asked)
{
    std::ifstream table("/proc/swaps");
    std::string line;
    std::getline(table, line);  // the heading
    while (std::getline(table, line)) {
        const std::string path = unescaped(line.substr(0, line.find_first_of(" \t")));
        struct stat about {};
        if (::stat(path.c_str(), &about) != 0) continue;
        if (S_ISREG(asked.st_mode)) {
            if (about.st_dev == asked.st_dev && about.st_ino == asked.st_ino)
                return "in use as swap";
            continue;
        }
        for (const device_number& which : devices)
            if (S_ISBLK(about.st_mode) && which.is(about.st_rdev))
                return used(which, "in use as swap");
    }
    return {};
}

std::string find_holder(const std::vector<device_number>& devices)
{
    for (const device_number& which : devices) {
        std::error_code ignored;
        const std::string holders = detail::sysfs_directory(which.major, which.minor) + "/holders";
        for (const auto& entry : std::filesystem::directory_iterator(holders, ignored))
            return used(which, "held by " + entry.path().filename().string());
    }
    return {};
}

std::string find_loop_device(const struct stat& asked)
{
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/block", ignored)) {
        const std::string backing = first_line(entry.path() / "loop/backing_file");
        struct stat about {};
        if (backing.empty() || ::stat(backing.c_str(), &about) != 0) continue;
        if (about.st_dev == asked.st_dev && about.st_ino == asked.st_ino)
            return "attached as /dev/" + entry.path().filename().string();
    }
    return {};
}

struct free_probe {
    void operator()(blkid_struct_probe* probe) const noexcept { blkid_free_probe(probe); }
};

/// "an ext4 filesystem 'label'": what a tool would recognise.
std::string described(blkid_probe probe)
{
    const auto value = [probe](const char* name) {
        const char* text = nullptr;
        return blkid_probe_lookup_value(probe, name, &text, nullptr) == 0 ? std::string(text)
                                                                          : std::string();
    };
    const std::string type = value("TYPE");
    const std::string usage = value("USAGE");
    const std::string label = value("LABEL");
    std::string text = type.empty() ? value("PTTYPE") + " partition table" : type;
    if (usage == "filesystem") text += " filesystem";
    if (usage == "raid") text += " member of an array";
    if (usage == "crypto") text += " encrypted volume";
    if (type == "swap") text += " area";
    const bool vowel = std::string("aeiouAEIOU").find(text.front()) != std::string::npos;
    text = (vowel ? "an " : "a ") + text;
    return label.empty() ? text : text + " '" + label + "'";
}

}  // namespace

outcome<std::string> find_device_user(const std::string& path)
{
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0)
        return fail(detail::last_error(), "cannot look at " + path, "check the path");
    std::vector<device_number> devices;
    std::string found;
    if (S_ISBLK(about.st_mode)) {
        devices = with_partitions(about.st_rdev);
        found = find_mount(devices);
        if (found.empty()) found = find_holder(devices);
    } else {
        found = find_loop_device(about);
    }
    if (found.empty()) found = find_swap(devices, about);
    return found;
}

outcome<std::string> find_signature(const std::string& path)
{
    const auto unreadable = [&path](error_code error) {
        return fail(error, "cannot read the signatures of " + path,
                    "open it with signature_policy::accept if its data may be lost");
    };
    const detail::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return unreadable(detail::last_error());
    const std::unique_ptr<blkid_struct_probe, free_probe> probe(blkid_new_probe());
    errno = ENOMEM;
    if (probe == nullptr || blkid_probe_set_device(probe.get(), file.number(), 0, 0) != 0)
        return unreadable(detail::last_error());
    blkid_probe_enable_superblocks(probe.get(), 1);
    blkid_probe_set_superblocks_flags(probe.get(),
                                      BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE | BLKID_SUBLKS_LABEL);
    blkid_probe_enable_partitions(probe.get(), 1);
    const int found = blkid_do_safeprobe(probe.get());
    if (found == 1) return std::string();
    if (found == -2) return std::string("signatures of more than one kind");
    if (found != 0) return unreadable(std::make_error_code(std::errc::io_error));
    return std::string(described(probe.get()));
}

}  // namespace cimrep::inline v0
