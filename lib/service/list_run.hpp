// service/list_run.hpp -- one operation on a list of relationships.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cimrep/service/replication_methods.hpp>

#include "method_run.hpp"

namespace cimrep::inline v0 {

/// ModifyListSynchronization: entry after entry, each asked once the one before has settled.
class list_run final : public method_run {
public:
    list_run(service_core& core, method_op<modify_list_synchronization>& op) noexcept
        : method_run(core, modify_list_synchronization::id, op), op_(op)
    {
    }
    void begin();

private:
    outcome<> check() const;
    outcome<> check_entries() const;
    bool goes_on_after_error() const noexcept;
    outcome<> ask(std::size_t index);
    /// Asks on from next_ until a request is under way or the list is at its end; true if it is.
    bool ask_rest();
    void entry_failed(std::size_t index, failure why);
    void finish_list();
    void settled(std::optional<failure> error) override;
    std::optional<failure> summary() const noexcept;

    method_op<modify_list_synchronization>& op_;
    std::size_t next_ = 0;
    std::vector<affected_job_element> affected_;
};

}  // namespace cimrep::inline v0
