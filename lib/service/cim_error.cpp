// service/cim_error.cpp -- which kind of CIM_Error each errc is.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/service/cim_error.hpp>

#include <array>

namespace cimrep::inline v0 {

namespace {

struct error_row {
    errc error;
    error_type type;
    probable_cause cause;
    cim_status_code status;
};

// clang-format off
constexpr auto error_rows = [] {
    using t = error_type;
    using c = probable_cause;
    using s = cim_status_code;
    constexpr auto software = t::software_error, hardware = t::hardware_error;
    constexpr auto unavailable = t::unavailable_resource_error;
    constexpr auto unsupported = t::unsupported_operation_error;
    constexpr auto quality = t::quality_of_service_error, budget = t::oversubscription_error;
    constexpr auto space = c::storage_capacity_problem;
    constexpr auto overrun = s::server_limits_exceeded, closing = s::server_is_shutting_down;
    constexpr auto procedural = c::procedural_error;
    constexpr auto resource = c::underlying_resource_unavailable;
    constexpr auto invalid = s::invalid_parameter;
    return std::to_array<error_row>({
        {errc::invalid_state_transition, software,    procedural,                s::failed},
        {errc::unknown_value,            software,    procedural,                invalid},
        {errc::not_supported,            unsupported, procedural,                s::not_supported},
        {errc::invalid_argument,         software,    procedural,                invalid},
        {errc::out_of_bounds,            software,    procedural,                invalid},
        {errc::misaligned,               software,    procedural,                invalid},
        {errc::geometry_mismatch,        software,    procedural,                invalid},
        {errc::element_in_use,           unavailable, procedural,                s::failed},
        {errc::element_not_accessible,   unavailable, procedural,                s::access_denied},
        {errc::foreign_signature,        unavailable, procedural,                s::failed},
        {errc::stale_reference,          software,    procedural,                s::not_found},
        {errc::not_identical,            software,    c::sync_loss_or_mismatch,  s::failed},
        {errc::short_transfer,           hardware,    resource,                  s::failed},
        {errc::leg_failed,               hardware,    resource,                  s::failed},
        {errc::volume_read_only,         hardware,    resource,                  s::failed},
        {errc::deadline_exceeded,        quality,     c::timeout,                s::failed},
        {errc::compare_mismatch,         software,    c::corrupt_data,           s::failed},
        {errc::over_budget,              budget,      space,                     overrun},
        {errc::closed,                   unavailable, procedural,                closing},
        {errc::job_stopped,              t::other,    procedural,                s::failed},
        {errc::injected,                 hardware,    resource,                  s::failed},
        {errc::repository_absent,        unavailable, resource,                  s::failed},
        {errc::repository_damaged,       hardware,    c::corrupt_data,           s::failed},
        {errc::repository_version,       unsupported, c::version_mismatch,       s::failed},
        {errc::repository_incomplete,    unavailable, resource,                  s::failed},
        {errc::repository_diverged,      software,    c::sync_loss_or_mismatch,  s::failed},
        {errc::repository_lost,          hardware,    resource,                  s::failed},
        {errc::leg_not_recognized,       unavailable, c::sync_loss_or_mismatch,  s::failed},
    });
}();
// clang-format on

static_assert([] {
    for (std::size_t i = 0; i < error_rows.size(); ++i)
        if (static_cast<std::size_t>(error_rows[i].error) != i + 1) return false;
    return error_rows.size() == static_cast<std::size_t>(errc_last);
}());

// What the system reports of a device.
constexpr error_row system_row{errc{}, error_type::hardware_error,
                               probable_cause::underlying_resource_unavailable,
                               cim_status_code::failed};

const error_row& row_of(const error_code& code) noexcept
{
    const auto index = static_cast<std::size_t>(code.value()) - 1;
    return code.category() == error_category() && index < error_rows.size() ? error_rows[index]
                                                                            : system_row;
}

}  // namespace

cim_error to_cim_error(const failure& why)
{
    const auto& row = row_of(why.code);
    const std::string owner = why.code.category().name();
    cim_error error;
    error.error_type = row.type;
    error.owning_entity = "cimrep";
    error.message_id =
        (&row == &system_row ? owner + ':' : "CIMREP") + std::to_string(why.code.value());
    error.message = why.sentence();
    error.perceived_severity = row.type == error_type::hardware_error ? perceived_severity::major
                                                                      : perceived_severity::minor;
    error.probable_cause = row.cause;
    if (!why.remedy.empty()) error.recommended_actions.push_back(why.remedy);
    error.cim_status_code = row.status;
    return error;
}

}  // namespace cimrep::inline v0
