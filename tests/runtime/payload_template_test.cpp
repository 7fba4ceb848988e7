#include "bench/payload_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "bench/payloads.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/serialization/json.hpp"
#include "skep/serialization/limits.hpp"

namespace skep::bench {
namespace payload_template_test {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string written(std::string_view text, PayloadTemplate::Values values = {}, std::uint64_t seed = 1) {
  const auto parsed = PayloadTemplate::parse(text);
  if (!parsed) return "error: " + parsed.error().message;
  SeededRandom random(seed);
  std::string out;
  parsed->write(values, random, out);
  return out;
}

TEST(PayloadTemplateTest, FillsInNumbersAndTheTime) {
  EXPECT_EQ(written(R"({"id": {i}, "at": {now}})", {.number = 7, .now_ms = 1700}), R"({"id": 7, "at": 1700})");
}

TEST(PayloadTemplateTest, BracesOfJsonStandForThemselves) {
  for (const auto* text : {"{}", "{\"a\": {\"b\": {}}}", "{ }", "[{}]", "{", "{1}", "plain", "}{"}) {
    EXPECT_EQ(written(text), text);
  }
}

TEST(PayloadTemplateTest, RandomNumbersAreInTheirRangeAndOfTheSeed) {
  EXPECT_TRUE(rc::check([] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto bound = *rc::gen::inRange<std::uint64_t>(1, 1000);
    const auto text = R"({"x": {random}, "n": {random:)" + std::to_string(bound) + "}}";
    const auto first = written(text, {}, seed);
    const auto document = JsonDocument::parse(first);
    RC_ASSERT(document.ok());
    RC_ASSERT(document->number("$.x").value() >= 0);
    RC_ASSERT(document->number("$.x").value() < 1);
    RC_ASSERT(static_cast<std::uint64_t>(document->integer("$.n").value()) < bound);
    RC_ASSERT(written(text, {}, seed) == first);
  }));
}

TEST(PayloadTemplateTest, EachPlaceHasANumberOfItsOwn) {
  const auto two = written("{random} {random}");
  EXPECT_NE(two.substr(0, two.find(' ')), two.substr(two.find(' ') + 1));
}

TEST(PayloadTemplateTest, MalformedPlaceholdersAreToldWithTheirPlace) {
  EXPECT_THAT(written(R"({"id": {id}})"),
              AllOf(HasSubstr("at character 8: '{id}' is no placeholder"), HasSubstr("{i}")));
  EXPECT_THAT(written("{randm}"), HasSubstr("did you mean '{random}'?"));
  EXPECT_THAT(written("x {now"), HasSubstr("at character 3: '{now' has no '}'"));
  for (const auto* bad : {"{random:}", "{random:0}", "{random:-1}", "{random:1.5}", "{random:99999999999999999999}"}) {
    EXPECT_THAT(written(bad), HasSubstr("needs a whole number from 1 on"));
  }
}

TEST(PayloadTemplateTest, IsOneLineOfLimitedLength) {
  EXPECT_THAT(written(""), HasSubstr("is empty"));
  EXPECT_THAT(written("a\nb"), HasSubstr("has a line end"));
  EXPECT_EQ(written(std::string(limits::bench_template_bytes_max, 'x')).size(), limits::bench_template_bytes_max);
  EXPECT_THAT(written(std::string(limits::bench_template_bytes_max + 1, 'x')), HasSubstr("bench_template_bytes_max"));
}

TEST(PayloadTemplateTest, WhateverItIsGivenItReadsOrRefuses) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("{}irandomw:019x\"")));
    const auto parsed = PayloadTemplate::parse(text);
    if (!parsed) return;
    SeededRandom random(1);
    std::string out;
    parsed->write({}, random, out);
    if (text.find('{') == std::string::npos) RC_ASSERT(out == text);
  }));
}

TEST(PayloadsTest, LinesOfAFileComeAgainAndAgain) {
  auto payloads = Payloads::of_lines("1\r\n\n{\"a\": 2}\n3");
  ASSERT_TRUE(payloads.ok());
  const auto make = [&](std::uint64_t number) { return std::string(payloads->make({.number = number})); };
  EXPECT_EQ(make(0), "1");
  EXPECT_EQ(make(1), "{\"a\": 2}");
  EXPECT_EQ(make(2), "3");
  EXPECT_EQ(make(3), "1");
}

TEST(PayloadsTest, AFileWithoutRecordsOrWithTooLongAOneIsRefused) {
  EXPECT_THAT(Payloads::of_lines("\n\r\n").error().message, HasSubstr("no records"));
  const auto too_long = "1\n" + std::string(limits::payload_bytes_max + 1, 'x');
  EXPECT_THAT(Payloads::of_lines(too_long).error().message, HasSubstr("its line 2 has more than"));
}

TEST(PayloadsTest, OfATemplateEachIsMadeAnew) {
  Payloads payloads(PayloadTemplate::parse("{i}").value(), 1);
  EXPECT_EQ(payloads.make({.number = 1}), "1");
  EXPECT_EQ(payloads.make({.number = 22}), "22");
}

}  // namespace payload_template_test
}  // namespace skep::bench
