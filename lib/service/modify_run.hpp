// service/modify_run.hpp -- one operation on one relationship.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/configuration_methods.hpp>
#include <cimrep/service/replication_methods.hpp>

#include "method_run.hpp"

namespace cimrep::inline v0 {

/// ModifyReplicaSynchronization.
class modify_run final : public method_run {
public:
    modify_run(service_core& core, method_op<modify_replica_synchronization>& op) noexcept
        : method_run(core, modify_replica_synchronization::id, op), op_(op)
    {
    }
    void begin();

private:
    outcome<relationship*> check() const;
    void settled(std::optional<failure> error) override;

    method_op<modify_replica_synchronization>& op_;
    object_path path_;
    object_path target_;
};

/// ModifySynchronization.
class legacy_modify_run final : public method_run {
public:
    legacy_modify_run(service_core& core, method_op<modify_synchronization>& op) noexcept
        : method_run(core, modify_synchronization::id, op), op_(op)
    {
    }
    void begin();

private:
    outcome<> ask();

    method_op<modify_synchronization>& op_;
};

}  // namespace cimrep::inline v0
