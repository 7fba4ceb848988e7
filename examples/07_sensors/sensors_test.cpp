// Each bee alone, and the whole swarm.

#include "sensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "skep/testing/bee_harness.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace sensors {
namespace {

using namespace std::chrono_literals;
using skep::testing::BeeHarness;
using skep::testing::make_record;
using skep::testing::SwarmHarness;

TEST(SensorsTest, SmoothsEachSensorByItself) {
  BeeHarness<Smooth> bee({.weight = 0.5});
  bee.send(R"({"value": 1})");
  bee.send(R"({"value": 2})");
  bee.send(make_record(R"({"value": 7})").with_key("another"));
  ASSERT_EQ(bee.emitted().size(), 3u);
  EXPECT_EQ(bee.emitted()[1].text(), R"({"smooth":1.5})");
  EXPECT_EQ(bee.emitted()[2].text(), R"({"smooth":7})");
}

TEST(SensorsTest, WhatIsNoReadingCostsOnlyItself) {
  BeeHarness<Smooth> bee({.sensors_max = 1});
  bee.send(R"({"value": 1})");
  bee.send(R"({"value": "high"})");                              // BadRecord
  bee.send(R"({"value": 100})");                                 // a jump
  bee.send(make_record(R"({"value": 7})").with_key("another"));  // no room
  ASSERT_EQ(bee.failures().size(), 3u);
  EXPECT_EQ(bee.failures()[0].code, skep::errc::bad_record);
  EXPECT_EQ(bee.failures()[1].message, "it jumps");
  EXPECT_EQ(bee.failures()[2].code, skep::errc::rejected);
  EXPECT_EQ(bee.emitted("jumps").size(), 1u);
  EXPECT_EQ(bee.rebuilds(), 0u);
}

TEST(SensorsTest, AWindowAnswersAllThatItHolds) {
  BeeHarness<Window> bee({.length = 2s});
  bee.send(R"({"value": 1})");
  bee.advance(1s);
  bee.send(R"({"value": 4})");
  EXPECT_EQ(bee.held(), 2u);
  bee.advance(1s);
  ASSERT_EQ(bee.emitted().size(), 2u);
  EXPECT_EQ(bee.emitted()[0].text(), R"({"mean":2.5})");
  EXPECT_EQ(bee.held(), 0u);
}

TEST(SensorsTest, AWindowTakesNoMoreThanItMayHold) {
  BeeHarness<Window> bee;
  bee.limit_held({.records_max = 1});
  bee.send(R"({"value": 1})");
  bee.send(R"({"value": 2})");
  ASSERT_EQ(bee.failures().size(), 1u);
  EXPECT_EQ(bee.failures()[0].code, skep::errc::overloaded);
  bee.advance(1s);
  EXPECT_EQ(bee.emitted().at(0).text(), R"({"mean":1})");
}

skep::Record reading(std::string_view sensor, std::chrono::seconds at, std::string_view json) {
  const auto record = make_record(json).with_key(sensor);
  auto header = record.header();
  header.event_time = skep::EventTime(at);
  return skep::Record(header, skep::Payload::json(json));
}

TEST(SensorsTest, ReportsEachSensorForEachSpan) {
  BeeHarness<Report> bee({.span = 10s, .wait = 1s});
  bee.send(reading("attic", 3s, R"({"value": 1})"));
  bee.send(reading("attic", 9s, R"({"value": 3})"));
  bee.advance(1s);
  bee.send(reading("cellar", 4s, R"({"value": 7})"));
  EXPECT_EQ(bee.emitted().size(), 0u);
  bee.send(reading("attic", 12s, R"({"value": 5})"));  // ends the span before
  bee.send(reading("attic", 8s, R"({"value": 9})"));   // too late
  ASSERT_EQ(bee.emitted().size(), 1u);
  EXPECT_EQ(bee.emitted()[0].text(), R"({"mean":2})");
  EXPECT_EQ(bee.emitted()[0].key(), "attic");
  EXPECT_EQ(bee.emitted()[0].header().event_time, skep::EventTime(0s));
  EXPECT_EQ(bee.drops().size(), 1u);
  bee.advance(10s);
  EXPECT_EQ(bee.emitted().size(), 1u);
  bee.advance(1s);
  ASSERT_EQ(bee.emitted().size(), 3u);
  EXPECT_EQ(bee.emitted()[1].text(), R"({"mean":5})");
  EXPECT_EQ(bee.emitted()[1].header().event_time, skep::EventTime(10s));
  EXPECT_EQ(bee.emitted()[2].text(), R"({"mean":7})");
}

TEST(SensorsTest, ReportsAgainWhatComesAfterTheTimer) {
  BeeHarness<Report> bee({.span = 10s, .wait = 1s});
  bee.send(reading("attic", 3s, R"({"value": 1})"));
  bee.advance(11s);
  bee.send(reading("attic", 9s, R"({"value": 3})"));
  bee.advance(11s);
  ASSERT_EQ(bee.emitted().size(), 2u);
  EXPECT_EQ(bee.emitted()[0].text(), R"({"mean":1})");
  EXPECT_EQ(bee.emitted()[1].text(), R"({"mean":3})");
  EXPECT_EQ(bee.emitted()[1].header().event_time, skep::EventTime(0s));
}

TEST(SensorsTest, AReportKeepsTheRootOfItsLastReading) {
  BeeHarness<Report> bee;
  const auto other = reading("attic", 3s, "");  // its key is there as long as it is
  auto header = other.header();
  header.id = {.high = 1, .low = 2};
  header.root = {.high = 3, .low = 4};
  bee.send(skep::Record(header, skep::Payload::json(R"({"value": 1})")));
  bee.stop();
  EXPECT_EQ(bee.emitted().at(0).id(), header.id);
  EXPECT_EQ(bee.emitted()[0].root(), header.root);
}

TEST(SensorsTest, ReportsWhatIsLeftAtTheEnd) {
  BeeHarness<Report> bee({.sensors_max = 1});
  bee.send(reading("attic", 3s, R"({"value": 1})"));
  bee.send(reading("cellar", 3s, R"({"value": 1})"));
  EXPECT_EQ(bee.failures().size(), 0u);  // its client is answered elsewhere
  EXPECT_EQ(bee.drops().at(0).message, "too many sensors (sensors_max)");
  bee.stop();
  EXPECT_EQ(bee.emitted().at(0).text(), R"({"mean":1})");
}

TEST(SensorsTest, AWaveThatIsNoneCostsOnlyItselfInABatch) {
  const std::array<std::int64_t, 1> shape{3};
  const std::array<float, 3> low{1, 2, 3}, high{4, 8, 4};
  BeeHarness<Peak> bee;
  bee.send_batch({make_record(skep::tensor_payload<float>(shape, low)), make_record("7"),
                  make_record(skep::tensor_payload<float>(shape, high))});
  ASSERT_EQ(bee.emitted().size(), 2u);
  EXPECT_EQ(bee.emitted()[1].text(), R"({"peak":8})");
  ASSERT_EQ(bee.failures().size(), 1u);
  EXPECT_EQ(bee.failures()[0].code, skep::errc::bad_record);
}

SwarmHarness run_swarm() {
  skep::BeeRegistry bees;
  bees.add<Smooth>("sensors.smooth");
  bees.add<Window>("sensors.window");
  bees.add<Report>("sensors.report");
  bees.add<Peak>("sensors.peak");
  return SwarmHarness::from_file(SKEP_TEST_FOLDER "/sensors.toml", {.bees = bees});
}

TEST(SensorsTest, TheSwarmSmoothsAndLogsJumps) {
  auto swarm = run_swarm();
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto client = swarm.gateway("readings").connect();
  client.send_together({R"({"sensor": "attic", "value": 20})", R"({"sensor": "attic", "value": 24})",
                        R"({"sensor": "attic", "value": 99})"});
  ASSERT_EQ(client.replies().size(), 3u);
  EXPECT_EQ(client.replies()[1].text(), R"({"smooth":21})");
  EXPECT_EQ(client.replies()[2].failure().message, "it jumps");
  EXPECT_TRUE(std::ranges::any_of(swarm.log(), [](const auto& line) { return line.source == "sensors.jumps"; }));
}

TEST(SensorsTest, TheSwarmAnswersAWindowTogether) {
  auto swarm = run_swarm();
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  auto one = swarm.gateway("house").connect(), two = swarm.gateway("house").connect();
  one.send(R"({"value": 1})");
  swarm.advance(999ms);
  two.send(R"({"value": 2})");
  EXPECT_TRUE(one.replies().empty());
  swarm.advance(1ms);
  EXPECT_EQ(one.replies().at(0).text(), R"({"mean":1.5})");
  EXPECT_EQ(two.replies().at(0).text(), R"({"mean":1.5})");
}

}  // namespace
}  // namespace sensors
