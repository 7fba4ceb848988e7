// Gateways with TLS, on real sockets.
#include <gmock/gmock.h>

#include "gateways/tcp_setup.hpp"
#include "gateways/tls_setup.hpp"
#include "gateways/websocket_client.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace tls_gateway_test {

using namespace testing;
using ::testing::HasSubstr;

class TlsGatewayTest : public ::testing::Test {
 protected:
  TlsClient client(Hive& hive) { return {hive.address(), files_.client()}; }
  static std::string text(BasicWebSocketClient<TlsClient>& client, const std::string& text) {
    client.send_text(text);
    return client.text();
  }

  TlsFiles files_;
};

class TlsVersionTest : public TlsGatewayTest, public ::testing::WithParamInterface<int> {};

TEST_P(TlsVersionTest, TcpAnswers) {
  Hive hive(files_.gateway());
  ASSERT_EQ(hive.failure(), "");
  auto setup = files_.client();
  setup.oldest = setup.newest = GetParam();
  TlsClient client(hive.address(), setup);
  ASSERT_TRUE(client.shake());
  EXPECT_EQ(SSL_version(&client.ssl()), GetParam());
  EXPECT_EQ(echo(client, "[1]"), "[1]");
  EXPECT_EQ(hive.counters().answered, 1u);
}

TEST_P(TlsVersionTest, WebSocketAnswers) {
  Hive hive(files_.gateway("websocket"));
  ASSERT_EQ(hive.failure(), "");
  auto setup = files_.client();
  setup.oldest = setup.newest = GetParam();
  TlsClient connected(hive.address(), setup);
  ASSERT_TRUE(connected.shake());
  BasicWebSocketClient<TlsClient> client(std::move(connected), hive.address());
  ASSERT_EQ(client.status(), 101u);
  EXPECT_EQ(text(client, "[1]"), "[1]");
  client.send(Opcode::ping, "x");
  EXPECT_EQ(client.receive().opcode, Opcode::pong);
  client.send(Opcode::close, "\x03\xe8");
  EXPECT_EQ(client.receive().code, 1000u);
  EXPECT_EQ(client.socket().rest(), "");
  EXPECT_TRUE(client.socket().ended_in_order());
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsVersionTest, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST_F(TlsGatewayTest, TakesCertificatesOfAnyKindWithThoseBetween) {
  const test::Authority root("demo", "critical,CA:TRUE");
  const auto between = root.between();
  auto plan = server_plan();
  plan.rsa_bits = 2048;
  for (const auto& made : {between.issue(server_plan()), between.issue(plan)}) {
    files_.put(made, between.pem());
    Hive hive(files_.gateway());
    ASSERT_EQ(hive.failure(), "");
    TlsClient client(hive.address(), {.authority = root.pem()});
    ASSERT_TRUE(client.shake());
    EXPECT_EQ(echo(client, "1"), "1");
  }
}

TEST_F(TlsGatewayTest, AnAuthorityThatAnotherOneHasSignedIsOneToo) {
  const auto issuing = files_.endless.between();
  files_.write("clients.pem", issuing.pem());
  Hive hive(files_.closed_gateway());
  ASSERT_EQ(hive.failure(), "");
  auto setup = files_.client();
  setup.own = issuing.issue(client_plan());
  TlsClient one(hive.address(), setup);
  ASSERT_TRUE(one.shake());
  EXPECT_EQ(echo(one, "1"), "1");
  setup.own = files_.endless.issue(client_plan());  // whoever has signed it is not meant
  TlsClient other(hive.address(), setup);
  (void)other.shake();
  other.socket().send_some(other.encrypt("2\n"));
  EXPECT_EQ(other.rest(), "");
}

TEST_F(TlsGatewayTest, TakesRecordsHoweverTheyAreCut) {
  Hive hive(files_.gateway());
  auto other = client(hive), cut = client(hive);
  ASSERT_TRUE(other.shake() && cut.shake());
  const auto whole = cut.encrypt("[0]\n");
  cut.socket().send(whole);
  ASSERT_EQ(cut.line().value_or("closed"), "[0]");
  for (std::size_t at = 1; at < whole.size(); ++at) {
    const auto record = cut.encrypt("[" + std::to_string(at % 10) + "]\n");
    cut.socket().send(record.substr(0, at));
    ASSERT_EQ(echo(other, "7"), "7");  // so the gateway has read the first part
    cut.socket().send(record.substr(at));
    ASSERT_EQ(cut.line().value_or("closed"), "[" + std::to_string(at % 10) + "]") << at;
  }
}

TEST_F(TlsGatewayTest, AHelloCutAnywhereIsStillOne) {
  Hive hive(files_.gateway());
  auto other = client(hive);
  ASSERT_TRUE(other.shake());
  for (const std::size_t at : {1u, 2u, 5u, 6u, 43u, 100u}) {
    auto cut = client(hive);
    const auto hello = cut.hello();
    cut.socket().send(hello.substr(0, at));
    ASSERT_EQ(echo(other, "7"), "7");
    cut.socket().send(hello.substr(at));
    ASSERT_TRUE(cut.shake()) << at;
    EXPECT_EQ(echo(cut, "1"), "1");
  }
}

TEST_F(TlsGatewayTest, WhatOneRecordOrOneReadBringsIsTakenInFull) {
  Hive hive(files_.gateway("tcp", {{"overflow", option("block")}}));
  auto one = client(hive);
  ASSERT_TRUE(one.shake());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += std::to_string(i) + "\n";
  one.send(many + many);  // over one record, in one go; then the client is silent
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(one.line().value_or("closed"), std::to_string(i));
  }
}

TEST_F(TlsGatewayTest, ARequestBehindTheHandshakeIsTakenWithoutAFurtherByte) {
  Hive hive(files_.gateway());
  auto setup = files_.client();
  setup.oldest = TLS1_3_VERSION;
  TlsClient one(hive.address(), setup);
  one.socket().send(one.hello());
  while (SSL_do_handshake(&one.ssl()) != 1) {
    const auto bytes = one.socket().some();
    ASSERT_FALSE(bytes.empty());
    BIO_write(SSL_get_rbio(&one.ssl()), bytes.data(), static_cast<int>(bytes.size()));
  }
  const auto finished = one.take_output();
  one.socket().send(finished + one.encrypt("[1]\n"));
  EXPECT_EQ(one.line().value_or("closed"), "[1]");
}

TEST_F(TlsGatewayTest, LargeAnswersReachAClientThatReadsSlowly) {
  Hive hive(files_.gateway("tcp", {{"session_requests_max", option(100)}, {"write_bytes_max", option("256MiB")}}));
  auto one = client(hive);
  ASSERT_TRUE(one.shake());
  const std::string large = '"' + std::string(1'000'000, 'x') + '"';
  constexpr int count = 12;
  std::thread sender([bytes = one.encrypt(large + "\n"), &one] { one.socket().send(bytes); });
  sender.join();
  ASSERT_EQ(one.line().value_or("closed").size(), large.size());
  std::string requests;
  for (int i = 0; i < count; ++i) requests += large + "\n";
  // All of it is on its way before anything is read: the gateway's socket is full.
  std::thread rest([bytes = one.encrypt(requests), &one] { one.socket().send(bytes); });
  eventually([&] { return hive.accepted().size() == count + 1; }, "all requests");
  rest.join();
  for (int i = 0; i < count; ++i) ASSERT_EQ(one.line().value_or("closed"), large) << i;
  EXPECT_EQ(echo(one, "1"), "1");
}

TEST_F(TlsGatewayTest, LargeMessagesReachAWebSocketThatReadsSlowlyWithPongsBetween) {
  Hive hive(files_.gateway("websocket", {{"write_bytes_max", option("256MiB")}}));
  auto connected = client(hive);
  ASSERT_TRUE(connected.shake());
  BasicWebSocketClient<TlsClient> one(std::move(connected), hive.address());
  ASSERT_EQ(one.status(), 101u);
  const std::string large = '"' + std::string(1'000'000, 'x') + '"';
  constexpr int count = 12;
  for (int i = 0; i < count; ++i) one.send_text(large);
  eventually([&] { return hive.accepted().size() == count; }, "all messages");
  one.send(Opcode::ping, "between");
  int pongs = 0;
  for (int i = 0; i < count;) {
    const auto message = one.receive();
    ASSERT_NE(message.opcode, Opcode::close);
    if (message.opcode == Opcode::pong) {
      ++pongs;
      continue;
    }
    ASSERT_EQ(message.bytes, large) << i;
    ++i;
  }
  if (pongs == 0) {
    EXPECT_EQ(one.receive().opcode, Opcode::pong);
  }
  EXPECT_EQ(text(one, "1"), "1");
}

/// A client for whom the kernel keeps little.
SocketClient narrow(const std::string& address) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int little = 4 << 10;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  const auto to = loopback(address);
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  return SocketClient(socket);
}

/// How much it takes of records for such a client, that reads nothing.
std::size_t kernel_takes() {
  SocketServer server;
  const auto reader = narrow(server.address());
  auto writer = server.accept();
  const std::string record(16'406, 'x');
  std::size_t all = 0, taken = 0;
  do {
    taken = writer.send_some(record);
    all += taken;
  } while (taken > 0);
  return all;
}

TEST_F(TlsGatewayTest, TheEndOfAnAnswerThatTheKernelDoesNotTakeFollowsByItself) {
  Hive hive(files_.gateway());
  const auto about = kernel_takes();
  // At one of these sizes it takes all but the last record.
  for (auto size = about - about / 16; size <= about + about / 32; size += 12u << 10) {
    TlsClient one(narrow(hive.address()), files_.client());
    ASSERT_TRUE(one.shake());
    const auto text = '"' + std::string(size, 'x') + '"';
    const auto count = hive.accepted().size();
    one.send(text + "\n");
    eventually([&] { return hive.accepted().size() > count; }, "the request");
    eventually([&] { return hive.counters().requests_open == 0; }, "its answer");  // written as far as it goes
    ASSERT_EQ(one.line().value_or("closed"), text) << size;
  }
}

/// What it may read is less than what one record brings.
TEST_F(TlsGatewayTest, AReadInSmallPartsLeavesNothingBehind) {
  auto setup = files_.gateway("tcp", {{"overflow", option("block")}});
  setup.payload_bytes_max = 64u << 10;
  Hive hive(std::move(setup));
  auto hog = client(hive), one = client(hive);
  ASSERT_TRUE(hog.shake() && one.shake());
  hog.send('"' + std::string(40'000, 'x'));  // a frame that does not end takes what unfinished ones may have
  const auto other = '"' + std::string(10'000, 'y') + "\"\n";
  for (int i = 0; i < 5; ++i) {
    one.send(other);
    ASSERT_EQ(one.line().value_or("closed"), other.substr(0, other.size() - 1)) << i;
  }
}

TEST_F(TlsGatewayTest, AClientThatDoesNotReadIsCutOff) {
  Hive hive(files_.gateway("tcp", {{"write_stall_max", option("100ms")}}));
  auto one = client(hive), other = client(hive);
  ASSERT_TRUE(one.shake() && other.shake());
  const auto large = one.encrypt('"' + std::string(1'000'000, 'x') + "\"\n");
  std::thread sender([&] {
    for (int i = 0; i < 20 && one.socket().send_some(large) == large.size(); ++i) {
    }
  });
  sender.join();
  eventually([&] { return hive.counters().sessions_open == 1; }, "the end of the session");
  EXPECT_EQ(echo(other, "1"), "1");
}

TEST_F(TlsGatewayTest, AClientThatEndsItsSideIsAnsweredAndToldOfTheEnd) {
  Hive hive(files_.gateway());
  hive.script(Script::keep_answers);
  auto one = client(hive);
  ASSERT_TRUE(one.shake());
  one.send("1\n2");  // as without TLS, the last line needs no end
  one.end_stream();
  eventually([&] { return hive.accepted().size() == 2; }, "both requests");
  hive.script(Script::echo);
  EXPECT_EQ(one.rest(), "1\n2\n");
  EXPECT_TRUE(one.ended_in_order());
}

TEST_F(TlsGatewayTest, WhoIsSilentIsToldOfTheEnd) {
  for (const auto* type : {"tcp", "websocket"}) {
    const bool lines = type == std::string("tcp");
    Hive hive(files_.gateway(type, {{lines ? "idle_max" : "upgrade_time_max", option("50ms")}}));
    auto one = client(hive);
    ASSERT_TRUE(one.shake());
    EXPECT_EQ(one.rest(), "");
    EXPECT_TRUE(one.ended_in_order()) << type;
  }
}

TEST_F(TlsGatewayTest, AStreamThatWasCutIsNoEndOfALine) {
  Hive hive(files_.gateway());
  {
    auto one = client(hive);
    ASSERT_TRUE(one.shake());
    one.send("1\n2");
    EXPECT_EQ(one.line().value_or("closed"), "1");
    one.socket().end_stream();  // of the socket: anybody on the way can do so
    EXPECT_EQ(one.rest(), "");
  }
  eventually([&] { return hive.counters().sessions_open == 0; }, "the end of the session");
  EXPECT_EQ(hive.accepted().size(), 1u);
}

TEST_F(TlsGatewayTest, ADrainAnswersAndEndsInOrder) {
  Hive hive(files_.gateway());
  hive.script(Script::keep_answers);
  auto one = client(hive);
  ASSERT_TRUE(one.shake());
  one.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "the request");
  hive.start_drain();
  hive.script(Script::echo);
  EXPECT_EQ(one.rest(), "1\n");
  EXPECT_TRUE(one.ended_in_order());
}

TEST_F(TlsGatewayTest, RecordsGoOutToClientsThatHaveShakenHands) {
  auto setup = files_.gateway();
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  SocketClient silent(hive.address());
  auto one = client(hive);
  ASSERT_TRUE(one.shake());
  hive.send_out({"1", "2"});
  EXPECT_EQ(one.bytes(4), "1\n2\n");
}

TEST_F(TlsGatewayTest, AFloodOfKeyUpdatesEndsTheConnection) {
  Hive hive(files_.gateway());
  auto one = client(hive), other = client(hive);
  ASSERT_TRUE(one.shake() && other.shake());
  const auto update = [](TlsClient& sender, std::uint32_t times) {
    for (std::uint32_t i = 0; i < times; ++i) {
      ASSERT_EQ(SSL_key_update(&sender.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
      SSL_do_handshake(&sender.ssl());
    }
    sender.flush();
  };
  update(other, limits::tls_messages_between_data_max / 2);
  EXPECT_EQ(echo(other, "1"), "1");
  update(one, 2 * limits::tls_messages_between_data_max);
  EXPECT_EQ(one.rest(), "");
  EXPECT_EQ(echo(other, "2"), "2");
}

/// What it is to be answered cannot go out then, and nothing else may wait for that.
TEST_F(TlsGatewayTest, AMessageOfTlsThatIsLeftUnfinishedEndsTheConnection) {
  using WebSocket = BasicWebSocketClient<TlsClient>;
  for (const auto* type : {"tcp", "websocket"}) {
    SCOPED_TRACE(type);
    Hive hive(files_.gateway(type)), other(tcp());
    std::string secret;
    auto setup = files_.client();
    setup.secret = &secret;
    TlsClient one(hive.address(), setup);
    ASSERT_TRUE(one.shake());
    if (type == std::string("tcp")) {
      one.socket().send(one.encrypt("[1]\n") + unfinished_message(secret, 1));
      EXPECT_EQ(one.rest(), "");
    } else {
      WebSocket client(std::move(one), hive.address());
      ASSERT_EQ(client.status(), 101u);
      const auto message = client.socket().encrypt(WebSocket::frame(Opcode::text, "[1]"));
      client.socket().socket().send(message + unfinished_message(secret, 2));
      EXPECT_EQ(client.socket().rest(), "");
    }
    auto next = client(hive);
    ASSERT_TRUE(next.shake());
    eventually([&] { return hive.counters().sessions_open == 1; }, "the end of the first");
    EXPECT_TRUE(hive.log().contain("it has left a message of TLS unfinished"));
  }
}

TEST_F(TlsGatewayTest, ReloadIsForThoseToCome) {
  Hive hive(files_.gateway());
  auto before = client(hive);
  ASSERT_TRUE(before.shake());
  const test::Authority next;
  files_.put(next.issue(server_plan()));
  hive.reload();
  eventually([&] { return hive.log().contain("' is reloaded: 0 days left"); }, "the reload");
  EXPECT_FALSE(client(hive).shake());  // it trusts the old one
  TlsClient after(hive.address(), {.authority = next.pem()});
  ASSERT_TRUE(after.shake());
  EXPECT_EQ(echo(after, "1"), "1");
  EXPECT_EQ(echo(before, "2"), "2");
}

TEST_F(TlsGatewayTest, AReloadOfWhatIsWrongChangesNothing) {
  Hive hive(files_.gateway());
  auto before = client(hive);
  ASSERT_TRUE(before.shake());
  files_.write("key.pem", files_.authority.issue(server_plan()).key);
  hive.reload();
  eventually(
      [&] { return hive.log().contain("not reloaded, what was in use stays: tls_key: '" + files_.path("key.pem")); },
      "the refusal");
  EXPECT_EQ(echo(before, "1"), "1");
  auto after = client(hive);
  ASSERT_TRUE(after.shake());
  EXPECT_EQ(echo(after, "2"), "2");
}

/// Its time to be told of comes while the gateway is open, where the machine is not slow.
TEST_F(TlsGatewayTest, SaysSoWhileItRuns) {
  auto plan = server_plan();
  plan.to = limits::certificate_warn_time + std::chrono::seconds(2);
  files_.put(files_.authority.issue(plan));
  Hive hive(files_.gateway());
  ASSERT_EQ(hive.failure(), "");
  eventually([&] { return hive.log().contain("' ends in 33"); }, "the warning");
}

TEST_F(TlsGatewayTest, SaysWhenItsCertificateEnds) {
  const auto epoch = [] { return std::chrono::system_clock::now().time_since_epoch() / std::chrono::seconds(1); };
  auto plan = server_plan();
  plan.to = limits::certificate_warn_time + std::chrono::hours(1);
  files_.put(files_.authority.issue(plan));
  {
    Hive hive(files_.gateway());
    EXPECT_NEAR(double(hive.counters().certificate_expiry), double(epoch() + plan.to.count()), 60);
    EXPECT_FALSE(hive.log().contain("' ends in "));
  }
  plan.to = limits::certificate_warn_time - std::chrono::minutes(30);
  files_.put(files_.authority.issue(plan));
  Hive hive(files_.gateway());
  EXPECT_TRUE(hive.log().contain("' ends in 335 hours: put another in its place, then SIGHUP"));
}

TEST_F(TlsGatewayTest, DoesNotStartWithFilesThatAreWrong) {
  files_.write("key.pem", files_.authority.issue(server_plan()).key, 0644);
  EXPECT_THAT(Hive(files_.gateway()).failure(), HasSubstr("and others than its owner can reach it: chmod 600"));
  files_.write("key.pem", files_.authority.issue(server_plan()).key);
  EXPECT_THAT(Hive(files_.gateway()).failure(), HasSubstr("key.pem' is not the key of '"));
}

TEST_F(TlsGatewayTest, WhoSpeaksTlsWhereThereIsNoneIsToldOfInTheLog) {
  for (const auto* type : {"tcp", "websocket"}) {
    HiveSetup setup;
    setup.type = type;
    setup.options = listening();
    Hive hive(std::move(setup));
    EXPECT_FALSE(client(hive).shake());
    eventually([&] { return hive.log().contain("is refused: it speaks TLS, and this gateway has no tls_certificate"); },
               "the line in the log");
  }
}

}  // namespace tls_gateway_test
}  // namespace skep
