#include "cluster/digests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "gateway_addresses.hpp"
#include "skep/actors/sha256.hpp"

namespace skep {
namespace digests_test {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const std::string swarm = R"(name = "digits"
plugins = ["copy"]
[gateways.door]
type = "tcp"
listen = "${LISTEN:-127.0.0.1:8080}"
answers = "model"
[gateways.lines]
type = "file"
path = "${LINES:-in.jsonl}"
[bees.model]
class = "skep.model"
from = ["door", "lines"]
replicas = 2
[bees.model.options]
model = "${MODEL:-weights.pt}"
inputs = [{ name = "x", dtype = "f32", shape = [2] }]
)";

/// A folder with a swarm, its model and its plug-in.
class DigestsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "skep-digests-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    write("swarm.toml", swarm);
    write("weights.pt", "weights");
    fs::copy_file(SKEP_TEST_PLUGIN_DIRECTORY "/test_bees.so", folder_ + "/copy.so");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ + "/" + name) << text; }

  /// Of the swarm in a folder, as a new process has it.
  Result<SwarmDigest> digest_in(const std::string& folder) {
    Catalog catalog({folder}, Plugins::describe);
    const auto checked = catalog.check(folder + "/swarm.toml", [&](const std::string& name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::nullopt : std::optional(found->second);
    });
    for (const auto& problem : checked.problems) {
      if (problem.severity == Problem::Severity::error) ADD_FAILURE() << problem.to_string();
    }
    return swarm_digest(checked.spec, catalog);
  }
  SwarmDigest digest() {
    const auto made = digest_in(folder_);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : SwarmDigest{};
  }
  /// With `from` replaced in the swarm file.
  SwarmDigest with(const std::string& from, const std::string& to) {
    auto text = swarm;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    write("swarm.toml", text.replace(at, from.size(), to));
    const auto made = digest();
    write("swarm.toml", swarm);
    return made;
  }

  std::string folder_;
  std::map<std::string, std::string> environment_;
};

TEST_F(DigestsTest, ACopyElsewhereHasTheSame) {
  const auto other = folder_ + "-elsewhere";
  fs::copy(folder_, other);
  const auto copied = digest_in(other);
  fs::remove_all(other);
  ASSERT_TRUE(copied);
  EXPECT_EQ(*copied, digest());
}

TEST_F(DigestsTest, HowAFileIsWrittenDoesNotCount) {
  EXPECT_EQ(with("replicas = 2", "# two\nreplicas   = 2"), digest());
  EXPECT_EQ(with("replicas = 2", "replicas = 2\nrestart = \"permanent\""), digest()) << "as it is by default";
  EXPECT_EQ(with("${LISTEN:-127.0.0.1:8080}", "127.0.0.1:8080"), digest());
}

TEST_F(DigestsTest, EveryValueCounts) {
  std::set<SwarmDigest> digests{digest()};
  const std::vector<std::pair<std::string, std::string>> changes{
      {"name = \"digits\"", "name = \"digit\""},
      {"replicas = 2", "replicas = 3"},
      {"replicas = 2", "replicas = 2\nnodes = [\"gpu\"]"},
      {"answers = \"model\"", "answers = \"model\"\nnodes = [\"gpu\"]"},
      {"127.0.0.1:8080", "127.0.0.1:8081"},
      {"shape = [2]", "shape = [3]"},
      {"dtype = \"f32\"", "dtype = \"f64\""},
      {"[bees.model]", "[supervision]\nstrategy = \"one_for_all\"\n[bees.model]"},
      {"name = \"digits\"", "name = \"digits\"\ndelivery = \"at_least_once\""},
  };
  for (const auto& [from, to] : changes) EXPECT_TRUE(digests.insert(with(from, to)).second) << to;
  EXPECT_EQ(with("replicas = 2", "replicas = 3").models, digest().models);
  environment_["LISTEN"] = "127.0.0.1:8083";
  EXPECT_TRUE(digests.insert(digest()).second);
}

TEST_F(DigestsTest, ContentsOfModelsCountAndTheirPathsDoNot) {
  const auto before = digest();
  fs::copy_file(folder_ + "/weights.pt", folder_ + "/same.pt");
  environment_["MODEL"] = "same.pt";
  EXPECT_EQ(digest(), before);
  environment_["MODEL"] = folder_ + "/same.pt";
  EXPECT_EQ(digest(), before);
  write("same.pt", "weighty");
  EXPECT_NE(digest().models, before.models);
  EXPECT_EQ(digest().file, before.file);
}

TEST_F(DigestsTest, PathsOfAMachineDoNotCount) {
  const auto before = digest();
  environment_["LINES"] = "/var/spool/other.jsonl";
  EXPECT_EQ(digest(), before);
}

TEST_F(DigestsTest, ContentsOfPlugInsCount) {
  const auto before = digest();
  std::ofstream(folder_ + "/copy.so", std::ios::app) << "x";
  EXPECT_NE(digest().plugins, before.plugins);
  EXPECT_EQ(digest().file, before.file);
  EXPECT_EQ(digest().models, before.models);
}

TEST_F(DigestsTest, WhereTheNodeFileLetsAGatewayListenDoesNotCount) {
  Catalog catalog({folder_}, Plugins::describe);
  const auto all = [&](const std::string& node) {
    const auto config = parse_node_config(node, "node.toml", {}, {}).config;
    return catalog.check_all(
        {folder_ + "/swarm.toml"}, [](const std::string&) { return std::nullopt; }, config);
  };
  const auto moved = all("[gateways.\"digits.door\"]\nlisten = \"127.0.0.1:8082\"\n");
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].plan.gateways[0].configured.listen->port, 8082);
  EXPECT_EQ(swarm_digest(moved[0].spec, catalog).value(), digest());
}

TEST_F(DigestsTest, AModelThatCannotBeReadIsAnError) {
  environment_["MODEL"] = "nowhere.pt";
  const auto missing = digest_in(folder_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, errc::not_found);
  EXPECT_THAT(missing.error().message, HasSubstr("nowhere.pt' cannot be read: No such file"));
  environment_["MODEL"] = ".";
  EXPECT_EQ(digest_in(folder_).error().code, errc::io);
}

TEST_F(DigestsTest, APlugInThatIsNotLoadedIsAnError) {
  const Catalog nothing({folder_}, Plugins::describe);
  const auto file = parse_swarm(swarm, folder_ + "/swarm.toml", [](const std::string&) { return std::nullopt; });
  const auto made = swarm_digest(file.spec, nothing);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "plug-in 'copy' is not loaded");
}

TEST(NodesDigestTest, SaysWhetherTwoListsAreOne) {
  const std::vector<ClusterNode> nodes{{.name = "a", .address = "h:1", .labels = {"gpu", "big"}, .capacity = 2},
                                       {.name = "b", .address = "i:1"}};
  EXPECT_EQ(nodes_digest(nodes), nodes_digest(std::vector(nodes)));
  std::set<Digest> digests{nodes_digest(nodes), nodes_digest({})};
  const auto changed = [&](auto change) {
    auto other = nodes;
    change(other);
    return digests.insert(nodes_digest(other)).second;
  };
  EXPECT_TRUE(changed([](auto& list) { std::swap(list[0], list[1]); })) << "a node's number is its place";
  EXPECT_TRUE(changed([](auto& list) { list.pop_back(); }));
  EXPECT_TRUE(changed([](auto& list) { list[1].name = "c"; }));
  EXPECT_TRUE(changed([](auto& list) { list[1].address = "i:2"; }));
  EXPECT_TRUE(changed([](auto& list) { list[1].capacity = 2; }));
  EXPECT_TRUE(changed([](auto& list) { list[0].labels.pop_back(); }));
  EXPECT_TRUE(changed([](auto& list) { list[0].labels = {"gpubig"}; }));
  EXPECT_TRUE(changed([](auto& list) { list[0].name = "ah", list[0].address = ":1"; })) << "parts do not run together";
}

TEST(NodesDigestTest, IsWrittenDown) {
  Sha256 sum;
  const std::string bytes("\x0c\0\0\0\0\0\0\0skep nodes 1\0\0\0\0\0\0\0\0", 28);
  sum.add(std::as_bytes(std::span(bytes)));
  EXPECT_EQ(nodes_digest({}), sum.bytes()) << "nodes of one version and the next compare it";
}

}  // namespace digests_test
}  // namespace skep
