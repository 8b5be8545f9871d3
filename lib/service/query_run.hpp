// service/query_run.hpp -- methods that only look: their answers, computed at once.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/capability_methods.hpp>
#include <cimrep/service/job_methods.hpp>
#include <cimrep/service/replication_methods.hpp>

#include "method_run.hpp"

namespace cimrep::inline v0 {

// Each checks its parameters and fills the outputs. Nothing is changed.
outcome<> answer(service_core& core, method_op<get_available_target_elements>& op);
outcome<> answer(service_core& core, method_op<get_replication_relationships>& op);
outcome<> answer(service_core& core, method_op<get_replication_relationship_instances>& op);
outcome<> answer(service_core& core, method_op<get_supported_copy_states>& op);
outcome<> answer(service_core& core, method_op<get_supported_wait_for_copy_states>& op);
outcome<> answer(service_core& core, method_op<get_supported_operations>& op);
outcome<> answer(service_core& core, method_op<get_supported_operations_for_synchronization>& op);
outcome<> answer(service_core& core, method_op<get_errors>& op);
// These check their parameters and are not built beyond that.
outcome<> answer(service_core& core, method_op<create_synchronization_aspect>& op);
outcome<> answer(service_core& core, method_op<modify_settings_define_state>& op);

/// Answers in the turn after start().
template <class Method>
class query_run final : public method_run {
public:
    query_run(service_core& core, method_op<Method>& op) noexcept
        : method_run(core, Method::id, op), op_(op)
    {
    }
    void begin()
    {
        op_.out = {};
        auto answered = answer(core(), op_);
        if (answered.has_error()) return answer_later(std::move(answered).error());
        answer_later();
    }

private:
    method_op<Method>& op_;
};

}  // namespace cimrep::inline v0
