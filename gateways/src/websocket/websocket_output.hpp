#pragma once
// What waits to go out of one WebSocket: messages in their order, and control frames between them. Pure.
//
// Payloads stay where they are: headers and payloads of several messages go out in one call. A ping or a pong goes
// before the messages that have not begun; of several pongs the last one is enough (RFC 6455, section 5.5.3). Nothing
// goes out behind a close.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>

#include "websocket_message.hpp"
#include "websocket_writer.hpp"

namespace skep {

class WebSocketOutput {
 public:
  void push(WebSocketMessage message);
  void ping() { put_control(Kind::ping, websocket_control_frame(WebSocketOpcode::ping, {})); }
  void pong(std::string_view payload) {
    put_control(Kind::pong, websocket_control_frame(WebSocketOpcode::pong, payload));
  }
  /// Behind all messages; once (asserted).
  void close(WebSocketCloseCode code, std::string_view reason);

  /// What to write next, into `pieces`, as far as these reach. Returns how many there are. Valid until something is
  /// put in or has gone.
  [[nodiscard]] std::size_t gather(std::span<std::string_view> pieces) const;
  /// So many bytes of these have gone. Returns what that completes.
  [[nodiscard]] FrameCounts wrote(std::size_t bytes);

  /// All has gone that ever will.
  [[nodiscard]] bool empty() const noexcept { return frames_.empty(); }
  /// Of messages that have not gone to their end, those that never will, too.
  [[nodiscard]] FrameCounts counts() const noexcept { return counts_; }
  [[nodiscard]] std::size_t memory() const noexcept { return memory_; }

 private:
  enum class Kind : std::uint8_t { message, ping, pong, close };
  struct Frame {
    Kind kind;
    WebSocketControlFrame head;  ///< of a message its header
    WebSocketMessage message{};

    [[nodiscard]] std::size_t bytes() const { return head.view().size() + message.bytes().size(); }
  };

  void put_control(Kind kind, const WebSocketControlFrame& frame);

  std::deque<Frame> frames_;
  std::size_t written_ = 0;  ///< of the first
  FrameCounts counts_;
  std::size_t memory_ = 0;
  bool closed_ = false;
};

}  // namespace skep
