#pragma once
// Reads the frames of one WebSocket's peer (RFC 6455, without extensions) from its bytes, however these are cut, and
// says one by one what they are: pieces of messages, pings, pongs, a close, or the mistake that ends the connection.
//
// Sans I/O: the bytes stay with the caller. What breaks the protocol or a limit is refused at the first byte that shows
// it; the payload of a control frame is judged as a whole. How the bytes are cut changes nothing but how a message is
// cut into pieces. Allocates nothing, but for the text of an error. Lifetime: of one connection. Threads: none of its
// own.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "skep/gateways/limits.hpp"
#include "utf8_validator.hpp"
#include "websocket_frame.hpp"
#include "websocket_mask.hpp"

namespace skep {

struct WebSocketEvent {
  enum class Kind : std::uint8_t {
    none,   ///< more bytes are needed, or nothing comes any more
    piece,  ///< of a message; what came of one that an error cuts short is void
    ping,
    pong,
    close,  ///< the last event
    error,  ///< the last event: close with `code`
  };

  Kind kind = Kind::none;
  bool is_text = false;                                     ///< of a message
  bool first = false;                                       ///< piece of its message
  bool last = false;                                        ///< the same; it may be empty
  WebSocketCloseCode code = WebSocketCloseCode::no_status;  ///< of a close or an error
  std::string_view bytes = {};  ///< payload, a close's reason, or what is wrong; a piece lies in what was read
};

class WebSocketReader {
 public:
  struct Settings {
    WebSocketRole role = WebSocketRole::server;  ///< of the side that reads
    std::size_t message_bytes_max = limits::websocket_message_bytes_max;
    std::size_t message_frames_max = limits::websocket_message_frames_max;  ///< and one for websocket_frame_bytes_usual
  };

  explicit WebSocketReader(Settings settings) : settings_(settings) {}

  /// What comes next in `in`, which loses the bytes that were read for that. Data is unmasked in place; what follows it
  /// stays as it is. After a close or an error everything is passed over.
  ///
  /// The event's bytes are valid until the next call, those of a piece as long as `in`'s.
  [[nodiscard]] WebSocketEvent next(std::span<char>& in);
  /// A message, or a control frame, has begun and not ended.
  [[nodiscard]] bool within() const noexcept { return !ended_ && (header_bytes_ > 0 || message_ != Message::none); }
  /// Passes over everything from here.
  void end() noexcept { ended_ = true; }
  /// A close or an error has come, or `end`.
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  enum class Message : std::uint8_t { none, text, binary };

  [[nodiscard]] bool take_usual_header(std::span<char>& in);
  [[nodiscard]] bool take_header(unsigned char byte);
  [[nodiscard]] bool take_first_byte();
  [[nodiscard]] bool check_second_byte();
  [[nodiscard]] bool take_length();
  [[nodiscard]] bool check_limits();
  void set_mask() noexcept;
  void begin_message(Message message) noexcept;
  void end_frame() noexcept { header_bytes_ = 0; }
  [[nodiscard]] bool refuse(WebSocketCloseCode code, std::string_view why);
  [[nodiscard]] WebSocketEvent refused(WebSocketCloseCode code, std::string_view why);
  [[nodiscard]] WebSocketEvent refused();
  [[nodiscard]] WebSocketEvent read_data(std::span<char>& in);
  [[nodiscard]] bool check_text(std::string_view piece, bool last, std::size_t& bytes);
  [[nodiscard]] WebSocketEvent read_control(std::span<char>& in);
  [[nodiscard]] WebSocketEvent read_close(std::string_view payload);

  [[nodiscard]] bool final() const noexcept { return (header_[0] & 0x80) != 0; }
  [[nodiscard]] WebSocketOpcode opcode() const noexcept { return static_cast<WebSocketOpcode>(header_[0] & 0xF); }
  [[nodiscard]] bool masked() const noexcept { return settings_.role == WebSocketRole::server; }
  [[nodiscard]] std::size_t length_bytes() const noexcept;
  [[nodiscard]] bool header_is_whole() const noexcept;

  Settings settings_;
  std::array<unsigned char, 14> header_{};  ///< of the frame that has begun
  std::uint8_t header_bytes_ = 0;           ///< of it that are here; none: no frame has begun
  std::uint8_t control_bytes_ = 0;          ///< of `control_` that are here
  Message message_ = Message::none;         ///< that has begun
  bool piece_given_ = false;                ///< of it
  bool ended_ = false;
  WebSocketCloseCode code_ = WebSocketCloseCode::no_status;  ///< of the error
  Utf8Validator utf8_;                                       ///< whole between messages
  WebSocketMask mask_;
  std::uint64_t payload_ = 0;         ///< to come, of the frame
  std::uint64_t message_bytes_ = 0;   ///< announced so far
  std::uint64_t message_frames_ = 0;  ///< the same
  std::array<char, websocket_control_bytes_max> control_{};
  std::string why_;  ///< of the error
};

}  // namespace skep
