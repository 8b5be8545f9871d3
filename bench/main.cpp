// bench/main.cpp -- cimrep_bench: how close the library comes to the devices.
// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include "cases.hpp"
#include "loop_device.hpp"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

namespace {

/// Runs what was chosen; false if a bound was missed.
bool run(const std::vector<std::string>& chosen, const bench::setup& how)
{
    bool reached = true;
    for (const bench::bench_case& each : bench::all_cases()) {
        const bool named = std::find(chosen.begin(), chosen.end(), each.name) != chosen.end();
        if (named || (chosen.empty() && each.by_default)) reached &= each.run(how);
    }
    return reached;
}

}  // namespace

int main(int argc, char** argv)
{
    bench::setup how;
    std::vector<std::string> chosen;
    std::uint64_t size_mib = 0;
    bool quick = false, no_bound = false, files = false, plain_buffers = false;
    std::string list = "what to measure (default: all):";
    std::vector<std::string> names;
    for (const auto& each : bench::all_cases()) {
        names.emplace_back(each.name);
        list += fmt::format("\n  {:<12} {}", each.name, each.what);
    }
    CLI::App app("Measures the library beside bare liburing loops. JSON lines on stdout.");
    app.add_option("case", chosen, list)->check(CLI::IsMember(names));
    app.add_option("--pairs", how.pairs, "pairs of a timed case")->check(CLI::Range(1, 10000));
    app.add_option("--seconds", how.seconds, "of each side of a pair, about");
    app.add_option("--size", size_mib, "MiB of each device")->check(CLI::Range(8, 1 << 20));
    app.add_option("--depth", how.depth, "operations in flight")->check(CLI::Range(8, 128));
    app.add_option("--folder", how.folder, "where scratch files are made");
    auto* target = app.add_option("--target", how.target, "device for the second leg: overwritten");
    app.add_option("--source", how.source, "device for the first leg: overwritten")->needs(target);
    app.add_flag("--files", files, "scratch files without loop devices; so without root");
    app.add_flag("--plain-buffers", plain_buffers, "register no buffers, on neither side");
    app.add_flag("--observed", how.observed, "case observer: install one that does nothing");
    app.add_flag("--durable", how.durable, "case observer: with a repository");
    app.add_option("--operations", how.operations, "case observer: how many")
        ->check(CLI::Range(1, 100000000));
    app.add_flag("--no-bound", no_bound, "succeed although a bound was missed");
    app.add_flag("--quick", quick, "one small pair of each, to see that it works");
    CLI11_PARSE(app, argc, argv);
    if (quick) {
        how.pairs = 1;
        how.seconds = 0.01;
        how.size_bytes = 16 * bench::mib;
        no_bound = true;
    }
    if (size_mib != 0) how.size_bytes = size_mib * bench::mib;
    how.registered_buffers = !plain_buffers;
    const std::string missing = cimrep::test::loop_device::missing();
    if (how.source.empty() && !files && !missing.empty()) {
        fmt::print(stderr, "{}: plain files instead\n", missing);
        files = true;
    }
    how.loop_devices = !files;
    try {
        return run(chosen, how) || no_bound ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "cimrep_bench: {}\n", error.what());
        return 2;
    }
}
