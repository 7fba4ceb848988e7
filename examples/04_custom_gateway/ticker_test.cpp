// A gateway with a thread: what that submits is there at the next `run`.

#include "ticker.hpp"

#include <gtest/gtest.h>

#include "skep/testing/gateway_harness.hpp"

namespace example {
namespace {

using namespace std::chrono_literals;
using skep::testing::GatewayHarness;

TEST(TickerTest, SubmitsNumbersUntilItDrains) {
  GatewayHarness<Ticker> gateway({.interval = 1ms}, {.answers = false});
  ASSERT_TRUE(gateway.started()) << gateway.failure();
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (gateway.submitted().size() < 3) {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    gateway.run();
  }
  EXPECT_EQ(gateway.submitted()[0].text(), "1");
  EXPECT_EQ(gateway.submitted()[2].text(), "3");
  const auto counters = gateway.stop();
  EXPECT_EQ(counters.requests, gateway.submitted().size());
}

}  // namespace
}  // namespace example
