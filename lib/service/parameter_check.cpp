// service/parameter_check.cpp -- what is refused of parameters and of settings.
// SPDX-License-Identifier: BSL-1.0
#include "parameter_check.hpp"

#include <cimrep/cim/setting_check.hpp>

namespace cimrep::inline v0 {

namespace {

// Wishes that change nothing here: the schema's defaults, and "you decide" where it has none.
// Clients take the default instance, change one property and pass the whole back.
replication_setting_data harmless_settings() noexcept
{
    auto setting = schema_defaults();
    setting.pairing = pairing::instrumentation_decides;
    setting.unequal_groups_action = unequal_groups_action::return_an_error;
    setting.desired_copy_methodology = desired_copy_methodology::instrumentation_decides;
    setting.delta_update_interval = duration{0};
    setting.delta_update_blocks = std::uint64_t{0};
    setting.desired_rpo = duration{0};
    return setting;
}

template <class T>
constexpr bool honoured =
    std::is_same_v<T, copy_priority> || std::is_same_v<T, desired_copy_recovery_mode> ||
    std::is_same_v<T, on_group_or_list_error>;

template <class T>
bool is_built(const T& wish, const std::optional<T>& harmless)
{
    if constexpr (honoured<T>) return classify<T>(to_number(wish)) == value_kind::named;
    return harmless == wish;
}

}  // namespace

parameter_check& parameter_check::invalid(error_code code, std::string wrong, std::string remedy)
{
    if (!invalid_.has_value()) invalid_ = fail(code, std::move(wrong), std::move(remedy));
    return *this;
}

parameter_check& parameter_check::not_supported(std::string wrong, std::string remedy)
{
    if (!unsupported_.has_value())
        unsupported_ = fail(errc::not_supported, std::move(wrong), std::move(remedy));
    return *this;
}

parameter_check& parameter_check::missing(std::string_view name, const std::string& what)
{
    return invalid(errc::invalid_argument, "parameter " + std::string{name} + " is missing",
                   "give " + what);
}

parameter_check& parameter_check::exclusive(std::string_view one, bool one_given,
                                            std::string_view other, bool other_given)
{
    if (!one_given || !other_given) return *this;
    return invalid(
        errc::invalid_argument,
        "parameters " + std::string{one} + " and " + std::string{other} + " exclude each other",
        "leave one of them out");
}

parameter_check& parameter_check::absent(std::string_view name, bool given)
{
    if (!given) return *this;
    return not_supported("parameter " + std::string{name} + " is given", "leave it out");
}

parameter_check& parameter_check::settings(const std::optional<replication_setting_data>& given)
{
    if (!given.has_value()) return *this;
    if (auto checked = check(*given); checked.has_error()) {
        auto& why = checked.error();
        return invalid(why.code, why.wrong, why.remedy);
    }
    const auto harmless = harmless_settings();
    for_each_property([&](const char* name, auto member) {
        const auto& wish = (*given).*member;
        if (!wish.has_value() || is_built(*wish, harmless.*member)) return;
        not_supported("ReplicationSettingData." + std::string{name} + " asks for what is not built",
                      "leave it out");
    });
    return *this;
}

}  // namespace cimrep::inline v0
