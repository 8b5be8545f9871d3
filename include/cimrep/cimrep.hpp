// cimrep.hpp -- every portable header; backends, Asio and the test devices are included by name.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/base/assert.hpp>
#include <cimrep/base/config.hpp>
#include <cimrep/base/error.hpp>
#include <cimrep/base/failure.hpp>
#include <cimrep/base/intrusive_queue.hpp>
#include <cimrep/base/units.hpp>
#include <cimrep/cim/copy_state.hpp>
#include <cimrep/cim/copy_type.hpp>
#include <cimrep/cim/define_state_operation.hpp>
#include <cimrep/cim/job_state.hpp>
#include <cimrep/cim/legacy_operation.hpp>
#include <cimrep/cim/mode.hpp>
#include <cimrep/cim/operation.hpp>
#include <cimrep/cim/progress_status.hpp>
#include <cimrep/cim/replication_type.hpp>
#include <cimrep/cim/return_code.hpp>
#include <cimrep/cim/sync_state.hpp>
#include <cimrep/cim/sync_type.hpp>
#include <cimrep/cim/value_map.hpp>
#include <cimrep/io/block_device.hpp>
#include <cimrep/io/event_loop.hpp>
#include <cimrep/io/io_op.hpp>
#include <cimrep/version.hpp>
