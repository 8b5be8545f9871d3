// examples/cimrepctl/main.cpp -- the command line.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/version.hpp>

#include "commands.hpp"
#include "interrupt.hpp"
#include "usage.hpp"
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace {

using namespace cimrepctl;

constexpr const char* about =
    "Mirrors files and block devices with the cimrep library, managed through the CIM methods.\n"
    "Exit status: 0 all well, 1 a failure or a difference, 2 wrong usage, 130 stopped by a signal.";

/// The file systems' tools live where an ordinary user's PATH does not lead.
void widen_path()
{
    const char* path = std::getenv("PATH");
    setenv("PATH",
           (std::string(path != nullptr ? path : "/usr/bin:/bin") + ":/usr/sbin:/sbin").c_str(), 1);
}

/// The options of all commands, which live as long as the parser.
struct command_line {
    bool as_json = false;
    demo_request demo;
    mirror_command mirror;
    pair_request verify;
    pair_request compare;
    repository_command status;
    repository_command check;
    repair_command repair;
    upgrade_command upgrade;
    detach_command detach;
    table_request table;
};

/// Turns "256M" into its bytes; says what is wrong with what was typed.
std::string read_size(std::string& typed)
{
    std::string bytes = typed;
    try {
        if (CLI::AsSizeValue(false)(bytes).empty() &&
            CLI::Range(32 * mib, 64 * gib)(bytes).empty()) {
            typed = bytes;
            return {};
        }
    } catch (const CLI::ValidationError&) {
        // The same in the parser's words.
    }
    return typed + " is no size from 32M to 64G";
}

void describe_demo(CLI::App& app, demo_request& asked)
{
    CLI::App* demo = app.add_subcommand(
        "demo",
        "Mirrors a live ext4 image: create, fracture, resync, split, restore, lose a leg, bring\n"
        "it back. After each step both sides are compared byte by byte; at the end fsck runs on\n"
        "each. Without devices it works on files in a temporary folder and leaves nothing behind.");
    auto* source = demo->add_option("--source", asked.source,
                                    "block device or file that becomes the source; its content is "
                                    "LOST: an ext4 image is made on it");
    auto* target = demo->add_option("--target", asked.target,
                                    "block device or file that becomes the target; its content is "
                                    "LOST");
    source->needs(target);
    target->needs(source);
    demo->add_flag("--overwrite", asked.overwrite,
                   "go on although --source or --target carries a signature (a file system, a "
                   "partition table)")
        ->needs(source);
    demo->add_option("--size", asked.size_bytes, "size of the files, such as 256M or 1G")
        ->transform(CLI::Validator(read_size, "32M to 64G"))
        ->excludes(source)
        ->default_str("256M");
}

void describe_mirror(CLI::App& app, mirror_command& asked)
{
    CLI::App* mirror = app.add_subcommand(
        "mirror", "Makes the target a copy of the source, both readable afterwards on their own.");
    mirror->add_option("--source", asked.source, "file or block device to copy")->required();
    mirror->add_option("--target", asked.target, "file or block device of at least that size; LOST")
        ->required();
    mirror->add_flag("--overwrite", asked.overwrite,
                     "go on although the target carries a signature");
    mirror
        ->add_option("--repository", asked.repository,
                     "keep the relationship between runs in this file or device, or in up to "
                     "three of them with commas between; files are made. Killed at any moment, "
                     "the same command goes on where it was")
        ->expected(1);
    mirror
        ->add_flag("--force", asked.force,
                   "although the source is not what the repository knows: it is copied whole")
        ->needs("--repository");
    mirror
        ->add_option("--identical", asked.identical,
                     "copy nothing: they are equal already, which is checked as said here")
        ->check(CLI::IsMember({"sampled", "full"}))
        ->excludes("--force");
}

void describe_pairs(CLI::App& app, command_line& asked)
{
    CLI::App* verify = app.add_subcommand("verify",
                                          "Relates two elements that should be equal and compares "
                                          "them with the online verification.");
    verify->add_option("source", asked.verify.first, "file or block device")->required();
    verify->add_option("target", asked.verify.second, "file or block device")->required();
    verify->add_flag("--repair", asked.verify.repair,
                     "write what differs again, from the source to the target, and compare once "
                     "more");
    verify
        ->add_option("--repository", asked.verify.repository,
                     "as they are related in this repository")
        ->expected(1);
    verify
        ->add_flag("--overwrite", asked.verify.overwrite,
                   "repair although the target carries a signature that the source does not")
        ->needs("--repair");
    CLI::App* compare =
        app.add_subcommand("compare", "Compares two files or devices by plain reads; no library.");
    compare->add_option("first", asked.compare.first, "file or block device")->required();
    compare->add_option("second", asked.compare.second, "file or block device")->required();
}

CLI::App* describe_repository(CLI::App& app, const char* name, const char* purpose,
                              repository_command& asked)
{
    CLI::App* command = app.add_subcommand(name, purpose);
    command
        ->add_option("copies", asked.copies, "all copies of one repository: files or block devices")
        ->required();
    return command;
}

void describe_repositories(CLI::App& app, command_line& asked)
{
    app.add_subcommand("status",
                       "Tells what a repository keeps: relationships, their CopyState and how far "
                       "they are. Reads only, and does not open what is mirrored.")
        ->add_option("--repository", asked.status.copies,
                     "its copies: files or block devices, with commas between")
        ->required()
        ->expected(1);
    describe_repository(app, "check",
                        "Reads all copies of a closed repository and says what each is worth. "
                        "Exit status 0 only if all are whole.",
                        asked.check);
    CLI::App* repair = describe_repository(
        app, "repair",
        "Makes every copy of a closed repository equal to the best one, if one can be believed; "
        "otherwise changes nothing.",
        asked.repair);
    repair->add_flag("--accept-missing", asked.repair.accept_missing,
                     "go on without a copy that is lost; it may have known more, which is LOST");
    repair->add_flag("--replace", asked.repair.replace,
                     "make lost copies anew, on those given that are no copies or not there yet");
    repair
        ->add_flag("--overwrite", asked.repair.overwrite,
                   "with --replace: although one carries a signature")
        ->needs("--replace");
    CLI::App* upgrade = describe_repository(
        app, "upgrade",
        "Lets a closed repository use what this version of the library can; earlier ones refuse it "
        "from then on.",
        asked.upgrade);
    upgrade->add_flag("--accept-missing", asked.upgrade.accept_missing,
                      "although a copy is missing or stale, which is left behind");
}

void describe_detach(CLI::App& app, detach_command& asked)
{
    CLI::App* detach = app.add_subcommand(
        "detach",
        "Ends a relationship that a repository keeps. Both elements stay as they are, and may be "
        "away.");
    detach->add_option("--source", asked.source, "as it was mirrored")->required();
    detach->add_option("--target", asked.target, "as it was mirrored")->required();
    detach
        ->add_option("--repository", asked.repository,
                     "its copies: files or block devices, with commas between")
        ->required()
        ->expected(1);
    detach->add_flag("--force", asked.force,
                     "although the target has what the source lacks, or is incomplete");
}

void describe_table(CLI::App& app, table_request& asked)
{
    CLI::App* table = app.add_subcommand(
        "table", "Prints what is legal in which CopyState, and what events do there.");
    table->add_option("--type", asked.type, "only of this SyncType")
        ->check(CLI::IsMember({"mirror", "snapshot", "clone"}, CLI::ignore_case));
    table->add_option("--state", asked.state, "only from this CopyState, such as Fractured");
}

/// What is wrong with the command line: in our words where the parser names something else.
std::string wrong_with(const CLI::App& app, const CLI::ParseError& error)
{
    const auto unknown = app.remaining(true);
    const bool has_command = !app.get_subcommands().empty();
    if (!unknown.empty() && unknown.front().starts_with("-"))
        return "there is no option " + unknown.front();
    if (!unknown.empty() && !has_command) return "there is no command " + unknown.front();
    if (!unknown.empty()) return "the argument " + unknown.front() + " was not expected";
    if (!has_command && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
        return "a command is required";
    const std::string what = error.what();
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        const bool too_many = what.find(": At Most 1 ") != std::string::npos;
        return what.substr(0, what.find(':')) +
               (too_many ? " takes one value, and no more" : " needs a value");
    }
    return what;
}

/// The same of the names, where the parser has nothing against them.
std::string wrong_with_names(const CLI::App& app, const command_line& asked)
{
    const auto pair = [](const std::string& a, const std::string& b,
                         const std::vector<std::string>& repository) {
        std::optional<copy_names> copies;
        if (!repository.empty()) copies = split_names(repository);
        return cimrepctl::wrong_with_names({a, b}, copies);
    };
    const auto copies = [](const repository_command& of) {
        return cimrepctl::wrong_with_names({}, split_names(of.copies));
    };
    if (app.got_subcommand("demo") && !(asked.demo.source + asked.demo.target).empty())
        return pair(asked.demo.source, asked.demo.target, {});
    if (app.got_subcommand("mirror"))
        return pair(asked.mirror.source, asked.mirror.target, asked.mirror.repository);
    if (app.got_subcommand("verify"))
        return pair(asked.verify.first, asked.verify.second, asked.verify.repository);
    if (app.got_subcommand("compare")) return pair(asked.compare.first, asked.compare.second, {});
    if (app.got_subcommand("detach"))
        return pair(asked.detach.source, asked.detach.target, asked.detach.repository);
    if (app.got_subcommand("status")) return copies(asked.status);
    if (app.got_subcommand("check")) return copies(asked.check);
    if (app.got_subcommand("repair")) return copies(asked.repair);
    if (app.got_subcommand("upgrade")) return copies(asked.upgrade);
    return {};
}

exit_status refuse(const CLI::App& app, const std::string& wrong, console& out)
{
    const auto commands = app.get_subcommands();
    const std::string command = commands.empty() ? "" : " " + commands.front()->get_name();
    return out.refuse(wrong + "; see cimrepctl" + command + " --help");
}

exit_status run(int argc, char** argv)
{
    CLI::App app(about, "cimrepctl");
    command_line asked;
    app.set_version_flag("--version", CIMREP_VERSION);
    app.add_flag("--json", asked.as_json, "one JSON object a line instead of text");
    app.require_subcommand(1);
    app.fallthrough();
    describe_demo(app, asked.demo);
    describe_mirror(app, asked.mirror);
    describe_pairs(app, asked);
    describe_repositories(app, asked);
    describe_detach(app, asked.detach);
    describe_table(app, asked.table);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // Help and version were asked for.
        if (error.get_exit_code() == 0) {
            (void)app.exit(error);
            return all_well;
        }
        // The parser may not have come to the flag.
        const auto is_json = [](const char* word) { return std::string_view(word) == "--json"; };
        console refusing(std::any_of(argv, argv + argc, is_json));
        return refuse(app, wrong_with(app, error), refusing);
    }
    widen_path();
    catch_interrupts();
    console out(asked.as_json);
    if (const auto wrong = wrong_with_names(app, asked); !wrong.empty())
        return refuse(app, wrong, out);
    if (app.got_subcommand("demo")) return run_demo(out, asked.demo);
    if (app.got_subcommand("mirror")) return run_mirror(out, asked.mirror);
    if (app.got_subcommand("verify")) return run_verify(out, asked.verify);
    if (app.got_subcommand("compare")) return run_compare(out, asked.compare);
    if (app.got_subcommand("status")) return run_status(out, asked.status);
    if (app.got_subcommand("check")) return run_check(out, asked.check);
    if (app.got_subcommand("repair")) return run_repair(out, asked.repair);
    if (app.got_subcommand("upgrade")) return run_upgrade(out, asked.upgrade);
    if (app.got_subcommand("detach")) return run_detach(out, asked.detach);
    return run_table(out, asked.table);
}

}  // namespace

int main(int argc, char** argv)
{
    occupy_standard_streams();
    try {
        return finish_output(run(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cimrepctl: %s\n", error.what());
        return finish_output(went_wrong);
    }
}
