#include "link/link_meter.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace link_meter_test {

using namespace std::chrono_literals;

const LinkMeter::Time began{1h};
const LinkMeter::WallTime wall{1'800'000'000s};

TEST(LinkMeterTest, BeginsDownAndSilent) {
  const LinkMeter meter(began, wall);
  const auto metrics = meter.read("b", began + 7s);
  EXPECT_EQ(metrics.peer, "b");
  EXPECT_FALSE(metrics.up);
  EXPECT_EQ(metrics.changed_seconds, 1.8e9);
  EXPECT_EQ(metrics.silence_seconds, 7);
  EXPECT_EQ(metrics.losses, 0u);
}

TEST(LinkMeterTest, KnowsSinceWhenItIsUpAndHowOftenItWasLost) {
  LinkMeter meter(began, wall);
  meter.came_up(began + 1s, wall + 1500ms);
  auto metrics = meter.read("b", began + 1500ms);
  EXPECT_TRUE(metrics.up);
  EXPECT_EQ(metrics.changed_seconds, 1.8e9 + 1.5);
  EXPECT_EQ(metrics.silence_seconds, 0.5);
  meter.heard(began + 3s);
  meter.was_lost(wall + 6s);
  meter.came_up(began + 7s, wall + 7s);
  meter.was_lost(wall + 9s);
  metrics = meter.read("b", began + 9s);
  EXPECT_FALSE(metrics.up);
  EXPECT_EQ(metrics.changed_seconds, 1.8e9 + 9);
  EXPECT_EQ(metrics.silence_seconds, 2);
  EXPECT_EQ(metrics.losses, 2u);
  EXPECT_EQ(meter.read("b", began).silence_seconds, 0) << "a reader whose time is older than the writer's";
}

TEST(LinkMeterTest, WhatWasGivenUpIsNotSent) {
  LinkMeter meter(began, wall);
  meter.queued(100);
  meter.queued(20);
  meter.queued(3);
  EXPECT_EQ(meter.read("b", began).waiting_bytes, 123u);
  meter.sent(100);
  meter.gave_up(23);
  const auto metrics = meter.read("b", began);
  EXPECT_EQ(metrics.waiting_bytes, 0u);
  EXPECT_EQ(metrics.sent_bytes, 100u);
  EXPECT_EQ(metrics.sent_messages, 1u);
}

}  // namespace link_meter_test
}  // namespace skep
