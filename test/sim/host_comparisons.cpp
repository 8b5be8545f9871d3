// test/sim/host_comparisons.cpp -- a host that writes where it finds what it expects.
// SPDX-License-Identifier: BSL-1.0
#include "host_op.hpp"
#include <algorithm>
#include <optional>

namespace cimrep::test {

// Expects what it knows to be there; where it knows less, the newest that may be; and sometimes
// something else by one bit.
bool sim_host::prepare_comparison(host_op& op)
{
    if (!habits_.compares || oracle_ == nullptr || !comparisons_.chance(0.15)) return false;
    const geometry& shape = device_.shape();
    const std::uint64_t block = shape.logical_block_bytes;
    const std::uint64_t blocks = shape.size_bytes / block;
    const std::uint64_t within =
        comparisons_.chance(0.5) ? std::min<std::uint64_t>(blocks, 24) : blocks;
    const std::uint64_t first_block = comparisons_.below(within);
    const std::uint64_t most = std::min(habits_.blocks_max, blocks - first_block);
    const std::uint64_t first = first_block * block / stamp_sector_bytes;
    const std::uint64_t count = comparisons_.between(1, most) * block / stamp_sector_bytes;
    op.memory.resize(static_cast<std::size_t>(count * stamp_sector_bytes));
    op.expected.resize(op.memory.size());
    op.certain.clear();
    bool known = true;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i * stamp_sector_bytes);
        const auto held = oracle_->certain(first + i);
        known = known && held;
        op.certain.push_back(held.value_or(0));
        oracle_->fill_newest(first + i, std::span(op.expected).subspan(at, stamp_sector_bytes));
    }
    if (comparisons_.chance(0.4)) {
        const auto at = static_cast<std::size_t>(comparisons_.below(op.expected.size()));
        op.expected[at] ^= std::byte{1} << comparisons_.below(8);
        known = false;
    }
    if (!known) op.certain.clear();
    op.compared = oracle_->read_submitted(first, count);
    op.id = oracle_->write_submitted(first, count, device_.loop().now());
    oracle_->fill(op.id, op.memory);
    op.prepare_compare_and_write(first_block * block, op.expected, op.memory);
    return true;
}

// What was equal has been read, and then written, at one instant. What was not is as it was; and
// where nobody else can have changed what was there it was equal.
void sim_host::judge_comparison(host_op& op, error_code error)
{
    const bool doubted = op.doubted || doubts();
    if (!error && !doubted) {
        const auto wrong = oracle_->read_returned(op.compared, op.expected);
        if (wrong) violate("a comparison found what it expected, where " + wrong->text);
        return oracle_->write_acknowledged(op.id);
    }
    oracle_->read_failed(op.compared);
    if (!error) return oracle_->write_acknowledged(op.id);
    if (error != errc::compare_mismatch && error != errc::not_supported)
        return oracle_->write_failed(op.id);
    const std::uint64_t first = op.offset_bytes / stamp_sector_bytes;
    bool equal = !op.certain.empty() && !doubted;
    for (std::size_t i = 0; equal && i < op.certain.size(); ++i)
        equal = oracle_->certain(first + i, op.id) == std::optional(op.certain[i]);
    if (equal && error == errc::compare_mismatch && judged())
        violate("a comparison did not find what sector " + std::to_string(first) +
                " and those behind it must hold");
    oracle_->write_withdrawn(op.id);
}

}  // namespace cimrep::test
