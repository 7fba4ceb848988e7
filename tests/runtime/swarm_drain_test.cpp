// What a drain that has too little time says of each record.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <thread>

#include "runtime/harness_bees.hpp"
#include "skep/runtime/node.hpp"
#include "skep/testing/swarm_harness.hpp"
#include "support/line_client.hpp"

namespace skep::testing {
namespace swarm_drain_test {

using ::testing::SizeIs;
using namespace std::chrono_literals;

std::uint64_t left(const SwarmTotals& totals) {
  return std::accumulate(totals.left.begin(), totals.left.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const SwarmTotals::Left& each) { return sum + each.records; });
}

/// Records from a client through busy bees to clients that are not there.
std::string one_way(const std::string& delivery, int replicas) {
  return "name = \"chain\"\nplugins = [\"test_bees\"]\ndelivery = \"" + delivery +
         "\"\n[gateways.front]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\n"
         "[bees.first]\nclass = \"test.echo\"\nfrom = \"front\"\nreplicas = " +
         std::to_string(replicas) +
         "\n[bees.last]\nclass = \"test.slow\"\nfrom = \"first\"\noptions = { delay = \"20us\" }\n"
         "[gateways.out]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\nfrom = \"last\"\ndrain_time_max = \"10ms\"\n";
}

struct Drained {
  std::uint64_t requests = 0, gone = 0, left = 0;
};

/// On threads and sockets of its own.
Drained drained(const std::string& toml, std::uint64_t after, std::chrono::milliseconds time_max) {
  const std::string file = ::testing::TempDir() + "skep-drain-" + std::to_string(::getpid()) + ".toml";
  std::ofstream(file) << toml;
  NodeConfig config;
  config.plugins = {SKEP_TEST_PLUGIN_DIRECTORY};
  config.threads = 2;
  Log log(Log::Options{.format = LogFormat::text, .level = LogLevel::error, .stream = stderr});
  Node node(config, log);
  const auto started = node.start(file, [](const std::string&) { return std::nullopt; });
  std::filesystem::remove(file);
  if (started.swarm == nullptr) throw std::runtime_error("not started: " + started.failure);
  auto& swarm = *started.swarm;
  LineClient client(swarm.totals().gateways.at(0).address);
  std::string lines;
  for (int line = 0; line < 4000; ++line) lines += "1\n";
  client.send(lines);
  while (swarm.metrics().gateways.at(0).counters.requests < after) std::this_thread::yield();
  static_cast<void>(swarm.drain(time_max));
  const auto totals = swarm.totals();
  const auto& out = totals.gateways.at(1).counters;
  return {totals.gateways.at(0).counters.requests, out.sent + out.lost, left(totals)};
}

TEST(SwarmDrainTest, EachOneWayRecordIsSentLostOrLeft) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto upto = [&random](int last) { return static_cast<int>(random() % static_cast<unsigned>(last)) + 1; };
  bool any_left = false;
  for (int round = 0; round < 16; ++round) {
    const auto delivery = round % 2 == 0 ? "at_most_once" : "at_least_once";
    const auto counts = drained(one_way(delivery, upto(3)), static_cast<std::uint64_t>(upto(1000)),
                                std::chrono::milliseconds(upto(50)));
    EXPECT_EQ(counts.requests, counts.gone + counts.left) << delivery << ", round " << round;
    any_left |= counts.left > 0;
  }
  EXPECT_TRUE(any_left) << "else nothing is shown";
}

SwarmHarness* swarm_at_work = nullptr;

/// Takes a second for each record.
class Busy final : public Bee {
 public:
  static void describe(BeeClass<Busy>& c) { c.summary("Takes its time."); }
  void on_record(Record, Outbox&) override { swarm_at_work->spend(1s); }
};

TEST(SwarmDrainTest, RecordsThatABeeHoldsWhenItsTimeIsOverAreLeft) {
  BeeRegistry bees;
  bees.add<Busy>("test.busy");
  bees.add<Keeper>("test.keeper");
  SwarmHarness swarm(
      "name = \"kept\"\n[gateways.door]\ntype = \"tcp\"\nlisten = \"127.0.0.1:1\"\n"
      "[bees.keeper]\nclass = \"test.keeper\"\nfrom = \"door\"\n"
      "[bees.busy]\nclass = \"test.busy\"\nfrom = \"door\"\nbatch = { size_max = 9, delay_max = \"1m\" }\n",
      std::move(bees));
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  swarm_at_work = &swarm;
  swarm.gateway("door").connect().send_together({"1", "2", "3"});
  ASSERT_FALSE(swarm.drain(1s).ok());
  const auto totals = swarm.totals();
  ASSERT_THAT(totals.left, SizeIs(1));
  EXPECT_EQ(totals.left.at(0).part, "bee 'keeper'");
  EXPECT_EQ(totals.left.at(0).records, 3u);
}

}  // namespace swarm_drain_test
}  // namespace skep::testing
