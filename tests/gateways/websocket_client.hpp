#pragma once
// The client's side of RFC 6455, as much as tests need: it sends what it is told, right or wrong.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "gateways/socket_client.hpp"

namespace skep::testing {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct WebSocketClientMessage {
  Opcode opcode = Opcode::close;
  std::string bytes;  ///< of a close: its reason
  unsigned code = 0;  ///< of a close; 1006: the connection ended without one
};

/// On a SocketClient, or on something with its calls.
template <class Socket>
class BasicWebSocketClient {
 public:
  using Message = WebSocketClientMessage;

  /// Upgrades; `status` says how that went. `fields` are further lines of the request's header.
  explicit BasicWebSocketClient(const std::string& address, const std::string& target = "/",
                                const std::string& fields = {})
      : BasicWebSocketClient(Socket(address), address, target, fields) {}
  /// Upgrades a connection that is there.
  BasicWebSocketClient(Socket connected, const std::string& address, const std::string& target = "/",
                       const std::string& fields = {})
      : socket_(std::move(connected)) {
    socket_.send(request(address, target, fields));
    const auto first = socket_.line().value_or("");
    status_ = first.size() > 12 ? static_cast<unsigned>(std::stoul(first.substr(9, 3))) : 0;
    for (auto line = socket_.line(); line && *line != "\r"; line = socket_.line()) header_ += *line + "\n";
  }

  /// Of a connection that was upgraded before.
  explicit BasicWebSocketClient(Socket upgraded) : socket_(std::move(upgraded)) {}

  /// To upgrade.
  [[nodiscard]] static std::string request(const std::string& address, const std::string& target = "/",
                                           const std::string& fields = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: " + address +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           fields + "\r\n";
  }

  [[nodiscard]] unsigned status() const { return status_; }
  [[nodiscard]] const std::string& header() const { return header_; }
  [[nodiscard]] Socket& socket() { return socket_; }

  [[nodiscard]] static std::string frame(Opcode opcode, std::string_view bytes, bool last = true) {
    std::string frame{static_cast<char>((last ? 0x80 : 0) | static_cast<int>(opcode))};
    append_length(frame, bytes.size());
    const std::string mask = "\x11\x22\x33\x44";
    frame += mask;
    for (std::size_t i = 0; i < bytes.size(); ++i) frame += static_cast<char>(bytes[i] ^ mask[i % 4]);
    return frame;
  }
  void send(Opcode opcode, std::string_view bytes) { socket_.send(frame(opcode, bytes)); }
  void send_text(std::string_view text) { send(Opcode::text, text); }

  Message receive() {
    const auto head = socket_.bytes(2);
    if (head.size() < 2) return {Opcode::close, "", 1006};
    std::uint64_t size = head[1] & 0x7f;
    if (size >= 126) {
      std::uint64_t longer = 0;
      for (const char c : socket_.bytes(size == 126 ? 2 : 8)) longer = longer << 8 | static_cast<unsigned char>(c);
      size = longer;
    }
    Message message{static_cast<Opcode>(head[0] & 0x0f), socket_.bytes(size)};
    if (message.opcode != Opcode::close || message.bytes.size() < 2) return message;
    message.code = static_cast<unsigned char>(message.bytes[0]) * 256u + static_cast<unsigned char>(message.bytes[1]);
    message.bytes.erase(0, 2);
    return message;
  }
  /// The next text, or a word for what came instead.
  std::string text() {
    const auto message = receive();
    if (message.opcode == Opcode::text) return message.bytes;
    return message.opcode == Opcode::close ? "close " + std::to_string(message.code) : "no text";
  }

 private:
  static void append_length(std::string& frame, std::size_t size) {
    constexpr int masked = 0x80;
    if (size < 126) {
      frame += static_cast<char>(masked | static_cast<int>(size));
      return;
    }
    const int bytes = size < 65536 ? 2 : 8;
    frame += static_cast<char>(masked | (bytes == 2 ? 126 : 127));
    for (int i = bytes - 1; i >= 0; --i) frame += static_cast<char>(size >> (8 * i));
  }

  Socket socket_;
  unsigned status_ = 0;
  std::string header_;
};

using WebSocketClient = BasicWebSocketClient<SocketClient>;

}  // namespace skep::testing
