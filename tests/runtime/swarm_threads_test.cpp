// Gateways whose connections are spread over several I/O threads, in swarms as a node runs them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "skep/runtime/node.hpp"
#include "skep/runtime/swarm.hpp"
#include "support/line_client.hpp"

namespace skep {
namespace swarm_threads_test {

using skep::testing::LineClient;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::uint32_t threads = 3;  ///< of the gateway

/// By the I/O threads of its node: as many, more to each actor's, and one that all share.
class SwarmThreadsTest : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  void SetUp() override {
    NodeConfig config;
    config.plugins = {SKEP_TEST_PLUGIN_DIRECTORY};
    config.threads = 2;
    config.io_threads = GetParam();
    node_ = std::make_unique<Node>(config, log_);
  }

  /// A swarm that echoes, by a gateway on `threads` threads; `more` of its options.
  Swarm& start(const std::string& more = {}, const std::string& bees = one_bee) {
    std::string path = ::testing::TempDir() + "skep-threads-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no folder");
    std::ofstream(path + "/test.toml")
        << "name = \"test\"\nplugins = [\"test_bees\"]\n[gateways.front]\ntype = \"tcp\"\n"
        << "listen = \"127.0.0.1:0\"\nanswers = \"last\"\nthreads = " << threads << '\n'
        << more << bees;
    const auto result = node_->start(path + "/test.toml", [](const std::string&) { return std::nullopt; });
    std::filesystem::remove_all(path);
    for (const auto& problem : result.problems) ADD_FAILURE() << problem.to_string();
    if (result.swarm == nullptr) throw std::runtime_error("not started: " + result.failure);
    return *result.swarm;
  }
  static std::string address_of(const Swarm& swarm) { return swarm.totals().gateways.at(0).address; }

  static constexpr auto one_bee = "[bees.last]\nclass = \"test.echo\"\nfrom = \"front\"\n";

  std::FILE* stream_ = std::tmpfile();
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> closes_{stream_, &std::fclose};
  Log log_{{.format = LogFormat::json, .level = LogLevel::info, .stream = stream_}};
  std::unique_ptr<Node> node_;
};

using Clients = std::vector<std::unique_ptr<LineClient>>;

/// Each with its first answer, so that all have been let in.
Clients come(const std::string& address, std::size_t count) {
  Clients clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<LineClient>(address));
    clients.back()->send("0\n");
    EXPECT_EQ(clients.back()->line(), "0");
  }
  return clients;
}

TEST_P(SwarmThreadsTest, EachClientIsAnsweredInItsOrder) {
  constexpr std::size_t clients = 7;
  constexpr int requests = 200;
  auto& swarm = start({},
                      "[bees.first]\nclass = \"test.echo\"\nfrom = \"front\"\nreplicas = 3\n"
                      "[bees.last]\nclass = \"test.echo\"\nfrom = \"first\"\n");
  const auto all = come(address_of(swarm), clients);
  for (int i = 0; i < requests; ++i) {
    for (std::size_t client = 0; client < clients; ++client) {
      all[client]->send("[" + std::to_string(client) + "," + std::to_string(i) + "]\n");
    }
  }
  for (std::size_t client = 0; client < clients; ++client) {
    for (int i = 0; i < requests; ++i) {
      ASSERT_EQ(all[client]->line(), "[" + std::to_string(client) + "," + std::to_string(i) + "]");
    }
  }
  const auto drained = swarm.drain(10s);
  ASSERT_TRUE(drained.ok()) << drained.error().message;
  ASSERT_EQ(drained->gateways.size(), 1u) << "one gateway, whatever it runs on";
  const auto& counters = drained->gateways[0].counters;
  EXPECT_EQ(counters.sessions, clients);
  EXPECT_EQ(counters.requests, clients * (requests + 1));
  EXPECT_EQ(counters.answered, counters.requests);
}

TEST_P(SwarmThreadsTest, ItsMetricsAreOfAllThreads) {
  auto& swarm = start();
  const auto all = come(address_of(swarm), 5);
  const auto metrics = swarm.metrics();
  ASSERT_EQ(metrics.gateways.size(), 1u);
  EXPECT_EQ(metrics.gateways[0].counters.sessions_open, 5u);
  EXPECT_EQ(metrics.gateways[0].end_to_end.count(), 5u);
  EXPECT_EQ(metrics.edges.at(0).counters.records, 5u);
}

TEST_P(SwarmThreadsTest, TheLimitOfSessionsIsThatOfTheGateway) {
  const auto address = address_of(start("sessions_max = 5\n"));
  auto all = come(address, 5);  // 2, 2 and 1 on its threads
  LineClient sixth(address);
  EXPECT_THAT(sixth.line().value_or(""), HasSubstr("too many connections: sessions_max = 5"));
  EXPECT_EQ(sixth.line(), std::nullopt);
}

TEST_P(SwarmThreadsTest, TheLimitOfAnAddressIsForAllThreads) {
  const auto address = address_of(start("address_sessions_max = 4\n"));
  const auto all = come(address, 4);
  LineClient fifth(address);
  EXPECT_EQ(fifth.line(), std::nullopt);
}

TEST_P(SwarmThreadsTest, OpenRequestsAreLimitedOnEachThread) {
  const auto address = address_of(start(
      "requests_max = 3\n", "[bees.last]\nclass = \"test.window\"\nfrom = \"front\"\noptions.time = \"300ms\"\n"));
  Clients all;
  for (std::uint32_t i = 0; i < threads; ++i) all.push_back(std::make_unique<LineClient>(address));
  for (const auto& client : all) client->send("1\n2\n");  // the first is open for as long as the window
  for (const auto& client : all) {
    EXPECT_EQ(client->line(), "1");
    EXPECT_THAT(client->line().value_or(""), HasSubstr("requests_max = 1 on each of 3 threads"));
  }
}

TEST_P(SwarmThreadsTest, WhatBeesSendGoesOutByOneThread) {
  const auto path = ::testing::TempDir() + "skep-threads-out.toml";
  std::ofstream(path) << "name = \"test\"\nplugins = [\"test_bees\"]\n[gateways.front]\ntype = \"tcp\"\n"
                         "listen = \"127.0.0.1:0\"\nfrom = \"last\"\nthreads = 2\n"
                         "[bees.last]\nclass = \"test.echo\"\nfrom = \"front\"\n";
  const auto result = node_->start(path, [](const std::string&) { return std::nullopt; });
  std::filesystem::remove(path);
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_EQ(result.problems[0].position, (SourcePosition{7, 11}));
  EXPECT_THAT(result.problems[0].message, HasSubstr("sends what bees say to all its clients, which one thread does"));
}

INSTANTIATE_TEST_SUITE_P(Threads, SwarmThreadsTest, ::testing::Values(1u, 2u, 3u),
                         [](const auto& param) { return "OnANodeWith" + std::to_string(param.param); });

}  // namespace swarm_threads_test
}  // namespace skep
