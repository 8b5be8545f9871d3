// test/runtime/passing_repository.hpp -- another repository, with something in between.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/store/repository.hpp>

namespace cimrep::test {

/// Passes everything on but commits, with which whoever is made of it does something.
struct passing_repository : repository {
    repository* below = nullptr;

    bool durable() const noexcept override { return below->durable(); }
    repository_features features() const noexcept override { return below->features(); }
    std::uint64_t commit_bytes_max() const noexcept override { return below->commit_bytes_max(); }
    std::optional<std::span<const std::byte>> find(const record_key& key) const override
    {
        return below->find(key);
    }
    void for_each(record_kind kind, const record_visitor& visit) const override
    {
        below->for_each(kind, visit);
    }
    void for_each(record_kind kind, std::uint64_t owner, const record_visitor& visit) const override
    {
        below->for_each(kind, owner, visit);
    }
};

}  // namespace cimrep::test
