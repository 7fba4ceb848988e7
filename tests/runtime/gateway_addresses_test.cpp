#include "gateway_addresses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace skep {
namespace gateway_addresses_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class GatewayAddressesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "skep-addresses-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& listen, const std::string& more = "") {
    files_.push_back(folder_ + "/" + name + ".toml");
    std::ofstream(files_.back()) << "name = \"" + name + "\"\n[gateways.door]\ntype = \"tcp\"\nanswers = \"b\"\n" +
                                        listen +
                                        "\n[bees.b]\nclass = \"skep.filter\"\nfrom = \"door\"\noptions = { field = "
                                        "\"$.a\", equals = 1 }\n" +
                                        more;
  }

  std::vector<std::string> problems(const std::string& node) {
    const auto config = parse_node_config(node, "node.toml", {}, {});
    EXPECT_TRUE(config.ok()) << node;
    swarms_ = catalog_.check_all(
        files_, [](const std::string&) { return std::nullopt; }, config.config);
    std::vector<std::string> texts;
    for (const auto& swarm : swarms_) {
      for (const auto& problem : swarm.problems) texts.push_back(problem.to_string());
    }
    return texts;
  }
  std::string listen(std::size_t swarm) { return to_string(*swarms_[swarm].plan.gateways[0].configured.listen); }

  std::string folder_;
  std::vector<std::string> files_;
  Catalog catalog_{{}};
  std::vector<Catalog::Checked> swarms_;
};

const std::string here = "listen = \"127.0.0.1:8080\"";

TEST_F(GatewayAddressesTest, AGatewayListensWhereTheNodeSays) {
  write("one", here);
  EXPECT_THAT(problems(""), IsEmpty());
  EXPECT_EQ(listen(0), "127.0.0.1:8080");
  EXPECT_THAT(problems("[gateways.\"one.door\"]\nlisten = \"127.0.0.1:8082\"\n"), IsEmpty());
  EXPECT_EQ(listen(0), "127.0.0.1:8082");
  const auto* said = swarms_[0].plan.gateways[0].spec.options.find("listen");
  EXPECT_EQ(std::get<std::string>(said->value), "127.0.0.1:8080") << "what the file says stays";
}

TEST_F(GatewayAddressesTest, ThreadsThatTheNodeHasNotAreWarnedOf) {
  write("one", here + "\nthreads = 3");
  EXPECT_THAT(problems("io_threads = 2\n"),
              ElementsAre(HasSubstr("one.toml:6:11: warning: gateway 'door' has threads = 3, and this node has "
                                    "io_threads = 2: more of them bring nothing")));
  EXPECT_TRUE(swarms_[0].ok());
  EXPECT_THAT(problems("io_threads = 3\n"), IsEmpty());
}

/// One that asks for a label may run on other nodes, whose files say how many threads they have.
TEST_F(GatewayAddressesTest, ThreadsOfALabelledGatewayAreWarnedOfWithoutAClusterOnly) {
  write("one", here + "\nthreads = 3\nnodes = [\"edge\"]");
  EXPECT_THAT(problems(""), ElementsAre(HasSubstr("more of them bring nothing")));
  const std::string cluster =
      "[cluster]\nname = \"c\"\ncertificate = \"a.pem\"\nnodes = [{ name = \"a\", address = \"h:1\", labels = "
      "[\"edge\"] }]\n";
  EXPECT_THAT(problems(cluster), IsEmpty());
  files_.clear();
  write("one", here + "\nthreads = 3");
  EXPECT_THAT(problems(cluster), ElementsAre(HasSubstr("more of them bring nothing")));
}

TEST_F(GatewayAddressesTest, UnknownNamesNameTheNearest) {
  write("one", here);
  EXPECT_THAT(problems("[gateways.\"on.door\"]\nlisten = \"127.0.0.1:1\"\n"),
              ElementsAre("node.toml:1:11: error: no swarm 'on' runs on this node (did you mean 'one'?)"));
  EXPECT_THAT(problems("[gateways.\"one.dor\"]\nlisten = \"127.0.0.1:1\"\n"),
              ElementsAre("node.toml:1:11: error: swarm 'one' has no gateway 'dor' (did you mean 'door'?)"));
  EXPECT_FALSE(swarms_.back().ok());
  EXPECT_EQ(swarms_.back().spec.file, "node.toml");
}

TEST_F(GatewayAddressesTest, NamesThatABadFileMayHaveAreNotMissed) {
  write("one", here, "[gateways.more\n");
  files_.push_back(folder_ + "/nowhere.toml");
  EXPECT_THAT(problems("[gateways.\"one.more\"]\nlisten = \"127.0.0.1:1\"\n[gateways.\"other.x\"]\nlisten = "
                       "\"127.0.0.1:2\"\n"),
              ::testing::Not(::testing::Contains(HasSubstr("node.toml"))));
}

TEST_F(GatewayAddressesTest, OnlyGatewaysThatListenHaveAnAddress) {
  write("one", "connect = \"127.0.0.1:8080\"");
  EXPECT_THAT(problems("[gateways.\"one.door\"]\nlisten = \"127.0.0.1:1\"\n"),
              ElementsAre("node.toml:1:11: error: gateway 'door' of swarm 'one' does not listen anywhere"));
}

TEST_F(GatewayAddressesTest, WhatTheTypeHasAgainstAnAddressStandsInTheNodeFile) {
  write("one", here);
  EXPECT_THAT(problems("[gateways.\"one.door\"]\nlisten = \"0.0.0.0:8080\"\n"),
              ElementsAre(HasSubstr("node.toml:2:10: error: listening on 0.0.0.0:8080 lets other machines in")));
}

TEST_F(GatewayAddressesTest, TwoSwarmsOnOneAddressCanBeSetApart) {
  write("one", here);
  write("two", here);
  EXPECT_THAT(problems(""), ElementsAre(HasSubstr("listens on 127.0.0.1:8080 already")));
  EXPECT_THAT(problems("[gateways.\"two.door\"]\nlisten = \"127.0.0.1:8082\"\n"), IsEmpty());
  EXPECT_EQ(listen(0), "127.0.0.1:8080");
  EXPECT_EQ(listen(1), "127.0.0.1:8082");
  EXPECT_THAT(problems("[gateways.\"one.door\"]\nlisten = \"127.0.0.1:8082\"\n"), IsEmpty()) << "the earlier one, too";
}

TEST_F(GatewayAddressesTest, AnAddressThatIsTakenIsRefused) {
  write("one", here);
  write("two", "listen = \"127.0.0.1:8081\"");
  EXPECT_THAT(problems("[gateways.\"one.door\"]\nlisten = \"127.0.0.1:8081\"\n"),
              ElementsAre("node.toml:2:10: error: gateway 'door' of swarm 'two' listens on 127.0.0.1:8081 already "
                          "(choose another port)"));
  EXPECT_THAT(problems("[gateways.\"one.door\"]\nlisten = \"127.0.0.1:1\"\n[gateways.\"two.door\"]\nlisten = "
                       "\"127.0.0.1:1\"\n"),
              ElementsAre("node.toml:4:10: error: gateway 'door' of swarm 'one' listens on 127.0.0.1:1 already (choose "
                          "another port)"));
  EXPECT_THAT(problems("[gateways.\"one.door\"]\nlisten = \"127.0.0.1:8081\"\n[gateways.\"two.door\"]\nlisten = "
                       "\"127.0.0.1:8080\"\n"),
              IsEmpty())
      << "they have changed places";
}

TEST_F(GatewayAddressesTest, ASwarmOfAClusterIsCheckedAgainstItsNodes) {
  write("one", here + "\nnodes = [\"edge\"]");
  EXPECT_THAT(problems(""), IsEmpty());
  EXPECT_THAT(
      problems("[cluster]\nname = \"c\"\ncertificate = \"a.pem\"\nnodes = [{ name = \"a\", address = \"h:1\" }]\n"),
      ElementsAre(HasSubstr("gateway 'door': no node of the cluster has label 'edge'")));
}

}  // namespace gateway_addresses_test
}  // namespace skep
