// service/job_store.hpp -- the records of jobs in the shard's repository, if it has one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/store/repository.hpp>

#include "job_record.hpp"
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace cimrep::inline v0 {

/// Where a job's record is: the number of the service that made it, and the job's own.
struct job_number {
    std::uint64_t service = 0;
    std::uint64_t job = 0;
    friend bool operator==(const job_number&, const job_number&) = default;
};

/// Writes and erases the records of jobs.
///
/// Invariant:  after a job's first record no later service gets the number of this one, so that
///             names with it are never made again.
/// Lifetime:   what is on its way when it is destroyed becomes durable, and nobody is told.
class job_store {
public:
    explicit job_store(repository* below);

    bool durable() const noexcept { return below_ != nullptr; }
    /// Of this service, from 1; another one for each that has recorded a job.
    std::uint64_t number() const noexcept { return number_; }
    /// Every job that is on record; `damaged` says how many records are not to be read.
    std::vector<std::pair<job_number, job_record>> recall(std::size_t& damaged) const;

    /// `done` is called from the loop, unless the store is gone by then. @pre durable().
    void write(job_number which, const job_record& what, std::function<void(error_code)> done);
    void erase(job_number which);

private:
    struct note;
    void commit(std::unique_ptr<note> made);

    repository* below_;
    std::uint64_t number_ = 1;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace cimrep::inline v0
