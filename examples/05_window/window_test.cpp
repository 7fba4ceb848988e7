// The swarms of this folder, whole, on virtual time.

#include <gmock/gmock.h>

#include <fstream>
#include <string>
#include <vector>

#include "skep/serialization/json.hpp"
#include "skep/testing/swarm_harness.hpp"
#include "window.hpp"

namespace window {
namespace {

using namespace std::chrono_literals;
using skep::testing::SwarmHarness;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SwarmHarness run_questions() {
  skep::BeeRegistry bees;
  bees.add<Count>("window.count");
  return SwarmHarness::from_file(SKEP_TEST_FOLDER "/questions.toml", {.bees = bees});
}

TEST(WindowTest, BothBranchesGiveOneAnswer) {
  auto swarm = run_questions();
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  const auto answer = skep::JsonDocument::parse(swarm.gateway("questions").request(R"({"text": "to be"})").text());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->integer("$.letters"), 4);
  EXPECT_EQ(answer->integer("$.words"), 2);
}

TEST(WindowTest, AClientThatAsksTooMuchIsTold) {
  auto swarm = run_questions();
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto one = swarm.gateway("questions").connect(), other = swarm.gateway("questions").connect();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(one.request(R"({"text": "x"})").ok());
  EXPECT_THAT(one.request(R"({"text": "x"})").failure().message, HasSubstr("(rate)"));
  EXPECT_TRUE(other.request(R"({"text": "x"})").ok());
  swarm.advance(10s);
  EXPECT_TRUE(one.request(R"({"text": "x"})").ok());
}

TEST(WindowTest, WhatABranchRefusesIsTheAnswer) {
  auto swarm = run_questions();
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_EQ(swarm.gateway("questions").request(R"({"words": 1})").failure().message, "expected a string at $.text");
}

TEST(WindowTest, MeansOfEachMinuteWithoutDuplicatesAndLateOnes) {
  auto swarm = SwarmHarness::from_file(SKEP_TEST_FOLDER "/windows.toml");
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto readings = swarm.gateway("readings").connect();
  std::ifstream file(SKEP_TEST_FOLDER "/readings.jsonl");
  for (std::string line; std::getline(file, line);) readings.send(line);
  std::vector<std::string> means;
  for (const auto& record : swarm.gateway("results").sent()) {
    const std::string text(record.text());
    means.push_back(text.substr(0, text.find(",\"sum\"")));
  }
  EXPECT_THAT(means, ElementsAre(R"({"key":"attic","begin":1700000040000,"end":1700000100000,"count":3)",
                                 R"({"key":"cellar","begin":1700000040000,"end":1700000100000,"count":1)"));
}

}  // namespace
}  // namespace window
