// A client that leaves, end to end: nobody works for it any more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/harness_bees.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace skep::testing {
namespace swarm_departed_test {

using ::testing::SizeIs;
using namespace std::chrono_literals;

TEST(SwarmDepartedTest, WhatAClientThatLeftHadAskedForIsNotDone) {
  SwarmHarness swarm(R"(
name = "s"
[gateways.door]
type    = "tcp"
listen  = "127.0.0.1:1"
answers = "bee"
[bees.bee]
class = "test.batch_size"
from  = "door"
batch = { size_max = 8, delay_max = "2s" }
)",
                     bees());
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto leaves = swarm.gateway("door").connect(), stays = swarm.gateway("door").connect();
  leaves.send_together({"1", "2", "3"});
  stays.send("4");
  leaves.close();
  swarm.advance(2s);
  ASSERT_THAT(stays.replies(), SizeIs(1));
  EXPECT_EQ(stays.replies()[0].text(), "1") << "it was alone in its batch";
  const auto counters = swarm.totals().bees.at(0).counters;
  EXPECT_EQ(counters.received, 4u);
  EXPECT_EQ(counters.cancelled, 3u);
  EXPECT_EQ(counters.replied, 1u);
  EXPECT_EQ(swarm.gateway("door").counters().orphaned, 0u);
  EXPECT_EQ(swarm.dead_letters().counts().added, 0u);
}

}  // namespace swarm_departed_test
}  // namespace skep::testing
