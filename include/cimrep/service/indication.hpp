// service/indication.hpp -- subscribers hear of every instance that comes, changes or goes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/instance.hpp>

#include <boost/intrusive/list_hook.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace cimrep::inline v0 {

/// What happened to an instance.
///
/// Source:  CIM_InstCreation, CIM_InstModification, CIM_InstDeletion, schema 2.49.0.
enum class indication_kind : std::uint8_t { creation, modification, deletion };

/// One instance that came, changed or went. Valid during the call only.
struct indication {
    indication_kind kind{};
    const instance& source_instance;    ///< as it is now; of a deletion, as it was last
    const instance* previous_instance;  ///< of a modification: as it was before; else null
    std::span<const std::string_view> changed_property_names;  ///< of a modification
};

/// Is told of associations, aspects and jobs, in the order in which things happened, each after it
/// is durable and before the method that caused it is done.
///
/// PercentSynced and PercentComplete alone make no indication: they are read when wanted.
///
/// Lifetime:  unlinks itself when destroyed. `received` may subscribe, unsubscribe and start
///            methods; it may not destroy the service.
struct indication_listener
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    void (*received)(indication_listener& self, const indication& what) noexcept = nullptr;
};

}  // namespace cimrep::inline v0
