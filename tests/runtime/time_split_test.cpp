#include "bench/time_split.hpp"

#include <gtest/gtest.h>

namespace skep::bench {
namespace time_split_test {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

void observe(DurationHistogram::Values& values, std::chrono::nanoseconds time, std::uint64_t times) {
  values.buckets[DurationHistogram::bucket_of(static_cast<std::uint64_t>(time.count()))] += times;
  values.sum += static_cast<std::uint64_t>(time.count()) * times;
}

/// Requests of 100 us each, 60 of them the runtime's own; 20 wait in front of `a`, 10 in front of `b`.
SwarmMetrics reading(std::uint64_t requests) {
  SwarmMetrics metrics;
  metrics.gateways.emplace_back().gateway = "front";
  observe(metrics.gateways[0].end_to_end, 100us, requests);
  observe(metrics.gateways[0].overhead, 60us, requests);
  for (const auto& [name, wait] : {std::pair("a", 20us), std::pair("b", 10us), std::pair("side", 500us)}) {
    auto& bee = metrics.bees.emplace_back();
    bee.bee = name;
    bee.counters.received = requests;
    observe(bee.queue_wait, wait, requests);
    observe(bee.processing, 40us, requests / 2);
    bee.batch_size.buckets[1] = requests / 2;
    bee.batch_size.sum = requests;
  }
  return metrics;
}

TEST(TimeSplitTest, PartsAddUpToTheLatencyOfTheClient) {
  const auto split = split_time({reading(10), reading(110)}, {"front", {"a", "b"}}, 150us);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->requests, 100u);
  EXPECT_EQ(split->outside, 50us);
  EXPECT_EQ(split->gateway, 30us);
  EXPECT_EQ(split->queue, 30us) << "not that of a bee beside the way";
  EXPECT_EQ(split->compute, 40us);
  EXPECT_EQ(split->fill, std::nullopt);
  EXPECT_EQ(*split->outside + *split->gateway + *split->queue + *split->compute, 150us);
}

TEST(TimeSplitTest, BeesAreShownWithAllThatTheyWereGiven) {
  auto after = reading(110);
  after.bees.emplace_back().bee = "idle";
  auto before = reading(10);
  before.bees.emplace_back().bee = "idle";
  const auto split = split_time({before, after}, {"front", {"a", "b"}}, std::nullopt);
  ASSERT_EQ(split->bees.size(), 3u);
  EXPECT_EQ(split->bees[2].name, "side");
  EXPECT_EQ(split->bees[2].records, 100u);
  EXPECT_EQ(split->bees[2].queue, 500us);
  EXPECT_EQ(split->bees[2].slice, 40us);
  EXPECT_EQ(split->bees[2].slice_records, 2);
}

TEST(TimeSplitTest, WaitsForBatchesToFillAreAPartWhereThereAreAny) {
  auto after = reading(110);
  after.bees[0].batch_fill = 100 * 15'000;
  const auto split = split_time({reading(10), after}, {"front", {"a", "b"}}, 150us);
  EXPECT_EQ(split->fill, 15us);
  EXPECT_EQ(split->compute, 25us);
}

TEST(TimeSplitTest, WhatWasNotMeasuredIsLeftOut) {
  auto off = reading(110);
  off.measured = false;
  EXPECT_FALSE(split_time({reading(10), off}, {"front", {"a"}}, 150us)) << "metrics are off";
  EXPECT_FALSE(split_time({reading(10), reading(10)}, {"front", {"a"}}, 150us)) << "nothing was answered";
  EXPECT_FALSE(split_time({reading(10), reading(110)}, {"other", {"a"}}, 150us));
  EXPECT_EQ(split_time({reading(10), reading(110)}, {"front", {"a"}}, std::nullopt)->outside, std::nullopt);
  EXPECT_EQ(split_time({reading(10), reading(110)}, {"front", {"a"}}, 90us)->outside, std::nullopt)
      << "less than inside";
}

TEST(TimeSplitTest, WhereManyWereEndedByTheirDeadlineTheInsideIsNotKnown) {
  auto after = reading(110);
  observe(after.gateways[0].end_to_end, 100us, 10);
  const auto split = split_time({reading(10), after}, {"front", {"a", "b"}}, 150us);
  EXPECT_EQ(split->outside, 50us);
  EXPECT_EQ(split->gateway, std::nullopt);
  EXPECT_EQ(split->queue, std::nullopt);
  EXPECT_EQ(split->compute, std::nullopt);
}

TEST(TimeSplitTest, WaysSideBySideDoNotAddUpAndAreLeftOut) {
  const auto split = split_time({reading(10), reading(110)}, {"front", {"a", "b", "side"}}, 150us);
  EXPECT_EQ(split->queue, std::nullopt);
  EXPECT_EQ(split->gateway, std::nullopt);
}

SwarmPlan plan(const Names& bees, const Names& gateways, const std::vector<std::pair<int, int>>& edges) {
  SwarmPlan plan;
  for (const auto& name : bees) plan.bees.emplace_back().spec.name = name;
  for (const auto& name : gateways) plan.gateways.emplace_back().spec.name = name;
  for (const auto& [from, to] : edges) {
    auto& edge = plan.edges.emplace_back();
    edge.from = static_cast<std::size_t>(from);
    edge.to = static_cast<std::size_t>(to);
  }
  return plan;
}

TEST(AnswerPathTest, HasTheBeesBetweenTheGatewayAndWhoAnswers) {
  // 0 a, 1 b, 2 audit, 3 other, 4 front, 5 back: front -> a -> b (answers), a -> audit, back -> other -> b.
  auto swarm = plan({"a", "b", "audit", "other"}, {"front", "back"}, {{4, 0}, {0, 1}, {0, 2}, {5, 3}, {3, 1}});
  swarm.gateways[0].spec.answers = "b.port";
  swarm.gateways[1].spec.answers = "b";
  EXPECT_EQ(answer_path(swarm, "front").bees, (Names{"a", "b"}));
  EXPECT_EQ(answer_path(swarm, "back").bees, (Names{"b", "other"}));
  EXPECT_EQ(answer_path(swarm, "none").bees, Names());
}

}  // namespace time_split_test
}  // namespace skep::bench
