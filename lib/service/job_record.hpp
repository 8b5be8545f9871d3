// service/job_record.hpp -- what is kept of a job beyond its process, as bytes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/copy_state.hpp>
#include <cimrep/service/job.hpp>
#include <cimrep/store/record.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace cimrep::inline v0 {

/// A job as it was when it was recorded, and what it waits for.
struct job_record {
    job_memory job;
    copy_state wanted{};
    std::vector<object_path> waiting;
    std::size_t all = 0;
};

std::string encode(const job_record& from);

/// @errors  errc::repository_damaged.
outcome<job_record> decode_job(std::span<const std::byte> bytes);

}  // namespace cimrep::inline v0
