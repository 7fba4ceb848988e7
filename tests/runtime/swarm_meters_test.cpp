#include "swarm_meters.hpp"

#include <gtest/gtest.h>

namespace skep::detail {
namespace swarm_meters_test {

/// Two bees, an edge between them, and a gateway.
class SwarmMetersTest : public ::testing::Test {
 protected:
  static SwarmPlan plan() {
    SwarmPlan plan;
    plan.bees.resize(2);
    plan.bees[0].spec.name = "first";
    plan.bees[1].spec.name = "last";
    plan.gateways.resize(1);
    plan.edges.resize(1);
    plan.edges[0].from = 0;
    plan.edges[0].to = 1;
    return plan;
  }
  /// As a bee with work does.
  static void count(BeeMeter& meter) {
    meter.counters.set({.received = 10});
    meter.queued.set(64);
    meter.held.set(3);
    meter.edges[0].records.set(7);
    meter.edges[0].waiting.set(5);
    meter.edges[0].in_flight.set(2);
  }
  void expect(std::uint64_t received, std::uint64_t queued) const {
    const auto read = meters_.read();
    EXPECT_EQ(read.bees[0].counters.received, received);
    EXPECT_EQ(read.edges[0].counters.records, received / 10 * 7);
    EXPECT_EQ(read.bees[0].queued, queued);
    EXPECT_EQ(read.bees[0].held, queued / 64 * 3);
    EXPECT_EQ(read.edges[0].counters.waiting, queued / 64 * 5);
    EXPECT_EQ(read.edges[0].counters.in_flight, queued / 64 * 2);
  }

  SwarmPlan plan_ = plan();
  SwarmMeters meters_{plan_, Measure::yes};
};

TEST_F(SwarmMetersTest, WhatABeeHadCountedCountsOnWithoutWhatItHadThen) {
  const auto before = meters_.renew_bee(0, 0);
  count(*before);
  expect(10, 64);
  const auto after = meters_.renew_bee(0, 0);
  expect(10, 0);
  count(*after);
  expect(20, 64);
}

TEST_F(SwarmMetersTest, OfABeeThatIsPlacedElsewhereNothingIsNow) {
  const auto meter = meters_.renew_bee(0, 0);
  meters_.retire_bee(0, 0);
  count(*meter);
  expect(10, 0);
  count(*meters_.renew_bee(0, 0));
  expect(20, 64);
  meters_.retire_bee(1, 0);
  EXPECT_EQ(meters_.read().bees[1].counters.received, 0u) << "it had no actor here";
}

TEST_F(SwarmMetersTest, OfAGatewayThatIsReplacedNothingIsOpen) {
  const auto meter = meters_.renew_gateway(2, 0);
  meter->counters.set({.sessions_open = 4, .requests = 9, .requests_open = 2});
  EXPECT_EQ(meters_.read().gateways[0].counters.sessions_open, 4u);
  const auto other = meters_.renew_gateway(2, 1);
  other->counters.set({.sessions_open = 1});
  EXPECT_EQ(meters_.read().gateways[0].counters.sessions_open, 5u) << "of both threads";
  static_cast<void>(meters_.renew_gateway(2, 1));
  static_cast<void>(meters_.renew_gateway(2, 0));
  EXPECT_EQ(meters_.read().gateways[0].counters.requests, 9u);
  EXPECT_EQ(meters_.read().gateways[0].counters.sessions_open, 0u);
  EXPECT_EQ(meters_.read().gateways[0].counters.requests_open, 0u);
}

TEST(SwarmMetersOfNothingTest, NothingIsMeasured) {
  SwarmPlan plan;
  plan.bees.resize(1);
  SwarmMeters meters(plan, Measure::no);
  EXPECT_EQ(meters.renew_bee(0, 0), nullptr);
  meters.retire_bee(0, 0);
  EXPECT_FALSE(meters.read().measured);
}

}  // namespace swarm_meters_test
}  // namespace skep::detail
