// test/cim/setting_test.cpp -- ReplicationSettingData: its properties, its defaults, its checks.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/setting_check.hpp>

#include "catch.hpp"
#include "facts.hpp"
#include <set>
#include <string>

using namespace cimrep;

namespace {

/// What the schema would call the type of a property, and how it would write its value.
template <class T>
std::string schema_type()
{
    if constexpr (std::is_same_v<T, bool>)
        return "boolean";
    else if constexpr (std::is_same_v<T, duration>)
        return "datetime";
    else
        return sizeof(T) == 2 ? "uint16" : "uint64";
}

template <class T>
std::string written(const std::optional<T>& value)
{
    if (!value.has_value()) return "-";
    if constexpr (std::is_same_v<T, bool>)
        return *value ? "true" : "false";
    else if constexpr (std::is_same_v<T, duration>)
        return std::to_string(value->nanoseconds);
    else
        return std::to_string(static_cast<std::uint64_t>(*value));
}

/// A legal value that is not the default.
template <class T>
T some_value()
{
    if constexpr (enumeration<T>)
        return value_map_of<T>.names.front().value;
    else if constexpr (std::is_same_v<T, duration>)
        return seconds(7);
    else if constexpr (std::is_same_v<T, bool>)
        return true;
    else
        return T{5};
}

}  // namespace

TEST_CASE("the setting data has the schema's properties, types and defaults", "[cim]")
{
    const auto defaults = schema_defaults();
    std::vector<std::string> ours;
    for_each_property([&](const char* name, auto member) {
        using value = typename std::remove_cvref_t<decltype(defaults.*member)>::value_type;
        ours.push_back(std::string{name} + " " + schema_type<value>() + " " +
                       written(defaults.*member));
    });
    CHECK(ours.size() == 26);
    CHECK(ours == facts::all().at("ReplicationSettingData properties").lines);
}

TEST_CASE("each property is visited once and is another one", "[cim]")
{
    std::set<const void*> places;
    replication_setting_data setting;
    for_each_property([&](const char*, auto member) { places.insert(&(setting.*member)); });
    CHECK(places.size() == 26);
}

TEST_CASE("an empty setting and the defaults pass every check", "[cim]")
{
    CHECK(check(replication_setting_data{}).has_value());
    CHECK(check(schema_defaults()).has_value());
}

TEST_CASE("each property is checked against its own map", "[cim]")
{
    for_each_property([&](const char* name, auto member) {
        INFO(name);
        replication_setting_data setting;
        using value = typename std::remove_cvref_t<decltype(setting.*member)>::value_type;
        setting.*member = some_value<value>();
        CHECK(check(setting).has_value());
        if constexpr (enumeration<value>) {
            const auto& block = facts::all().at("ReplicationSettingData." + std::string{name});
            for (std::uint32_t n = 0; n <= 0xFFFF; ++n) {
                setting.*member = static_cast<value>(n);
                const auto kind = block.kind_of(n);
                const bool legal = kind == value_kind::named || kind == value_kind::vendor;
                if (check(setting).has_value() != legal) FAIL("differs at " << n);
            }
            setting.*member = static_cast<value>(0x7FFF);
            const auto refused = check(setting);
            REQUIRE(refused.has_error());
            CHECK(refused.error().code == errc::unknown_value);
            CHECK(refused.error().wrong ==
                  "ReplicationSettingData." + std::string{name} + " is 32767");
            CHECK_FALSE(refused.error().remedy.empty());
        } else if constexpr (std::is_same_v<value, duration>) {
            setting.*member = duration{0};
            CHECK(check(setting).has_value());
            setting.*member = duration{-1};
            const auto refused = check(setting);
            REQUIRE(refused.has_error());
            CHECK(refused.error().code == errc::invalid_argument);
            CHECK(refused.error().wrong ==
                  "ReplicationSettingData." + std::string{name} + " is -1 ns");
        }
    });
}

TEST_CASE("no hop at all is refused", "[cim]")
{
    replication_setting_data setting;
    setting.multihop = std::uint16_t{0};
    const auto refused = check(setting);
    REQUIRE(refused.has_error());
    CHECK(refused.error().wrong == "ReplicationSettingData.Multihop is 0");
}

TEST_CASE("merging keeps what was given and fills in the rest", "[cim]")
{
    for_each_property([&](const char* name, auto member) {
        INFO(name);
        replication_setting_data given;
        using value = typename std::remove_cvref_t<decltype(given.*member)>::value_type;
        given.*member = some_value<value>();
        const auto both = merged(given, schema_defaults());
        CHECK(both.*member == given.*member);
        auto expected = schema_defaults();
        expected.*member = given.*member;
        CHECK(both == expected);
        CHECK(merged(replication_setting_data{}, given) == given);
    });
}
