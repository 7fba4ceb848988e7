// The tcp gateway as the end of a swarm: records out to listeners, and to a peer it connects to.
#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"

namespace skep {
namespace {

using namespace testing;
using ::testing::Optional;

TEST(TcpGatewayOutTest, SendsOutToEveryListenerAndWaitsForTheFirst) {
  auto setup = tcp();
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  hive.send_out({"1", "2"});
  SocketClient first(hive.address());
  EXPECT_THAT(first.line(), Optional(std::string("1")));
  EXPECT_THAT(first.line(), Optional(std::string("2")));
  eventually([&] { return hive.taken() == 2; }, "credit for two");
  SocketClient second(hive.address());
  eventually([&] { return hive.counters().sessions_open == 2; }, "a second listener");
  hive.send_out({"3"});
  EXPECT_THAT(first.line(), Optional(std::string("3")));
  EXPECT_THAT(second.line(), Optional(std::string("3")));
  EXPECT_EQ(hive.counters().sent, 3u);
}

TEST(TcpGatewayOutTest, GivesNoCreditForWhatNobodyTakes) {
  auto setup = tcp({{"drain_time_max", option("20ms")}});
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  hive.send_out({"1", "2"});
  EXPECT_EQ(hive.counters().sent, 0u);
  EXPECT_EQ(hive.taken(), 0u);
  EXPECT_EQ(hive.drain().lost, 2u);  // and a drain does not hang on them
  eventually([&] { return hive.taken() == 2; }, "credit after the drain");
}

TEST(TcpGatewayOutTest, WhatASlowListenerHadAloneIsLostWithItThoughALaterOneReads) {
  auto setup = tcp({{"write_bytes_max", option("64MiB")}});
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  SocketClient slow(hive.address());
  hive.send_out(Texts(8, std::string(3'000'000, '7')));  // more than the kernel takes
  eventually([&] { return hive.taken() == 8; }, "all records in its buffer");
  SocketClient later(hive.address());
  eventually([&] { return hive.counters().sessions_open == 2; }, "a second listener");
  hive.send_out({"9"});
  EXPECT_THAT(later.line(), Optional(std::string("9")));
  slow.reset();
  eventually([&] { return hive.counters().sessions_open == 1; }, "the end of the slow one");
  const auto counters = hive.counters();
  EXPECT_GT(counters.lost, 0u);
  EXPECT_EQ(counters.sent + counters.lost, 9u);
}

TEST(TcpGatewayOutTest, ConnectsAndConnectsAgain) {
  auto server = std::make_unique<SocketServer>();
  const auto port = server->port();
  HiveSetup setup;
  setup.options = table({{"connect", option(server->address())}, {"connect_delay_min", option("5ms")}});
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  ASSERT_EQ(hive.failure(), "");
  {
    auto peer = server->accept();
    hive.send_out({"1"});
    EXPECT_THAT(peer.line(), Optional(std::string("1")));
    server.reset();
  }
  eventually([&] { return hive.counters().sessions_open == 0; }, "the end of the connection");
  eventually([&] { return hive.log().contain("cannot connect to 127.0.0.1:" + std::to_string(port)); }, "a failure");
  hive.send_out({"2"});
  SocketServer again(port);
  auto peer = again.accept();
  EXPECT_THAT(peer.line(), Optional(std::string("2")));
}

TEST(TcpGatewayOutTest, GivesUpAnAttemptToConnectThatGetsNoAnswer) {
  SocketServer server(0, 0);
  std::vector<SocketClient> queue;  // fills the kernel's, so that it answers nobody any more
  for (int i = 0; i < 3; ++i) queue.push_back(SocketClient::connecting(server.address()));
  HiveSetup setup;
  setup.options = table({{"connect", option(server.address())}, {"connect_time_max", option("20ms")}});
  Hive hive(std::move(setup));
  eventually([&] { return hive.log().contain("no answer in time"); }, "the end of an attempt");
}

TEST(TcpGatewayOutTest, AnswersRequestsOfThePeerItConnectsTo) {
  SocketServer server;
  HiveSetup setup;
  setup.options = table({{"connect", option(server.address())}});
  Hive hive(std::move(setup));
  auto peer = server.accept();
  peer.send("1\n");
  EXPECT_THAT(peer.line(), Optional(std::string("1")));
}

}  // namespace
}  // namespace skep
