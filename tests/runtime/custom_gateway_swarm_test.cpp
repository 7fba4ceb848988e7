// Users' gateways in plug-ins, swarm files and swarms.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "skep/actors/plugin.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/runtime/node.hpp"
#include "skep/runtime/plugin_loader.hpp"
#include "skep/runtime/plugin_manifest.hpp"
#include "skep/testing/swarm_harness.hpp"

namespace skep {
namespace custom_gateway_swarm_test {

using namespace std::chrono_literals;
using skep::testing::SwarmHarness;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

const std::string directory = SKEP_TEST_PLUGIN_DIRECTORY;
const std::string header = "name = \"test\"\nplugins = [\"test_bees\", \"test_gateways\"]\n";
const std::string echo = "[bees.echo]\nclass = \"test.echo\"\nfrom = \"in\"\n";

/// "line:column: message (suggestion)" of each mistake.
std::vector<std::string> mistakes(const std::string& text, Plugins plugins) {
  Catalog catalog({directory}, plugins);
  std::vector<std::string> all;
  for (const auto& problem : catalog.check(parse_swarm(header + text, "t.toml", {})).problems) {
    if (problem.severity != Problem::Severity::error) continue;
    all.push_back(std::to_string(problem.position.line) + ":" + std::to_string(problem.position.column) + ": " +
                  problem.message + " (" + problem.suggestion + ")");
  }
  return all;
}

TEST(CustomGatewaySwarmTest, LintFindsTheSameWithAndWithoutTheirCode) {
  const std::string in = "[gateways.in]\ntype = \"gates.counter\"\n";
  for (const auto plugins : {Plugins::load, Plugins::describe}) {
    EXPECT_THAT(mistakes(in + "answers = \"echo\"\ncount = 3\ndeadline = \"1s\"\n" + echo, plugins), IsEmpty());
    EXPECT_THAT(mistakes(in + "cuont = 3\n" + echo, plugins),
                ElementsAre(AllOf(HasSubstr("5:1: "), HasSubstr("did you mean 'count'?"))));
    EXPECT_THAT(mistakes(in + "answer = \"echo\"\n" + echo, plugins),
                ElementsAre(AllOf(HasSubstr("5:1: "), HasSubstr("did you mean 'answers'?"))));
    EXPECT_THAT(mistakes(in + "count = 1001\n" + echo, plugins), ElementsAre(HasSubstr("maximum 1000")));
    EXPECT_THAT(mistakes("[gateways.in]\ntype = \"gates.cuonter\"\n" + echo, plugins),
                ElementsAre(HasSubstr("did you mean 'gates.counter'?")));
    EXPECT_THAT(mistakes("[gateways.in]\ntype = \"other.udp\"\n" + echo, plugins),
                ElementsAre(HasSubstr("is its plug-in in `plugins`?")));
    EXPECT_THAT(mistakes(in + "[gateways.two]\ntype = \"gates.counter\"\n" + echo +
                             "[bees.b]\nclass = \"test.echo\"\nfrom = \"two\"\n",
                         plugins),
                ElementsAre(HasSubstr("listens on 127.0.0.1:7 already")));
    EXPECT_THAT(mistakes(in + "[gateways.two]\ntype = \"tcp\"\nlisten = \"127.0.0.1:7\"\n" + echo +
                             "[bees.b]\nclass = \"test.echo\"\nfrom = \"two\"\n",
                         plugins),
                IsEmpty())
        << "UDP and TCP";
  }
}

TEST(CustomGatewaySwarmTest, RecordsGoOnlyTheWaysThatAClassHas) {
  for (const auto plugins : {Plugins::load, Plugins::describe}) {
    EXPECT_THAT(mistakes("[gateways.in]\ntype = \"gates.in\"\nanswers = \"echo\"\n" + echo, plugins),
                ElementsAre(AllOf(HasSubstr("5:11: "), HasSubstr("has no way back for answers"))));
    EXPECT_THAT(mistakes("[gateways.in]\ntype = \"gates.in\"\nfrom = \"echo\"\n" + echo, plugins),
                ElementsAre(AllOf(HasSubstr("5:8: "), HasSubstr("sends nothing out"))));
    EXPECT_THAT(mistakes("[gateways.in]\ntype = \"gates.out\"\n" + echo, plugins),
                ElementsAre(AllOf(HasSubstr("7:8: "), HasSubstr("only sends records out"))));
  }
}

TEST(CustomGatewaySwarmTest, AMissingPluginIsOneMistake) {
  Catalog catalog({directory});
  const auto checked = catalog.check(
      parse_swarm("name = \"t\"\nplugins = [\"absent\", \"test_bees\"]\n[gateways.in]\ntype = \"absent.udp\"\n" + echo,
                  "t.toml", {}));
  ASSERT_EQ(checked.problems.size(), 1u);
  EXPECT_THAT(checked.problems[0].message, HasSubstr("absent"));
}

TEST(CustomGatewaySwarmTest, AManifestTellsOfThem) {
  GatewayRegistry loaded, described;
  BeeRegistry bees;
  PluginLoader loader({directory}, &loaded);
  ASSERT_TRUE(loader.load_bees("test_gateways", bees).ok()) << "it has no bees";
  ASSERT_TRUE(PluginLoader({directory}, &described).describe_bees("test_gateways", bees).ok());
  EXPECT_THAT(loaded.types(), ElementsAre("gates.counter", "gates.in", "gates.out"));
  ASSERT_EQ(described.types(), loaded.types());
  for (const auto& type : loaded.types()) {
    JsonWriter ours, theirs;
    write_json(ours, loaded.find(type)->description);
    write_json(theirs, described.find(type)->description);
    EXPECT_EQ(theirs.take(), ours.take());
  }
  EXPECT_TRUE(loaded.find("gates.in")->configure({}, {}).spawn);
  EXPECT_FALSE(described.find("gates.in")->configure({}, {}).spawn) << "there is no code of it here";
  const auto again = PluginLoader({directory}, &loaded).load_bees("test_gateways", bees);
  EXPECT_THAT(again.error().message, HasSubstr("gateway class 'gates.counter' is already registered"));
}

TEST(CustomGatewaySwarmTest, TheirManifestIsReadAsItWasWrittenAndLimited) {
  GatewayDescription gateway{.type = "a.b", .summary = "s", .options = {{.name = "o", .type = "string"}}};
  gateway.directions = {true, false, true};
  gateway.listen = "o";
  gateway.protocol = ListenProtocol::udp;
  gateway.content = ContentKind::json;
  PluginManifest manifest{plugin_abi_stamp(), {}, {gateway}};
  const auto text = to_json(manifest);
  const auto read = parse_manifest(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(to_json(*read), text);
  EXPECT_EQ(read->gateways[0].protocol, ListenProtocol::udp);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_manifest(text.substr(0, size)).ok()) << size;
  }
  for (const std::string key : {"in", "out", "answers", "content", "protocol", "type", "summary"}) {
    auto broken = text;
    broken.replace(broken.find("\"" + key + "\":"), key.size() + 2, "\"" + std::string(key.size(), 'z') + "\"");
    EXPECT_FALSE(parse_manifest(broken).ok()) << key;
  }
  manifest.gateways.assign(limits::plugin_gateways_max, gateway);
  EXPECT_TRUE(parse_manifest(to_json(manifest)).ok());
  manifest.gateways.push_back(gateway);
  EXPECT_THAT(parse_manifest(to_json(manifest)).error().message, HasSubstr("plugin_gateways_max"));
}

TEST(CustomGatewaySwarmTest, InAHarnessItHasClientsInMemory) {
  SwarmHarness swarm(header + "[gateways.in]\ntype = \"gates.counter\"\nanswers = \"echo\"\n" + echo,
                     {.plugins = {directory}});
  ASSERT_TRUE(swarm.started()) << swarm.problems();
  EXPECT_EQ(swarm.gateway("in").request("not JSON").text(), "not JSON");
  const auto totals = swarm.drain();
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(totals->gateways[0].counters.answered, 1u);
}

/// A node with its log in a file.
class CustomGatewayNodeTest : public ::testing::Test {
 protected:
  ~CustomGatewayNodeTest() override {
    node_.reset();
    log_.reset();
    std::fclose(stream_);
    fs::remove_all(folder_);
  }
  Swarm* start(const std::string& text) {
    const auto path = folder_ + "/test.toml";
    std::ofstream(path) << header + text;
    const auto started = node_->start(path, [](const std::string&) { return std::nullopt; });
    for (const auto& problem : started.problems) ADD_FAILURE() << problem.to_string();
    return started.swarm;
  }
  void eventually(const std::function<bool()>& seen) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!seen()) {
      ASSERT_LT(std::chrono::steady_clock::now(), until);
      std::this_thread::yield();
    }
  }
  std::string logged() {
    std::rewind(stream_);
    std::string text(1u << 20, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), stream_));
    return text;
  }
  static NodeConfig config() {
    NodeConfig config;
    config.plugins = {directory};
    config.threads = 2;
    return config;
  }
  static std::string make_folder() {
    std::string name = ::testing::TempDir() + "skep-gateway-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    return name;
  }

  std::string folder_ = make_folder();
  std::FILE* stream_ = std::tmpfile();
  std::unique_ptr<Log> log_ =
      std::make_unique<Log>(Log::Options{.format = LogFormat::json, .level = LogLevel::info, .stream = stream_});
  std::unique_ptr<Node> node_ = std::make_unique<Node>(config(), *log_);
};

TEST_F(CustomGatewayNodeTest, AThrowRestartsItAloneAndTheSwarmGoesOn) {
  auto* swarm = start(
      "[gateways.in]\ntype = \"gates.counter\"\nanswers = \"echo\"\ncount = 20\nthrows_at = 5\n"
      "licence = \"once\"\n" +
      echo);
  ASSERT_NE(swarm, nullptr);
  eventually([&] { return swarm->metrics().gateways[0].counters.answered >= 24; });
  const auto metrics = swarm->metrics();
  EXPECT_FALSE(swarm->failed());
  EXPECT_EQ(metrics.gateways[0].restarts, 1u);
  EXPECT_EQ(metrics.bees[0].restarts, 0u);
  const auto& counters = metrics.gateways[0].counters;
  EXPECT_EQ(counters.requests, 25u) << "5 of the first object, 20 of the second";
  EXPECT_EQ(counters.answered, 24u);
  EXPECT_EQ(counters.lost, 1u) << "the answer that it threw on";
  EXPECT_EQ(counters.requests_open, 0u);
  EXPECT_TRUE(node_->drain().ok());
  node_.reset();
  log_.reset();
  const auto text = logged();
  EXPECT_THAT(text, HasSubstr("on_answer threw: as it should"));
  EXPECT_THAT(text, HasSubstr("counted to 20"));
}

}  // namespace custom_gateway_swarm_test
}  // namespace skep
