#include "skep/gateways/host_port.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace host_port_test {

TEST(HostPortTest, ReadsAndWritesAddresses) {
  for (const auto* text : {"127.0.0.1:9000", "[::1]:9000", "localhost:0", "example.org:65535"}) {
    const auto address = parse_host_port(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(to_string(*address), text);
  }
  EXPECT_EQ(parse_host_port("[::1]:9000")->host, "::1");
  EXPECT_EQ(to_string(*parse_host_port("LocalHost:80")), "localhost:80");
  EXPECT_EQ(to_string(*parse_host_port("LocalHosts:80")), "LocalHosts:80");
}

TEST(HostPortTest, RefusesWhatIsNoAddress) {
  for (const auto* text : {"", "9000", ":9000", "::1:9000", "[]:9000", "host:", "host:65536", "host:-1", "host:80x"}) {
    EXPECT_FALSE(parse_host_port(text).ok()) << text;
  }
}

TEST(HostPortTest, ALoopbackAddressIsOneHoweverItIsWritten) {
  for (const auto* host :
       {"127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "localhost", "LocalHost"}) {
    EXPECT_TRUE((HostPort{host, 0}.is_loopback())) << host;
  }
  for (const auto* host :
       {"", "0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "::2", "localhost.", "localhos", "localhosts"}) {
    EXPECT_FALSE((HostPort{host, 0}.is_loopback())) << host;
  }
}

TEST(HostPortTest, ClashesWithItselfAndWithEveryHostOfItsPort) {
  const auto clash = [](const char* one, const char* other) {
    const auto a = *parse_host_port(one), b = *parse_host_port(other);
    EXPECT_EQ(a.clashes(b), b.clashes(a)) << one << " " << other;
    return a.clashes(b);
  };
  EXPECT_TRUE(clash("127.0.0.1:80", "127.0.0.1:80"));
  EXPECT_TRUE(clash("127.0.0.1:80", "localhost:80"));
  EXPECT_TRUE(clash("LocalHost:80", "localhost:80"));
  EXPECT_TRUE(clash("127.0.0.1:80", "0.0.0.0:80"));
  EXPECT_TRUE(clash("[::1]:80", "[::]:80"));
  EXPECT_TRUE(clash("127.0.0.1:80", "[::]:80")) << "which takes IPv4, too";
  EXPECT_FALSE(clash("[::1]:80", "0.0.0.0:80"));
  EXPECT_FALSE(clash("127.0.0.1:80", "127.0.0.1:81"));
  EXPECT_FALSE(clash("127.0.0.1:80", "127.0.0.2:80"));
  EXPECT_FALSE(clash("127.0.0.1:0", "127.0.0.1:0")) << "the system chooses";
}

}  // namespace host_port_test
}  // namespace skep
