// Submissions without a client: what they share, and what they do not.

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "gateways/probe_gateway.hpp"
#include "skep/testing/gateway_harness.hpp"

namespace skep::testing {
namespace custom_clientless_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

using Harness = GatewayHarness<Probe>;

/// Sessions are what a record that goes out passes over, and what every deadline is looked for in.
TEST(CustomClientlessTest, AnyNumberOfOpenRequestsHaveOneSession) {
  Harness gateway({}, {.delivers = true});
  auto& probe = gateway.gateway();
  std::set<std::uint64_t> sessions;
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(probe.submit("q"));
  gateway.run();
  ASSERT_EQ(gateway.counters().requests_open, 500u);
  for (const auto& record : gateway.submitted()) sessions.insert(record.origin().session);
  EXPECT_EQ(sessions.size(), 1u);
  gateway.deliver("out");
  EXPECT_THAT(probe.delivered, ElementsAre("out"));
}

TEST(CustomClientlessTest, NoneIsHeldToTheLimitsOfOneClient) {
  Harness gateway({}, {.keys = {{"session_requests_max", 1}, {"write_bytes_max", "8B"}}});
  auto& probe = gateway.gateway();
  for (std::uint64_t tag : {1, 2, 3}) ASSERT_TRUE(probe.submit("q", tag));
  gateway.run();
  ASSERT_EQ(gateway.submitted().size(), 3u);
  for (const auto& record : gateway.submitted()) gateway.answer(record, "sixteen bytes ..");
  EXPECT_THAT(probe.told(), ElementsAre("1: sixteen bytes ..", "2: sixteen bytes ..", "3: sixteen bytes .."));
}

TEST(CustomClientlessTest, EachHasItsOwnDeadline) {
  Harness gateway({}, {.keys = {{"deadline", "2s"}}});
  auto& probe = gateway.gateway();
  ASSERT_TRUE(probe.submit("q", 1));
  gateway.advance(1s);
  ASSERT_TRUE(probe.submit("q", 2));
  gateway.run();
  gateway.advance(1100ms);
  EXPECT_THAT(probe.told(), ElementsAre("1: deadline_exceeded"));
  gateway.answer(gateway.submitted().at(1), "in time");
  EXPECT_THAT(probe.told(), ElementsAre("1: deadline_exceeded", "2: in time"));
}

TEST(CustomClientlessTest, OneThatWaitsMayBeCancelled) {
  Harness gateway({}, {.keys = {{"overflow", "block"}}, .window = 1});
  gateway.stand_still();
  auto& probe = gateway.gateway();
  for (std::uint64_t tag : {1, 2}) ASSERT_TRUE(probe.submit("q", tag));
  gateway.run();
  const auto waits = *probe.submit("cancelled", 3);
  ASSERT_TRUE(probe.submit("q", 4));
  gateway.run();
  probe.context->cancel(waits);
  gateway.run();
  gateway.go_on();
  for (const auto& record : gateway.submitted()) EXPECT_EQ(record.text(), "q");
  EXPECT_EQ(gateway.submitted().size(), 3u);
  EXPECT_EQ(gateway.counters().refused, 1u) << "taken, and never admitted";
}

TEST(CustomClientlessTest, WhatWasCancelledIsNotOpenAndItsAnswerGoesNowhere) {
  Harness gateway;
  auto& probe = gateway.gateway();
  const auto first = *probe.submit("a", 1);
  ASSERT_TRUE(probe.submit("b", 2));
  gateway.run();
  probe.context->cancel(first);
  gateway.run();
  EXPECT_EQ(gateway.counters().requests_open, 1u);
  gateway.answer(gateway.submitted().at(0), "late");
  gateway.answer(gateway.submitted().at(1), "B");
  EXPECT_THAT(probe.told(), ElementsAre("2: B"));
  const auto counters = gateway.counters();
  EXPECT_EQ(counters.abandoned, 1u);
  EXPECT_EQ(counters.orphaned, 1u);
  EXPECT_EQ(counters.failed, 0u);
}

}  // namespace custom_clientless_test
}  // namespace skep::testing
