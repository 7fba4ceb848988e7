#include "websocket/websocket_control_rate.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace websocket_control_rate_test {

using namespace std::chrono_literals;

constexpr WebSocketControlRate::Time start(1000h);
constexpr int at_once = int{limits::websocket_control_rate} * int{limits::websocket_control_period.count()};

TEST(WebSocketControlRateTest, ABurstAndThenTheRate) {
  WebSocketControlRate rate(limits::websocket_control_rate);
  for (int i = 0; i < at_once; ++i) ASSERT_TRUE(i % 2 == 0 ? rate.ping(start) : rate.pong(start)) << i;
  EXPECT_FALSE(rate.ping(start));
  EXPECT_FALSE(rate.ping(start + 99ms));
  EXPECT_TRUE(rate.ping(start + 100ms));
  EXPECT_FALSE(rate.ping(start + 150ms));
  for (int i = 2; i < 10'000; ++i) ASSERT_TRUE(rate.ping(start + i * 100ms)) << i;  // at the rate for ever
  EXPECT_FALSE(rate.ping(start + 9'999 * 100ms + 1ms));
}

TEST(WebSocketControlRateTest, SilenceIsWorthABurstAndNoMore) {
  WebSocketControlRate rate(limits::websocket_control_rate);
  ASSERT_TRUE(rate.ping(start));
  for (int i = 0; i < at_once; ++i) ASSERT_TRUE(rate.ping(start + 24h)) << i;
  EXPECT_FALSE(rate.ping(start + 24h));
}

TEST(WebSocketControlRateTest, PongsThatAnswerPingsAreFree) {
  WebSocketControlRate rate(1);
  for (int i = 0; i < 1000; ++i) {
    rate.pinged();
    ASSERT_TRUE(rate.pong(start)) << i;
  }
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(rate.pong(start)) << i;
  EXPECT_FALSE(rate.pong(start));
  rate.pinged();
  EXPECT_FALSE(rate.ping(start));
  EXPECT_TRUE(rate.pong(start));
  EXPECT_FALSE(rate.pong(start));
}

TEST(WebSocketControlRateTest, WhatCameWhileNobodyReadIsExcused) {
  WebSocketControlRate rate(2);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(rate.ping(start)) << i;
  rate.hold(start + 1s);
  rate.excuse(start + 61s);
  for (int i = 0; i < 2 * 61; ++i) ASSERT_TRUE(rate.ping(start + 61s)) << i;
  EXPECT_FALSE(rate.ping(start + 61s));
}

TEST(WebSocketControlRateTest, SilenceBeforeThatIsNot) {
  WebSocketControlRate rate(2);
  rate.hold(start);
  rate.excuse(start + 1s);
  for (int i = 0; i < 22; ++i) ASSERT_TRUE(rate.ping(start + 1s)) << i;
  EXPECT_FALSE(rate.ping(start + 1s));
}

TEST(WebSocketControlRateTest, NoneMeansNoLimit) {
  WebSocketControlRate rate(0);
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(rate.ping(start) && rate.pong(start));
}

}  // namespace websocket_control_rate_test
}  // namespace skep
