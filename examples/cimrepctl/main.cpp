// examples/cimrepctl/main.cpp -- the command line.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/version.hpp>

#include "commands.hpp"
#include "interrupt.hpp"
#include <CLI/CLI.hpp>
#include <cstdlib>

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
    table_request table;
};

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
        ->transform(CLI::AsSizeValue(false))
        ->check(CLI::Range(32 * mib, 64 * gib).description("32M to 64G"))
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
        ->add_option("--identical", asked.identical,
                     "copy nothing: they are equal already, which is checked as said here")
        ->check(CLI::IsMember({"sampled", "full"}));
}

void describe_pairs(CLI::App& app, command_line& asked)
{
    CLI::App* verify = app.add_subcommand(
        "verify", "Relates two equal elements and compares them with the online verification.");
    verify->add_option("source", asked.verify.first, "file or block device")->required();
    verify->add_option("target", asked.verify.second, "file or block device")->required();
    verify->add_flag("--repair", asked.verify.repair,
                     "write what differs again, from the source to the target");
    CLI::App* compare =
        app.add_subcommand("compare", "Compares two files or devices by plain reads; no library.");
    compare->add_option("first", asked.compare.first, "file or block device")->required();
    compare->add_option("second", asked.compare.second, "file or block device")->required();
}

void describe_table(CLI::App& app, table_request& asked)
{
    CLI::App* table = app.add_subcommand(
        "table", "Prints what is legal in which CopyState, and what events do there.");
    table->add_option("--type", asked.type, "only of this SyncType")
        ->check(CLI::IsMember({"mirror", "snapshot", "clone"}, CLI::ignore_case));
    table->add_option("--state", asked.state, "only from this CopyState, such as Fractured");
}

int run(int argc, char** argv)
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
    describe_table(app, asked.table);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? all_well : wrong_usage;
    }
    widen_path();
    catch_interrupts();
    console out(asked.as_json);
    if (app.got_subcommand("demo")) return run_demo(out, asked.demo);
    if (app.got_subcommand("mirror")) return run_mirror(out, asked.mirror);
    if (app.got_subcommand("verify")) return run_verify(out, asked.verify);
    if (app.got_subcommand("compare")) return run_compare(out, asked.compare);
    return run_table(out, asked.table);
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cimrepctl: %s\n", error.what());
        return went_wrong;
    }
}
