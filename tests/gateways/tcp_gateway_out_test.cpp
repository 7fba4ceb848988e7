// The tcp gateway as the end of a swarm: records out to listeners, and to a peer it connects to.
#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"

namespace skep {
namespace tcp_gateway_out_test {

using namespace testing;
using ::testing::Optional;

/// One that connects, and that bees send to.
HiveSetup sending_to(const SocketServer& server) {
  HiveSetup setup;
  setup.options = table({{"connect", option(server.address())}});
  setup.answers = false;
  setup.receives = true;
  return setup;
}

/// More than the kernel takes of one connection.
constexpr std::size_t many = 8;
Texts large_records() {
  Texts all;
  for (std::size_t i = 0; i < many; ++i) all.push_back(std::to_string(i + 1) + std::string(3'000'000, '0'));
  return all;
}

HiveSetup sending(std::initializer_list<std::pair<const char*, OptionValue>> more = {}) {
  auto setup = tcp(more);
  setup.answers = false;
  setup.receives = true;
  return setup;
}

/// Buffers all of these for a listener.
HiveSetup buffering(Delivery delivery = Delivery::at_most_once) {
  auto setup = sending({{"write_bytes_max", option("64MiB")}});
  setup.delivery = delivery;
  return setup;
}

TEST(TcpGatewayOutTest, SendsOutToEveryListenerAndWaitsForTheFirst) {
  Hive hive(sending());
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

TEST(TcpGatewayOutTest, WhatWaitsForAFullBufferGoesOutWhenItIsWritten) {
  Hive hive(sending({{"write_bytes_max", option("1MiB")}, {"write_stall_max", option("1h")}}));
  SocketClient listener(hive.address());
  hive.send_out(large_records());
  eventually([&] { return hive.taken() > 0; }, "more than the kernel takes");
  for (const auto& line : large_records()) ASSERT_TRUE(listener.line() == line);
}

TEST(TcpGatewayOutTest, GivesNoCreditForWhatNobodyTakes) {
  Hive hive(sending({{"drain_time_max", option("20ms")}, {"close_time_max", option("20ms")}}));
  hive.send_out({"1", "2"});
  EXPECT_EQ(hive.counters().sent, 0u);
  EXPECT_EQ(hive.taken(), 0u);
  EXPECT_EQ(hive.drain().lost, 2u);  // and a drain does not hang on them
  eventually([&] { return hive.taken() == 2; }, "credit after the drain");
}

TEST(TcpGatewayOutTest, SaysThatNobodyTakesItsRecordsOnceWhileThatIsSo) {
  Hive hive(sending({{"write_stall_max", option("20ms")}}));
  hive.send_out({"1", "2"});
  eventually([&] { return hive.log().contain("warning: in: nobody has taken records for 20ms: 2 records waiting"); },
             "a word");
  const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  eventually([&] { return hive.counters().sent == 0 && std::chrono::steady_clock::now() > later; }, "no other word");
  EXPECT_EQ(hive.log().count("nobody has taken records"), 1u);
  SocketClient listener(hive.address());
  EXPECT_THAT(listener.line(), Optional(std::string("1")));
  EXPECT_THAT(listener.line(), Optional(std::string("2")));
  listener.close();
  eventually([&] { return hive.counters().sessions_open == 0; }, "the end of the listener");
  hive.send_out({"3"});
  eventually([&] { return hive.log().contain("1 record waiting"); }, "a word about the next time");
}

TEST(TcpGatewayOutTest, RefusesWhatIsSentToIt) {
  Hive hive(sending());
  SocketClient listener(hive.address());
  listener.send("1\n");
  EXPECT_THAT(listener.line(), Optional(::testing::HasSubstr("no bee reads what is sent to this gateway")));
  EXPECT_EQ(hive.counters().refused, 1u);
  listener.send("2\n3\n");
  eventually([&] { return hive.counters().refused == 3; }, "further refusals");
  hive.send_out({"4"});
  EXPECT_THAT(listener.line(), Optional(std::string("4"))) << "it was told once";
}

/// A peer that is a gateway, too, would take refusals for records, and refuse or answer them.
TEST(TcpGatewayOutTest, TellsAPeerThatItConnectsToOfNoRefusalButTheLog) {
  SocketServer server;
  Hive hive(sending_to(server));
  auto peer = server.accept();
  peer.send("1\n2\n");
  eventually([&] { return hive.counters().refused == 2; }, "two refusals");
  EXPECT_TRUE(hive.log().contain("is refused: no bee reads what is sent to this gateway"));
  hive.send_out({"3"});
  EXPECT_THAT(peer.line(), Optional(std::string("3")));

  HiveSetup source;
  source.options = table({{"connect", option(server.address())}, {"key", option("$.k")}});
  source.answers = false;
  Hive taking(std::move(source));
  auto other = server.accept();
  other.send("{}\n{\"k\":1}\n{}\n");
  eventually([&] { return taking.counters().refused == 2; }, "two refusals");
  eventually([&] { return taking.accepted() == Texts{"{\"k\":1}"}; }, "the record between them");
  EXPECT_TRUE(taking.log().contain("is refused: it has no $.k, which is its key"));
  taking.start_drain();
  EXPECT_EQ(other.line(), std::nullopt);
}

TEST(TcpGatewayOutTest, WhileItsSwarmDrainsRecordsWaitForAListenerForDrainTimeMax) {
  Hive hive(sending({{"drain_time_max", option("20ms")}, {"close_time_max", option("20ms")}}));
  hive.send_out({"1", "2"});
  hive.begin_drain_of_swarm();
  eventually([&] { return hive.taken() == 2; }, "credit for the bee, which drains");
  hive.send_out({"3"});
  eventually([&] { return hive.taken() == 3; }, "credit for what comes later");
  EXPECT_EQ(hive.counters().cut_off, 3u);
  EXPECT_TRUE(hive.log().contain("they are given up: drain_time_max = 20ms"));
  SocketClient late(hive.address());
  eventually([&] { return hive.counters().sessions_open == 1; }, "a listener all the same");
  hive.send_out({"4"});
  EXPECT_THAT(late.line(), Optional(std::string("4")));
  EXPECT_EQ(hive.drain().cut_off, 3u);
}

TEST(TcpGatewayOutTest, WhileItsSwarmDrainsAListenerThatComesInTimeHasAll) {
  Hive hive(sending({{"drain_time_max", option("1h")}, {"close_time_max", option("20ms")}}));
  hive.send_out({"1", "2"});
  hive.begin_drain_of_swarm();
  SocketClient late(hive.address());
  EXPECT_THAT(late.line(), Optional(std::string("1")));
  EXPECT_THAT(late.line(), Optional(std::string("2")));
  EXPECT_EQ(hive.drain().lost, 0u);
}

TEST(TcpGatewayOutTest, WhatASlowListenerHadAloneIsLostWithItThoughALaterOneReads) {
  Hive hive(buffering());
  SocketClient slow(hive.address());
  hive.send_out(large_records());
  eventually([&] { return hive.taken() == many; }, "all records in its buffer");
  SocketClient later(hive.address());
  eventually([&] { return hive.counters().sessions_open == 2; }, "a second listener");
  hive.send_out({"9"});
  EXPECT_THAT(later.line(), Optional(std::string("9")));
  slow.reset();
  eventually([&] { return hive.counters().sessions_open == 1; }, "the end of the slow one");
  const auto counters = hive.counters();
  EXPECT_GT(counters.lost, 0u);
  EXPECT_EQ(counters.sent + counters.lost, many + 1);
}

TEST(TcpGatewayOutTest, UnderAtLeastOnceWhatAListenerHadAloneGoesToTheNext) {
  Hive hive(buffering(Delivery::at_least_once));
  {
    SocketClient slow(hive.address());
    hive.send_out(large_records());
    eventually([&] { return hive.taken() == many; }, "all records in its buffer");
    eventually([&] { return hive.done() == hive.counters().sent; }, "as many done as it was given");
    EXPECT_LT(hive.done(), many);
    slow.reset();
  }
  eventually([&] { return hive.counters().sessions_open == 0; }, "its end");
  const auto sent = hive.counters().sent;
  SocketClient next(hive.address());
  hive.send_out({"9"});
  const auto all = large_records();
  for (auto i = sent; i < many; ++i) EXPECT_TRUE(next.line() == all[i]) << i;
  EXPECT_THAT(next.line(), Optional(std::string("9")));
  eventually([&] { return hive.done() == many + 1; }, "everything done");
  EXPECT_EQ(hive.counters().sent, many + 1);
  EXPECT_EQ(hive.counters().lost, 0u);
}

TEST(TcpGatewayOutTest, UnderAtLeastOnceADrainCutsOffWhatNobodyIsLeftToTake) {
  Hive hive(buffering(Delivery::at_least_once));
  SocketClient slow(hive.address());
  hive.send_out(large_records());
  eventually([&] { return hive.taken() == many; }, "all records in its buffer");
  hive.start_drain();
  slow.reset();
  const auto counters = hive.drain();
  EXPECT_GT(counters.lost, 0u);
  EXPECT_EQ(counters.cut_off, counters.lost);
  EXPECT_EQ(counters.sent + counters.lost, many);
  eventually([&] { return hive.done() == many; }, "the end of all");
}

TEST(TcpGatewayOutTest, WhatComesAfterItsDrainIsLost) {
  Hive hive(buffering());
  EXPECT_EQ(hive.drain().lost, 0u);
  hive.send_out({"1", "2"});
  eventually([&] { return hive.taken() == 2; }, "credit");
  EXPECT_EQ(hive.counters().lost, 2u);
}

TEST(TcpGatewayOutTest, UnderAtLeastOnceItsSenderKeepsItUnlessThereIsNoTime) {
  Hive hive(buffering(Delivery::at_least_once));
  EXPECT_EQ(hive.drain().lost, 0u);
  hive.send_out({"1", "2"});
  EXPECT_EQ(hive.taken(), 0u) << "its sender has sent it";
  EXPECT_EQ(hive.counters().lost, 0u);
  hive.cease({.all_drained = true});
  EXPECT_EQ(hive.counters().lost, 0u);
  EXPECT_EQ(hive.taken(), 0u);
  hive.cease({.all_drained = false});
  eventually([&] { return hive.done() == 2; }, "the end of both");
  hive.send_out({"3"});
  eventually([&] { return hive.done() == 3; }, "the end of what comes still later");
  EXPECT_EQ(hive.counters().lost, 3u);
}

TEST(TcpGatewayOutTest, WhatItsServerHasAgainstItIsInTheLog) {
  SocketServer server;
  Hive hive(sending_to(server));
  auto peer = server.accept();
  const std::string complaint = R"({"error": {"code": "unauthorized", "message": "no token that is right"}})";
  peer.send(complaint + "\n" + complaint + "\n");
  const auto line = "session 1: " + server.address() + " says " + complaint + " (further ones are only counted)";
  peer.end_stream();
  eventually([&] { return hive.log().contain("session 1 from " + server.address() + " closed: "); }, "the end");
  EXPECT_EQ(hive.log().count(line), 1u);
  EXPECT_EQ(hive.log().count("warning: "), 1u) << hive.log().text();
}

/// What a source says is for its bees, whatever it is.
TEST(TcpGatewayOutTest, WhatBeesReadIsNoComplaint) {
  SocketServer server;
  HiveSetup setup;
  setup.options = table({{"connect", option(server.address())}});
  Hive hive(std::move(setup));
  auto peer = server.accept();
  const std::string record = R"({"error": {"code": "E42", "message": "a reading of a sensor"}})";
  peer.send(record + "\n");
  EXPECT_THAT(peer.line(), Optional(record));
  EXPECT_FALSE(hive.log().contain(" says ")) << hive.log().text();
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
  EXPECT_TRUE(hive.log().contain_at_info("in: session 1 from 127.0.0.1:" + std::to_string(port) + " closed: "))
      << hive.log().text();
  eventually([&] { return hive.log().contain("cannot connect to 127.0.0.1:" + std::to_string(port)); }, "a failure");
  hive.send_out({"2"});
  SocketServer again(port);
  auto peer = again.accept();
  EXPECT_THAT(peer.line(), Optional(std::string("2")));
}

/// Where its next frame begins is unknown then.
TEST(TcpGatewayOutTest, ConnectsAgainAfterAFrameOverALimit) {
  SocketServer server;
  HiveSetup setup;
  setup.options = table({{"connect", option(server.address())},
                         {"connect_delay_min", option("5ms")},
                         {"frame_bytes_max", option("16B")},
                         {"frame_time_max", option("100ms")}});
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  for (const auto* frame : {"a line of more than sixteen bytes\n", "\"half"}) {
    auto peer = server.accept();
    peer.send(frame);
    EXPECT_EQ(peer.line(), std::nullopt) << "it is not told, but the connection ends: " << frame;
  }
  auto peer = server.accept();
  hive.send_out({"1"});
  EXPECT_THAT(peer.line(), Optional(std::string("1")));
  EXPECT_EQ(hive.counters().refused, 2u);
}

TEST(TcpGatewayOutTest, APeerThatAcceptsAndClosesIsNotConnectedToWithoutEnd) {
  SocketServer server;
  HiveSetup setup;
  setup.options = table({{"connect", option(server.address())},
                         {"connect_delay_min", option("5ms")},
                         {"connect_delay_max", option("1h")}});
  Hive hive(std::move(setup));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 6; ++i) server.accept().close();
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(5 + 10 + 20 + 40 + 80));
}

TEST(TcpGatewayOutTest, ANameThatCannotBeResolvedIsTold) {
  HiveSetup setup;
  setup.options = table({{"connect", option("no-such-host.invalid:9")}, {"connect_time_max", option("200ms")}});
  Hive hive(std::move(setup));
  eventually([&] { return hive.log().contain("cannot connect to no-such-host.invalid:9: "); }, "a failure");
}

TEST(TcpGatewayOutTest, ConnectsToWhatIsNoAddressAsItStands) {
  for (const std::string host : {"localhost", "127.1"}) {  // the second is looked up, and needs no name server
    SocketServer server;
    HiveSetup setup;
    setup.options = table({{"connect", option(host + ":" + std::to_string(server.port()))}});
    Hive hive(std::move(setup));
    auto peer = server.accept();
    peer.send("1\n");
    EXPECT_THAT(peer.line(), Optional(std::string("1"))) << host;
  }
}

TEST(TcpGatewayOutTest, ARecordThatLinesCannotHoldIsLostAndTold) {
  auto setup = sending({{"content", option("raw")}});
  Hive hive(std::move(setup));
  SocketClient listener(hive.address());
  eventually([&] { return hive.counters().sessions_open == 1; }, "a listener");
  hive.send_out({"1", "two\nlines", "3\n", "4"}, ContentKind::raw);
  EXPECT_THAT(listener.line(), Optional(std::string("1")));
  EXPECT_THAT(listener.line(), Optional(std::string("4")));
  EXPECT_EQ(hive.log().count("a record cannot be sent out, and is lost: it has a line end in it"), 1u);
  const auto counters = hive.drain();
  EXPECT_EQ(counters.sent, 2u);
  EXPECT_EQ(counters.lost, 2u);
  EXPECT_EQ(counters.cut_off, 0u);
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

}  // namespace tcp_gateway_out_test
}  // namespace skep
