#include "test_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "skep/serialization/json.hpp"

namespace skep::cli {
namespace test_report_test {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TestOutcome failed() {
  TestOutcome outcome{"it fails\n", {7, 1}, TestOutcome::Kind::failed};
  outcome.result.time = std::chrono::milliseconds(1500);
  outcome.result.problems.push_back({{9, 3}, "not so", {"  - 1", "  + 2"}});
  outcome.result.log.newest.push_back({LogLevel::warning, "s.b", "\x1b[31mred"});
  outcome.result.log.lost = 3;
  return outcome;
}

TestOutcome passed() {
  TestOutcome outcome{"it passes", {1, 1}, TestOutcome::Kind::ok};
  outcome.result.log.newest.push_back({LogLevel::info, "s.b", "quiet"});
  return outcome;
}

TEST(TestReportTest, AFailureHasItsPlaceTheDifferenceAndTheLog) {
  EXPECT_EQ(as_text("s.toml", failed(), ShowLog::of_failed),
            "FAILED  it fails\\x0a (1.5s)\n"
            "  s.toml:9:3: not so\n"
            "    - 1\n"
            "    + 2\n"
            "  log:\n"
            "    ... 3 lines before these\n"
            "    warning  s.b  \\x1b[31mred\n");
}

TEST(TestReportTest, TheLogOfOneThatPassesIsShownIfAskedFor) {
  EXPECT_EQ(as_text("s.toml", passed(), ShowLog::of_failed), "ok      it passes (0s)\n");
  EXPECT_THAT(as_text("s.toml", passed(), ShowLog::of_all), HasSubstr("quiet"));
}

TEST(TestReportTest, CountsWhatCameOfThem) {
  const TestOutcome left{.name = "left", .position = {}};
  EXPECT_EQ(summary({passed()}), "1 test: 1 ok\n");
  EXPECT_EQ(summary({passed(), failed(), left}), "3 tests: 1 ok, 1 failed, 1 not run\n");
  EXPECT_EQ(as_text("s.toml", left, ShowLog::of_all), "not run left\n");
  auto stopped = failed();
  stopped.kind = TestOutcome::Kind::stopped;
  EXPECT_EQ(summary({passed(), stopped, left}), "3 tests: 1 ok, 1 stopped, 1 not run\n");
  EXPECT_THAT(as_text("s.toml", stopped, ShowLog::of_failed), StartsWith("stopped it fails"));
  EXPECT_THAT(as_text("s.toml", stopped, ShowLog::of_failed), HasSubstr("red"));
}

TEST(TestReportTest, ProgramsReadAllOfIt) {
  const auto text = as_json("s.toml", {passed(), failed()}, ShowLog::of_failed);
  const auto json = JsonDocument::parse(text);
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->integer("$.ok"), 1);
  EXPECT_EQ(json->integer("$.failed"), 1);
  EXPECT_EQ(json->string("$.tests[1].result"), "failed");
  EXPECT_EQ(json->number("$.tests[1].virtual_seconds"), 1.5);
  EXPECT_EQ(json->integer("$.tests[1].problems[0].column"), 3);
  EXPECT_EQ(json->string("$.tests[1].problems[0].lines[1]"), "  + 2");
  EXPECT_EQ(json->string("$.tests[1].log[0].text"), "\x1b[31mred");
  EXPECT_FALSE(json->has("$.tests[0].log"));
  EXPECT_THAT(as_json("s.toml", {passed()}, ShowLog::of_all), HasSubstr("quiet"));
}

}  // namespace test_report_test
}  // namespace skep::cli
