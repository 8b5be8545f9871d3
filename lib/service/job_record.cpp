// service/job_record.cpp -- a job to JSON and back; any bytes are a job or an error.
// SPDX-License-Identifier: BSL-1.0
#include "job_record.hpp"

#include "../base/json_text.hpp"
#include "../runtime/record_reader.hpp"
#include <optional>
#include <string_view>
#include <system_error>

namespace cimrep::inline v0 {

namespace {

using nlohmann::json;

const std::error_category* category_of(std::string_view name)
{
    for (const std::error_category* each :
         {&error_category(), &std::generic_category(), &std::system_category()})
        if (name == each->name()) return each;
    return nullptr;
}

void read_error(record_reader& job, std::optional<failure>& to)
{
    const json* object = job.member("error");
    if (object == nullptr) return;
    record_reader members("an error", *object);
    std::string category;
    std::int64_t value = 0;
    failure why;
    members.text("category", category);
    members.integer("value", value);
    members.text("wrong", why.wrong);
    members.text("remedy", why.remedy);
    const std::error_category* known = category_of(category);
    if (!members.good() || known == nullptr || value == 0) return job.miss("error");
    why.code = error_code(static_cast<int>(value), *known);
    to = std::move(why);
}

void read_affected(record_reader& job, std::vector<affected_job_element>& to)
{
    const json* all = job.list("affected");
    if (all == nullptr) return;
    for (const json& each : *all) {
        record_reader members("an element", each);
        affected_job_element element;
        members.path("element", element.element);
        members.number("effect", element.effect, UINT16_MAX);
        if (!members.good()) return job.miss("affected");
        to.push_back(std::move(element));
    }
}

void read_waiting(record_reader& job, std::vector<object_path>& to)
{
    const json* all = job.list("waiting");
    if (all == nullptr) return;
    for (const json& each : *all) {
        auto parsed = parse_object_path(each.is_string() ? each.get<std::string>() : "");
        if (!parsed) return job.miss("waiting");
        to.push_back(std::move(parsed).value());
    }
}

}  // namespace

std::string encode(const job_record& from)
{
    const job_memory& job = from.job;
    std::vector<std::string> affected, waiting;
    for (const affected_job_element& each : job.birth.affected)
        affected.push_back(json_text()
                               .text("element", to_text(each.element))
                               .number("effect", static_cast<std::uint64_t>(each.effect))
                               .line());
    for (const object_path& each : from.waiting)
        waiting.push_back(json_text::quoted(to_text(each)));
    json_text object;
    object.text("instance_id", job.birth.instance_id)
        .text("path", to_text(job.birth.path))
        .text("name", job.birth.name)
        .number("method", static_cast<std::uint64_t>(job.birth.method))
        .raw("affected", json_text::list(affected))
        .number("time_before_removal", job.birth.time_before_removal.nanoseconds)
        .raw("delete_on_completion", job.delete_on_completion ? "true" : "false")
        .number("state", static_cast<std::uint64_t>(job.state))
        .number("percent_complete", job.percent_complete)
        .number("submitted", job.submitted.nanoseconds)
        .number("changed", job.changed.nanoseconds)
        .number("code", static_cast<std::uint64_t>(job.code))
        .number("wanted", static_cast<std::uint64_t>(from.wanted))
        .raw("waiting", json_text::list(waiting))
        .number("all", from.all);
    if (job.error)
        object.raw("error", json_text()
                                .text("category", job.error->code.category().name())
                                .number("value", job.error->code.value())
                                .text("wrong", job.error->wrong)
                                .text("remedy", job.error->remedy)
                                .line());
    return object.line();
}

outcome<job_record> decode_job(std::span<const std::byte> bytes)
{
    job_record made;
    job_memory& job = made.job;
    record_reader members("a job", bytes);
    members.text("instance_id", job.birth.instance_id);
    members.path("path", job.birth.path);
    members.text("name", job.birth.name);
    members.number("method", job.birth.method, UINT8_MAX);
    read_affected(members, job.birth.affected);
    members.number("time_before_removal", job.birth.time_before_removal.nanoseconds, INT64_MAX);
    members.number("state", job.state, UINT16_MAX);
    members.number("percent_complete", job.percent_complete, 100);
    members.number("submitted", job.submitted.nanoseconds, INT64_MAX / 4);
    members.number("changed", job.changed.nanoseconds, INT64_MAX / 4);
    members.number("code", job.code, UINT32_MAX);
    members.number("wanted", made.wanted, UINT16_MAX);
    read_waiting(members, made.waiting);
    members.number("all", made.all, UINT32_MAX);
    read_error(members, job.error);
    members.flag("delete_on_completion", job.delete_on_completion);
    if (job.birth.instance_id.find(':') == std::string::npos) members.miss("instance_id");
    if (to_name(job.state).empty()) members.miss("state");
    // A job that has ended waits for nothing, one that runs for something.
    if (is_final(job.state) != made.waiting.empty() || made.all < made.waiting.size())
        members.miss("waiting");
    CIMREP_TRY(members.done());
    return made;
}

}  // namespace cimrep::inline v0
