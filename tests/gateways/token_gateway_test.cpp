// Gateways that ask for tokens, and that count what one address does, on real sockets.
#include <gmock/gmock.h>

#include "gateways/tcp_setup.hpp"
#include "gateways/tls_setup.hpp"
#include "gateways/websocket_client.hpp"
#include "gateways/websocket_setup.hpp"
#include "skep/actors/sha256.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace token_gateway_test {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string secret = "a-secret-of-a-client-of-ours";

OptionValue tokens() {
  const auto hash = [](const std::string& token) {
    return "sha256:" + Sha256::hex_of(std::as_bytes(std::span(token)));
  };
  return list(hash("another"), hash(secret));
}

std::string authorization(const std::string& token) {
  return "Authorization: Bearer " + token + "\r\n";
}

/// From 127.0.0.2, which is another address of this machine.
SocketClient from_elsewhere(const std::string& address) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto from = loopback("127.0.0.2:0"), to = loopback(address);
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from), 0);
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  return SocketClient(socket);
}

TEST(TokenGatewayTest, ARightTokenIsFollowedByFramesAndNotAnswered) {
  Hive hive(tcp({{"tokens", tokens()}}));
  ASSERT_EQ(hive.failure(), "");
  SocketClient client(hive.address());
  client.send("Bearer " + secret + "\n1\n");
  EXPECT_EQ(client.line().value_or("closed"), "1");
  SocketClient slow(hive.address());
  for (const char c : "bearer another\r\n2\n" + std::string()) slow.send({&c, 1});
  EXPECT_EQ(slow.line().value_or("closed"), "2");
  EXPECT_EQ(hive.counters().requests, 2u);
  EXPECT_EQ(hive.counters().refused_tokens, 0u);
}

/// One line a second: of the last second's, too, whenever that ends.
TEST(TokenGatewayTest, ADrainLeavesNoRefusalUntold) {
  Hive hive(tcp({{"tokens", tokens()}}));
  for (int i = 0; i < 4; ++i) {
    SocketClient client(hive.address());
    client.send("1\n");
    EXPECT_THAT(client.rest(), HasSubstr("\"unauthorized\""));
  }
  EXPECT_EQ(hive.drain().refused_tokens, 4u);
  const auto text = hive.log().text();
  auto told = hive.log().count("is refused: ");
  for (auto at = text.find("(and "); at != std::string::npos; at = text.find("(and ", at + 1)) {
    told += std::stoul(text.substr(at + 5));
  }
  EXPECT_EQ(told, 4u) << text;
}

/// A secret is no record, whoever says it to whom.
TEST(TokenGatewayTest, ATokenThatNobodyAskedForGoesNowhere) {
  for (const auto& [content, before] : {std::pair("json", "\n"), std::pair("raw", "")}) {
    Hive hive(tcp({{"content", option(content)}}));
    for (const auto* more : {"\n1\n", "\n", ""}) {
      SocketClient client(hive.address());
      client.send(before + ("Bearer " + secret + more));
      client.end_stream();
      EXPECT_THAT(client.rest(), AllOf(HasSubstr("\"bad_record\""), HasSubstr("this gateway asks for no token"),
                                       Not(HasSubstr(secret)), Not(HasSubstr("\n1\n"))))
          << content << more;
    }
    EXPECT_EQ(hive.counters().requests, 0u);
    EXPECT_EQ(hive.counters().refused_protocols, 3u);
    EXPECT_TRUE(hive.log().contain("is refused: it shows a token, and this gateway has no tokens"));
    EXPECT_FALSE(hive.log().contain(secret));
  }
}

TEST(TokenGatewayTest, OnlyTheFirstFrameCouldBeAToken) {
  Hive hive(tcp({{"content", option("raw")}}));
  SocketClient client(hive.address());
  client.send("Bearer of news\nBearer " + secret + "\n");
  EXPECT_EQ(client.line(), "Bearer of news");
  EXPECT_EQ(client.line(), "Bearer " + secret);
}

TEST(TokenGatewayTest, FramesWithALengthBeginWithATokenToo) {
  Hive hive(tcp({{"tokens", tokens()}, {"framing", option("length")}}));
  SocketClient client(hive.address());
  client.send(framed("Bearer " + secret) + framed("1"));
  EXPECT_EQ(unframed(client), "1");
  SocketClient wrong(hive.address());
  wrong.send(framed("1"));
  EXPECT_THAT(unframed(wrong), HasSubstr("\"unauthorized\""));
  EXPECT_EQ(wrong.rest(), "");
}

TEST(TokenGatewayTest, WhoHasNoRightTokenHearsSoAndIsGone) {
  Hive hive(tcp({{"tokens", tokens()}}));
  const std::string guess = "a-guess-of-a-stranger";
  for (const auto& first : {"Bearer " + guess, std::string("{\"a\": 1}"), std::string("Bearer "), std::string(), secret,
                            std::string(limits::token_line_bytes_max + 1, 'x')}) {
    SocketClient client(hive.address());
    client.send(first + "\n[1]\n");
    const auto answer = client.line().value_or("closed");
    EXPECT_THAT(answer, AllOf(HasSubstr("\"unauthorized\""), Not(HasSubstr(guess)))) << first;
    EXPECT_EQ(client.rest(), "") << first;
  }
  EXPECT_EQ(hive.counters().refused_tokens, 6u);
  EXPECT_EQ(hive.counters().requests, 0u);
  EXPECT_TRUE(hive.log().contain(" is refused: its token is wrong"));
  EXPECT_FALSE(hive.log().contain(guess));
  EXPECT_FALSE(hive.log().contain(secret));
}

TEST(TokenGatewayTest, ATokenHasItsTime) {
  Hive hive(tcp({{"tokens", tokens()}, {"token_time_max", option("50ms")}}));
  SocketClient client(hive.address());
  client.send("Bearer ");
  EXPECT_THAT(client.line().value_or("closed"), HasSubstr("no token within token_time_max = 50ms"));
  EXPECT_EQ(client.rest(), "");
  SocketClient silent(hive.address());
  EXPECT_THAT(silent.rest(), HasSubstr("\"unauthorized\""));
}

TEST(TokenGatewayTest, ATokenWithoutItsEndIsLookedAtWhenTheStreamEnds) {
  Hive hive(tcp({{"tokens", tokens()}}));
  const auto answer_to = [&](const std::string& first) {
    SocketClient client(hive.address());
    client.send(first);
    client.end_stream();
    return client.rest();
  };
  EXPECT_EQ(answer_to("Bearer " + secret), "");
  EXPECT_EQ(hive.counters().sessions, 1u);
  EXPECT_EQ(hive.counters().refused_tokens, 0u);
  EXPECT_THAT(answer_to("Bearer x"), HasSubstr("\"unauthorized\""));
  EXPECT_THAT(answer_to(""), HasSubstr("\"unauthorized\""));
  EXPECT_EQ(hive.counters().refused_tokens, 2u);
}

TEST(TokenGatewayTest, NoRecordGoesOutToWhoHasNoToken) {
  auto setup = tcp({{"tokens", tokens()}});
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  SocketClient stranger(hive.address());
  SocketClient client(hive.address());
  client.send("Bearer " + secret + "\n");
  eventually([&] { return hive.counters().sessions == 1; }, "one session");  // the stranger came before it
  hive.send_out({"1", "2"});
  EXPECT_EQ(client.bytes(4), "1\n2\n");
  stranger.send("Bearer x\n");
  EXPECT_THAT(stranger.rest(), AllOf(HasSubstr("\"unauthorized\""), Not(HasSubstr("1\n"))));
}

TEST(TokenGatewayTest, TokensGoThroughTls) {
  const TlsFiles files;
  Hive hive(files.gateway("tcp", {{"tokens", tokens()}}));
  TlsClient client(hive.address(), files.client()), wrong(hive.address(), files.client());
  ASSERT_TRUE(client.shake() && wrong.shake());
  client.send("Bearer " + secret + "\n");
  EXPECT_EQ(echo(client, "1"), "1");
  wrong.send("Bearer x\n1\n");
  EXPECT_THAT(wrong.rest(), HasSubstr("\"unauthorized\""));
}

TEST(TokenGatewayTest, AWebSocketShowsItsTokenInTheRequest) {
  Hive hive(websocket({{"tokens", tokens()}}));
  WebSocketClient client(hive.address(), "/", authorization(secret));
  ASSERT_EQ(client.status(), 101u);
  client.send_text("1");
  EXPECT_EQ(client.text(), "1");
}

TEST(TokenGatewayTest, AWebSocketWithoutARightTokenIs401WhateverItAsksFor) {
  Hive hive(websocket({{"tokens", tokens()}}));
  const auto origin = "Origin: http://" + hive.address() + "\r\n";
  for (const auto& fields :
       {std::string(), origin, authorization("x"), authorization(""), "Authorization: " + secret + "\r\n",
        "Authorization: Basic " + secret + "\r\n", authorization(secret) + authorization(secret)}) {
    for (const auto* target : {"/", "/elsewhere", ("/?access_token=a-secret-of-a-client")}) {
      WebSocketClient client(hive.address(), target, fields);
      EXPECT_EQ(client.status(), 401u) << fields;
      EXPECT_THAT(client.header(), HasSubstr("WWW-Authenticate: Bearer\r\n"));
      EXPECT_THAT(client.socket().rest(), StartsWith("no token that is right: ")) << fields;
    }
  }
  EXPECT_EQ(WebSocketClient(hive.address(), "/elsewhere", authorization(secret)).status(), 404u);
  EXPECT_EQ(WebSocketClient(hive.address(), "/", authorization(secret) + "Origin: http://a\r\n").status(), 403u);
}

/// Closed at once, with that unread, it would not come to hear so.
TEST(TokenGatewayTest, WhoSendsMuchBehindItsRequestHearsToo) {
  Hive hive(websocket({{"tokens", tokens()}}));
  SocketClient client(hive.address());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
  client.send(std::string(8'000'000, 'x'));
  EXPECT_THAT(client.rest(), AllOf(HasSubstr("HTTP/1.1 401 "), HasSubstr("no token that is right")));
}

TEST(TokenGatewayTest, WrongTokensOfOneAddressEndInNoneBeingLookedAt) {
  Hive hive(websocket({{"tokens", tokens()}, {"wrong_tokens_max", option(int{limits::wrong_tokens_max})}}));
  for (std::uint32_t i = 0; i < 1000; ++i) {
    WebSocketClient client(hive.address(), "/", authorization("guess-" + std::to_string(i)));
    ASSERT_EQ(client.status(), i < limits::wrong_tokens_max ? 401u : 429u) << i;
    EXPECT_EQ(client.header().find("Retry-After: 60\r\n") != std::string::npos, client.status() == 429) << i;
  }
  EXPECT_EQ(WebSocketClient(hive.address(), "/", authorization(secret)).status(), 429u);
  WebSocketClient other(from_elsewhere(hive.address()), hive.address(), "/", authorization(secret));
  EXPECT_EQ(other.status(), 101u);
}

TEST(TokenGatewayTest, OverTcpTheyEndInOverloaded) {
  Hive hive(tcp({{"tokens", tokens()}, {"wrong_tokens_max", option(2)}}));
  for (const auto* code : {"\"unauthorized\"", "\"unauthorized\"", "\"overloaded\""}) {
    SocketClient client(hive.address());
    client.send("Bearer x\n");
    EXPECT_THAT(client.rest(), HasSubstr(code));
  }
  auto other = from_elsewhere(hive.address());
  other.send("Bearer " + secret + "\n1\n");
  EXPECT_EQ(other.line().value_or("closed"), "1");
}

/// Who has shown no token takes no place of those who have.
TEST(TokenGatewayTest, StrangersKeepNobodyOut) {
  for (const auto* type : {"tcp", "websocket"}) {
    SCOPED_TRACE(type);
    const bool lines = type == std::string("tcp");
    const std::initializer_list<std::pair<const char*, OptionValue>> options = {
        {"tokens", tokens()}, {"sessions_max", option(1)}, {"newcomers_max", option(2)}};
    Hive hive(lines ? tcp(options) : websocket(options));
    std::vector<SocketClient> strangers;
    for (int i = 0; i < 5; ++i) strangers.emplace_back(hive.address());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(strangers[static_cast<std::size_t>(i)].rest(), "") << i;  // the oldest
    EXPECT_EQ(hive.counters().refused_tokens, 3u);
    EXPECT_TRUE(hive.log().contain("it has shown no token yet, and there are more than newcomers_max = 2"));
    EXPECT_EQ(hive.counters().sessions_open, 0u);
    SocketClient known(hive.address());
    const auto request =
        lines ? "Bearer " + secret + "\n1\n" : WebSocketClient::request(hive.address(), "/", authorization(secret));
    known.send(request);
    EXPECT_EQ(known.line().value_or("closed"), lines ? "1" : "HTTP/1.1 101 Switching Protocols\r");
    EXPECT_EQ(hive.counters().sessions_open, 1u);
    SocketClient second(hive.address());
    second.send(request);
    EXPECT_THAT(second.rest(), HasSubstr("too many connections: sessions_max = 1"));
    known.close();
    eventually([&] { return hive.counters().sessions_open == 0; }, "the end of the first");
    SocketClient third(hive.address());
    third.send(request);
    EXPECT_EQ(third.line().value_or("closed"), lines ? "1" : "HTTP/1.1 101 Switching Protocols\r");
    EXPECT_EQ(hive.counters().sessions, 2u);
    EXPECT_EQ(hive.counters().refused, 0u);
  }
}

TEST(TokenGatewayTest, OnThisMachineNothingCountsUnlessItIsSet) {
  Hive hive(tcp({{"tokens", tokens()}}));
  std::vector<SocketClient> clients;
  for (std::uint32_t i = 0; i < 2 * limits::address_sessions_max; ++i) {
    auto& client = clients.emplace_back(hive.address());
    client.send(i % 2 == 0 ? "Bearer x\n" : "Bearer " + secret + "\n1\n");
    ASSERT_THAT(client.line().value_or("closed"), i % 2 == 0 ? HasSubstr("unauthorized") : HasSubstr("1")) << i;
  }
}

TEST(AddressGatewayTest, ConnectionsOfOneAddressHaveALimit) {
  Hive hive(tcp({{"address_sessions_max", option(2)}}));
  SocketClient one(hive.address()), two(hive.address());
  one.send("1\n");
  two.send("2\n");
  ASSERT_EQ(one.line().value_or("closed"), "1");
  ASSERT_EQ(two.line().value_or("closed"), "2");
  EXPECT_EQ(SocketClient(hive.address()).rest(), "");
  eventually([&] { return hive.counters().refused_addresses == 1; }, "the count");
  EXPECT_TRUE(hive.log().contain("its address has connections enough: address_sessions_max = 2"));
  auto other = from_elsewhere(hive.address());
  other.send("3\n");
  EXPECT_EQ(other.line().value_or("closed"), "3");
  one.close();
  eventually([&] { return hive.counters().sessions_open == 2; }, "the end of one");
  SocketClient next(hive.address());
  next.send("4\n");
  EXPECT_EQ(next.line().value_or("closed"), "4");
}

TEST(AddressGatewayTest, ConnectionsOfOneAddressHaveARate) {
  Hive hive(tcp({{"address_rate", option(1)}, {"address_burst", option(2)}}));
  for (const auto* line : {"1", "2"}) {
    SocketClient client(hive.address());
    client.send(std::string(line) + "\n");
    ASSERT_EQ(client.line().value_or("closed"), line);
  }
  EXPECT_EQ(SocketClient(hive.address()).rest(), "");
  EXPECT_TRUE(hive.log().contain("its address opens connections too fast: address_rate = 1, address_burst = 2"));
}

TEST(AddressGatewayTest, WhoShakesHandsCountsToo) {
  const TlsFiles files;
  Hive hive(files.gateway("tcp", {{"address_sessions_max", option(1)}, {"tls_handshake_time_max", option("200ms")}}));
  SocketClient silent(hive.address());
  EXPECT_EQ(SocketClient(hive.address()).rest(), "");
  eventually([&] { return hive.counters().refused_addresses == 1; }, "the refusal");
  EXPECT_EQ(silent.rest(), "");  // its time is over
  TlsClient client(hive.address(), files.client());
  ASSERT_TRUE(client.shake());
  EXPECT_EQ(echo(client, "1"), "1");
}

}  // namespace token_gateway_test
}  // namespace skep
