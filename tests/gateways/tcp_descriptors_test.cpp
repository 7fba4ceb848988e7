// A tcp gateway where descriptors are short, on real sockets.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"
#include "skep/actors/sha256.hpp"

namespace skep {
namespace tcp_descriptors_test {

using namespace testing;
using ::testing::Optional;

/// Lowers the process's limit of descriptors.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{count, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(TcpDescriptorsTest, StopsAcceptingWhileDescriptorsAreShortAndGoesOnLater) {
  Hive hive(tcp());
  const FewDescriptors few(100);
  const auto address = hive.address();
  const auto paused = [&] { return hive.log().contain("RLIMIT_NOFILE"); };
  std::vector<SocketClient> clients;
  while (!paused() && !HasFailure()) {
    clients.emplace_back(address);
    eventually([&] { return paused() || hive.counters().sessions_open == clients.size(); }, "a session");
  }
  SocketClient waits(address);
  waits.send("1\n");
  clients.front().send("2\n");
  EXPECT_THAT(clients.front().line(), Optional(std::string("2")));
  EXPECT_EQ(hive.counters().sessions_open, clients.size());
  clients.clear();
  EXPECT_THAT(waits.line(), Optional(std::string("1")));
}

/// Who is not known yet makes room for others.
TEST(TcpDescriptorsTest, WhereDescriptorsAreShortStrangersGo) {
  const std::string token = "t";
  Hive hive(tcp({{"tokens", list("sha256:" + Sha256::hex_of(std::as_bytes(std::span(token))))}}));
  const FewDescriptors few(100);
  SocketClient known(hive.address());
  known.send("Bearer t\n");
  std::vector<SocketClient> strangers;
  while (!hive.log().contain("descriptors are scarce") && !HasFailure()) {
    strangers.emplace_back(hive.address());
    known.send("1\n");  // the gateway has looked at the stranger when this is answered, or does so next
    EXPECT_THAT(known.line(), Optional(std::string("1")));
  }
  EXPECT_TRUE(hive.log().contain("it has shown no token yet, and descriptors are scarce"));
  EXPECT_EQ(strangers.front().rest(), "");  // the oldest
  EXPECT_EQ(hive.counters().sessions_open, 1u);
}

}  // namespace tcp_descriptors_test
}  // namespace skep
