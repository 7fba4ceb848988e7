#include "cluster/cluster_node.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/tls_loop.hpp"

namespace skep {
namespace cluster_node_test {

namespace fs = std::filesystem;

/// The files of node a, as `skep pki issue` leaves them.
class ClusterNodeTest : public ::testing::Test {
 protected:
  ClusterNodeTest() {
    std::string name = ::testing::TempDir() + "cluster_node_XXXXXX";
    folder_ = ::mkdtemp(name.data());
    const auto issued = loop_.authority.issue({.names = "URI:skep://demo/node/a", .to = std::chrono::hours(48)});
    write("ca.pem", loop_.authority.pem());
    write("a.pem", issued.certificate);
    write("a.key", issued.key);
    fs::permissions(folder_ / "a.key", fs::perms::owner_read | fs::perms::owner_write);
    config_.certificate = folder_ / "a.pem";
    config_.key = folder_ / "a.key";
    config_.authorities = folder_ / "ca.pem";
  }
  ~ClusterNodeTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  [[nodiscard]] std::string why() const {
    const auto read = read_tls(config_, certificate_now());
    return read ? "" : read.error().message;
  }

  test::TlsLoop loop_;
  fs::path folder_;
  ClusterConfig config_;
};

TEST_F(ClusterNodeTest, ReadsWhatIsRight) {
  EXPECT_EQ(why(), "");
}

TEST_F(ClusterNodeTest, AnAuthoritysCertificateIsNoNodes) {
  config_.certificate = folder_ / "ca.pem";
  config_.key = folder_ / "ca.key";
  EXPECT_EQ(why(),
            "[cluster]: certificate '" + config_.certificate + "' is that of an authority: a node has one of its own");
}

TEST_F(ClusterNodeTest, ACertificateIsNoKeyWhoeverMayReadIt) {
  std::swap(config_.certificate, config_.key);
  EXPECT_EQ(why(), "[cluster]: key '" + config_.key + "' is a certificate");
}

TEST_F(ClusterNodeTest, AllFilesThatCannotBeReadAreNamed) {
  config_.authorities = folder_ / "none.pem";
  config_.deny_list = folder_ / "none.txt";
  EXPECT_NE(why().find("none.pem"), std::string::npos) << why();
  EXPECT_NE(why().find("none.txt"), std::string::npos) << why();
}

}  // namespace cluster_node_test
}  // namespace skep
