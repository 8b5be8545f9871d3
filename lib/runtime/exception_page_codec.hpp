// lib/runtime/exception_page_codec.hpp -- a page of an index of exceptions as a block of a pool.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/engine/exception_tree.hpp>
#include <cimrep/store/layout.hpp>

#include <boost/uuid/uuid.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace cimrep::inline v0 {

/// Writes a page that is to lie at `root.place` of a pool.
///
/// @pre  `block` has store_block_bytes, and `page.level` is that of `root`.
void encode(const exception_page& page, const boost::uuids::uuid& pool, exception_root root,
            std::span<std::byte> block) noexcept;

/// Reads a block that was found at `root.place` of `pool`. False, and `to` is as it was, if it is
/// no page of that pool, place and level, or is damaged: total for any bytes. What is read is in
/// order, and its exceptions end within their chunks.
///
/// @pre  `block` has store_block_bytes.
bool decode_exception_page(std::span<const std::byte> block, const boost::uuids::uuid& pool,
                           exception_root root, exception_page& to) noexcept;

}  // namespace cimrep::inline v0
