#include "in_code.hpp"

#include <gtest/gtest.h>

#include "skep/testing/swarm_harness.hpp"

namespace in_code {
namespace {

TEST(InCodeTest, ScalesNumbersAndRefusesLargeOnes) {
  skep::BeeRegistry bees;
  const auto builder = numbers(bees, "127.0.0.1:0");
  skep::testing::SwarmHarness swarm(builder, {.bees = bees});
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto client = swarm.gateway("door").connect();
  EXPECT_EQ(client.request("4.2").text(), "42");
  EXPECT_EQ(client.request("many").failure().code, skep::errc::bad_record);
  EXPECT_EQ(client.request("101").failure().code, skep::errc::rejected);
  ASSERT_FALSE(swarm.log().empty());
  EXPECT_EQ(swarm.log().back().text, "too large: 1010");
}

TEST(InCodeTest, WhatIsWrongIsToldWithTheLineOfTheCall) {
  skep::BeeRegistry bees;
  skep::SwarmBuilder wrong("wrong", bees);
  const auto line = __LINE__ + 1;
  wrong.bee<Scale>("scale").from(wrong.source("door", "tcp")).options({.factor = 1001});
  skep::testing::SwarmHarness swarm(wrong, {.bees = bees});
  EXPECT_FALSE(swarm.started());
  EXPECT_NE(swarm.problems().find("in_code_test.cpp:" + std::to_string(line) + ": error: option 'factor'"),
            std::string::npos)
      << swarm.problems();
}

}  // namespace
}  // namespace in_code
