#include "testing/json_value.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "skep/serialization/json.hpp"

namespace skep::testing {
namespace json_value_test {

JsonValue parsed(const std::string& text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? std::move(*value) : JsonValue{};
}

bool same(const std::string& expected, const std::string& got, TestMatch match = {}) {
  const auto one = parsed(expected), other = parsed(got);
  const bool is = matches(one, other, match);
  EXPECT_EQ(difference(one, other, match).empty(), is) << expected << " " << got;
  return is;
}

std::string why(const std::string& expected, const std::string& got, TestMatch match = {}) {
  return difference(parsed(expected), parsed(got), match);
}

TEST(JsonValueTest, WritesInOneWayWhatIsOneValue) {
  EXPECT_EQ(canonical(parsed(R"( { "b" : [ 1.0 , 2e0, -0, 0.5 ] , "a" : "\u00e9\ud83d\ude00\n" , "c":{} ,"d":[]} )")),
            "{\"a\":\"é😀\\n\",\"b\":[1,2,0,0.5],\"c\":{},\"d\":[]}");
  EXPECT_EQ(canonical(parsed(R"([null, true, false, "", "\"\\\/\b\f\n\r\t"])")),
            R"([null,true,false,"","\"\\/\b\f\n\r\t"])");
  EXPECT_EQ(canonical(parsed(R"({"a": 1, "a": 2})")), R"({"a":1})") << "the first counts";
}

TEST(JsonValueTest, NumbersAreWhatTheyMean) {
  EXPECT_TRUE(same("1", "1.0"));
  EXPECT_TRUE(same("100", "1e2"));
  EXPECT_TRUE(same("0", "-0.0"));
  EXPECT_TRUE(same("18446744073709551615", "18446744073709551615"));
  EXPECT_FALSE(same("18446744073709551615", "18446744073709551614"));
  EXPECT_FALSE(same("9223372036854775807", "9223372036854775808"));
  EXPECT_FALSE(same("9007199254740993", "9007199254740992"));
  EXPECT_TRUE(same("9223372036854775808", "9.223372036854775808e18"));
  EXPECT_FALSE(same("0.1", "0.10000000000000002"));
  EXPECT_TRUE(same("1e300", "1e300"));
  EXPECT_FALSE(same("1e300", "-1e300"));
  EXPECT_FALSE(same("1", "\"1\""));
  EXPECT_FALSE(same("1", "true"));
  EXPECT_FALSE(same("0", "null"));
}

TEST(JsonValueTest, ToleranceIsBetweenNumbers) {
  const TestMatch match{.tolerance = 0.5};
  EXPECT_TRUE(same("1", "1.5", match));
  EXPECT_FALSE(same("1", "1.51", match));
  EXPECT_TRUE(same("[1, {\"a\": 2}]", "[0.5, {\"a\": 2.5}]", match));
  EXPECT_FALSE(same("1", "\"1\"", match));
  EXPECT_FALSE(same("18446744073709551615", "18446744073709551614", match));
  EXPECT_TRUE(same("18446744073709551615", "18446744073709551614", {.tolerance = 1}));
}

TEST(JsonValueTest, ContainsLetsObjectsHaveMore) {
  const TestMatch match{.contains = true};
  EXPECT_TRUE(same(R"({"b": 2})", R"({"a": 1, "b": 2, "c": 3})", match));
  EXPECT_TRUE(same(R"([{"b": {}}])", R"([{"a": 1, "b": {"c": 1}}])", match));
  EXPECT_FALSE(same(R"({"b": 2, "d": 1})", R"({"a": 1, "b": 2, "c": 3})", match));
  EXPECT_FALSE(same("[1]", "[1, 2]", match));
  EXPECT_FALSE(same(R"({"b": 2})", R"({"a": 1, "b": 2})"));
}

TEST(JsonValueTest, SaysWhereTheFirstDifferenceIs) {
  EXPECT_EQ(why(R"({"a": [1, {"b": 2}]})", R"({"a": [1, {"b": 3}]})"), "$.a[1].b is 3, expected 2");
  EXPECT_EQ(why(R"({"a": 1})", "{}"), "$.a is missing");
  EXPECT_EQ(why("{}", R"({"a": 1})"), "$.a was not expected");
  EXPECT_EQ(why(R"({"b": 1})", R"({"a": 1, "b": 1})"), "$.a was not expected");
  EXPECT_EQ(why("[1, 2]", "[1]"), "$ has 1 elements, expected 2");
  EXPECT_EQ(why("1", R"("x")"), "$ is \"x\", expected 1");
  EXPECT_LT(why("1", "\"" + std::string(10'000, 'x') + "\"").size(), 200u);
}

TEST(JsonValueTest, WhatIsNoJsonIsNone) {
  for (const auto* text : {"", "{", "[1,]", "nul", "1 2", "{\"a\"}", "\"\\ud800\"", "1e999", "[1e]", "'a'"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += '[';
  EXPECT_FALSE(parse_json(deep));
}

std::string escaped(const std::string& text) {
  JsonWriter json;
  json.value(text);
  return json.take();
}

TEST(JsonValueTest, ReadsWhatTheWriterWrites) {
  const auto holds = [] {
    const auto number = *rc::gen::arbitrary<double>();
    const auto integer = *rc::gen::arbitrary<std::int64_t>();
    const auto natural = *rc::gen::arbitrary<std::uint64_t>();
    const auto text = *rc::gen::string<std::string>();
    JsonWriter json;
    json.begin_object().key("n").value(number).key("i").value(integer).key("u").value(natural);
    json.key("t").value(text).end_object();
    const auto value = parse_json(json.text());
    RC_ASSERT(value.has_value());
    const auto document = JsonDocument::parse(canonical(*value));
    RC_ASSERT(document.ok());
    RC_ASSERT(document->number("$.n") == number);
    RC_ASSERT(document->integer("$.i") == integer);
    RC_ASSERT(document->text("$.u") == std::to_string(natural));
    RC_ASSERT(document->text("$.t") == escaped(text));
    RC_ASSERT(canonical(*parse_json(canonical(*value))) == canonical(*value));
  };
  EXPECT_TRUE(rc::check("canonical JSON means the same", holds));
}

TEST(JsonValueTest, EqualAreThoseOfOneCanonicalText) {
  const auto holds = [] {
    const auto numbers = rc::gen::element<std::string>("1", "1.0", "1e0", "2", "0.5", "-0", "0", "null", "\"1\"", "[]",
                                                       "{}", "[1]", "[1.0]", "{\"a\":1}", "{\"a\":1.0}");
    const auto one = *numbers, other = *numbers;
    const auto text = "[" + one + ",{\"x\":" + other + ",\"y\":1}]",
               again = "[" + other + ",{\"y\":1,\"x\":" + one + "}]";
    const auto left = *parse_json(text), right = *parse_json(again);
    RC_ASSERT(matches(left, right, {}) == (canonical(left) == canonical(right)));
    RC_ASSERT(matches(left, right, {}) == difference(left, right, {}).empty());
  };
  EXPECT_TRUE(rc::check("matches says what canonical texts say", holds));
}

}  // namespace json_value_test
}  // namespace skep::testing
