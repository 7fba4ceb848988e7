#include "skep/testing/swarm_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/harness_bees.hpp"
#include "runtime/harness_swarms.hpp"
#include "skep/serialization/json.hpp"
#include "skep/testing/fake_engine.hpp"

namespace skep::testing {
namespace swarm_harness_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

const std::string hello = R"(
name    = "hello"
plugins = ["hello"]

[gateways.door]
type    = "tcp"
listen  = "${HELLO_LISTEN:-127.0.0.1:9001}"
content = "raw"
answers = "farewell"

[bees.greet]
class     = "hello.greet"
from      = "door"
execution = "dedicated"

[bees.farewell]
class    = "hello.farewell"
from     = "greet"
replicas = 2
)";

TEST(SwarmHarnessTest, AClientIsAnsweredThroughTheBees) {
  SwarmHarness swarm(hello, bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  const auto reply = swarm.gateway("door").request(Payload::raw("Ada"));
  EXPECT_EQ(reply.text(), "Hello, Ada! Goodbye!");
  EXPECT_EQ(reply.record().content().kind, ContentKind::raw);
}

TEST(SwarmHarnessTest, AGatewayOnSeveralThreadsIsOneActorHere) {
  auto text = hello;
  text.insert(text.find("content"), "threads = 3\nrequests_max = 3\n");
  SwarmHarness swarm(text, bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto session = swarm.gateway("door").connect();
  session.send_together({"Ada", "Edsger", "Grace"});  // of a third of requests_max two would be refused
  EXPECT_THAT(texts(session.replies()),
              ElementsAre("Hello, Ada! Goodbye!", "Hello, Edsger! Goodbye!", "Hello, Grace! Goodbye!"));
}

TEST(SwarmHarnessTest, NoTimePassesThatNobodyAskedFor) {
  SwarmHarness swarm(hello, bees());
  const auto start = swarm.now();
  EXPECT_TRUE(swarm.gateway("door").request("Ada").ok());
  EXPECT_EQ(swarm.now(), start);
  swarm.advance(50ms);
  EXPECT_EQ(swarm.now(), start + 50ms);
}

TEST(SwarmHarnessTest, SessionsArePipelinedAndEachIsAnsweredInItsOrder) {
  SwarmHarness swarm(hello, bees());
  auto one = swarm.gateway("door").connect(), two = swarm.gateway("door").connect();
  one.send_together({"Ada", "", "Grace"});
  two.send("Edsger");
  two.send("Barbara");
  const auto replies = one.replies();
  ASSERT_THAT(replies, SizeIs(3));
  EXPECT_EQ(replies[0].text(), "Hello, Ada! Goodbye!");
  EXPECT_EQ(replies[1].failure().code, errc::bad_record);
  EXPECT_EQ(replies[1].failure().message, "expected a name");
  EXPECT_EQ(replies[2].text(), "Hello, Grace! Goodbye!");
  EXPECT_THAT(texts(two.replies()), ElementsAre("Hello, Edsger! Goodbye!", "Hello, Barbara! Goodbye!"));
}

TEST(SwarmHarnessTest, WhatIsNotOfTheGatewaysContentIsRefused) {
  SwarmHarness swarm(one_bee("test.echo"), bees());
  const auto reply = swarm.gateway("door").request("{");
  EXPECT_EQ(reply.failure().code, errc::bad_record);
  EXPECT_TRUE(reply.failure().retry_safe);
  EXPECT_THROW(static_cast<void>(reply.record()), std::logic_error);
}

TEST(SwarmHarnessTest, AnErrorReadsAsItsClientWouldReadIt) {
  SwarmHarness swarm(hello, bees());
  EXPECT_EQ(swarm.gateway("door").request("").text(),
            R"({"error": {"code": "bad_record", "message": "expected a name", "retry": "unknown"}})");
}

TEST(SwarmHarnessTest, RecordsLeaveAlongSeveralPortsToAOneWayGateway) {
  SwarmHarness swarm(R"(
name = "branch"
[gateways.events]
type   = "tcp"
listen = "127.0.0.1:9011"
[gateways.alarms]
type    = "tcp"
connect = "127.0.0.1:9012"
from    = ["hot", "kind.door"]
[bees.kind]
class   = "skep.route"
from    = "events"
options = { field = "$.kind", ports = ["temperature", "door"] }
[bees.hot]
class   = "skep.filter"
from    = "kind.temperature"
options = { field = "$.value", at_least = 30 }
[bees.journal]
class   = "skep.log"
from    = "kind"
options = { prefix = "unknown: " }
)");
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto events = swarm.gateway("events").connect();
  for (const auto* event : {R"({"kind":"temperature","value":12})", R"({"kind":"temperature","value":33})",
                            R"({"kind":"door"})", R"({"kind":"cat"})"}) {
    events.send(event);
  }
  EXPECT_THAT(texts(swarm.gateway("alarms").sent()),
              ElementsAre(R"({"kind":"temperature","value":33})", R"({"kind":"door"})"));
  EXPECT_THAT(events.replies(), IsEmpty());
  EXPECT_EQ(swarm.gateway("alarms").counters().sent, 2u);
  const auto& log = swarm.log();
  EXPECT_TRUE(std::ranges::any_of(log, [](const auto& line) {
    return line.source == "branch.journal" && line.text == R"(unknown: {"kind":"cat"})";
  }));
  EXPECT_THROW(swarm.gateway("events").request("{}"), std::logic_error) << "nobody answers";
}

/// The class of an image is the place of its largest pixel.
std::vector<OwnedTensor> as_scores(std::span<const TensorView> inputs) {
  const auto pixels = inputs.front().values<float>();
  const auto shape = inputs.front().shape();
  return {FakeEngine::tensor({shape.begin(), shape.end()}, {pixels.begin(), pixels.end()})};
}

const std::string digits = R"(
name = "digits"
[gateways.browser]
type    = "websocket"
listen  = "127.0.0.1:9022"
answers = "classify"
[bees.classify]
class = "skep.model"
from  = "browser"
batch = { size_max = 32, delay_max = "0ms" }
[bees.classify.options]
model   = "no_such_file.pt"
inputs  = [{ name = "pixels", dtype = "f32", shape = [4] }]
outputs = ["scores"]
argmax  = "class"
warm_up = []
)";

TEST(SwarmHarnessTest, AModelIsWhatTheTestSays) {
  FakeEngine engine(as_scores);
  SwarmHarness swarm(digits, {.engine = &engine});
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto session = swarm.gateway("browser").connect();
  session.send_together({R"({"pixels": [0, 0, 9, 0]})", R"({"pixels": [1]})", R"({"pixels": [0, 7, 0, 1]})"});
  const auto replies = session.replies();
  ASSERT_THAT(replies, SizeIs(3));
  EXPECT_EQ(JsonDocument::parse(replies[0].text())->integer("$.class"), 2);
  EXPECT_EQ(replies[1].failure().code, errc::bad_record);
  EXPECT_EQ(JsonDocument::parse(replies[2].text())->integer("$.class"), 1);
  EXPECT_THAT(engine.asked, ElementsAre(ElementsAre(Shape{2, 4}))) << "what came together was one batch";
}

TEST(SwarmHarnessTest, AModelThatFailsIsToldToItsClient) {
  FakeEngine engine([](auto) -> std::vector<OwnedTensor> { throw std::runtime_error("out of ink"); });
  SwarmHarness swarm(digits, {.engine = &engine});
  EXPECT_THAT(swarm.gateway("browser").request(R"({"pixels": [0, 0, 9, 0]})").failure().message,
              HasSubstr("out of ink"));
}

TEST(SwarmHarnessTest, ABatchWaitsForItsDelayInVirtualTime) {
  SwarmHarness swarm(one_bee("test.batch_size", "", "batch = { size_max = 8, delay_max = \"2ms\" }\n"), bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto one = swarm.gateway("door").connect(), two = swarm.gateway("door").connect();
  one.send("1");
  swarm.advance(1ms);
  two.send("2");
  swarm.advance(999us);
  EXPECT_THAT(one.replies(), IsEmpty());
  swarm.advance(1us);
  EXPECT_THAT(texts(one.replies()), ElementsAre("2"));
  EXPECT_THAT(texts(two.replies()), ElementsAre("2"));
}

TEST(SwarmHarnessTest, ARequestRunsAsLongAsItsAnswerTakes) {
  SwarmHarness swarm(one_bee("test.later"), bees());
  const auto start = swarm.now();
  EXPECT_EQ(swarm.gateway("door").request("1").text(), "1");
  EXPECT_EQ(swarm.now() - start, 2s);
}

TEST(SwarmHarnessTest, ARequestExpiresAtItsDeadline) {
  SwarmHarness swarm(one_bee("test.later", "deadline = \"1s\"\n"), bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  const auto start = swarm.now();
  const auto reply = swarm.gateway("door").request("1");
  EXPECT_EQ(reply.failure().code, errc::deadline_exceeded);
  EXPECT_FALSE(reply.failure().retry_safe);
  EXPECT_EQ(swarm.now() - start, 1s);
  swarm.advance(1s);
  const auto counters = swarm.gateway("door").counters();
  EXPECT_EQ(counters.expired, 1u);
  EXPECT_EQ(counters.orphaned, 1u) << "the answer came too late";
}

TEST(SwarmHarnessTest, WorkThatTakesTimeMakesWhatWaitsBehindItExpire) {
  SwarmHarness* running = nullptr;
  FakeEngine engine([&](std::span<const TensorView> inputs) {
    running->spend(3s);
    return as_scores(inputs);
  });
  auto text = digits;
  text.replace(text.find("answers"), 0, "deadline = \"5s\"\n");
  text.replace(text.find("size_max = 32"), 13, "size_max = 1");
  SwarmHarness swarm(text, {.engine = &engine});
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  running = &swarm;
  auto session = swarm.gateway("browser").connect();
  const std::string image = R"({"pixels": [0, 0, 9, 0]})";
  session.send_together({image, image, image});
  swarm.advance(5s);
  const auto replies = session.replies();
  ASSERT_THAT(replies, SizeIs(3));
  EXPECT_TRUE(replies[0].ok());
  EXPECT_EQ(replies[1].failure().code, errc::deadline_exceeded) << "6 s";
  EXPECT_EQ(replies[2].failure().code, errc::deadline_exceeded);
  EXPECT_THAT(engine.asked, SizeIs(2)) << "work past its deadline is not done";
}

TEST(SwarmHarnessTest, AThrowCostsOneRecordWhichIsADeadLetterAndCanBeTriedAgain) {
  SwarmHarness swarm(one_bee("test.throws_on_thirds"), bees());
  auto session = swarm.gateway("door").connect();
  session.send_together({"1", "2", "3", "4", "5", "6", "7"});
  const auto replies = session.replies();
  ASSERT_THAT(replies, SizeIs(7));
  for (int n = 1; n <= 7; ++n) {
    const auto& reply = replies[static_cast<std::size_t>(n - 1)];
    if (n % 3 == 0) {
      EXPECT_EQ(reply.failure().code, errc::bee_failed);
    } else {
      EXPECT_EQ(reply.text(), std::to_string(n));
    }
  }
  EXPECT_EQ(swarm.totals().bees.at(0).counters.rebuilds, 2u);
  EXPECT_EQ(swarm.supervision().restarts, 0u);
  const auto letters = swarm.dead_letters().list({}).letters;
  ASSERT_THAT(letters, SizeIs(2));
  EXPECT_EQ(letters[0].record.text(), "3");
  ASSERT_TRUE(swarm.replay(letters[0].id).ok());
  EXPECT_EQ(swarm.dead_letters().list({}).letters.back().attempts, 2u);
}

TEST(SwarmHarnessTest, ARestartWaitsForItsBackOffAndTheQueueLivesOn) {
  SwarmHarness swarm(one_bee("test.time_bomb"), bees());
  swarm.advance(1s);
  ASSERT_THAT(swarm.supervision().reasons, SizeIs(1));
  EXPECT_THAT(swarm.supervision().reasons[0].text, HasSubstr("tick"));
  auto session = swarm.gateway("door").connect();
  session.send("1");
  swarm.advance(99ms);
  EXPECT_THAT(session.replies(), IsEmpty()) << "it is down";
  swarm.advance(1ms);
  EXPECT_THAT(texts(session.replies()), ElementsAre("1"));
  EXPECT_EQ(swarm.supervision().restarts, 1u);
}

TEST(SwarmHarnessTest, ASwarmThatFailsTooOftenSaysWhyAndAnswersUnavailable) {
  SwarmHarness swarm(one_bee("test.time_bomb", "", "", "[supervision]\nintensity = 2\nperiod = \"60s\"\n"), bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  swarm.advance(2s);
  EXPECT_FALSE(swarm.failed());
  swarm.advance(10s);
  ASSERT_TRUE(swarm.failed());
  EXPECT_THAT(swarm.failure(), HasSubstr("more than 2 restarts within 1m"));
  EXPECT_EQ(swarm.supervision().failure, swarm.failure());
  const auto reply = swarm.gateway("door").request("1");
  EXPECT_EQ(reply.failure().code, errc::unavailable);
  EXPECT_TRUE(reply.failure().retry_safe);
}

TEST(SwarmHarnessTest, OverloadIsRefusedAndSafeToTryAgain) {
  SwarmHarness swarm(one_bee("test.later", "requests_max = 2\n"), bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto session = swarm.gateway("door").connect();
  session.send_together({"1", "2", "3"});
  swarm.advance(2s);
  const auto replies = session.replies();
  ASSERT_THAT(replies, SizeIs(3));
  EXPECT_EQ(replies[1].text(), "2");
  EXPECT_EQ(replies[2].failure().code, errc::overloaded);
  EXPECT_TRUE(replies[2].failure().retry_safe);
  EXPECT_THAT(replies[2].text(), HasSubstr("\"retry\": \"safe\""));
  EXPECT_EQ(swarm.gateway("door").counters().refused, 1u);
}

TEST(SwarmHarnessTest, AGatewayThatBlocksLetsItsClientWaitInstead) {
  SwarmHarness swarm(one_bee("test.later", "requests_max = 2\noverflow = \"block\"\n"), bees());
  auto session = swarm.gateway("door").connect();
  session.send_together({"1", "2", "3"});
  swarm.advance(2s);
  EXPECT_THAT(texts(session.replies()), ElementsAre("1", "2"));
  swarm.advance(2s);
  EXPECT_THAT(texts(session.replies()), ElementsAre("1", "2", "3"));
}

TEST(SwarmHarnessTest, ADrainAnswersWhatWasAdmittedAndTakesNoMore) {
  SwarmHarness swarm(one_bee("test.later"), bees());
  auto session = swarm.gateway("door").connect();
  session.send("1");
  const auto start = swarm.now();
  const auto totals = swarm.drain();
  ASSERT_TRUE(totals.ok()) << totals.error().message;
  EXPECT_EQ(swarm.now() - start, 2s);
  EXPECT_THAT(texts(session.replies()), ElementsAre("1"));
  EXPECT_FALSE(session.open());
  EXPECT_EQ(totals->gateways.at(0).counters.answered, 1u);
  EXPECT_EQ(swarm.totals().bees.at(0).counters.received, 1u);
  EXPECT_FALSE(swarm.gateway("door").request("2").answered());
}

TEST(SwarmHarnessTest, ADrainThatTakesTooLongSaysWhoHadNotFinished) {
  SwarmHarness swarm(one_bee("test.later"), bees());
  auto session = swarm.gateway("door").connect();
  session.send("1");
  const auto drained = swarm.drain(500ms);
  ASSERT_FALSE(drained.ok());
  EXPECT_EQ(drained.error().code, errc::timed_out);
  EXPECT_THAT(drained.error().message, HasSubstr("gateway 'door'"));
}

TEST(SwarmHarnessTest, AClientThatLeavesAbandonsItsRequest) {
  SwarmHarness swarm(one_bee("test.later"), bees());
  auto session = swarm.gateway("door").connect();
  session.send("1");
  session.close();
  EXPECT_FALSE(session.open());
  swarm.advance(2s);
  EXPECT_THAT(session.replies(), IsEmpty());
  EXPECT_EQ(swarm.gateway("door").counters().abandoned, 1u);
  EXPECT_EQ(swarm.gateway("door").counters().orphaned, 1u) << "its answer";
}

/// All that can be seen of a run.
std::string trace_of(std::uint64_t seed) {
  SwarmHarness swarm(one_bee("test.draw", "", "replicas = 3\n"), {.bees = bees(), .seed = seed});
  std::ostringstream trace;
  for (int i = 0; i < 20; ++i) {
    const auto reply = swarm.gateway("door").request(std::to_string(i));
    const auto& header = reply.record().header();
    trace << reply.text() << " " << header.id.high << " " << header.id.low << " " << header.origin.incarnation << " "
          << header.event_time.time_since_epoch().count() << "\n";
    swarm.advance(3ms);
  }
  for (const auto& line : swarm.log()) trace << line.source << ": " << line.text << "\n";
  return trace.str();
}

TEST(SwarmHarnessTest, TheSameSeedGivesTheSameRun) {
  EXPECT_EQ(trace_of(1), trace_of(1));
  EXPECT_NE(trace_of(1), trace_of(2));
}

TEST(SwarmHarnessTest, TheTimeOfDayIsTheTests) {
  const EventTime noon = std::chrono::sys_days{std::chrono::year{2031} / 3 / 4} + 12h;
  SwarmHarness swarm(one_bee("test.draw"), {.bees = bees(), .wall_clock = noon});
  swarm.advance(1s);
  const auto reply = swarm.gateway("door").request("1");
  EXPECT_EQ(reply.record().header().event_time, noon + 1s);
  EXPECT_THAT(reply.text(), HasSubstr(std::to_string((noon + 1s).time_since_epoch().count())));
}

TEST(SwarmHarnessTest, MistakesOfTheFileAreProblemsWithTheirPlaces) {
  auto text = hello;
  text.replace(text.find("hello.greet"), 11, "hello.great");
  text.replace(text.find("replicas"), 8, "replica ");
  SwarmHarness swarm(text, bees());
  EXPECT_FALSE(swarm.started());
  EXPECT_THAT(swarm.problems(), HasSubstr("swarm.toml:12:13: error: unknown class 'hello.great'"));
  EXPECT_THAT(swarm.problems(), HasSubstr("did you mean 'replicas'?"));
  EXPECT_THROW(static_cast<void>(swarm.gateway("door")), std::logic_error);
}

TEST(SwarmHarnessTest, ABeeThatDoesNotStartIsAProblemToo) {
  SwarmHarness swarm(one_bee("test.unstartable"), bees());
  EXPECT_FALSE(swarm.started());
  EXPECT_THAT(swarm.problems(), HasSubstr("bee 'bee' did not start"));
  EXPECT_THAT(swarm.problems(), HasSubstr("no fuel"));
}

TEST(SwarmHarnessTest, AMissingFileIsAProblem) {
  const auto swarm = SwarmHarness::from_file("no_such_file.toml");
  EXPECT_FALSE(swarm.started());
  EXPECT_THAT(swarm.problems(), HasSubstr("no_such_file.toml"));
}

TEST(SwarmHarnessTest, TheEnvironmentIsTheTests) {
  SwarmHarness swarm(one_bee("${CLASS}"), {.bees = bees(), .environment = {{"CLASS", "test.echo"}}});
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_EQ(swarm.gateway("door").request("1").text(), "1");
}

TEST(SwarmHarnessTest, AnUnknownGatewayIsSaidWithThoseThatAreThere) {
  SwarmHarness swarm(hello, bees());
  try {
    static_cast<void>(swarm.gateway("dor"));
    FAIL();
  } catch (const std::invalid_argument& problem) {
    EXPECT_STREQ(problem.what(), "no gateway 'dor'; there are: door");
  }
}

TEST(SwarmHarnessTest, ASwarmThatNeverRestsIsStopped) {
  SwarmHarness swarm(one_bee("test.restless"), {.bees = bees(), .steps_max = 1000});
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_THROW(swarm.gateway("door").send("1"), std::runtime_error);
}

TEST(SwarmHarnessTest, TimePassesUntilSomethingHasHappened) {
  SwarmHarness swarm(one_bee("test.later"), bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto session = swarm.gateway("door").connect();
  session.send("1");
  const auto begin = swarm.now();
  const auto answered = [&] { return session.reply_count() == 1; };
  EXPECT_FALSE(swarm.advance_until(answered, 1s));
  EXPECT_EQ(swarm.now() - begin, 1s);
  EXPECT_TRUE(swarm.advance_until(answered, 1h));
  EXPECT_EQ(swarm.now() - begin, 2s);
}

TEST(SwarmHarnessTest, ShowsRepliesFromOneOn) {
  SwarmHarness swarm(one_bee("test.echo"), bees());
  auto session = swarm.gateway("door").connect();
  const std::vector<Payload> all{Payload::json("1"), Payload::json("2"), Payload::json("3")};
  session.send_payloads(all);
  ASSERT_EQ(session.replies(1, 1).size(), 1u);
  EXPECT_EQ(session.replies(1, 1)[0].text(), "2");
  EXPECT_EQ(session.replies(2, 9).size(), 1u);
  EXPECT_TRUE(session.replies(4, 9).empty());
}

TEST(SwarmHarnessTest, KeepsSoManyLinesOfTheLog) {
  SwarmHarness swarm(one_bee("test.draw"), {.bees = bees(), .log_lines_max = 10});
  auto session = swarm.gateway("door").connect();
  for (int i = 0; i < 100; ++i) session.send("1");
  EXPECT_GE(swarm.log().size(), 10u);
  EXPECT_LE(swarm.log().size(), 20u);
  EXPECT_GE(swarm.log().size() + swarm.log_lines_lost(), 100u);
}

}  // namespace swarm_harness_test
}  // namespace skep::testing
