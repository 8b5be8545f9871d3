// lib/runtime/record_note.cpp -- a few commits on the heap, each of which goes by itself.
// SPDX-License-Identifier: BSL-1.0
#include "record_note.hpp"

#include <algorithm>
#include <memory>
#include <span>

namespace cimrep::inline v0 {

namespace {

constexpr std::size_t erased_at_a_time = 128;

struct erasure : commit_op {
    std::vector<record_change> all;
    std::size_t* out = nullptr;
};

}  // namespace

void erase_records(repository& store, std::vector<record_key> keys, std::size_t& out)
{
    for (std::size_t at = 0; at < keys.size(); at += erased_at_a_time) {
        auto op = std::make_unique<erasure>();
        const std::size_t count = std::min(erased_at_a_time, keys.size() - at);
        for (const record_key& key : std::span(keys).subspan(at, count))
            op->all.push_back({key, {}, true});
        op->changes = op->all;
        op->out = &out;
        op->done = [](commit_op& done, error_code) noexcept {
            const std::unique_ptr<erasure> over(static_cast<erasure*>(&done));
            --*over->out;
        };
        ++out;
        store.commit(*op.release());
    }
}

}  // namespace cimrep::inline v0
