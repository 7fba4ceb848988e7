#pragma once
// The client's side of a protocol, sans I/O, in as few instructions as it takes: the load generator shares the
// machine with the server. It knows what an honest echo server sends and refuses the rest; shares no code with Skep.

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

enum class Protocol { tcp, websocket };

/// The server broke the protocol.
struct WireError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Wire {
 public:
  /// `binary`: the messages that it sends over a WebSocket are. It takes both kinds.
  Wire(Protocol protocol, bool binary, std::uint32_t seed) : protocol_(protocol), binary_(binary), mask_(seed | 1) {}

  /// Appends what opens a connection, if anything does.
  void open(std::string& out) const;
  /// Appends one message.
  void send(std::string_view payload, std::string& out);
  void feed(std::string_view bytes);
  /// Whether the server has agreed to talk.
  [[nodiscard]] bool opened();
  /// The next message, valid until `feed`. Answers pings into `out`.
  [[nodiscard]] std::optional<std::string_view> next(std::string& out);

 private:
  struct Frame {
    std::uint8_t opcode;
    std::string_view payload;
  };
  [[nodiscard]] std::optional<std::string_view> next_line();
  [[nodiscard]] std::optional<Frame> next_frame();
  void append_frame(std::uint8_t opcode, std::string_view payload, std::string& out);

  Protocol protocol_;
  bool binary_;
  std::uint32_t mask_;
  bool upgraded_ = false;
  std::string buffer_;
  std::size_t begin_ = 0;    ///< of what was not taken yet
  std::size_t scanned_ = 0;  ///< of that, without an end of line
};

}  // namespace bench
