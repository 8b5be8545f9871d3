// test/cim/object_path_test.cpp -- object paths: text both ways, one order, and hostile texts.
// SPDX-License-Identifier: BSL-1.0
#include <cimrep/cim/object_path_format.hpp>
#include <cimrep/cim/object_path_parse.hpp>

#include "catch.hpp"
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <unordered_set>

using namespace cimrep;
using Catch::Matchers::ContainsSubstring;

namespace {

object_path parsed(const std::string& text)
{
    auto path = parse_object_path(text);
    INFO(text);
    REQUIRE(path.has_value());
    return std::move(path).value();
}

object_path made(object_path_parts parts)
{
    auto path = make_object_path(std::move(parts));
    REQUIRE(path.has_value());
    return std::move(path).value();
}

const std::vector<std::string> valid_texts = {
    R"(//host/root/cimv2:CIM_StorageVolume.DeviceID="x",SystemName="y")",
    R"(//[::1]:5989/root:MSISCSITARGET_ReplicationService.Name="a")",
    R"(//host.example:5989/root/cimv2/sub-ns:CIM_StorageVolume)",
    R"(/root/cimv2:CIM_StorageVolume.DeviceID="x")",
    R"(CIM_StorageVolume.A=1,B=-1,C=TRUE,D=FALSE,E="")",
    R"(CIM_StorageVolume)",
    R"(CIM_X.K="a \"quoted\" \\ back\t\n\r\b\f end")",
    R"(CIM_X.High=18446744073709551615,Low=-9223372036854775808)",
    R"(/root/cimv2:CIM_S.SyncedElement="/r:CIM_V.K=\"a\\\"b\"",SystemElement="/r:CIM_V.K=\"b\"")",
    "CIM_X.K=\"\xC3\xA9\x01\xFF, = : // .\"",
};

}  // namespace

TEST_CASE("a valid text in canonical order is printed back as it was", "[cim]")
{
    for (const auto& text : valid_texts) {
        const auto path = parsed(text);
        CHECK(to_text(path) == text);
        CHECK(fmt::format("{}", path) == text);
    }
}

TEST_CASE("the parts of a path are found under their names", "[cim]")
{
    const auto path = parsed(R"(//host/root/cimv2:CIM_X.S="s\"",N=42,M=-7,T=true,F=False)");
    CHECK(path.host() == "host");
    CHECK(path.name_space() == "root/cimv2");
    CHECK(path.class_name() == "CIM_X");
    REQUIRE(path.keys().size() == 5);
    CHECK(*path.key_as<std::string>("S") == "s\"");
    CHECK(*path.key_as<std::uint64_t>("n") == 42);
    CHECK(*path.key_as<std::int64_t>("M") == -7);
    CHECK(*path.key_as<bool>("T"));
    CHECK_FALSE(*path.key_as<bool>("F"));
    CHECK(path.key_as<bool>("S") == nullptr);
    CHECK(path.key("absent") == nullptr);
    CHECK(object_path{}.empty());
}

TEST_CASE("the order in which keys are given does not matter", "[cim]")
{
    const auto a = parsed(R"(/root:CIM_X.B="2",a="1",C=3)");
    const auto b = parsed(R"(/root:CIM_X.C=3,B="2",a="1")");
    CHECK(to_text(a) == R"(/root:CIM_X.a="1",B="2",C=3)");
    CHECK(a == b);
    CHECK(std::hash<object_path>{}(a) == std::hash<object_path>{}(b));
    CHECK(std::is_eq(a <=> b));
    CHECK(made({.name_space = "root",
                .class_name = "CIM_X",
                .keys = {{"C", std::uint64_t{3}}, {"a", std::string{"1"}}, {"B", "2"}}}) == a);
}

TEST_CASE("names are compared without their case, values with it", "[cim]")
{
    const auto a = parsed(R"(//Host/Root/CIMV2:CIM_StorageVolume.DeviceID="x")");
    const auto b = parsed(R"(//hOST/root/cimv2:cim_storagevolume.DEVICEID="x")");
    CHECK(a == b);
    CHECK(std::hash<object_path>{}(a) == std::hash<object_path>{}(b));
    CHECK_FALSE(a == parsed(R"(//Host/Root/CIMV2:CIM_StorageVolume.DeviceID="X")"));
}

TEST_CASE("paths that differ anywhere are unequal and ordered one way", "[cim]")
{
    std::vector<object_path> paths;
    for (const auto* text :
         {"A", "/n:A", "//h/n:A", "//i/n:A", "//h/m:A", "//h/n:B", "A.k=1", "A.k=2", "A.k=-1",
          "A.k=TRUE", "A.k=FALSE", "A.k=\"1\"", "A.k=\"\"", "A.l=1", "A.k=1,l=1", "A.k=1,m=1"})
        paths.push_back(parsed(text));
    for (std::size_t i = 0; i < paths.size(); ++i)
        for (std::size_t j = 0; j < paths.size(); ++j) {
            INFO(to_text(paths[i]) << " and " << to_text(paths[j]));
            CHECK((paths[i] == paths[j]) == (i == j));
            CHECK((paths[i] < paths[j]) == (paths[j] > paths[i]));
            CHECK(((paths[i] < paths[j]) + (paths[j] < paths[i])) == (i == j ? 0 : 1));
        }
    const std::set<object_path> ordered(paths.begin(), paths.end());
    const std::unordered_set<object_path> hashed(paths.begin(), paths.end());
    CHECK(ordered.size() == paths.size());
    CHECK(hashed.size() == paths.size());
}

TEST_CASE("an integer has one form, whatever it was written or made as", "[cim]")
{
    CHECK(parsed("A.k=+5") == parsed("A.k=5"));
    CHECK(parsed("A.k=-0") == parsed("A.k=0"));
    CHECK(made({.class_name = "A", .keys = {{"k", std::int64_t{5}}}}) == parsed("A.k=5"));
    CHECK(made({.class_name = "A", .keys = {{"k", std::int64_t{-5}}}}) == parsed("A.k=-5"));
}

TEST_CASE("a reference within a path is a string that is a path", "[cim]")
{
    const auto volume = parsed(R"(/root:CIM_V.DeviceID="a\"b\\c",SystemName="s")");
    const auto inner = made({.class_name = "CIM_S", .keys = {{"SystemElement", to_text(volume)}}});
    const auto outer = made({.class_name = "CIM_T", .keys = {{"Antecedent", to_text(inner)}}});
    const auto back = parsed(to_text(outer));
    CHECK(back == outer);
    const auto once = parsed(*back.key_as<std::string>("Antecedent"));
    CHECK(once == inner);
    CHECK(parsed(*once.key_as<std::string>("SystemElement")) == volume);
}

TEST_CASE("a bad text is refused at the position of the first mistake", "[cim]")
{
    const struct {
        std::string text;
        std::size_t position;
        std::string expected;
    } rows[] = {
        {"", 0, "a class name"},
        {"//", 2, "a host"},
        {"///root:A", 2, "a host"},
        {"//host", 6, "'/' and a namespace"},
        {"//host/", 7, "a namespace"},
        {"//host/root", 11, "':'"},
        {"//host/root/:A", 12, "a namespace"},
        {"//host//root:A", 12, "a namespace"},
        {"//ho st/root:A", 4, "'/' and a namespace"},
        {"/root:", 6, "a class name"},
        {"/root:1A", 6, "a class name"},
        {"A.", 2, "a key name"},
        {"A k=1", 1, "'.' or the end"},
        {"A.k", 3, "'='"},
        {"A.k=", 4, "a quoted string, an integer"},
        {"A.k=x", 4, "a quoted string, an integer"},
        {"A.k=1.5", 4, "a quoted string, an integer"},
        {"A.k=0x10", 4, "a quoted string, an integer"},
        {"A.k=010", 4, "a quoted string, an integer"},
        {"A.k=--1", 4, "a quoted string, an integer"},
        {"A.k=18446744073709551616", 4, "a quoted string, an integer"},
        {"A.k=-9223372036854775809", 4, "a quoted string, an integer"},
        {"A.k=1,", 6, "a key name"},
        {"A.k=1,,l=2", 6, "a key name"},
        {"A.k=\"x", 6, "the closing quote"},
        {"A.k=\"x\\", 7, "the closing quote"},
        {"A.k=\"\\x41\"", 6, "one of"},
        {"A.k=\"x\"y", 7, "',' or the end"},
        {"A=@", 1, "'.' or the end"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto path = parse_object_path(row.text);
        REQUIRE(path.has_error());
        CHECK(path.error().code == errc::invalid_argument);
        CHECK_THAT(
            path.error().wrong,
            ContainsSubstring("position " + std::to_string(row.position) + ": " + row.expected));
        CHECK_FALSE(path.error().remedy.empty());
    }
}

TEST_CASE("parts that are no names are refused, and so is a key given twice", "[cim]")
{
    const object_path_parts good{.host = "h", .name_space = "n", .class_name = "C", .keys = {}};
    CHECK(make_object_path(good).has_value());
    const auto refused = [&](auto change, const char* why) {
        auto parts = good;
        change(parts);
        const auto path = make_object_path(std::move(parts));
        REQUIRE(path.has_error());
        CHECK_THAT(path.error().wrong, ContainsSubstring(why));
    };
    refused([](auto& p) { p.host = "a/b"; }, "\"a/b\" is no host");
    refused([](auto& p) { p.name_space = "a//b"; }, "\"a//b\" is no namespace");
    refused([](auto& p) { p.name_space = "/a"; }, "\"/a\" is no namespace");
    refused([](auto& p) { p.name_space = ""; }, "host \"h\" without a namespace");
    refused([](auto& p) { p.class_name = ""; }, "\"\" is no class name");
    refused([](auto& p) { p.class_name = "C.k"; }, "\"C.k\" is no class name");
    refused([](auto& p) { p.keys = {{"k=", true}}; }, "\"k=\" is no key");
    refused([](auto& p) { p.keys = {{"k", true}, {"j", true}, {"K", false}}; }, "is there twice");
    CHECK(parse_object_path("A.k=1,j=2,K=3").has_error());
}

TEST_CASE("what hostile texts become is an error or a path that prints and parses back", "[cim]")
{
    std::mt19937 random{20491};
    const std::string spice = "\"\\.,:=/-+0189aZ_ \t\n@[]%TRUEtrue";
    std::size_t accepted = 0;
    const auto probe = [&](const std::string& text) {
        const auto path = parse_object_path(text);
        if (path.has_error()) {
            if (path.error().wrong.empty()) FAIL("no reason for " << text);
            return;
        }
        ++accepted;
        const auto printed = to_text(path.value());
        const auto again = parse_object_path(printed);
        if (again.has_error()) FAIL(text << " printed as " << printed);
        if (!(again.value() == path.value())) FAIL(text << " became " << printed);
        if (to_text(again.value()) != printed) FAIL(printed << " is not stable");
    };
    for (const auto& text : valid_texts) {
        for (std::size_t size = 0; size <= text.size(); ++size) {
            probe(text.substr(0, size));
            probe(text.substr(size));
        }
        for (int round = 0; round < 3000; ++round) {
            auto mutant = text;
            for (auto changes = 1 + random() % 4; changes > 0; --changes) {
                const auto at = random() % (mutant.size() + 1);
                const char c = random() % 4 == 0 ? static_cast<char>(random() % 256)
                                                 : spice[random() % spice.size()];
                if (at == mutant.size() || random() % 3 == 0)
                    mutant.insert(at, 1, c);
                else if (random() % 2 == 0)
                    mutant.erase(at, 1 + random() % 3);
                else
                    mutant[at] = c;
            }
            probe(mutant);
        }
    }
    CHECK(accepted > 1000);
}
