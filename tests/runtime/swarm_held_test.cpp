// A window, end to end: a bee of a swarm holds what came, and answers all of it at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/harness_bees.hpp"
#include "runtime/harness_swarms.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace skep::testing {
namespace swarm_held_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

std::string window(const std::string& more_of_gateway = "", const std::string& more_of_bee = "") {
  return one_bee("test.window", more_of_gateway, more_of_bee);
}

TEST(SwarmHeldTest, AWindowHoldsItsRecordsAndAnswersThemAllAtOnce) {
  SwarmHarness swarm(window(), bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto one = swarm.gateway("door").connect(), two = swarm.gateway("door").connect();
  one.send("1");
  swarm.advance(500ms);
  two.send_together({"2", "3"});
  swarm.advance(499ms);
  EXPECT_THAT(one.replies(), IsEmpty());
  swarm.advance(1ms);
  EXPECT_THAT(texts(one.replies()), ElementsAre("6"));
  EXPECT_THAT(texts(two.replies()), ElementsAre("6", "6"));
  EXPECT_EQ(one.request("7").text(), "7") << "the next window";
}

TEST(SwarmHeldTest, AWindowThatIsLostTellsAllItsClients) {
  SwarmHarness swarm(window(), bees());
  auto one = swarm.gateway("door").connect(), two = swarm.gateway("door").connect();
  one.send("1");
  two.send("0");
  ASSERT_THAT(one.replies(), SizeIs(1));
  EXPECT_EQ(one.replies()[0].failure().code, errc::bee_failed);
  EXPECT_THAT(one.replies()[0].failure().message, HasSubstr("failed while it held this record: no zeros"));
  EXPECT_EQ(swarm.totals().bees.at(0).counters.held_lost, 1u);
  EXPECT_EQ(one.request("2").text(), "2") << "the bee lives";
}

TEST(SwarmHeldTest, AWindowTakesNoMoreThanTheFileSays) {
  SwarmHarness swarm(window("", "held_records_max = 2\n"), bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto session = swarm.gateway("door").connect();
  session.send_together({"1", "2", "3"});
  swarm.advance(1s);
  const auto replies = session.replies();
  ASSERT_THAT(replies, SizeIs(3));
  EXPECT_EQ(replies[1].text(), "3");
  EXPECT_EQ(replies[2].failure().code, errc::overloaded);
  EXPECT_THAT(replies[2].failure().message, HasSubstr("held_records_max = 2"));
}

TEST(SwarmHeldTest, ARecordHeldPastItsDeadlineIsAnsweredByItsGateway) {
  SwarmHarness swarm(window("deadline = \"900ms\"\n"), bees());
  auto session = swarm.gateway("door").connect();
  session.send("1");
  swarm.advance(900ms);
  swarm.advance(10ms);
  ASSERT_THAT(session.replies(), SizeIs(1));
  EXPECT_EQ(session.replies()[0].failure().code, errc::deadline_exceeded);
  swarm.advance(1s);
  EXPECT_EQ(swarm.gateway("door").counters().orphaned, 1u) << "what the window said came too late";
}

TEST(SwarmHeldTest, ADrainWaitsForAWindowThatOwesAnswers) {
  SwarmHarness swarm(window(), bees());
  auto session = swarm.gateway("door").connect();
  session.send("1");
  ASSERT_TRUE(swarm.drain().ok());
  EXPECT_THAT(texts(session.replies()), ElementsAre("1"));
}

TEST(SwarmHeldTest, OnStopAWindowOfOneWayRecordsIsSentOn) {
  SwarmHarness swarm(R"(
name = "s"
[gateways.in]
type   = "tcp"
listen = "127.0.0.1:1"
[bees.window]
class = "test.window"
from  = "in"
[gateways.out]
type    = "tcp"
connect = "127.0.0.1:2"
from    = "window"
)",
                     bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  swarm.gateway("in").connect().send_together({"1", "2"});
  ASSERT_TRUE(swarm.drain().ok());
  EXPECT_THAT(texts(swarm.gateway("out").sent()), ElementsAre("3", "3"));
}

TEST(SwarmHeldTest, WhatABeeHoldsToItsEndIsLeft) {
  SwarmHarness swarm(
      "name = \"s\"\n[gateways.in]\ntype = \"tcp\"\nlisten = \"127.0.0.1:1\"\n"
      "[bees.keeper]\nclass = \"test.keeper\"\nfrom = \"in\"\n",
      bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  swarm.gateway("in").connect().send_together({"1", "2"});
  const auto totals = swarm.drain();
  ASSERT_TRUE(totals.ok());
  ASSERT_THAT(totals->left, SizeIs(1));
  EXPECT_EQ(totals->left[0].part, "bee 'keeper'");
  EXPECT_EQ(totals->left[0].records, 2u);
}

}  // namespace swarm_held_test
}  // namespace skep::testing
