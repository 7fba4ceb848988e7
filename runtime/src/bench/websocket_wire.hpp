#pragma once
// The client's side of a WebSocket (RFC 6455), sans I/O: the upgrade, text messages out, messages in. Many of them
// share one read and one write. After an error nothing more is taken from the server. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/seeded_random.hpp"
#include "skep/serialization/result.hpp"
#include "websocket/websocket_reader.hpp"

namespace skep::bench {

class WebSocketWire {
 public:
  using Message = std::optional<std::string_view>;

  explicit WebSocketWire(std::uint64_t seed);

  /// Appends the request for an upgrade. `host` as in the header: with its port; `token`: "" for none.
  void open(std::string_view host, std::string_view path, std::string_view token, std::string& out) const;
  /// Appends one text message.
  void send(std::string_view payload, std::string& out);
  /// Appends a Close frame.
  void close(std::string& out);
  void feed(std::string_view bytes);
  /// Whether the server has agreed. Errors: `errc::unavailable` if it has not, with what it said; `errc::unauthorized`
  /// for 401.
  [[nodiscard]] Result<bool> opened();
  /// Once opened: the next whole message, valid until the next call; nothing if more bytes are needed. Appends answers
  /// to pings. Errors: `errc::unavailable`: the server closes, with its reason; `errc::bad_record`: it breaks the
  /// protocol, or a message has more than limits::payload_bytes_max.
  [[nodiscard]] Result<Message> next(std::string& out);

 private:
  void pong(std::string_view bytes, std::string& out);
  [[nodiscard]] Message joined(const WebSocketEvent& piece);
  [[nodiscard]] WebSocketMask::Key make_key();

  SeededRandom random_;
  std::string key_;
  bool opened_ = false;
  std::string buffer_;
  std::size_t begin_ = 0;  ///< of what was not taken yet
  WebSocketReader reader_;
  std::string message_;    ///< that comes in pieces, so far
  std::size_t pongs_ = 0;  ///< bytes of them since there was nothing to write
};

}  // namespace skep::bench
