// However a WebSocket client's bytes are cut on their way, its upgrade too: it hears the same.
#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/websocket_client.hpp"
#include "gateways/websocket_setup.hpp"

namespace skep {
namespace websocket_splits_test {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Pieces = std::vector<std::string_view>;

const std::string upgrade =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const std::string frames = WebSocketClient::frame(Opcode::text, "[1, \"\xE2\x82\xAC\"]") +
                           WebSocketClient::frame(Opcode::binary, std::string(130, '\xFF')) +
                           WebSocketClient::frame(Opcode::text, "\"\xE2", false) +
                           WebSocketClient::frame(Opcode::ping, "are you there?") +
                           WebSocketClient::frame(Opcode::continuation, "", false) +
                           WebSocketClient::frame(Opcode::continuation, "\x82\xAC\"") +
                           WebSocketClient::frame(Opcode::text, "") + WebSocketClient::frame(Opcode::binary, "") +
                           WebSocketClient::frame(Opcode::close, std::string("\x03\xE8", 2) + "done") +
                           WebSocketClient::frame(Opcode::text, "2");

/// Of one session.
struct Heard {
  std::string response;   ///< to its upgrade
  Texts messages, pongs;  ///< a pong may overtake answers that have not begun
  std::string end;
  friend bool operator==(const Heard&, const Heard&) = default;
};

void PrintTo(const Heard& heard, std::ostream* out) {
  *out << heard.response << '\n'
       << ::testing::PrintToString(heard.messages) << ::testing::PrintToString(heard.pongs) << heard.end;
}

class WebSocketSplitsTest : public ::testing::Test {
 protected:
  /// What a client hears that sends its upgrade, and its frames once it has the response, in these pieces, each of
  /// which the gateway reads alone.
  Heard heard(const Pieces& first, const Pieces& then) {
    SocketClient client(hive_.address());
    for (const auto piece : first) send_alone(client, piece);
    Heard heard;
    while (!heard.response.ends_with("\r\n\r\n") && !HasFailure()) heard.response += client.bytes(1);
    for (const auto piece : then) send_alone(client, piece);
    WebSocketClient reader(std::move(client));
    for (auto message = reader.receive();; message = reader.receive()) {
      if (message.opcode == Opcode::close) {
        heard.end = std::to_string(message.code) + ' ' + message.bytes;
        return heard;
      }
      (message.opcode == Opcode::pong ? heard.pongs : heard.messages).push_back(message.bytes);
    }
  }

  static Pieces bytes_of(std::string_view all) {
    Pieces pieces;
    for (std::size_t i = 0; i < all.size(); ++i) pieces.push_back(all.substr(i, 1));
    return pieces;
  }
  static Pieces cut_at(std::string_view all, std::size_t offset) { return {all.substr(0, offset), all.substr(offset)}; }

 private:
  void send_alone(SocketClient& client, std::string_view piece) {
    other_.send_text("0");  // once this is answered, the gateway has read what was sent before
    EXPECT_EQ(other_.text(), "0");
    client.send(piece);
  }

  Hive hive_{websocket()};
  WebSocketClient other_{hive_.address()};
};

TEST_F(WebSocketSplitsTest, ASessionHearsTheSame) {
  const auto whole = heard({upgrade}, {frames});
  EXPECT_THAT(whole.response, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(whole.messages, ElementsAre("[1, \"\xE2\x82\xAC\"]", std::string(130, '\xFF'), "\"\xE2\x82\xAC\"",
                                          HasSubstr("bad_record"), ""));
  EXPECT_THAT(whole.pongs, ElementsAre("are you there?"));
  EXPECT_EQ(whole.end, "1000 ");
  ASSERT_EQ(heard(bytes_of(upgrade), bytes_of(frames)), whole) << "byte by byte";
  for (std::size_t cut = 1; cut < upgrade.size(); ++cut) {
    ASSERT_EQ(heard(cut_at(upgrade, cut), {frames}), whole) << "the upgrade is cut at " << cut;
  }
  for (std::size_t cut = 1; cut < frames.size(); ++cut) {
    ASSERT_EQ(heard({upgrade}, cut_at(frames, cut)), whole) << "the frames are cut at " << cut;
  }
}

}  // namespace websocket_splits_test
}  // namespace skep
