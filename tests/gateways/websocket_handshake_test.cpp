#include "websocket_handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "skep/gateways/limits.hpp"
#include "websocket/websocket_accept.hpp"

namespace skep {
namespace websocket_handshake_test {

using State = WebSocketHandshake::State;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const UpgradeRules rules{"/ws", {}, false};

std::string request(const std::string& line = "GET /ws HTTP/1.1", const std::string& version = "13") {
  return line + "\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
         "Sec-WebSocket-Version: " + version + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

struct Outcome {
  State state;
  std::string response;
};

std::optional<UpgradeRefusal> let_in(std::optional<std::string_view> /*token*/) {
  return std::nullopt;
}

Outcome shake(const std::string& text, const WebSocketHandshake::Judge& judge = let_in) {
  WebSocketHandshake handshake(rules, judge);
  const auto state = handshake.feed(text);
  return {state, handshake.response()};
}

TEST(WebSocketHandshakeTest, AcceptsWithTheExampleOfTheStandard) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const auto [state, response] = shake(request());
  EXPECT_EQ(state, State::accepted);
  EXPECT_EQ(response,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST(WebSocketHandshakeTest, HoweverTheRequestIsCut) {
  const auto text = request();
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    WebSocketHandshake handshake(rules, let_in);
    ASSERT_EQ(handshake.feed(text.substr(0, cut)), State::reading) << cut;
    ASSERT_EQ(handshake.feed(text.substr(cut)), State::accepted) << cut;
  }
  WebSocketHandshake handshake(rules, let_in);
  for (std::size_t at = 0; at + 1 < text.size(); ++at) ASSERT_EQ(handshake.feed(text.substr(at, 1)), State::reading);
  EXPECT_EQ(handshake.feed("\n"), State::accepted);
}

/// RFC 9110, 5.3: several lines of a list are one.
TEST(WebSocketHandshakeTest, ListsMayStandOnSeveralLines) {
  const auto with = [](const std::string& lines) {
    return "GET /ws HTTP/1.1\r\nHost: a.example\r\n" + lines +
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  };
  for (const auto* lines :
       {"Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
        "Connection: upgrade\r\nUpgrade: h2c\r\nConnection: close\r\nUpgrade: foo/1, WebSocket\r\n"}) {
    EXPECT_EQ(shake(with(lines)).state, State::accepted) << lines;
  }
  for (const auto* lines : {"Connection: keep-alive\r\nUpgrade: websocket\r\n", "Connection: Upgrade\r\n",
                            "Connection: Upgrade\r\nUpgrade: websockets\r\nUpgrade: web, socket\r\n"}) {
    EXPECT_THAT(shake(with(lines)).response, HasSubstr("426")) << lines;
  }
}

TEST(WebSocketHandshakeTest, RefusesInWordsOfHttp) {
  struct Row {
    std::string sent, status;
  };
  for (const auto& [sent, status] :
       {Row{"hello\r\n\r\n", "400 Bad Request"}, Row{request("GET /other HTTP/1.1"), "404 Not Found"},
        Row{request("POST /ws HTTP/1.1"), "426 Upgrade Required"}, Row{request("GET /ws HTTP/1.0"), "426 "},
        Row{request("GET /ws HTTP/1.1", "8"), "426 "}, Row{request() + "x", "400 Bad Request"},
        Row{"GET /ws HTTP/1.1\r\nHost: a.example\r\n\r\n", "426 "}, Row{"GET /ws HTTP/1.0\r\n\r\n", "426 "},
        Row{"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "400 "}}) {
    const auto [state, response] = shake(sent);
    EXPECT_EQ(state, State::refused) << sent;
    EXPECT_THAT(response, AllOf(StartsWith("HTTP/1.1 " + status), HasSubstr("Connection: close\r\n"), EndsWith("\n")));
  }
  EXPECT_THAT(shake(request("GET /ws HTTP/1.1", "8")).response, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
  const auto full = [](auto) { return UpgradeRefusal{503, "too many\n"}; };
  EXPECT_THAT(shake(request(), full).response, AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\ntoo many\n")));
}

TEST(WebSocketHandshakeTest, AHeaderHasUpgradeHeaderBytesMax) {
  const std::string begin = "GET /ws HTTP/1.1\r\nX: ";
  WebSocketHandshake handshake(rules, let_in);
  EXPECT_EQ(handshake.feed(begin), State::reading);
  EXPECT_EQ(handshake.feed(std::string(limits::upgrade_header_bytes_max - begin.size() - 8, 'x')), State::reading);
  EXPECT_EQ(handshake.feed(std::string(16, 'x')), State::refused);
  EXPECT_THAT(handshake.response(), AllOf(StartsWith("HTTP/1.1 431 "), HasSubstr("upgrade_header_bytes_max = 16384")));
}

}  // namespace websocket_handshake_test
}  // namespace skep
