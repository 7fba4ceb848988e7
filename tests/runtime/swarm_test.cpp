#include "skep/runtime/swarm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "skep/gateways/io_threads.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/runtime/node.hpp"
#include "support/line_client.hpp"

namespace skep {
namespace swarm_test {

using skep::testing::LineClient;
using ::testing::HasSubstr;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

const std::string header = "name = \"test\"\nplugins = [\"test_bees\"]\n";
const std::string front = "[gateways.front]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\nanswers = \"last\"\n";
const std::string echo = "[bees.last]\nclass = \"test.echo\"\nfrom = \"front\"\n";

/// Swarms on a node of their own; the log in memory.
class SwarmTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "skep-swarm-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    NodeConfig config;
    config.plugins = {SKEP_TEST_PLUGIN_DIRECTORY};
    config.threads = 2;
    log_ = std::make_unique<Log>(Log::Options{.format = LogFormat::json, .level = LogLevel::info, .stream = stream_});
    node_ = std::make_unique<Node>(config, *log_);
  }
  void TearDown() override {
    end();
    std::fclose(stream_);
    fs::remove_all(folder_);
  }

  void end() {
    node_.reset();
    log_.reset();
  }

  Node::Started start(const std::string& text) {
    const auto path = folder_ + "/test.toml";
    std::ofstream(path) << text;
    return node_->start(path, [](const std::string&) { return std::nullopt; });
  }

  /// The swarm, started; its mistakes fail the test.
  Swarm& started(const std::string& text) {
    const auto result = start(text);
    for (const auto& problem : result.problems) ADD_FAILURE() << problem.to_string();
    if (result.swarm == nullptr) throw std::runtime_error("not started: " + result.failure);
    return *result.swarm;
  }

  static std::string address_of(const Swarm& swarm) { return swarm.totals().gateways.at(0).address; }

  std::string logged() {
    end();
    std::string text;
    std::rewind(stream_);
    for (int c = std::fgetc(stream_); c != EOF; c = std::fgetc(stream_)) text += static_cast<char>(c);
    return text;
  }

  std::string folder_;
  std::FILE* stream_ = std::tmpfile();
  std::unique_ptr<Log> log_;
  std::unique_ptr<Node> node_;
};

TEST_F(SwarmTest, TheDedicatedBeesOfANodeAreLimited) {
  const auto dedicated = [](std::uint32_t replicas) {
    return header + front + echo + "execution = \"dedicated\"\nreplicas = " + std::to_string(replicas) + "\n";
  };
  const auto many = start(dedicated(limits::dedicated_bees_max + 1));
  EXPECT_EQ(many.swarm, nullptr);
  EXPECT_EQ(many.failure,
            "swarm 'test': its 1025 dedicated bees, each with a thread of its own, make 1025 of this node; "
            "1024 are allowed (setting 'dedicated_bees_max')");
  EXPECT_NE(start(header + front + "[bees.last]\nclass = \"test.unstartable\"\nfrom = \"front\"\n" +
                  "execution = \"dedicated\"\nreplicas = 3\n")
                .failure,
            "");  // and counts no more
  EXPECT_EQ(start(dedicated(2)).failure, "");
  EXPECT_THAT(start(dedicated(limits::dedicated_bees_max - 1)).failure, ::testing::HasSubstr("make 1025 of this node"));
}

/// Waits for what another thread does, as long as a test may take.
bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST_F(SwarmTest, ANodeThatMayOpenTooFewFilesDoesNotStart) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const auto few = [&](rlim_t count) {
    const rlimit limit{count, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  };
  few(limits::node_descriptors_min - 1);
  const auto refused = start(header + front + echo).failure;
  few(limits::node_descriptors_min);
  const auto started = start(header + front + echo).failure;
  few(before.rlim_cur);
  EXPECT_THAT(refused, HasSubstr("63 files open (ulimit -n); a node needs 64"));
  EXPECT_EQ(started, "");
}

TEST_F(SwarmTest, AClientIsAnsweredThroughTheBees) {
  const auto& swarm = started(header + front + "[bees.first]\nclass = \"test.echo\"\nfrom = \"front\"\nreplicas = 3\n" +
                              "[bees.last]\nclass = \"test.echo\"\nfrom = \"first\"\n");
  LineClient client(address_of(swarm));
  client.send("{\"n\": 1}\n{\"n\": 2}\n");
  EXPECT_EQ(client.line(), "{\"n\": 1}");
  EXPECT_EQ(client.line(), "{\"n\": 2}");
}

TEST_F(SwarmTest, TheLogSaysWhereEachGatewayListens) {
  const auto address = address_of(started(header + front + echo));
  const auto text = logged();
  EXPECT_THAT(text, HasSubstr("gateway 'front' (tcp) listens on " + address));
  EXPECT_THAT(text, HasSubstr("\"address\":\"" + address + "\""));
}

TEST_F(SwarmTest, DrainingAnswersAllThatWasAdmitted) {
  auto& swarm = started(header + front + "[bees.last]\nclass = \"test.slow\"\nfrom = \"front\"\n");
  LineClient client(address_of(swarm));
  constexpr int requests = 100;
  std::string lines;
  for (int i = 0; i < requests; ++i) lines += "{\"n\": " + std::to_string(i) + "}\n";
  client.send(lines);
  EXPECT_EQ(client.line(), "{\"n\": 0}");  // what one read brought is admitted by now
  const auto admitted = swarm.totals().gateways.at(0).counters.requests;
  const auto drained = swarm.drain(10s);
  ASSERT_TRUE(drained.ok());
  const auto& counters = drained->gateways.at(0).counters;
  EXPECT_GE(counters.requests, admitted);
  EXPECT_EQ(counters.answered, counters.requests);
  EXPECT_EQ(counters.requests_open, 0u);
  for (std::uint64_t i = 1; i < counters.answered; ++i) {
    EXPECT_EQ(client.line(), "{\"n\": " + std::to_string(i) + "}");
  }
}

TEST_F(SwarmTest, DrainingSendsOutWhatBeesStillSendToAGatewayThatFeedsThem) {
  auto& swarm = started(header + "[gateways.front]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\nfrom = \"last\"\n" +
                        "[bees.last]\nclass = \"test.slow\"\nfrom = \"front\"\n");
  LineClient client(address_of(swarm));
  constexpr int requests = 100;
  std::string lines;
  for (int i = 0; i < requests; ++i) lines += "{\"n\": " + std::to_string(i) + "}\n";
  client.send(lines);
  EXPECT_EQ(client.line(), "{\"n\": 0}");
  const auto drained = swarm.drain(10s);
  ASSERT_TRUE(drained.ok());
  const auto& counters = drained->gateways.at(0).counters;
  EXPECT_EQ(counters.sent, counters.requests);
  EXPECT_EQ(counters.lost, 0u);
  for (std::uint64_t i = 1; i < counters.sent; ++i) EXPECT_EQ(client.line(), "{\"n\": " + std::to_string(i) + "}");
}

TEST_F(SwarmTest, DrainingDoesNotWaitForAClientToSendToThatHasGone) {
  auto& swarm = started(header + "[gateways.front]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\nfrom = \"last\"\n" +
                        "[bees.last]\nclass = \"test.slow\"\nfrom = \"front\"\n");
  {
    LineClient client(address_of(swarm));
    client.send("{\"n\": 1}\n{\"n\": 2}\n{\"n\": 3}\n");
    EXPECT_EQ(client.line(), "{\"n\": 1}");
  }
  const auto before = std::chrono::steady_clock::now();
  const auto drained = swarm.drain(10s);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
  if (!drained.ok()) {  // as it is not told of the end before something was to be sent
    EXPECT_THAT(drained.error().message, HasSubstr("gateway 'front' (gave up"));
    EXPECT_EQ(drained.error().message.find("'front'"), drained.error().message.rfind("'front'"));
  }
  const auto totals = swarm.totals();
  const auto& counters = totals.gateways.at(0).counters;
  EXPECT_EQ(counters.sent + counters.lost, counters.requests);
}

TEST_F(SwarmTest, DrainingWaitsForAListenerNoLongerThanItsGateway) {
  auto& swarm = started(header + "[gateways.front]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\n" +
                        "[gateways.out]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\nfrom = \"last\"\n" +
                        "drain_time_max = \"50ms\"\n[bees.last]\nclass = \"test.slow\"\nfrom = \"front\"\n");
  LineClient client(address_of(swarm));
  client.send("{\"n\": 1}\n{\"n\": 2}\n{\"n\": 3}\n");
  ASSERT_TRUE(eventually([&] { return swarm.metrics().gateways.at(0).counters.requests == 3; }));
  const auto before = std::chrono::steady_clock::now();
  const auto drained = swarm.drain(30s);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 20s);
  ASSERT_FALSE(drained.ok());
  EXPECT_THAT(drained.error().message, HasSubstr("gateway 'out' (gave up 3)"));
}

TEST_F(SwarmTest, DrainingTakesNoMoreConnections) {
  auto& swarm = started(header + front + echo);
  const auto address = address_of(swarm);
  ASSERT_TRUE(swarm.drain(5s).ok());
  EXPECT_FALSE(LineClient(address).connected());
}

TEST_F(SwarmTest, TheFirstAnswerOfASlowBeeDoesNotWaitForWhatCameWithIt) {
  auto& swarm =
      started(header + front + "[bees.last]\nclass = \"test.slow\"\nfrom = \"front\"\noptions = { delay = \"1s\" }\n");
  LineClient client(address_of(swarm));
  client.send("{\"n\": 1}\n{\"n\": 2}\n{\"n\": 3}\n");
  EXPECT_EQ(client.line(), "{\"n\": 1}");
  const auto first = std::chrono::steady_clock::now();
  EXPECT_EQ(client.line(), "{\"n\": 2}");
  EXPECT_GT(std::chrono::steady_clock::now() - first, 100ms) << "else they came together";
}

TEST_F(SwarmTest, WhatDidNotDrainInTimeIsNamedAndEndedAllTheSame) {
  auto& swarm = started(header + front +
                        "[bees.last]\nclass = \"test.slow\"\nfrom = \"front\"\noptions = { delay = \"400ms\" }\n");
  LineClient client(address_of(swarm));
  client.send("{\"n\": 1}\n");
  ASSERT_TRUE(eventually([&] { return swarm.metrics().gateways.at(0).counters.requests == 1; }));
  const auto drained = swarm.drain(50ms);
  ASSERT_FALSE(drained.ok());
  EXPECT_EQ(drained.error().code, errc::timed_out);
  EXPECT_THAT(drained.error().message, HasSubstr("gateway 'front'"));
  EXPECT_THAT(drained.error().message, HasSubstr("50ms"));
  EXPECT_TRUE(swarm.finished());
}

TEST_F(SwarmTest, ABeeThatDoesNotStartIsNamedWithItsWordsAndNothingIsLeftRunning) {
  const auto result = start(header + front + echo + "[bees.broken]\nclass = \"test.unstartable\"\nfrom = \"last\"\n");
  EXPECT_EQ(result.swarm, nullptr);
  EXPECT_THAT(result.failure, HasSubstr("bee 'broken' did not start"));
  EXPECT_THAT(result.failure, HasSubstr("no fuel"));
  EXPECT_TRUE(node_->swarms().empty());
}

/// A bee whose first throw is its last: each of a process needs a licence of its own.
std::string fails(const std::string& licence) {
  return "[bees.last]\nclass = \"test.starts_once\"\nfrom = \"front\"\noptions = { licence = \"" + licence + "\" }\n";
}
const std::string one_restart = "[supervision]\nintensity = 1\n";

TEST_F(SwarmTest, ASwarmThatFailsSaysWhyAndAnswersUnavailableWhileItsNeighbourGoesOn) {
  auto& failing = started(header + one_restart + front + fails("neighbour"));
  const auto& neighbour = started("name = \"second\"\nplugins = [\"test_bees\"]\n" + front + echo);
  LineClient client(address_of(failing)), other(address_of(neighbour));
  client.send("{\"n\": 1}\n\"throw\"\n{\"n\": 2}\n");
  EXPECT_EQ(client.line(), "{\"n\": 1}");
  EXPECT_THAT(client.line().value_or(""), HasSubstr("bee_failed"));
  EXPECT_THAT(client.line().value_or(""), HasSubstr("\"unavailable\""))
      << "what waited for the restart is answered too";
  ASSERT_TRUE(eventually([&] { return failing.failed(); }));
  EXPECT_THAT(failing.failure(), HasSubstr("the licence is used up"));
  std::string refused;  // the gateway may hear of it a little later, and admit a request until then
  ASSERT_TRUE(eventually([&] {
    client.send("{\"n\": 3}\n");
    refused = client.line().value_or("");
    return refused.find("\"safe\"") != std::string::npos;
  }));
  EXPECT_THAT(refused, HasSubstr("\"unavailable\""));
  EXPECT_THAT(refused, HasSubstr("the licence is used up"));
  LineClient later(address_of(failing));
  later.send("{\"n\": 4}\n");
  EXPECT_THAT(later.line().value_or(""), HasSubstr("\"unavailable\""));
  other.send("{\"n\": 5}\n");
  EXPECT_EQ(other.line(), "{\"n\": 5}");
  EXPECT_FALSE(neighbour.failed());
  EXPECT_TRUE(node_->any_failed());
  const auto supervision = failing.supervision();
  EXPECT_EQ(supervision.restarts, 1u);
  ASSERT_EQ(supervision.reasons.size(), 2u);
  EXPECT_EQ(supervision.reasons[0].child, "bee 'last'");
  EXPECT_TRUE(failing.drain(5s).ok());
  EXPECT_EQ(failing.supervision().reasons.size(), 2u) << "still there to be read";
  EXPECT_THAT(logged(), HasSubstr("swarm 'test' has failed: more than 1 restart within 30s"));
}

TEST_F(SwarmTest, WhatABeeThrewOnIsADeadLetterAndCanBeTriedAgain) {
  auto& swarm = started(header + front + "[bees.last]\nclass = \"test.throwing\"\nfrom = \"front\"\n");
  LineClient client(address_of(swarm));
  client.send("{\"n\": 99}\n{\"n\": 100}\n");
  EXPECT_EQ(client.line(), "{\"n\": 99}");
  EXPECT_THAT(client.line().value_or(""), HasSubstr("bee_failed"));
  const auto letters = swarm.dead_letters().list({}).letters;
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].record.text(), "{\"n\": 100}");
  EXPECT_THAT(letters[0].reason, HasSubstr("refuses 100"));
  ASSERT_TRUE(swarm.replay(letters[0].id).ok());
  ASSERT_TRUE(eventually([&] { return swarm.dead_letters().counts().added == 2; }));
  EXPECT_EQ(swarm.dead_letters().list({}).letters.at(0).attempts, 2u);
  EXPECT_EQ(swarm.replay(letters[0].id).error().code, errc::not_found);
  EXPECT_FALSE(swarm.failed());
}

TEST_F(SwarmTest, ADeadLetterStaysWhereNobodyCanTryItAgain) {
  auto& swarm = started(header + one_restart + front + fails("stays"));
  LineClient client(address_of(swarm));
  client.send("\"throw\"\n");
  EXPECT_THAT(client.line().value_or(""), HasSubstr("bee_failed"));
  ASSERT_TRUE(eventually([&] { return swarm.failed(); }));
  const auto letters = swarm.dead_letters().list({}).letters;
  ASSERT_EQ(letters.size(), 1u);
  const auto replayed = swarm.replay(letters[0].id);
  ASSERT_FALSE(replayed.ok());
  EXPECT_EQ(replayed.error().code, errc::unavailable);
  EXPECT_THAT(replayed.error().message, HasSubstr("the licence is used up"));
  EXPECT_EQ(swarm.dead_letters().counts().records, 1u);
}

TEST_F(SwarmTest, ADeadLetterStaysIfItsBeeIsDownForGood) {
  auto& swarm = started(header + front + fails("temporary") + "restart = \"temporary\"\n");
  LineClient client(address_of(swarm));
  client.send("\"throw\"\n{\"n\": 1}\n");
  EXPECT_THAT(client.line().value_or(""), HasSubstr("bee_failed"));
  EXPECT_THAT(client.line().value_or(""), HasSubstr("\"unavailable\"")) << "it is down by now";
  const auto id = swarm.dead_letters().list({}).letters.at(0).id;
  EXPECT_EQ(swarm.replay(id).error().code, errc::unavailable);
  EXPECT_EQ(swarm.dead_letters().list({}).letters.at(0).id, id);
  EXPECT_FALSE(swarm.failed());
}

TEST_F(SwarmTest, DeadLettersHaveTheLimitsOfTheFile) {
  const auto& swarm = started(header + "[dead_letters]\nrecords_max = 3\n" + front +
                              "[bees.last]\nclass = \"test.throwing\"\nfrom = \"front\"\noptions = { every = 1 }\n");
  LineClient client(address_of(swarm));
  for (int i = 0; i < 5; ++i) client.send("{\"n\": " + std::to_string(i) + "}\n");
  for (int i = 0; i < 5; ++i) EXPECT_THAT(client.line().value_or(""), HasSubstr("bee_failed"));
  EXPECT_EQ(swarm.dead_letters().counts().records, 3u);
  EXPECT_EQ(swarm.dead_letters().counts().evicted, 2u);
}

TEST_F(SwarmTest, APortInUseIsSaidByTheGatewaysName) {
  const auto address = address_of(started(header + front + echo));
  const auto taken = "[gateways.front]\ntype = \"tcp\"\nlisten = \"" + address + "\"\nanswers = \"last\"\n";
  const auto result = start("name = \"other\"\nplugins = [\"test_bees\"]\n" + taken + echo);
  EXPECT_THAT(result.failure, HasSubstr("gateway 'front' did not start"));
  EXPECT_THAT(result.failure, HasSubstr(address));
}

TEST_F(SwarmTest, ABeeThatIsNotReadyInTimeIsNamedWithTheTime) {
  Catalog catalog({SKEP_TEST_PLUGIN_DIRECTORY});
  std::ofstream(folder_ + "/slow.toml") << header + front +
                                               "[bees.last]\nclass = \"test.slow_start\"\nfrom = \"front\"\n";
  auto checked = catalog.check(folder_ + "/slow.toml", [](const std::string&) { return std::nullopt; });
  ASSERT_TRUE(checked.ok());
  caf::actor_system_config config;
  caf::actor_system system(config);
  IoThreads io(system);
  static_assert(limits::start_time_max > 20ms);  // the default would wait for it
  const auto no_log = [](LogLevel, std::string_view, std::string_view, std::span<const LogField>) {};
  const auto swarm = Swarm::start(std::move(checked.plan), {system, io, no_log}, 20ms);
  ASSERT_FALSE(swarm.ok());
  EXPECT_EQ(swarm.error().code, errc::timed_out);
  EXPECT_THAT(swarm.error().message, HasSubstr("bee 'last' did not start: not ready within 20ms"));
}

TEST_F(SwarmTest, TotalsCountWhatEachReplicaAndGatewayDid) {
  const auto& swarm = started(header + front + echo);
  LineClient client(address_of(swarm));
  client.send("{}\n{}\n{}\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.line(), "{}");
  const auto totals = swarm.totals();
  ASSERT_EQ(totals.bees.size(), 1u);
  EXPECT_EQ(totals.bees[0].name, "last");
  EXPECT_EQ(totals.bees[0].counters.received, 3u);
  EXPECT_EQ(totals.bees[0].counters.replied, 3u);
  EXPECT_EQ(totals.gateways.at(0).counters.answered, 3u);
}

TEST_F(SwarmTest, OneNodeRunsSeveralSwarmsAndEachClientGetsItsOwnAnswers) {
  const auto first = address_of(started(header + front + echo));
  const auto second = address_of(started("name = \"second\"\nplugins = [\"test_bees\"]\n" + front + echo));
  LineClient one(first), two(second);
  one.send("{\"from\": 1}\n");
  two.send("{\"from\": 2}\n");
  EXPECT_EQ(one.line(), "{\"from\": 1}");
  EXPECT_EQ(two.line(), "{\"from\": 2}");
}

TEST_F(SwarmTest, AMistakenFileStartsNothingAndHasAllItsProblems) {
  const auto result = start(header + front + "[bees.last]\nclass = \"test.ekko\"\nfrom = \"fromt\"\n");
  EXPECT_EQ(result.swarm, nullptr);
  ASSERT_GE(result.problems.size(), 2u);
  EXPECT_TRUE(node_->swarms().empty());
}

TEST_F(SwarmTest, ASwarmWithASocketDoesNotFinishByItself) {
  const auto connects = "[gateways.front]\ntype = \"tcp\"\nconnect = \"127.0.0.1:9\"\n";
  for (const auto& gateway : {front, std::string(connects)}) {
    const auto& swarm = started(header + gateway + echo);
    EXPECT_FALSE(swarm.can_finish()) << gateway;
    EXPECT_FALSE(swarm.finished()) << gateway;
    ASSERT_TRUE(node_->drain().ok());
  }
}

TEST_F(SwarmTest, ASwarmOfFilesFinishesByItself) {
  const auto& swarm = started(header + "[gateways.front]\ntype = \"file\"\npath = \"/dev/null\"\n" + echo);
  EXPECT_TRUE(swarm.can_finish());
  EXPECT_TRUE(eventually([&] { return swarm.finished(); }));
}

}  // namespace swarm_test
}  // namespace skep
