// `[cluster]` and `[gateways]` of a node file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "placement/membership.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/runtime/node_config.hpp"

namespace skep {
namespace cluster_config_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

NodeConfigResult read(const std::string& file) {
  return parse_node_config(file, "etc/node.toml", {}, {});
}

std::vector<std::string> problems(const std::string& file) {
  std::vector<std::string> texts;
  for (const auto& problem : read(file).problems) texts.push_back(problem.to_string());
  return texts;
}

/// A cluster with these nodes, and further keys.
std::string cluster(const std::string& nodes, const std::string& more = "") {
  return "[cluster]\nname = \"demo\"\ncertificate = \"a.pem\"\nnodes = " + nodes + "\n" + more;
}

const std::string two = R"([{ name = "a", address = "h:7400" }, { name = "b", address = "i:7400" }])";

/// `count` nodes, each with `more` keys.
std::string many(std::size_t count, const std::string& more = "") {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = std::to_string(i + 1);
    list += "{ name = \"n" + number + "\", address = \"h" + number + ":7400\"" + more + " }, ";
  }
  return list + "]";
}

/// A list of `count` labels.
std::string labels(std::size_t count) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += "\"l" + std::to_string(i) + "\", ";
  return list + "]";
}

TEST(ClusterConfigTest, WithoutItANodeIsAlone) {
  const auto result = read("name = \"x\"\n");
  EXPECT_TRUE(result.ok());
  EXPECT_FALSE(result.config.cluster.has_value());
  EXPECT_THAT(result.config.gateways, IsEmpty());
  EXPECT_EQ(result.config.file, "etc/node.toml");
}

TEST(ClusterConfigTest, ReadsEveryKey) {
  const auto file = R"(swarms = ["digits.toml"]
[cluster]
name = "demo"
nodes = [
  { name = "a", address = "10.0.0.7:7400", labels = ["gpu", "big"], capacity = 2 },
  { name = "worker-1.b", address = "[fd00::8]:7400" },
]
listen = "0.0.0.0:7400"
certificate = "pki/a.pem"
key = "/keys/a.key"
authorities = "trust.pem"
deny_list = "pki/denied.txt"
[gateways."digits.browser"]
listen = "127.0.0.1:8082"
)";
  ASSERT_THAT(problems(file), IsEmpty());
  const auto config = read(file).config;
  ASSERT_TRUE(config.cluster.has_value());
  EXPECT_EQ(config.cluster->name, "demo");
  ASSERT_EQ(config.cluster->nodes.size(), 2u);
  EXPECT_EQ(config.cluster->nodes[0].name, "a");
  EXPECT_EQ(config.cluster->nodes[0].address, "10.0.0.7:7400");
  EXPECT_THAT(config.cluster->nodes[0].labels, ElementsAre("gpu", "big"));
  EXPECT_EQ(config.cluster->nodes[0].capacity, 2u);
  EXPECT_EQ(config.cluster->nodes[1].name, "worker-1.b");
  EXPECT_THAT(config.cluster->nodes[1].labels, IsEmpty());
  EXPECT_EQ(config.cluster->nodes[1].capacity, 1u);
  EXPECT_EQ(config.cluster->listen, "0.0.0.0:7400");
  EXPECT_EQ(config.cluster->certificate, "etc/pki/a.pem");
  EXPECT_EQ(config.cluster->key, "/keys/a.key");
  EXPECT_EQ(config.cluster->authorities, "etc/trust.pem");
  EXPECT_EQ(config.cluster->deny_list, "etc/pki/denied.txt");
  ASSERT_EQ(config.gateways.size(), 1u);
  EXPECT_EQ(config.gateways[0].swarm, "digits");
  EXPECT_EQ(config.gateways[0].gateway, "browser");
  EXPECT_EQ(config.gateways[0].listen, "127.0.0.1:8082");
  EXPECT_EQ(config.gateways[0].position, (SourcePosition{13, 11}));
  EXPECT_EQ(config.gateways[0].listen_position, (SourcePosition{14, 10}));
}

TEST(ClusterConfigTest, TheOtherFilesAreWherePkiIssueLeavesThem) {
  const auto config = read("[cluster]\nname = \"demo\"\ncertificate = \"pki/a.pem\"\nnodes = " + two + "\n").config;
  EXPECT_EQ(config.cluster->key, "etc/pki/a.key");
  EXPECT_EQ(config.cluster->authorities, "etc/pki/ca.pem");
  EXPECT_EQ(config.cluster->deny_list, "");
  EXPECT_EQ(config.cluster->listen, "") << "where the others reach it";
}

TEST(ClusterConfigTest, UnknownKeysNameTheNearest) {
  EXPECT_THAT(problems("[cluser]\nname = \"demo\"\n"),
              ElementsAre("etc/node.toml:1:2: error: unknown key 'cluser' (did you mean 'cluster'?)"));
  EXPECT_THAT(problems("[gateway.\"a.b\"]\nlisten = \"127.0.0.1:1\"\n"),
              ElementsAre("etc/node.toml:1:2: error: unknown key 'gateway' (did you mean 'gateways'?)"));
  EXPECT_THAT(problems(cluster(two, "denylist = \"x\"\n")),
              ElementsAre("etc/node.toml:5:1: error: unknown key 'denylist' in 'cluster' (did you mean 'deny_list'?)"));
  EXPECT_THAT(problems(cluster(R"([{ name = "a", address = "h:1", label = ["x"] }])")),
              ElementsAre("etc/node.toml:4:41: error: unknown key 'label' in a node (did you mean 'labels'?)"));
}

TEST(ClusterConfigTest, WhatHasToBeSaidIsMissed) {
  EXPECT_THAT(problems("[cluster]\n"),
              ElementsAre(HasSubstr("1:1: error: 'cluster' has no 'name'"), HasSubstr("'cluster' has no 'nodes'"),
                          HasSubstr("'cluster' has no 'certificate'")));
  EXPECT_THAT(problems(cluster("[{}]")),
              ElementsAre(HasSubstr("4:10: error: a node has no 'name'"), HasSubstr("a node has no 'address'")));
}

TEST(ClusterConfigTest, TypesAreChecked) {
  EXPECT_THAT(problems("cluster = \"demo\"\n"),
              ElementsAre("etc/node.toml:1:11: error: expected 'cluster' to be a table, got a string"));
  EXPECT_THAT(problems(cluster("\"a\"")),
              ElementsAre(HasSubstr("4:9: error: expected 'nodes' to be a list of tables")));
  EXPECT_THAT(problems(cluster("[\"a\"]")), ElementsAre(HasSubstr("4:10: error: expected a node, such as")));
  EXPECT_THAT(problems(cluster(R"([{ name = "a", address = "h:1", labels = "gpu" }])")),
              ElementsAre(HasSubstr("expected 'labels' to be a list of labels, such as [\"gpu\"], got a string")));
  EXPECT_THAT(problems(cluster(R"([{ name = "a", address = "h:1", labels = [1] }])")),
              ElementsAre(HasSubstr("expected a label, got an integer")));
  EXPECT_THAT(problems(cluster(two, "key = \"\"\n")), ElementsAre(HasSubstr("5:7: error: 'key' is empty (a path)")));
}

TEST(ClusterConfigTest, NamesAreThoseOfCertificates) {
  EXPECT_THAT(problems("[cluster]\nname = \"my cluster\"\ncertificate = \"a.pem\"\nnodes = " + two + "\n"),
              ElementsAre(HasSubstr("2:8: error: 'my cluster': the name of a cluster is made of letters")));
  EXPECT_THAT(problems(cluster(R"([{ name = "a/b", address = "h:1" }])")),
              ElementsAre(HasSubstr("4:19: error: 'a/b': the name of a node is made of letters")));
  const std::string longest(limits::peer_name_bytes_max, 'a');
  EXPECT_THAT(problems(cluster("[{ name = \"" + longest + "\", address = \"h:1\" }]")), IsEmpty());
  EXPECT_THAT(problems(cluster("[{ name = \"a" + longest + "\", address = \"h:1\" }]")),
              ElementsAre(HasSubstr("has at most 64 characters")));
}

TEST(ClusterConfigTest, NamesAndAddressesAreThereOnce) {
  EXPECT_THAT(problems(cluster(R"([{ name = "a", address = "h:1" }, { name = "a", address = "i:1" }])")),
              ElementsAre(HasSubstr("error: node 'a' is there twice")));
  EXPECT_THAT(
      problems(cluster(R"([{ name = "a", address = "localhost:1" }, { name = "b", address = "127.0.0.1:1" }])")),
      ElementsAre(HasSubstr("error: node 'a' is at localhost:1 already")));
}

TEST(ClusterConfigTest, AddressesAreSuchAsOthersCanConnectTo) {
  const auto at = [](const std::string& address) {
    return problems(cluster("[{ name = \"a\", address = \"" + address + "\" }]"));
  };
  EXPECT_THAT(at("host"), ElementsAre(HasSubstr("4:34: error: 'host' is not an address: expected host:port")));
  EXPECT_THAT(at("host:0"), ElementsAre(HasSubstr("'address' is host:0, and the others have to know the port")));
  EXPECT_THAT(at("0.0.0.0:7400"), ElementsAre(HasSubstr("no other node can connect to 0.0.0.0:7400")));
  EXPECT_THAT(at("[::]:7400"), ElementsAre(HasSubstr("no other node can connect to [::]:7400")));
  EXPECT_THAT(problems(cluster(two, "listen = \"7400\"\n")), ElementsAre(HasSubstr("5:10: error: '7400' is not")));
  EXPECT_THAT(problems(cluster(two, "listen = \"h:0\"\n")), ElementsAre(HasSubstr("'listen' is h:0, and the others")));
}

TEST(ClusterConfigTest, LabelsAreWordsEachOnce) {
  const auto with = [](const std::string& labels) {
    return problems(
        cluster(R"([{ name = "a", address = "h:1", labels = )" + labels + R"( }, { name = "b", address = "i:1" }])"));
  };
  EXPECT_THAT(with(R"(["gpu", "Zone-1.b_c"])"), IsEmpty());
  EXPECT_THAT(with(R"(["a b"])"),
              ElementsAre(HasSubstr("4:51: error: 'a b' is no label: the name of a label is made")));
  EXPECT_THAT(with(R"(["gpu", "gpu"])"), ElementsAre(HasSubstr("4:58: error: label 'gpu' is there twice")));
  EXPECT_THAT(with(R"(["b"])"), ElementsAre(HasSubstr("label 'b' is the name of a node (another word)")));
  EXPECT_THAT(with(R"(["a"])"), ElementsAre(HasSubstr("it is one of its labels without being said")));
}

TEST(ClusterConfigTest, LimitsHold) {
  static_assert(limits::cluster_nodes_max == NodeSet::node_max);
  EXPECT_THAT(problems(cluster(many(limits::cluster_nodes_max))), IsEmpty());
  EXPECT_THAT(problems(cluster(many(limits::cluster_nodes_max + 1))),
              ElementsAre(HasSubstr("4:9: error: 'nodes' has 65 of them, out of range (from 1 to 64)")));
  EXPECT_THAT(problems(cluster("[]")), ElementsAre(HasSubstr("'nodes' has 0 of them, out of range")));
  EXPECT_THAT(problems(cluster(many(1, ", labels = " + labels(limits::node_labels_max)))), IsEmpty());
  EXPECT_THAT(problems(cluster(many(1, ", labels = " + labels(limits::node_labels_max + 1)))),
              ElementsAre(HasSubstr("'labels' has 17 labels, more than 16")));
  EXPECT_THAT(problems(cluster(many(1, ", capacity = " + std::to_string(limits::node_capacity_max)))), IsEmpty());
  for (const auto capacity : {0u, limits::node_capacity_max + 1}) {
    EXPECT_THAT(problems(cluster(many(1, ", capacity = " + std::to_string(capacity)))),
                ElementsAre(HasSubstr("out of range (from 1 to 1000)")));
  }
}

TEST(GatewayAddressesOfFilesTest, NameAGatewayOfASwarm) {
  const auto hint = HasSubstr("(write [gateways.\"SWARM.GATEWAY\"], with the quotes)");
  for (const std::string key : {"digits.browser", "digits", "\"digits.browser.x\"", "\"Digits.browser\"", "\".b\""}) {
    EXPECT_THAT(problems("[gateways." + key + "]\nlisten = \"127.0.0.1:1\"\n"), ElementsAre(hint)) << key;
  }
}

TEST(GatewayAddressesOfFilesTest, AreChecked) {
  EXPECT_THAT(problems("gateways = 1\n"), ElementsAre(HasSubstr("1:12: error: expected 'gateways' to be tables")));
  EXPECT_THAT(problems("gateways.\"a.b\" = \"127.0.0.1:1\"\n"),
              ElementsAre(HasSubstr("expected a table for gateway 'a.b', got a string")));
  EXPECT_THAT(problems("[gateways.\"a.b\"]\n"), ElementsAre(HasSubstr("1:11: error: gateway 'a.b' has no 'listen'")));
  EXPECT_THAT(problems("[gateways.\"a.b\"]\nlisten = \"here\"\n"),
              ElementsAre(HasSubstr("2:10: error: 'here' is not an address")));
  EXPECT_THAT(problems("[gateways.\"a.b\"]\nlisten = \"\"\n"), ElementsAre(HasSubstr("'' is not an address")));
  EXPECT_THAT(problems("[gateways.\"a.b\"]\nlisten = \"127.0.0.1:1\"\nsession_max = 1\n"),
              ElementsAre(HasSubstr("3:1: error: unknown key 'session_max' in gateway 'a.b' (known: listen)")));
}

std::string manual() {
  std::ifstream file(SKEP_DOCUMENTS_DIRECTORY "/OPERATING.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ClusterManualTest, ItsNodeFilesAreRight) {
  const auto text = manual();
  for (const std::string node : {"west", "east"}) {
    const auto begin = text.find("# /etc/skep/node.toml on " + node);
    ASSERT_NE(begin, std::string::npos) << node;
    const auto file = text.substr(begin, text.find("```", begin) - begin);
    EXPECT_THAT(problems(file), IsEmpty());
    EXPECT_EQ(read(file).config.cluster->nodes.size(), 2u);
  }
}

/// The keys that a reader lists when it meets one that it has never heard of: `file` has a key 'zzzzzzzzz'.
std::vector<std::string> known_keys(const std::string& file) {
  std::vector<std::string> keys;
  for (const auto& problem : read(file).problems) {
    if (!problem.suggestion.starts_with("known: ")) continue;
    std::istringstream words(problem.suggestion.substr(7));
    for (std::string key; words >> key;) keys.push_back(key.substr(0, key.find(',')));
  }
  return keys;
}

TEST(ClusterManualTest, ItsTablesHaveEveryKey) {
  const auto text = manual();
  const auto table = [&](const std::string& heading) {
    const auto begin = text.find("| " + heading + " |");
    return text.substr(begin, text.find("\n\n", begin) - begin);
  };
  const auto keys = known_keys(cluster(two, "zzzzzzzzz = 1\n"));
  const auto of_node = known_keys(cluster(R"([{ name = "a", address = "h:1", zzzzzzzzz = 1 }])"));
  EXPECT_EQ(keys.size(), 7u);
  EXPECT_EQ(of_node.size(), 4u);
  for (const auto& key : keys) EXPECT_THAT(table("Key of `[cluster]`"), HasSubstr("\n| `" + key + "` |"));
  for (const auto& key : of_node) EXPECT_THAT(table("Key of a node"), HasSubstr("\n| `" + key + "` |"));
}

}  // namespace cluster_config_test
}  // namespace skep
