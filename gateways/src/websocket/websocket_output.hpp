#pragma once
// What waits to go out of one WebSocket: messages in their order, and control frames between them. Pure.
//
// Small messages lie one behind the other, as they go out; a large one stays where its record has it. A ping or a pong
// goes before the messages that have not begun; of several pongs the last one is enough (RFC 6455, section 5.5.3).
// Nothing goes out behind a close.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "out_buffer.hpp"
#include "skep/actors/fifo.hpp"
#include "skep/serialization/record.hpp"
#include "websocket_writer.hpp"

namespace skep {

class WebSocketOutput {
 public:
  static constexpr std::size_t copied_bytes_max = 1024;  ///< a payload; so many cost less to copy than a piece

  struct Message {
    std::string_view bytes;
    bool is_text = true;
    Outgoing what = Outgoing::answer;
    Record keeper{};  ///< of the bytes; none: they are copied
  };

  void push(const Message& message);
  void ping() { put_control(WebSocketOpcode::ping, {}); }
  void pong(std::string_view payload) { put_control(WebSocketOpcode::pong, payload); }
  /// Behind all messages; once (asserted).
  void close(WebSocketCloseCode code, std::string_view reason);

  /// What to write next, into `pieces`, as far as these reach. Returns how many there are. Valid until something is
  /// put in or has gone.
  [[nodiscard]] std::size_t gather(std::span<std::string_view> pieces) const;
  /// So many bytes of these have gone. Returns what that completes.
  [[nodiscard]] FrameCounts wrote(std::size_t bytes);

  /// All has gone that ever will.
  [[nodiscard]] bool empty() const noexcept { return frames_.empty() && controls_.empty(); }
  /// Of messages that have not gone to their end, those that never will, too.
  [[nodiscard]] FrameCounts counts() const noexcept { return counts_; }
  /// Of messages that have not gone to their end.
  [[nodiscard]] std::size_t memory() const noexcept { return memory_; }

 private:
  enum class Kind : std::uint8_t { error, answer, record, close };  ///< the first three as Outgoing
  struct Frame {
    std::uint64_t bytes;    ///< in all
    std::uint32_t in_line;  ///< of those, in `bytes_`; the others are the first of `large_`
    Kind kind;

    [[nodiscard]] std::size_t memory() const { return bytes + sizeof(Frame); }
  };
  struct Large {
    Record keeper;
    std::string_view bytes;
    std::uint64_t at;  ///< what of `bytes_` goes before it, of all that was ever there
  };
  struct Control {
    WebSocketOpcode opcode;
    WebSocketControlFrame frame;
  };
  class Pieces;

  void put_control(WebSocketOpcode opcode, std::string_view payload);
  void put(const Frame& frame);
  [[nodiscard]] std::size_t take_control(std::size_t bytes);
  [[nodiscard]] std::size_t take_frame(std::size_t bytes, FrameCounts& gone);
  [[nodiscard]] FrameCounts all_gone();
  void compact();

  std::string bytes_;
  std::size_t begin_ = 0;      ///< where the first frame lies
  std::uint64_t dropped_ = 0;  ///< of `bytes_`, gone and taken out
  Fifo<Frame> frames_;
  Fifo<Large> large_;
  std::size_t memory_ = 0;
  std::vector<Control> controls_;  ///< one that has begun, a pong, a ping: no more
  std::size_t written_ = 0;        ///< of the first frame, or of the first control frame: of one of these
  bool control_begun_ = false;     ///< of the latter
  FrameCounts counts_;
  bool closed_ = false;
};

}  // namespace skep
