// cim/vocabulary.hpp -- every enumeration of the vocabulary.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/cim/aspect.hpp>
#include <cimrep/cim/capability_object.hpp>
#include <cimrep/cim/capability_query.hpp>
#include <cimrep/cim/consistency.hpp>
#include <cimrep/cim/copy_methodology.hpp>
#include <cimrep/cim/copy_policy.hpp>
#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/copy_type.hpp>
#include <cimrep/cim/define_state_operation.hpp>
#include <cimrep/cim/error_type.hpp>
#include <cimrep/cim/feature.hpp>
#include <cimrep/cim/group_feature.hpp>
#include <cimrep/cim/job_state.hpp>
#include <cimrep/cim/legacy_capabilities.hpp>
#include <cimrep/cim/legacy_operation.hpp>
#include <cimrep/cim/legacy_remote.hpp>
#include <cimrep/cim/list_operation.hpp>
#include <cimrep/cim/method.hpp>
#include <cimrep/cim/mode.hpp>
#include <cimrep/cim/operation.hpp>
#include <cimrep/cim/probable_cause.hpp>
#include <cimrep/cim/progress_status.hpp>
#include <cimrep/cim/replication_entity.hpp>
#include <cimrep/cim/replication_group.hpp>
#include <cimrep/cim/replication_type.hpp>
#include <cimrep/cim/return_code.hpp>
#include <cimrep/cim/return_codes.hpp>
#include <cimrep/cim/selection.hpp>
#include <cimrep/cim/setting_policy.hpp>
#include <cimrep/cim/status.hpp>
#include <cimrep/cim/supported_action.hpp>
#include <cimrep/cim/sync_state.hpp>
#include <cimrep/cim/sync_type.hpp>
