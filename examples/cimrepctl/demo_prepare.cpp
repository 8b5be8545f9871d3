// examples/cimrepctl/demo_prepare.cpp -- what the demo works on, checked by fsck after.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/io/uring/device_guard.hpp>

#include <fmt/format.h>

#include "claim_wait.hpp"
#include "demo.hpp"
#include "demo_image.hpp"
#include "plain_read.hpp"
#include "progress.hpp"
#include <filesystem>
#include <fstream>

namespace cimrepctl {

namespace {

/// A part of the image is made in the folder first, and room is left for what else grows.
constexpr std::uint64_t room_for(std::uint64_t images_bytes, const image_layout& layout)
{
    return images_bytes + layout.live_bytes + layout.still_bytes + 16 * mib;
}

outcome<> make_sparse_file(const std::string& path, std::uint64_t size_bytes)
{
    std::error_code error;
    if (!std::ofstream(path, std::ios::binary)) error = std::make_error_code(std::errc::io_error);
    if (!error) std::filesystem::resize_file(path, size_bytes, error);
    if (error) return fail(error, "cannot make " + path);
    return success();
}

}  // namespace

demo::~demo()
{
    if (writer_ == nullptr) return;
    writer_->pause();
    while (!writer_->idle()) loop_->run_once(milliseconds(20));
}

outcome<> demo::prepare()
{
    CIMREP_TRY(asked_->source.empty() ? choose_files() : choose_devices());
    const image_layout layout = image_layout::of(sides_.size_bytes);
    out_->say("prepare",
              {{"source", sides_.source},
               {"target", sides_.target},
               {"size_bytes", sides_.size_bytes},
               {"live_bytes", layout.live_bytes}},
              fmt::format("source {}: an ext4 image of {}; live writes go to the {} of one file\n"
                          "target {}",
                          sides_.source, size_text(sides_.size_bytes), size_text(layout.live_bytes),
                          sides_.target));
    CIMREP_TRY(make_image(sides_.source, layout, folder_->path()));
    CIMREP_TRY(auto offsets, find_live_blocks(sides_.source, layout));
    CIMREP_TRY(open());
    CIMREP_TRY(block_device * front, over_->front(pair_.source));
    writer_ = std::make_unique<live_writer>(*front, std::move(offsets));
    return success();
}

outcome<> demo::choose_files()
{
    const image_layout layout = image_layout::of(asked_->size_bytes);
    CIMREP_TRY(folder_, temporary_folder::make(room_for(2 * asked_->size_bytes, layout)));
    sides_ = {folder_->path() / "source.img", folder_->path() / "target.img",
              asked_->size_bytes / mib * mib};
    CIMREP_TRY(make_sparse_file(sides_.source, sides_.size_bytes));
    return make_sparse_file(sides_.target, sides_.size_bytes);
}

outcome<> demo::choose_devices()
{
    sides_ = {asked_->source, asked_->target, 0};
    CIMREP_TRY(guard(sides_.source));
    CIMREP_TRY(guard(sides_.target));
    CIMREP_TRY(claim_once());
    CIMREP_TRY(const auto source, plain_reader::open(sides_.source));
    CIMREP_TRY(const auto target, plain_reader::open(sides_.target));
    sides_.size_bytes = source.size_bytes();
    if (sides_.size_bytes < 32 * mib || target.size_bytes() < sides_.size_bytes)
        return fail(errc::geometry_mismatch,
                    fmt::format("{} has {} bytes and {} has {}", sides_.source, source.size_bytes(),
                                sides_.target, target.size_bytes()),
                    "give a source of at least 32 MiB and a target of at least the same size");
    overwrite_target_ = asked_->overwrite;
    CIMREP_TRY(folder_, temporary_folder::make(room_for(0, image_layout::of(sides_.size_bytes))));
    return success();
}

outcome<> demo::guard(const std::string& path) const
{
    CIMREP_TRY(const auto user, find_device_user(path));
    if (!user.empty())
        return fail(errc::element_in_use, path + " is " + user, "end that use, or give another");
    CIMREP_TRY(const auto signature, find_signature(path));
    if (signature.empty() || asked_->overwrite) return success();
    return fail(errc::foreign_signature, path + " carries " + signature,
                "it would be LOST: give another device, or --overwrite");
}

// Both at once, before a byte of either is written: that somebody has one of them, or that they are
// the same, is found out now.
outcome<> demo::claim_once() const
{
    CIMREP_TRY(const auto loop, make_loop());
    file_elements files(*loop);
    CIMREP_TRY(const auto pair, add_pair(*out_, files, sides_.source, sides_.target));
    CIMREP_TRY(const auto from, files.describe(pair.source));
    CIMREP_TRY(const auto to, files.describe(pair.target));
    if (!from.identity.empty() && from.identity == to.identity)
        return fail(errc::element_in_use,
                    fmt::format("{} and {} are the same", sides_.source, sides_.target),
                    "give a target of its own");
    const element_open_request source{.purpose = open_purpose::source, .allow_overwrite = true};
    const element_open_request target{.purpose = open_purpose::target, .allow_overwrite = true};
    patient_elements elements(*out_, files);
    CIMREP_TRY(const auto first, elements.open(*loop, pair.source, source));
    CIMREP_TRY(const auto second, elements.open(*loop, pair.target, target));
    const std::uint32_t block = first->shape().logical_block_bytes;
    if (block == second->shape().logical_block_bytes) return success();
    return fail(errc::geometry_mismatch,
                fmt::format("{} has blocks of {} bytes and {} of {}", sides_.source, block,
                            sides_.target, second->shape().logical_block_bytes),
                "give two with blocks of the same size");
}

outcome<> demo::open()
{
    CIMREP_TRY(loop_, make_loop());
    files_ = std::make_unique<file_elements>(*loop_);
    elements_ = std::make_unique<losable_elements>(*files_);
    CIMREP_TRY(pair_, add_pair(*out_, *files_, sides_.source, sides_.target));
    CIMREP_TRY(over_, session::open(*loop_, *elements_));
    return success();
}

outcome<> demo::finish()
{
    CIMREP_TRY(drain());
    CIMREP_TRY(over_->flush());
    CIMREP_TRY(over_->modify(operation::detach));
    CIMREP_TRY(over_->close());
    CIMREP_TRY(check_equal(sides_, *writer_));
    CIMREP_TRY(check_image(sides_.source));
    CIMREP_TRY(check_image(sides_.target));
    out_->say("finished",
              {{"live_writes", writer_->acknowledged_count()},
               {"compared_bytes", sides_.size_bytes},
               {"fsck", "clean"}},
              fmt::format("detached and closed: {} equal, fsck finds both images clean; {} live "
                          "writes in all",
                          size_text(sides_.size_bytes), writer_->acknowledged_count()));
    return success();
}

}  // namespace cimrepctl
