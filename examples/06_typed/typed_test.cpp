// The bees of this folder by themselves, and their swarm whole, on virtual time.

#include "typed.hpp"

#include <gmock/gmock.h>

#include "skep/testing/bee_harness.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace typed {
namespace {

using skep::testing::BeeHarness;
using skep::testing::SwarmHarness;
using ::testing::HasSubstr;

TEST(JudgeTest, JudgesByTheLimit) {
  BeeHarness<Judge> judge({.limit = 20});
  judge.send(R"({"sensor": "attic", "celsius": 31})");
  ASSERT_EQ(judge.emitted().size(), 1u);
  const auto verdict = judge.emitted()[0].as<Verdict>();
  EXPECT_EQ(verdict.getLevel(), Level::HOT);
  EXPECT_EQ(verdict.getAbove(), 11);
  EXPECT_EQ(judge.json(judge.emitted()[0]), R"({"sensor":"attic","level":"hot","above":11,"count":0})");
}

TEST(JudgeTest, RefusesJsonOfAnotherShape) {
  BeeHarness<Judge> judge;
  EXPECT_THROW(judge.send(R"({"celcius": 31})"), skep::BadRecord);
}

skep::Payload hot(const char* sensor) {
  return skep::Payload::build<Verdict>([&](Verdict::Builder it) {
    it.setSensor(sensor);
    it.setLevel(Level::HOT);
  });
}

TEST(TallyTest, NumbersBySensor) {
  BeeHarness<Tally> tally;
  tally.send(hot("attic"));
  tally.send(hot("attic"));
  EXPECT_EQ(tally.emitted().at(1).as<Verdict>().getCount(), 2u);
  EXPECT_EQ(tally.emitted("alarms").size(), 2u);
}

TEST(TallyTest, RefusesSensorsBeyondItsLimit) {
  BeeHarness<Tally> tally({.sensors_max = 1});
  for (const auto* sensor : {"attic", "oven", "attic"}) tally.send(hot(sensor));
  EXPECT_EQ(tally.emitted().size(), 2u);
  ASSERT_EQ(tally.drops().size(), 1u);
  EXPECT_EQ(tally.drops()[0].message, "1 sensors are counted already (sensors_max)");
}

SwarmHarness run_swarm() {
  skep::BeeRegistry bees;
  bees.add<Judge>("typed.judge");
  bees.add<Tally>("typed.tally");
  return SwarmHarness::from_file(SKEP_TEST_FOLDER "/typed.toml", {.bees = bees});
}

TEST(TypedTest, ClientsSpeakJson) {
  auto swarm = run_swarm();
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  const auto reply = swarm.gateway("readings").request(R"({"sensor": "attic", "celsius": 22, "at": 1700000000000})");
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply.text(), R"({"sensor":"attic","level":"warm","above":0.5,"count":1})");
}

TEST(TypedTest, ClientsAreToldWhatIsWrong) {
  auto swarm = run_swarm();
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto client = swarm.gateway("readings").connect();
  EXPECT_THAT(client.request(R"({"sensor": "attic", "celcius": 22})").failure().message,
              HasSubstr("$.celcius: no such field in Reading (did you mean 'celsius'?)"));
  EXPECT_THAT(client.request(R"({"sensor": "attic", "celsius": "22"})").failure().message,
              HasSubstr("$.celsius: expected a number (Float64), got the string \"22\""));
}

TEST(TypedTest, TheLogHasTypedRecordsAsJson) {
  auto swarm = run_swarm();
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  ASSERT_TRUE(swarm.gateway("readings").request(R"({"sensor": "oven", "celsius": 180})").ok());
  const auto& log = swarm.log();
  const auto hot = std::ranges::find_if(log, [](const auto& line) { return line.text.starts_with("hot: "); });
  ASSERT_NE(hot, log.end());
  EXPECT_EQ(hot->text, R"(hot: {"sensor":"oven","level":"hot","above":158.5,"count":1})");
}

}  // namespace
}  // namespace typed
