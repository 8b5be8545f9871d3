// service/relationship_instance.cpp -- a relationship as CIM_StorageSynchronized.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/runtime/relationship.hpp>
#include <cimrep/service/datetime.hpp>
#include <cimrep/service/instance.hpp>

namespace cimrep::inline v0 {

namespace {

class property_list {
public:
    explicit property_list(std::vector<property>& properties) : properties_(&properties) {}

    void add(std::string_view name, property_value value)
    {
        properties_->push_back({name, std::move(value), {}});
    }
    template <enumeration E>
    void add(std::string_view name, E value)
    {
        // In place: g++ 12 warns, wrongly, of a variant that is moved.
        auto& added = properties_->emplace_back();
        added.name = name;
        added.value.emplace<std::uint64_t>(to_number(value));
        added.meaning = to_name(value);
    }
    void add(std::string_view name, wall_time when)
    {
        if (when.is_set()) add(name, property_value{to_datetime(when)});
    }

private:
    std::vector<property>* properties_;
};

// What the association says of recovery when the client left it to us.
copy_recovery_mode recovery_of(const replication_setting_data& settings) noexcept
{
    return settings.copy_recovery_mode == desired_copy_recovery_mode::manual
               ? copy_recovery_mode::manual
               : copy_recovery_mode::automatic;
}

}  // namespace

instance instance_of(const relationship_info& info)
{
    instance it{info.path, {}};
    property_list list{it.properties};
    list.add("SystemElement", property_value{to_text(info.system_element)});
    list.add("SyncedElement", property_value{to_text(info.synced_element)});
    // The older name of WhenSynchronized.
    list.add("WhenSynced", info.when_synchronized);
    list.add("SyncMaintained", property_value{info.sync_maintained});
    list.add("CopyRecoveryMode", recovery_of(info.settings));
    list.add("CopyState", info.copy_state);
    list.add("FailedCopyStopsHostIO",
             property_value{info.settings.failed_copy_stops_host_io.value_or(false)});
    list.add("Mode", info.mode);
    list.add("PercentSynced", property_value{std::uint64_t{info.percent_synced}});
    list.add("ProgressStatus", info.progress_status);
    list.add("RequestedCopyState", info.requested_copy_state);
    list.add("SyncType", info.sync_type);
    list.add("WhenActivated", info.when_activated);
    list.add("WhenDeactivated", info.when_deactivated);
    list.add("WhenEstablished", info.when_established);
    list.add("WhenSuspended", info.when_suspended);
    list.add("WhenSynchronized", info.when_synchronized);
    list.add("CopyType", info.copy_type);
    list.add("ReplicaType", replica_type::full_copy);
    list.add("SyncState", info.sync_state);
    if (info.settings.copy_priority.has_value())
        list.add("CopyPriority", *info.settings.copy_priority);
    if (info.settings.read_only.has_value()) list.add("ReadOnly", *info.settings.read_only);
    return it;
}

}  // namespace cimrep::inline v0
