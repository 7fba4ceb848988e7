#include "skep/runtime/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <sstream>

namespace skep {
namespace metrics_test {

using ::testing::HasSubstr;
using ::testing::Not;

SwarmMetrics swarm(const std::string& name) {
  SwarmMetrics swarm;
  swarm.swarm = name;
  swarm.restarts = 3;
  swarm.dead_letters = {.added = 9, .evicted = 2, .records = 7, .bytes = 700};
  BeeMetrics bee;
  bee.bee = "classify";
  bee.replicas = 2;
  bee.counters.received = 1'000'000'007;
  bee.counters.expired = 4;
  bee.counters.cancelled = 8;
  bee.counters.held_lost = 6;
  bee.held = 5;
  bee.batch_fill = 2'500'000'000;
  DurationHistogram histogram;
  histogram.observe(std::chrono::microseconds(1), 5);
  histogram.observe(std::chrono::seconds(60));
  bee.queue_wait = histogram.values();
  swarm.bees.push_back(bee);
  swarm.edges.push_back({"normalize.default -> classify", {.records = 5, .waiting = 1}});
  GatewayMetrics gateway;
  gateway.gateway = "front";
  gateway.counters.requests = 12;
  gateway.counters.refused_tls = 13;
  gateway.counters.refused_tokens = 14;
  gateway.counters.refused_addresses = 15;
  gateway.counters.refused_upgrades = 16;
  gateway.counters.refused_protocols = 17;
  gateway.counters.certificate_expiry = 1'900'000'000;
  swarm.gateways.push_back(gateway);
  return swarm;
}

ClusterMetrics cluster() {
  ClusterMetrics cluster{.nodes = 3, .nodes_seen = 2, .refused_strangers = 8, .refused_not_configured = 1};
  cluster.certificates = {{"node", "0a", 1'900'000'001}, {"authority", "0b", 1'800'000'000}};
  LinkMetrics b;
  b.peer = "b";
  b.up = true;
  b.changed_seconds = 1'790'000'000.5;
  b.silence_seconds = 0.25;
  b.losses = 4;
  b.sent_bytes = 500;
  b.received_bytes = 600;
  b.sent_messages = 5;
  b.received_messages = 6;
  b.waiting_bytes = 70;
  b.refused_connections = 9;
  b.orphans = 10;
  b.refused_messages = 11;
  cluster.links = {b, {}};
  cluster.links.back().peer = "c";
  cluster.placements = {{"digits", 12, 3, 2, 4, 1}, {"other"}};
  return cluster;
}

TEST(MetricsTest, EverySeriesHasItsNameLabelsAndValue) {
  const auto text = metrics_text({.version = "0.1.0", .threads = 7}, {swarm("digits")});
  for (const auto* line : {
           "skep_build_info{version=\"0.1.0\"} 1\n",
           "process_threads 7\n",
           "skep_swarm_failed{swarm=\"digits\"} 0\n",
           "skep_swarm_restarts_total{swarm=\"digits\"} 3\n",
           "skep_swarm_dead_letters{swarm=\"digits\"} 7\n",
           "skep_bee_replicas{swarm=\"digits\",bee=\"classify\"} 2\n",
           "skep_bee_records_received_total{swarm=\"digits\",bee=\"classify\"} 1000000007\n",
           "skep_bee_expired_total{swarm=\"digits\",bee=\"classify\"} 4\n",
           "skep_bee_cancelled_total{swarm=\"digits\",bee=\"classify\"} 8\n",
           "skep_bee_held_lost_total{swarm=\"digits\",bee=\"classify\"} 6\n",
           "skep_bee_held_records{swarm=\"digits\",bee=\"classify\"} 5\n",
           "skep_bee_batch_fill_seconds_total{swarm=\"digits\",bee=\"classify\"} 2.5\n",
           "skep_bee_queue_wait_seconds_bucket{swarm=\"digits\",bee=\"classify\",le=\"1.024e-06\"} 5\n",
           "skep_bee_queue_wait_seconds_bucket{swarm=\"digits\",bee=\"classify\",le=\"+Inf\"} 6\n",
           "skep_bee_queue_wait_seconds_count{swarm=\"digits\",bee=\"classify\"} 6\n",
           "skep_bee_queue_wait_seconds_sum{swarm=\"digits\",bee=\"classify\"} 60.000005\n",
           "skep_edge_records_total{swarm=\"digits\",edge=\"normalize.default -> classify\"} 5\n",
           "skep_edge_waiting_records{swarm=\"digits\",edge=\"normalize.default -> classify\"} 1\n",
           "skep_gateway_requests_total{swarm=\"digits\",gateway=\"front\"} 12\n",
           "# TYPE skep_gateway_overhead_seconds histogram\n",
           "skep_gateway_connections_refused_total{swarm=\"digits\",gateway=\"front\",reason=\"tls\"} 13\n",
           "skep_gateway_connections_refused_total{swarm=\"digits\",gateway=\"front\",reason=\"token\"} 14\n",
           "skep_gateway_connections_refused_total{swarm=\"digits\",gateway=\"front\",reason=\"address\"} 15\n",
           "skep_gateway_connections_refused_total{swarm=\"digits\",gateway=\"front\",reason=\"upgrade\"} 16\n",
           "skep_gateway_connections_refused_total{swarm=\"digits\",gateway=\"front\",reason=\"protocol\"} 17\n",
           "skep_gateway_certificate_expiry_timestamp_seconds{swarm=\"digits\",gateway=\"front\"} 1900000000\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

/// The format wants all series of a name together, under one TYPE.
TEST(MetricsTest, SeriesOfSeveralSwarmsStandUnderOneType) {
  const auto text = metrics_text({}, {swarm("one"), swarm("two")}, cluster());
  EXPECT_THAT(text, HasSubstr("skep_swarm_failed{swarm=\"one\"} 0\nskep_swarm_failed{swarm=\"two\"} 0\n"));
  std::multiset<std::string> types;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) types.insert(line.substr(7, line.find(' ', 7) - 7));
  }
  EXPECT_GT(types.size(), 40u);
  for (const auto& type : types) EXPECT_EQ(types.count(type), 1u) << type;
}

TEST(MetricsTest, ANodeOfAClusterTellsOfItsLinks) {
  const auto text = metrics_text({}, {}, cluster());
  for (const auto* line : {
           "skep_cluster_nodes 3\n",
           "skep_cluster_nodes_seen 2\n",
           "skep_cluster_connections_refused_total{reason=\"stranger\"} 8\n",
           "skep_cluster_connections_refused_total{reason=\"not_configured\"} 1\n",
           "skep_certificate_expiry_timestamp_seconds{certificate=\"node\",serial=\"0a\"} 1900000001\n",
           "skep_certificate_expiry_timestamp_seconds{certificate=\"authority\",serial=\"0b\"} 1800000000\n",
           "skep_link_up{peer=\"b\"} 1\nskep_link_up{peer=\"c\"} 0\n",
           "skep_link_changed_timestamp_seconds{peer=\"b\"} 1790000000.5\n",
           "skep_link_silence_seconds{peer=\"b\"} 0.25\n",
           "skep_link_losses_total{peer=\"b\"} 4\n",
           "skep_link_sent_bytes_total{peer=\"b\"} 500\n",
           "skep_link_received_bytes_total{peer=\"b\"} 600\n",
           "skep_link_messages_sent_total{peer=\"b\"} 5\n",
           "skep_link_messages_received_total{peer=\"b\"} 6\n",
           "skep_link_waiting_bytes{peer=\"b\"} 70\n",
           "skep_link_connections_refused_total{peer=\"b\"} 9\n",
           "skep_link_orphan_messages_total{peer=\"b\"} 10\n",
           "skep_link_refused_messages_total{peer=\"b\"} 11\n",
           "skep_placement_epoch{swarm=\"digits\"} 12\nskep_placement_epoch{swarm=\"other\"} 0\n",
           "skep_placement_replicas{swarm=\"digits\",where=\"here\"} 3\n"
           "skep_placement_replicas{swarm=\"digits\",where=\"elsewhere\"} 2\n"
           "skep_placement_replicas{swarm=\"digits\",where=\"away\"} 4\n"
           "skep_placement_replicas{swarm=\"digits\",where=\"nowhere\"} 1\n"
           "skep_placement_replicas{swarm=\"other\",where=\"here\"} 0\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  for (const auto* part : {"skep_cluster_", "skep_link_", "skep_placement_", "skep_certificate_"}) {
    EXPECT_THAT(metrics_text({}, {swarm("digits")}), Not(HasSubstr(part))) << "of a node alone";
  }
}

TEST(MetricsTest, WhatIsNotMeasuredIsNotThere) {
  auto off = swarm("digits");
  off.measured = false;
  const auto text = metrics_text({}, {off});
  EXPECT_THAT(text, HasSubstr("skep_swarm_restarts_total"));
  EXPECT_THAT(text, Not(HasSubstr("skep_bee_")));
  EXPECT_THAT(text, Not(HasSubstr("skep_gateway_")));
}

TEST(MetricsTest, TheProcessKnowsItself) {
  const auto before = read_process_metrics();
  EXPECT_EQ(before.version, SKEP_VERSION);
  EXPECT_GE(before.threads, 1u);
  EXPECT_GT(before.resident_bytes, 1u << 20);
  EXPECT_GT(before.virtual_bytes, before.resident_bytes);
  EXPECT_GT(before.start_seconds, 1.6e9);
  EXPECT_LT(before.uptime_seconds, 3600);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(read_process_metrics().descriptors, before.descriptors + 2);
  for (const int end : ends) ::close(end);
}

}  // namespace metrics_test
}  // namespace skep
