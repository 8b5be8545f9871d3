// service/aspect.hpp -- what is left of a replica that was dissolved: CIM_SynchronizationAspect.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/units.hpp>
#include <cimrep/cim/aspect.hpp>
#include <cimrep/cim/object_path.hpp>
#include <cimrep/service/instance.hpp>

#include <string>

namespace cimrep::inline v0 {

/// A point in time of a source, without a target.
///
/// Source:  CIM_SynchronizationAspect, schema 2.49.0.
struct synchronization_aspect {
    object_path path;
    std::string instance_id;  ///< "<OrgID>:<LocalID>", never used before
    std::string element_name;
    aspect_sync_type sync_type = aspect_sync_type::mirror;
    cimrep::copy_status copy_status = copy_status::operation_completed;
    wall_time when_point_in_time{};
    object_path source_element;
    aspect_sync_state sync_state = aspect_sync_state::synchronized;
};

/// The association between a source and an aspect of it.
///
/// Source:  CIM_SettingsDefineState, schema 2.49.0.
struct settings_define_state {
    object_path path;
    object_path managed_element;  ///< the source
    object_path setting_data;     ///< the aspect
};

/// An instance of CIM_SynchronizationAspect.
///
/// Allocates:  the instance.
CIMREP_API instance instance_of(const synchronization_aspect& aspect);

/// An instance of CIM_SettingsDefineState.
///
/// Allocates:  the instance.
CIMREP_API instance instance_of(const settings_define_state& association);

}  // namespace cimrep::inline v0
