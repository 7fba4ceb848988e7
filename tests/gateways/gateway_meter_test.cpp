#include <gmock/gmock.h>

#include <optional>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"

namespace skep {
namespace gateway_meter_test {

using namespace testing;
using namespace std::chrono_literals;

std::uint64_t ns(std::chrono::nanoseconds time) {
  return static_cast<std::uint64_t>(time.count());
}

HiveSetup metered(GatewayMeterPtr meter, HiveSetup setup = tcp()) {
  setup.meter = std::move(meter);
  return setup;
}

TEST(GatewayMeterTest, CountsAndTimesWhatTheSwarmAnswers) {
  const auto meter = make_meter<GatewayMeter>(1);
  Hive hive(metered(meter));
  SocketClient client(hive.address());
  client.send("1\n2\nbroken\n3\n");
  for (int i = 0; i < 4; ++i) (void)client.line();
  const auto counted = hive.counters();  // after the turn that wrote the answers
  const auto seen = meter->counters.get();
  EXPECT_EQ(seen.answered, 3u);
  EXPECT_EQ(seen.refused, 1u);
  EXPECT_EQ(seen.requests, counted.requests);
  EXPECT_EQ(seen.sessions_open, 1u);
  EXPECT_EQ(meter->end_to_end.values().count(), 3u);
  EXPECT_GT(meter->end_to_end.values().sum, 0u);
  EXPECT_EQ(meter->overhead.values().count(), 0u) << "the bee did not say what it spent";
  EXPECT_EQ(meter->edges[0].counters().records, 3u);
  EXPECT_EQ(meter->edges[0].counters().bytes, 3u);
}

TEST(GatewayMeterTest, WhatIsOpenWhenTheGatewayIsEndedIsCountedAsLost) {
  const auto meter = make_meter<GatewayMeter>(1);
  std::optional<Hive> hive(metered(meter));
  hive->script(Script::keep_answers);
  SocketClient client(hive->address());
  client.send("1\n2\n");
  eventually([&] { return hive->accepted().size() == 2; }, "both requests");
  hive.reset();
  EXPECT_EQ(client.line(), std::nullopt);
  const auto seen = meter->counters.get();
  EXPECT_EQ(seen.lost, 2u);
  EXPECT_EQ(seen.requests, 2u);
  EXPECT_EQ(seen.requests_open, 0u);
  EXPECT_EQ(seen.sessions_open, 0u);
}

TEST(GatewayMeterTest, OverheadIsWhatBeesDidNotSpend) {
  const auto meter = make_meter<GatewayMeter>(1);
  Hive hive(metered(meter));
  hive.spend(2ms);
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  const auto begin = std::chrono::steady_clock::now();
  client.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "the request");
  const auto came = std::chrono::steady_clock::now();
  eventually([&] { return std::chrono::steady_clock::now() - came > 5ms; }, "more than is spent");
  hive.script(Script::echo);
  (void)client.line();
  const auto most = ns(std::chrono::steady_clock::now() - begin);
  const auto whole = meter->end_to_end.values(), overhead = meter->overhead.values();
  ASSERT_EQ(overhead.count(), 1u);
  EXPECT_EQ(whole.sum - overhead.sum, ns(2ms)) << "exactly";
  EXPECT_LE(whole.sum, most);
}

TEST(GatewayMeterTest, RequestsOfSeveralReadsThatAreAnsweredTogetherHaveTheirOwnTimes) {
  const auto meter = make_meter<GatewayMeter>(1);
  Hive hive(metered(meter));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n2\n");
  eventually([&] { return hive.accepted().size() == 2; }, "the first read");
  const auto between = std::chrono::steady_clock::now();
  eventually([&] { return std::chrono::steady_clock::now() - between > 300ms; }, "300 ms");
  client.send("3\n");
  eventually([&] { return hive.accepted().size() == 3; }, "the second read");
  hive.script(Script::echo);
  for (int i = 0; i < 3; ++i) (void)client.line();
  const auto times = meter->end_to_end.values();
  EXPECT_EQ(times.count(), 3u);
  std::uint64_t late = 0;
  for (std::size_t i = DurationHistogram::bucket_of(ns(300ms)); i < times.buckets.size(); ++i) late += times.buckets[i];
  EXPECT_GE(late, 2u) << "the third may be slow too, on a busy machine";
}

TEST(GatewayMeterTest, ExpiredRequestsAreInTheEndToEndTime) {
  const auto meter = make_meter<GatewayMeter>(1);
  Hive hive(metered(meter, tcp({{"deadline", option("20ms")}})));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  client.send("1\n2\n");
  for (int i = 0; i < 2; ++i) EXPECT_THAT(client.line().value_or(""), ::testing::HasSubstr("deadline_exceeded"));
  (void)hive.counters();
  EXPECT_EQ(meter->counters.get().expired, 2u);
  EXPECT_EQ(meter->end_to_end.values().count(), 2u);
  EXPECT_EQ(meter->end_to_end.values().sum, 2 * ns(20ms));
}

}  // namespace gateway_meter_test
}  // namespace skep
