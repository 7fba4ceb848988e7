#include "net/peer_identity.hpp"

#include <gtest/gtest.h>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace peer_identity_test {

TEST(PeerIdentityTest, ReadsWhatItWrites) {
  const PeerIdentity node{.cluster = "factory-1", .role = PeerRole::node, .name = "a.example.org"};
  EXPECT_EQ(node.uri(), "skep://factory-1/node/a.example.org");
  ASSERT_TRUE(parse_identity(node.uri()).ok());
  EXPECT_EQ(*parse_identity(node.uri()), node);
  const PeerIdentity admin{.cluster = "c", .role = PeerRole::admin, .name = "ann"};
  ASSERT_TRUE(parse_identity(admin.uri()).ok());
  EXPECT_EQ(*parse_identity(admin.uri()), admin);
}

TEST(PeerIdentityTest, RefusesWhatItWouldNotWrite) {
  using namespace std::string_literals;
  for (const auto& uri : {""s,
                          "skep://"s,
                          "skep://c"s,
                          "skep://c/node"s,
                          "skep://c/node/"s,
                          "skep:///node/a"s,
                          "skep://c/gateway/a"s,
                          "skep://c/Node/a"s,
                          "SKEP://c/node/a"s,
                          "https://c/node/a"s,
                          "skep://c/node/a/"s,
                          "skep://c/node/a/b"s,
                          "skep://c//node/a"s,
                          "skep://c/node/a?b"s,
                          "skep://c/node/a%20"s,
                          "skep://c/node/ä"s,
                          "skep://c/node/a\0b"s,
                          "skep://c/node/a\n"s,
                          "skep://-c/node/a"s,
                          "skep://c/node/.."s,
                          "skep://user@c/node/a"s,
                          "skep://c:1/node/a"s}) {
    const auto identity = parse_identity(uri);
    ASSERT_FALSE(identity.ok()) << uri;
    EXPECT_EQ(identity.error().code, errc::invalid_argument) << uri;
  }
}

TEST(PeerIdentityTest, AClustersOwnUriHasTheNameAlone) {
  EXPECT_EQ(cluster_uri("factory-1"), "skep://factory-1");
  EXPECT_EQ(parse_cluster("skep://factory-1").value(), "factory-1");
  for (const auto* uri : {"", "skep://", "skep:/", "skep://c/", "skep://c/node/a", "http://c", "factory-1"}) {
    EXPECT_FALSE(parse_cluster(uri).ok()) << uri;
  }
}

TEST(PeerIdentityTest, TheLengthOfANameIsBounded) {
  const std::string longest(limits::peer_name_bytes_max, 'x');
  EXPECT_TRUE(parse_identity("skep://" + longest + "/node/" + longest).ok());
  EXPECT_FALSE(parse_identity("skep://" + longest + "x/node/a").ok());
  EXPECT_FALSE(parse_identity("skep://c/node/" + longest + 'x').ok());
  EXPECT_EQ(check_peer_name("node", longest + 'x').error().message, "the name of a node has at most 64 characters");
}

TEST(PeerIdentityTest, SaysWhatIsWrongWithAName) {
  EXPECT_TRUE(check_peer_name("cluster", "Factory_1").ok());
  EXPECT_EQ(check_peer_name("cluster", "").error().message, "the name of a cluster is empty");
  EXPECT_EQ(check_peer_name("node", "a b").error().message,
            "the name of a node is made of letters, digits, '-', '_' and '.', and begins with a letter or a digit");
}

}  // namespace peer_identity_test
}  // namespace skep
