// Tests of swarm files, run: what passes, and above all what does not.

#include "testing/test_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness_bees.hpp"
#include "skep/actors/ready_made.hpp"

namespace skep::testing {
namespace test_run_test {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// "door" asks a bee of this class; "in" feeds one whose records go out at "out".
std::string swarm_of(const std::string& bee_class) {
  return "name = \"s\"\n"
         "gateways.door = { type = \"tcp\", listen = \"127.0.0.1:0\", answers = \"b\" }\n"
         "gateways.in = { type = \"tcp\", listen = \"127.0.0.1:0\", content = \"raw\" }\n"
         "gateways.out = { type = \"file\", path = \"x\", content = \"raw\", from = \"sent\" }\n"
         "bees.b = { class = \"" +
         bee_class + "\", from = \"door\" }\nbees.sent = { class = \"test.echo\", from = \"in\" }\n";
}

/// What came of the one test in `tests`, with its steps.
TestResult run(const std::string& steps, const std::string& swarm = swarm_of("test.echo"),
               const TestRunSettings& settings = {}) {
  auto registry = bees();
  add_ready_made_bees(registry);
  GatewayRegistry gateways;
  add_gateways(gateways);
  const auto text = swarm + "[[test]]\nname = \"t\"\n" + steps;
  const auto file = parse_swarm(text, "s.toml", {});
  auto linted = lint(file, registry, gateways);
  for (const auto& problem : linted.problems) ADD_FAILURE() << problem.to_string();
  if (file.tests.empty()) return {};
  return run_test(file.tests.front(), std::move(linted.plan), settings);
}

std::string step(const std::string& text) {
  return "[[test.step]]\n" + text + "\n";
}

/// That of the failure; empty where it passed.
std::string message(const TestResult& result) {
  if (result.ok()) return "";
  std::string text = result.problems.front().message;
  for (const auto& line : result.problems.front().lines) text += "\n" + line;
  return text;
}

TEST(TestRunTest, AnAnswerThatIsExpectedPasses) {
  const auto result =
      run(step("send = { gateway = \"door\", records = [{ a = 1 }, '{\"b\": null}'] }\n"
               "expect = { records = ['{\"a\": 1.0}', '{\"b\":null}'] }"));
  EXPECT_EQ(message(result), "");
  EXPECT_EQ(result.time, std::chrono::nanoseconds(0));
}

TEST(TestRunTest, AnotherAnswerFailsAtItsPlace) {
  const auto result =
      run(step("send = { gateway = \"door\", records = [{ a = 1 }] }\nexpect = { records = [{ a = 2 }] }"));
  EXPECT_EQ(message(result),
            "what came from gateway 'door' is not what was expected (-), but (+)\n"
            "  - {\"a\":2}\n  + {\"a\":1}\n      $.a is 1, expected 2");
  EXPECT_EQ(result.problems.at(0).position, (SourcePosition{11, 10}));
}

TEST(TestRunTest, NothingPassesByNotBeingLookedAt) {
  EXPECT_THAT(message(run(step("send = { gateway = \"door\", records = [1, 2] }\nexpect = { records = [1] }"))),
              HasSubstr("1 record from gateway 'door' that no step expects\n  + 2"));
  EXPECT_THAT(message(run(step("send = { gateway = \"in\", records = [\"a\"] }"))),
              HasSubstr("1 record from gateway 'out' that no step expects\n  + a"));
  EXPECT_THAT(message(run(step("send = { gateway = \"door\", records = [\"no JSON\"] }"))),
              HasSubstr("1 record from gateway 'door' that no step expects\n  + {\"error\""));
  EXPECT_THAT(message(run(step("send = { gateway = \"door\", records = [3] }\nexpect = { errors = [\"bee_failed\"] }"),
                          swarm_of("test.throws_on_thirds"))),
              HasSubstr("1 dead letter at the end that no step expects\n  + bee 'b', bee_failed: no thirds"));
}

TEST(TestRunTest, RefusalsOfAOneWayGatewayAreErrorsOfItsClient) {
  const std::string refused = "send = { gateway = \"in\", records = [\"x\"] }\n";
  const std::string one_way =
      "name = \"s\"\ngateways.in = { type = \"tcp\", listen = \"127.0.0.1:0\" }\n"
      "bees.log = { class = \"skep.log\", from = \"in\" }\n";
  EXPECT_THAT(message(run(step(refused), one_way)), HasSubstr("that no step expects"));
  EXPECT_EQ(message(run(step(refused + "expect = { errors = [\"bad_record\"] }"), one_way)), "");
}

TEST(TestRunTest, ErrorsAreExpectedByCodeAndMessage) {
  const std::string send = "send = { gateway = \"door\", records = [\"x\", 3] }\n";
  const auto swarm = swarm_of("test.throws_on_thirds");
  const std::string letters = "dead_letters = { bee = \"b\", reason = \"no thirds\" }";
  EXPECT_EQ(
      message(run(step(send + "expect = { errors = [\"bad_record\", { code = \"bee_failed\" }] }\n" + letters), swarm)),
      "");
  EXPECT_THAT(message(run(step(send + "expect = { errors = [\"bad_record\", \"dropped\"] }\n" + letters), swarm)),
              AllOf(HasSubstr("is not what was expected"), HasSubstr("\n  - dropped\n  + {\"error\"")));
  EXPECT_THAT(
      message(run(step(send + "expect = { errors = [{ code = \"bad_record\", message = \"zzz\" }] }\n"), swarm)),
      HasSubstr("  - bad_record: ...zzz..."));
  EXPECT_THAT(
      message(run(step("send = { gateway = \"door\", records = [1] }\nexpect = { errors = [\"dropped\"] }"), swarm)),
      HasSubstr("  - dropped\n  + 1"));
}

TEST(TestRunTest, DeadLettersAreExpectedByBeeCodeAndReason) {
  const std::string begin =
      "send = { gateway = \"door\", records = [3, 6] }\nexpect = { errors = [\"bee_failed\", \"bee_failed\"] }\n";
  const auto swarm = swarm_of("test.throws_on_thirds");
  EXPECT_EQ(
      message(run(step(begin + "dead_letters = [{ bee = \"b\", code = \"bee_failed\" }, { bee = \"b\" }]"), swarm)),
      "");
  EXPECT_EQ(message(run(step(begin + "dead_letters = [{ bee = \"b\" }, { bee = \"b\" }]"),
                        swarm + "dead_letters = { records_max = 0 }\n")),
            "")
      << "whatever the swarm keeps of them";
  for (const auto* wrong :
       {"{ bee = \"sent\" }", "{ bee = \"b\", code = \"dropped\" }", "{ bee = \"b\", reason = \"x\" }"}) {
    EXPECT_THAT(message(run(step(begin + "dead_letters = [{ bee = \"b\" }, " + wrong + "]"), swarm)),
                HasSubstr("the dead letters are not those expected"));
  }
  EXPECT_THAT(message(run(step("dead_letters = [{ bee = \"b\" }]"), swarm)), HasSubstr("  - bee 'b'"));
}

TEST(TestRunTest, SessionsAreKeptApart) {
  const std::string sends =
      "send = [{ gateway = \"door\", session = \"ann\", records = [1] },"
      " { gateway = \"door\", session = \"bob\", records = [2] }]\n";
  EXPECT_EQ(message(run(
                step(sends + "expect = [{ session = \"bob\", records = [2] }, { session = \"ann\", records = [1] }]"))),
            "");
  EXPECT_THAT(message(run(step(
                  sends + "expect = [{ session = \"ann\", records = [2] }, { session = \"bob\", records = [1] }]"))),
              HasSubstr("what came from session 'ann' of gateway 'door'"));
}

TEST(TestRunTest, AStepWaitsAsLongAsItMust) {
  const auto swarm = swarm_of("test.later");  // two seconds
  const std::string send = "send = { gateway = \"door\", records = [1] }\n";
  const auto result = run(step(send + "expect = { records = [1] }"), swarm);
  EXPECT_EQ(message(result), "");
  EXPECT_EQ(result.time, std::chrono::seconds(2));
  EXPECT_THAT(message(run(step(send + "expect = { records = [1], within = \"1999ms\" }"), swarm)),
              HasSubstr("from gateway 'door' came 0 of 1 expected within 1.999s\n  - 1"));
  EXPECT_EQ(message(run(step(send + "expect = { records = [1], within = \"2s\" }"), swarm)), "");
  EXPECT_EQ(message(run(step(send + "advance = \"2s\"\nexpect = { records = [1], within = \"0s\" }"), swarm)), "");
}

TEST(TestRunTest, NothingComesForAWhile) {
  const auto swarm = swarm_of("test.later");
  const std::string send = "send = { gateway = \"door\", records = [1] }\n";
  EXPECT_EQ(message(run(step(send + "expect = { nothing_for = \"1999ms\" }") +
                            step("expect = { gateway = \"door\", records = [1] }"),
                        swarm)),
            "");
  EXPECT_THAT(message(run(step(send + "expect = { nothing_for = \"2s\" }"), swarm)),
              HasSubstr("from gateway 'door' nothing was expected for 2s\n  + 1"));
}

TEST(TestRunTest, BytesAreSentAndExpectedAsHex) {
  EXPECT_EQ(message(run(step(
                "send = { gateway = \"in\", hex = [\"00 ff\"] }\nexpect = { gateway = \"out\", hex = [\"00ff\"] }"))),
            "");
  EXPECT_THAT(message(run(step("send = { gateway = \"in\", hex = [\"00 ff\"] }\n"
                               "expect = { gateway = \"out\", hex = [\"00fe\"] }"))),
              HasSubstr("  + hex 00 ff"));
}

TEST(TestRunTest, TensorsAreComparedByTheirNumbers) {
  const std::string swarm =
      "name = \"s\"\ngateways.raw = { type = \"tcp\", listen = \"127.0.0.1:0\", framing = \"length\", "
      "content = \"tensor\", answers = \"b\" }\n"
      "gateways.web = { type = \"websocket\", listen = \"127.0.0.1:0\", binary = \"tensor\" }\n"
      "gateways.out = { type = \"file\", path = \"x\", from = \"c\" }\n"
      "bees.b = { class = \"test.echo\", from = \"raw\" }\nbees.c = { class = \"test.echo\", from = \"web\" }\n";
  const std::string tensor = "tensors = [{ values = [[1, 0.1]] }]";
  EXPECT_EQ(message(run(step("send = { gateway = \"raw\", " + tensor + " }\nexpect = { " + tensor + " }"), swarm)), "");
  EXPECT_EQ(
      message(run(step("send = { gateway = \"web\", " + tensor + " }\nexpect = { gateway = \"out\", " + tensor + " }"),
                  swarm)),
      "");
  const std::string other = "tensors = [{ values = [[1, 0.2]] }]";
  EXPECT_EQ(
      message(run(step("send = { gateway = \"raw\", " + tensor + " }\nexpect = { tolerance = 0.11, " + other + " }"),
                  swarm)),
      "");
  EXPECT_THAT(message(run(step("send = { gateway = \"raw\", " + tensor + " }\nexpect = { " + other + " }"), swarm)),
              HasSubstr("$.data[0][1] is 0.1, expected 0.2"));
}

TEST(TestRunTest, WhatIsSentTogetherIsWorkedOnTogether) {
  const auto swarm = swarm_of("test.batch_size");
  EXPECT_EQ(
      message(run(step("send = { gateway = \"door\", records = [1, 2, 3] }\nexpect = { records = [1, 1, 1] }"), swarm)),
      "");
  EXPECT_EQ(message(run(step("send = { gateway = \"door\", records = [1, 2, 3], together = true }\n"
                             "expect = { records = [3, 3, 3] }"),
                        swarm)),
            "");
}

TEST(TestRunTest, AnErrorIsNoRecordWhateverItLooksLike) {
  const std::string swarm =
      "name = \"s\"\ngateways.door = { type = \"tcp\", listen = \"127.0.0.1:0\", answers = \"b\" }\n"
      "bees.b = { class = \"skep.filter\", from = \"door\", options = { field = \"$.a\", at_least = 9 } }\n";
  const auto result =
      run(step("send = { records = [{ a = 1 }] }\nexpect = { match = \"contains\", records = [{}] }"), swarm);
  EXPECT_THAT(message(result), HasSubstr("an error came where a record was expected"));
}

TEST(TestRunTest, ADrainIsTheEndOfTheSwarm) {
  const std::string swarm =
      "name = \"s\"\ngateways.in = { type = \"tcp\", listen = \"127.0.0.1:0\" }\n"
      "gateways.out = { type = \"file\", path = \"x\", from = \"b\" }\n"
      "bees.b = { class = \"skep.window\", from = \"in\", options = { window = \"1h\", idle = \"0s\" } }\n";
  const std::string send = "send = { records = [1] }\n",
                    expect = "expect = { match = \"contains\", records = [{ records = [1] }] }";
  const auto result = run(step(send + "drain = true\n" + expect), swarm);
  EXPECT_EQ(message(result), "");
  EXPECT_LT(result.time, std::chrono::seconds(1));
  EXPECT_THAT(message(run(step(send + expect), swarm)), HasSubstr("came 0 of 1 expected within 1m"));
}

TEST(TestRunTest, ASwarmThatDoesNotStartFailsTheTest) {
  const auto result = run(step("advance = \"1s\""), swarm_of("test.unstartable"));
  EXPECT_THAT(message(result), AllOf(HasSubstr("the swarm does not start"), HasSubstr("no fuel")));
  EXPECT_THAT(result.log.newest, ::testing::Not(IsEmpty()));
}

TEST(TestRunTest, ASwarmThatFailsFailsTheTest) {
  const auto result = run(step("advance = \"1h\""), swarm_of("test.time_bomb"));
  EXPECT_THAT(message(result), HasSubstr("the swarm has failed: "));
}

TEST(TestRunTest, ASwarmThatNeverRestsFailsTheTest) {
  EXPECT_EQ(TestRunSettings{}.messages_max, limits::test_messages_max);
  const auto result =
      run(step("send = { gateway = \"door\", records = [1] }"), swarm_of("test.restless"), {.messages_max = 1000});
  EXPECT_THAT(message(result), HasSubstr("does not come to rest"));
}

TEST(TestRunTest, TheTimeOfDayIsAsTheTestSays) {
  const std::string send = "send = { gateway = \"door\", records = [1] }\n";
  const auto year = [&](const std::string& starts_at) {
    const auto result = run(starts_at + step(send), swarm_of("test.draw"));
    return result.log.newest.empty() ? std::string() : result.log.newest.back().text;
  };
  EXPECT_THAT(year(""), HasSubstr(",1767225600000000000]"));
  EXPECT_THAT(year("starts_at = 1700000000000\n"), HasSubstr(",1700000000000000000]"));
}

TEST(TestRunTest, TheSameTestGivesTheSameRun) {
  const auto once = [] {
    return message(run(step("send = { gateway = \"door\", records = [1, 2] }"), swarm_of("test.draw")));
  };
  EXPECT_THAT(once(), HasSubstr("2 records"));
  EXPECT_EQ(once(), once());
}

TEST(TestRunTest, KeepsTheNewestLinesOfTheLog) {
  const std::string swarm =
      "name = \"s\"\ngateways.in = { type = \"tcp\", listen = \"127.0.0.1:0\" }\n"
      "bees.log = { class = \"skep.log\", from = \"in\", options = { lines_per_second_max = 1000000 } }\n";
  std::string numbers;
  for (std::size_t i = 0; i < 3 * limits::test_log_lines_max; ++i) numbers += std::to_string(i) + ",";
  const auto result = run(step("send = { records = [" + numbers + "] }"), swarm);
  EXPECT_EQ(message(result), "");
  ASSERT_THAT(result.log.newest, SizeIs(limits::test_log_lines_max));
  EXPECT_EQ(result.log.newest.back().text, std::to_string(3 * limits::test_log_lines_max - 1));
  EXPECT_GE(result.log.lost, 2 * limits::test_log_lines_max);
}

TEST(TestRunTest, TenThousandRecordsInAnyOrder) {
  std::string numbers, reversed;
  for (std::size_t i = 0; i < limits::test_records_max; ++i) {
    numbers += std::to_string(i) + ",";
    reversed = std::to_string(i) + "," + reversed;
  }
  EXPECT_EQ(message(run(step("send = { gateway = \"in\", records = [" + numbers +
                             "] }\n"
                             "expect = { gateway = \"out\", order = \"any\", records = [" +
                             reversed + "] }"))),
            "");
}

TEST(TestRunTest, WhatAGatewayCannotSendIsNoRecordThatItSends) {
  const std::string swarm =
      "name = \"s\"\ngateways.in = { type = \"tcp\", listen = \"127.0.0.1:0\", content = \"raw\" }\n"
      "gateways.out = { type = \"file\", path = \"x\", from = \"b\" }\nbees.b = { class = \"test.echo\", from = \"in\" "
      "}\n";
  const auto result = run(step("send = { records = [\"a\"] }\nexpect = { records = [\"a\"] }"), swarm);
  EXPECT_THAT(message(result), HasSubstr("this gateway's clients read JSON"));
}

}  // namespace test_run_test
}  // namespace skep::testing
