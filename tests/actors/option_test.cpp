#include "skep/actors/option.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

namespace skep {
namespace option_test {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;

struct Sample {
  std::string model;
  std::int64_t threads = 1;
  double scale = 255;
  bool fast = false;
  std::chrono::nanoseconds delay = 2ms;
  ByteSize room{4u << 20};
  std::vector<std::string> fields{"a"};
  std::vector<bool> flags;
  std::string mode = "fast";
  OptionValue rest;
};

OptionSet<Sample> sample_options() {
  OptionSet<Sample> set;
  set.add("model", &Sample::model, {.required = true})
      .add("threads", &Sample::threads, "in all", {.min = 1, .max = 64})
      .add("scale", &Sample::scale)
      .add("fast", &Sample::fast)
      .add("delay", &Sample::delay, {.max = 60})
      .add("room", &Sample::room, {.max = 1 << 30})
      .add("fields", &Sample::fields, {.one_of = {"a", "b"}})
      .add("flags", &Sample::flags)
      .add("mode", &Sample::mode, {.one_of = {"fast", "exact"}})
      .add("rest", &Sample::rest);
  return set;
}

OptionValue table(std::vector<std::pair<std::string, OptionValue>> members) {
  OptionValue::Table table;
  std::uint32_t line = 10;
  for (auto& [key, value] : members) {
    value.position = {line, 9};
    table.push_back({key, {line, 1}, value});
    ++line;
  }
  return {std::move(table), {9, 1}};
}

OptionValue text(const char* value) {
  return {std::string(value), {}};
}
OptionValue number(double value) {
  return {value, {}};
}
OptionValue integer(std::int64_t value) {
  return {value, {}};
}

/// The one problem of `value` given as `key`.
OptionProblem problem_of(const std::string& key, OptionValue value) {
  Sample sample;
  auto members = std::vector<std::pair<std::string, OptionValue>>{{key, std::move(value)}};
  if (key != "model") members.emplace_back("model", text("m"));
  const auto problems = sample_options().read(table(std::move(members)), {1, 1}, sample);
  EXPECT_EQ(problems.size(), 1u);
  return problems.empty() ? OptionProblem{} : problems[0];
}

TEST(OptionTest, ReadsEveryType) {
  Sample sample;
  const auto problems = sample_options().read(table({{"model", text("m.pt")},
                                                     {"threads", integer(4)},
                                                     {"scale", integer(3)},
                                                     {"fast", {true, {}}},
                                                     {"delay", text("1.5s")},
                                                     {"room", text("64KiB")},
                                                     {"fields", {OptionValue::Array{text("a"), text("b")}, {}}},
                                                     {"flags", {OptionValue::Array{{true, {}}, {false, {}}}, {}}},
                                                     {"rest", table({{"x", integer(1)}})}}),
                                              {1, 1}, sample);
  EXPECT_TRUE(problems.empty()) << problems[0].message;
  EXPECT_EQ(sample.model, "m.pt");
  EXPECT_EQ(sample.threads, 4);
  EXPECT_EQ(sample.scale, 3.0);
  EXPECT_TRUE(sample.fast);
  EXPECT_EQ(sample.delay, 1500ms);
  EXPECT_EQ(sample.room.bytes, 65536u);
  EXPECT_EQ(sample.fields, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sample.flags, (std::vector<bool>{true, false}));
  EXPECT_NE(sample.rest.find("x"), nullptr);
  EXPECT_EQ(sample.mode, "fast") << "what is not given keeps its default";
}

TEST(OptionTest, ReportsEveryMistakeAtItsPlace) {
  Sample sample;
  const auto problems = sample_options().read(
      table({{"thread", integer(1)}, {"threads", integer(0)}, {"scale", text("x")}}), {3, 5}, sample);
  ASSERT_EQ(problems.size(), 4u);
  EXPECT_EQ(problems[0].message, "unknown option 'thread'");
  EXPECT_EQ(problems[0].suggestion, "did you mean 'threads'?");
  EXPECT_EQ(problems[0].position, (SourcePosition{10, 1}));
  EXPECT_EQ(problems[1].message, "option 'threads': 0 is below the minimum 1");
  EXPECT_EQ(problems[1].position, (SourcePosition{11, 9}));
  EXPECT_EQ(problems[2].message, "option 'scale': expected a number, got a string");
  EXPECT_EQ(problems[3].message, "missing required option 'model'");
  EXPECT_EQ(problems[3].position, (SourcePosition{3, 5}));
}

TEST(OptionTest, SaysWhatIsWrongWithAValue) {
  EXPECT_THAT(problem_of("threads", integer(65)).message, HasSubstr("65 is above the maximum 64"));
  EXPECT_THAT(problem_of("threads", number(1.5)).message, HasSubstr("expected an integer, got a number"));
  EXPECT_THAT(problem_of("scale", number(std::numeric_limits<double>::infinity())).message, HasSubstr("finite"));
  EXPECT_THAT(problem_of("delay", integer(5)).message, HasSubstr("expected a duration with a unit"));
  EXPECT_THAT(problem_of("delay", text("5")).message, HasSubstr("got \"5\""));
  EXPECT_THAT(problem_of("delay", text("2m")).message, HasSubstr("2m is above the maximum 1m"));
  EXPECT_THAT(problem_of("room", integer(-1)).message, HasSubstr("expected a size"));
  EXPECT_THAT(problem_of("room", text("2GiB")).message, HasSubstr("2GiB is above the maximum 1GiB"));
  EXPECT_THAT(problem_of("mode", text("fsat")).message, EndsWith("\"fast\", \"exact\" (did you mean \"fast\"?)"));
  EXPECT_THAT(problem_of("mode", text("quick")).message, HasSubstr("\"quick\" is not one of \"fast\", \"exact\""));
  EXPECT_THAT(problem_of("fields", text("a")).message, HasSubstr("expected a list, got a string"));
  EXPECT_THAT(problem_of("fields", {OptionValue::Array{text("c")}, {}}).message, HasSubstr("\"c\" is not one of"));
}

TEST(OptionTest, AMisspeltRequiredOptionIsNotMissedToo) {
  Sample sample;
  const auto problems = sample_options().read(table({{"modle", text("m.pt")}}), {3, 5}, sample);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "unknown option 'modle'");
  EXPECT_EQ(problems[0].suggestion, "did you mean 'model'?");
}

TEST(OptionTest, WhatTheFilesReaderCouldNotReadIsAProblemWithoutWords) {
  Sample sample;
  const OptionValue unread{{}, {11, 3}};
  for (const auto& options : {table({{"model", {}}}), table({{"model", text("m")}, {"fields", {}}}),
                              table({{"model", text("m")}, {"fields", {OptionValue::Array{unread}, {}}}}), unread}) {
    const auto problems = sample_options().read(options, {3, 5}, sample);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].message, "");
  }
  const auto in_code = sample_options().read({OptionValue::Table{{"model", {}, {}}}, {}}, {}, sample);
  ASSERT_EQ(in_code.size(), 1u);
  EXPECT_EQ(in_code[0].message, "option 'model': expected a string, got nothing");
}

TEST(OptionTest, OptionsThatAreNoTableAreAMistake) {
  Sample sample;
  const auto problems = sample_options().read({std::string("x"), {4, 2}}, {1, 1}, sample);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "expected a table of options, got a string");
}

TEST(OptionTest, DescribesItselfAsAFileWouldWriteIt) {
  const auto set = sample_options();
  const auto& options = set.descriptions();
  EXPECT_EQ(options[0].default_value, "") << "required";
  EXPECT_EQ(options[1].default_value, "1");
  EXPECT_EQ(options[1].doc, "in all");
  EXPECT_EQ(options[1].rules.max, 64);
  EXPECT_EQ(options[2].default_value, "255");
  EXPECT_EQ(options[4].type, "duration");
  EXPECT_EQ(options[4].default_value, "\"2ms\"");
  EXPECT_EQ(options[5].default_value, "\"4MiB\"");
  EXPECT_EQ(options[6].type, "list of string");
  EXPECT_EQ(options[6].default_value, "[\"a\"]");
}

TEST(OptionTest, ParsesDurationsWithUnits) {
  EXPECT_EQ(parse_duration("2ms"), 2ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("100us"), 100us);
  EXPECT_EQ(parse_duration("5ns"), 5ns);
  EXPECT_EQ(parse_duration("1m"), 60s);
  EXPECT_EQ(parse_duration("1h"), 3600s);
  for (const auto* wrong : {"", "2", "ms", "-2ms", "2 ms", "2.ms", ".5s", "2msx", "1e3s", "9999999999h", "2MS"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

TEST(OptionTest, ParsesSizesWithUnits) {
  EXPECT_EQ(parse_byte_size("512B")->bytes, 512u);
  EXPECT_EQ(parse_byte_size("64KiB")->bytes, 65536u);
  EXPECT_EQ(parse_byte_size("4MiB")->bytes, 4u << 20);
  EXPECT_EQ(parse_byte_size("1GiB")->bytes, 1u << 30);
  EXPECT_EQ(parse_byte_size("77")->bytes, 77u);
  for (const auto* wrong : {"", "KiB", "-1", "1.5MiB", "1KB", "1 MiB", "99999999999GiB"}) {
    EXPECT_EQ(parse_byte_size(wrong), std::nullopt) << wrong;
  }
}

TEST(OptionTest, WritesDurationsAndSizesAsPeopleDo) {
  EXPECT_EQ(to_string(std::chrono::nanoseconds(1500ms)), "1.5s");
  EXPECT_EQ(to_string(std::chrono::nanoseconds(90s)), "90s");
  EXPECT_EQ(to_string(std::chrono::nanoseconds(120s)), "2m");
  EXPECT_EQ(to_string(0ns), "0s");
  EXPECT_EQ(to_string(1234567ns), "1234.567us");
  EXPECT_EQ(to_string(ByteSize{1536}), "1536B");
  EXPECT_EQ(to_string(ByteSize{0}), "0B");
}

TEST(OptionTest, DurationsAndSizesSurviveARoundTrip) {
  EXPECT_TRUE(rc::check("durations", [] {
    const auto duration = std::chrono::nanoseconds(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000));
    RC_ASSERT(parse_duration(to_string(duration)) == duration);
  }));
  EXPECT_TRUE(rc::check("sizes", [] {
    const ByteSize size{*rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 50)};
    RC_ASSERT(parse_byte_size(to_string(size)) == size);
  }));
}

TEST(OptionTest, SuggestsTheNearestWordOnlyIfItIsNear) {
  const std::vector<std::string> known{"scale", "shift", "model"};
  EXPECT_EQ(nearest("scael", known), "scale");
  EXPECT_EQ(nearest("modle", known), "model");
  EXPECT_EQ(nearest("x", known), std::nullopt);
  EXPECT_EQ(nearest("threads", known), std::nullopt);
  EXPECT_EQ(suggest("threads", known), "known: scale, shift, model");
  EXPECT_EQ(suggest("threads", {"scale", "shifts an image"}), "known: scale, 'shifts an image'");
}

}  // namespace option_test
}  // namespace skep
