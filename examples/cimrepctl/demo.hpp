// examples/cimrepctl/demo.hpp -- the life of a mirror, step by step, each one checked.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "commands.hpp"
#include "demo_check.hpp"
#include "live_writer.hpp"
#include "losable_elements.hpp"
#include "session.hpp"
#include "temporary_folder.hpp"
#include <memory>
#include <string>
#include <vector>

namespace cimrepctl {

/// One run of the demo.
///
/// Invariant:  while a step goes on the writer writes; while sides are compared it is idle.
class demo {
public:
    demo(console& out, const demo_request& asked) : out_(&out), asked_(&asked) {}
    ~demo();
    demo(const demo&) = delete;
    demo& operator=(const demo&) = delete;

    outcome<> run();

private:
    // Before the mirror: demo_prepare.cpp.
    outcome<> prepare();
    outcome<> choose_files();
    outcome<> choose_devices();
    outcome<> guard(const std::string& path) const;
    outcome<> claim_once() const;
    outcome<> open();
    outcome<> finish();

    // The steps.
    outcome<> create();
    outcome<> fracture();
    outcome<> resync();
    outcome<> split();
    outcome<> restore();
    outcome<> lose_leg();
    outcome<> bring_leg_back();

    outcome<> write_on();
    outcome<> write_to_target();
    outcome<> drain();
    outcome<> equal_now();
    outcome<> apart_now(const separation_window& window);
    outcome<> only_delta_moved();
    void report(const char* step, const std::string& what, const json& more = {});
    std::uint64_t regions_of(const std::vector<std::uint64_t>& places) const;

    console* out_;
    const demo_request* asked_;
    both_sides sides_;
    std::unique_ptr<temporary_folder> folder_;
    std::unique_ptr<uring_loop> loop_;
    std::unique_ptr<file_elements> files_;
    std::unique_ptr<losable_elements> elements_;
    std::unique_ptr<session> over_;
    std::unique_ptr<live_writer> writer_;
    element_pair pair_;
    apart_result apart_;  // as the sides were when they were compared last
    std::map<std::uint64_t, std::uint64_t> written_to_target_;
    std::uint64_t writes_reported_ = 0;
    bool overwrite_target_ = false;
};

}  // namespace cimrepctl
