#include "cluster/cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <condition_variable>
#include <mutex>
#include <set>

#include "skep/gateways/io_threads.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/runtime/swarm.hpp"
#include "support/line_client.hpp"
#include "support/tls_loop.hpp"

namespace skep {
namespace cluster_test {

using namespace std::chrono_literals;
using skep::testing::LineClient;

/// Ports that were free a moment ago.
std::vector<HostPort> free_addresses(std::size_t count) {
  boost::asio::io_context io;
  std::vector<ListenSocket> open;
  std::vector<HostPort> addresses;
  for (std::size_t i = 0; i < count; ++i) {
    open.emplace_back(io, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    addresses.push_back({"127.0.0.1", open.back().local_endpoint().port()});
  }
  return addresses;
}

/// What all nodes of a cluster are given.
struct Plan {
  std::string swarm;
  PlacementNeeds needs;
  std::vector<HostPort> addresses;
  std::vector<Member> members;
};

/// A node in a process with others: everything of it is its own.
class TestNode {
 public:
  TestNode(const Plan& plan, NodeNumber self, TlsContextPtr tls) : self_(self) {
    config_.set("scheduler.max-threads", 2);
    system_ = std::make_unique<caf::actor_system>(config_);
    io_ = std::make_unique<IoThreads>(*system_, IoThreads::Settings{.count = 2});
    Cluster::Settings settings;
    settings.cluster = "demo";
    settings.self = self;
    settings.members = plan.members;
    for (const auto& member : plan.members) {
      settings.nodes.push_back({member.number, member.labels.front(), plan.addresses[member.number - 1]});
    }
    settings.listen = plan.addresses[self - 1];
    settings.tls = std::move(tls);
    settings.log = [this](LogLevel, std::string_view source, std::string_view text) { note(source, text); };
    settings.links.delay_min = 1ms;
    settings.links.delay_max = 50ms;
    settings.placement_wait_max = 2s;
    settings.lost_gateway_time_max = 100ms;
    cluster_ = std::make_unique<Cluster>(*system_, std::move(settings));
    auto& site = cluster_->add("test", {}, plan.needs);
    auto checked =
        catalog_.check(parse_swarm(plan.swarm, "test.toml", [](const std::string&) { return std::nullopt; }));
    for (const auto& problem : checked.problems) ADD_FAILURE() << problem.to_string();
    SwarmHost host{*system_, *io_,
                   [this](LogLevel, std::string_view source, std::string_view text, std::span<const LogField>) {
                     note(source, text);
                   }};
    host.site = &site;
    auto swarm = Swarm::start(std::move(checked.plan), std::move(host));
    EXPECT_TRUE(swarm.ok()) << swarm.error().message;
    swarm_ = std::move(swarm).value();
    cluster_->set(site, swarm_->placed());
    const auto started = cluster_->start();
    EXPECT_TRUE(started.ok()) << started.error().message;
  }
  ~TestNode() {
    cluster_->stop();
    swarm_.reset();
    system_->await_all_actors_done();
    cluster_.reset();
    io_->stop();
    io_.reset();
  }

  [[nodiscard]] bool wait_for(const std::string& part) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return log_.find(part) != std::string::npos; });
  }
  /// Where gateway `front` listens.
  [[nodiscard]] std::string front() {
    const std::string before = "listens on ";
    EXPECT_TRUE(wait_for(before)) << log();
    const std::scoped_lock lock(mutex_);
    const auto at = log_.find(before) + before.size();
    return log_.substr(at, log_.find('\n', at) - at);
  }
  [[nodiscard]] std::string log() {
    const std::scoped_lock lock(mutex_);
    return log_;
  }
  Swarm& swarm() { return *swarm_; }
  Cluster& cluster() { return *cluster_; }

 private:
  void note(std::string_view source, std::string_view text) {
    const std::scoped_lock lock(mutex_);
    log_ += std::to_string(self_) + ' ' + std::string(source) + ": " + std::string(text) + '\n';
    changed_.notify_all();
  }

  NodeNumber self_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string log_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<IoThreads> io_;
  Catalog catalog_{{SKEP_TEST_PLUGIN_DIRECTORY}};
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Swarm> swarm_;
};

class ClusterTest : public ::testing::Test {
 protected:
  void plan(std::size_t nodes, const std::string& bees, PlacementNeeds needs) {
    plan_.swarm =
        "name = \"test\"\nplugins = [\"test_bees\"]\n[gateways.front]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\n"
        "answers = \"last\"\n" +
        bees;
    plan_.needs = std::move(needs);
    plan_.addresses = free_addresses(nodes);
    for (NodeNumber node = 1; node <= nodes; ++node) plan_.members.push_back({node, {name(node)}, 1});
    nodes_.resize(nodes);
  }
  static std::string name(NodeNumber node) { return std::string(1, static_cast<char>('a' + node - 1)); }
  void start(NodeNumber node) { nodes_[node - 1] = std::make_unique<TestNode>(plan_, node, loop_.tls(name(node))); }
  void start_all() {
    for (NodeNumber node = 1; node <= nodes_.size(); ++node) start(node);
  }
  void stop(NodeNumber node) { nodes_[node - 1].reset(); }
  TestNode& node(NodeNumber number) { return *nodes_[number - 1]; }
  std::string all_logs() {
    std::string all;
    for (const auto& each : nodes_) all += each ? each->log() : "";
    return all;
  }
  void expect_served(NodeNumber number, int requests) {
    LineClient client(node(number).front());
    ASSERT_TRUE(client.connected());
    for (int i = 0; i < requests; ++i) {
      const auto text = std::to_string((1000 * number) + static_cast<NodeNumber>(i));
      client.send(text + "\n");
      ASSERT_EQ(client.line(), text) << all_logs();
    }
  }

  test::TlsLoop loop_;
  Plan plan_;
  std::vector<std::unique_ptr<TestNode>> nodes_;
};

const std::string one_bee = "[bees.last]\nclass = \"test.echo\"\nfrom = \"front\"\n";
const std::string two_bees =
    "[bees.first]\nclass = \"test.echo\"\nfrom = \"front\"\n[bees.last]\nclass = \"test.echo\"\nfrom = \"first\"\n";

TEST_F(ClusterTest, ABeeOnOneNodeAnswersClientsOfBoth) {
  plan(2, one_bee, {{{.replicas = 1}, {.on_each = true}}});
  start_all();
  expect_served(1, 50);
  expect_served(2, 50);
  const std::string placed = "placement 1 of swarm 'test', decided by node a: 2 replicas on a, 1 on b";
  for (const auto each : {1u, 2u}) EXPECT_NE(node(each).log().find(placed), std::string::npos) << all_logs();
}

TEST_F(ClusterTest, AGatewayOnSeveralThreadsIsAnsweredByTheBeesOfOtherNodes) {
  plan(2, one_bee, {{{.labels = {"a"}}, {.on_each = true}}});
  plan_.swarm.insert(plan_.swarm.find("answers ="), "threads = 3\n");
  start_all();
  for (const auto each : {1u, 2u}) {
    std::vector<std::unique_ptr<LineClient>> clients;  // all at a time: on three threads
    for (int i = 0; i < 5; ++i) clients.push_back(std::make_unique<LineClient>(node(each).front()));
    for (int i = 0; i < 5; ++i) clients[static_cast<std::size_t>(i)]->send(std::to_string(i) + "\n");
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(clients[static_cast<std::size_t>(i)]->line(), std::to_string(i)) << all_logs();
    }
  }
  const auto log = node(2).log();
  ASSERT_NE(log.find("listens on"), std::string::npos);
  EXPECT_EQ(log.find("listens on"), log.rfind("listens on")) << "said once: " << log;
}

TEST_F(ClusterTest, ANodeThatStaysAwayIsGivenUp) {
  EXPECT_EQ(Cluster::Settings().lost_gateway_time_max, limits::lost_gateway_time_max);
  EXPECT_EQ(Cluster::Settings().placement_wait_max, limits::placement_wait_max);
  EXPECT_EQ(Cluster::Settings().placement_settle_time, limits::placement_settle_time);
  EXPECT_EQ(Cluster::Settings().placement_reach_time, limits::placement_reach_time);
  plan(3, one_bee, {{{.labels = {"a"}}, {.on_each = true}}});
  start_all();
  expect_served(3, 1);
  stop(3);
  EXPECT_TRUE(node(1).wait_for("node c has been away for 100ms")) << all_logs();
  expect_served(1, 10);
  start(3);
  expect_served(3, 10);
}

TEST_F(ClusterTest, ItsMetricsSayWhoIsThereAndWhatRunsWhere) {
  plan(2, two_bees, {{{.replicas = 1}, {.labels = {"b"}}, {.on_each = true}}});
  start_all();
  ASSERT_NE(node(1).front(), node(2).front()) << "open when all bees are up";
  const auto metrics = node(1).cluster().metrics();
  EXPECT_EQ(metrics.nodes, 2u);
  EXPECT_EQ(metrics.nodes_seen, 2u);
  ASSERT_EQ(metrics.links.size(), 1u);
  EXPECT_EQ(metrics.links[0].peer, "b");
  EXPECT_TRUE(metrics.links[0].up);
  ASSERT_EQ(metrics.placements.size(), 1u);
  EXPECT_EQ(metrics.placements[0].swarm, "test");
  EXPECT_EQ(metrics.placements[0].epoch, 1u);
  EXPECT_EQ(metrics.placements[0].here, 2u) << "`first`, and the gateway";
  EXPECT_EQ(metrics.placements[0].elsewhere, 2u);
  EXPECT_EQ(metrics.placements[0].away, 0u);
  EXPECT_EQ(metrics.placements[0].nowhere, 0u);
  stop(2);
  ASSERT_TRUE(node(1).wait_for("placement 2 of swarm 'test', decided by node a")) << all_logs();
  EXPECT_EQ(node(1).cluster().metrics().nodes_seen, 1u);
  EXPECT_FALSE(node(1).cluster().metrics().links[0].up);
  EXPECT_EQ(node(1).cluster().metrics().placements[0].away, 1u) << "the gateway of b";
  EXPECT_EQ(node(1).cluster().metrics().placements[0].nowhere, 1u) << "`last`, which needs the label b";
}

TEST_F(ClusterTest, TheOthersHearThatASwarmHasFailedOnANode) {
  plan(2,
       "[supervision]\nintensity = 1\n[bees.last]\nclass = \"test.starts_once\"\nfrom = \"front\"\n"
       "[bees.last.options]\nlicence = \"cluster_test\"\n",
       {{{.labels = {"b"}}, {.on_each = true}}});
  start_all();
  LineClient client(node(1).front());
  client.send("\"throw\"\n");
  EXPECT_TRUE(node(1).wait_for("swarm 'test' has failed on node b: what is placed there does nothing")) << all_logs();
}

TEST_F(ClusterTest, ItsMetricsFollowNewCertificates) {
  plan(1, one_bee, {{{.replicas = 1}, {.on_each = true}}});
  start(1);
  auto certificates = node(1).cluster().metrics().certificates;
  ASSERT_EQ(certificates.size(), 2u);
  EXPECT_EQ(certificates[0].certificate, "node");
  EXPECT_EQ(certificates[0].serial, "61");
  EXPECT_EQ(certificates[1].certificate, "authority");
  const auto renewed = loop_.authority.issue({.names = "URI:skep://demo/node/a", .to = 48h, .serial = 0x42});
  const auto now = certificate_now();
  node(1).cluster().use(TlsContext::make({loop_.authority.pem(), renewed.certificate, renewed.key}, now).value());
  certificates = node(1).cluster().metrics().certificates;
  ASSERT_EQ(certificates.size(), 2u);
  EXPECT_EQ(certificates[0].serial, "42");
  EXPECT_NEAR(certificates[0].expiry_seconds, static_cast<double>((now + 48h).time_since_epoch().count()), 60);
}

TEST_F(ClusterTest, AChainCrossesTheLinkThereAndBack) {
  plan(2, two_bees, {{{.labels = {"b"}}, {.labels = {"a"}}, {.labels = {"a"}, .on_each = true}}});
  start_all();
  expect_served(1, 100);
}

TEST_F(ClusterTest, TheFirstAnswerFindsItsGateway) {
  plan(2, two_bees, {{{.labels = {"a"}}, {.labels = {"b"}}, {.on_each = true}}});
  start_all();
  expect_served(1, 1);
}

TEST_F(ClusterTest, WhatALostNodeRanGoesElsewhere) {
  plan(3, two_bees, {{{.labels = {}}, {.labels = {}}, {.on_each = true}}});
  start_all();
  for (NodeNumber number = 1; number <= 3; ++number) expect_served(number, 10);
  stop(2);
  expect_served(1, 20);
  expect_served(3, 20);
  start(2);
  expect_served(2, 20);
  stop(1);
  expect_served(2, 20);
  expect_served(3, 20);
}

}  // namespace cluster_test
}  // namespace skep
