// service/create_run.hpp -- the creation of a mirror, for the methods that create.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/runtime/shard.hpp>
#include <cimrep/service/configuration_methods.hpp>
#include <cimrep/service/replication_methods.hpp>

#include "method_run.hpp"

namespace cimrep::inline v0 {

/// Creates the target if none is given, then the mirror, then waits as asked.
class create_run : public method_run {
public:
    using method_run::method_run;

protected:
    /// @pre  the parameters are good.
    void create(mirror_request request, std::optional<copy_state> wanted);
    /// The relationship is there.
    virtual void created(const object_path& synchronization, const object_path& target) = 0;
    /// Makes a target in `pool` for the source of the request.
    outcome<object_path> make_target(const mirror_request& request, const object_path& pool,
                                     const std::string& name);
    void settled(std::optional<failure> error) override;

private:
    void remove_made_target();

    mirror_request request_;
    std::optional<copy_state> wanted_;
    std::optional<object_path> made_target_;
    relationship* made_ = nullptr;  ///< until the end of its creation is told
};

class create_element_replica_run final : public create_run {
public:
    create_element_replica_run(service_core& core, method_op<create_element_replica>& op) noexcept
        : create_run(core, create_element_replica::id, op), op_(op)
    {
    }
    void begin();

private:
    std::optional<failure> check() const;
    void created(const object_path& synchronization, const object_path& target) override;

    method_op<create_element_replica>& op_;
};

class attach_or_modify_run final : public create_run {
public:
    attach_or_modify_run(service_core& core, method_op<attach_or_modify_replica>& op) noexcept
        : create_run(core, attach_or_modify_replica::id, op), op_(op)
    {
    }
    void begin();

private:
    std::optional<failure> check() const;
    std::optional<relationship_info> existing() const;
    void created(const object_path&, const object_path&) override {}

    method_op<attach_or_modify_replica>& op_;
};

}  // namespace cimrep::inline v0
