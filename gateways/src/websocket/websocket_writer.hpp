#pragma once
// What a WebSocket sends (RFC 6455, section 5.2): headers, whose payload goes out behind them from where it is, and
// whole control frames. All in place: nothing is allocated. Pure.

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "websocket_frame.hpp"
#include "websocket_mask.hpp"

namespace skep {

/// Bytes of a frame, at most `size_max`.
template <std::size_t size_max>
class WebSocketBytes {
 public:
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

  void append(unsigned byte) noexcept {
    assert(size_ < size_max);
    bytes_[size_++] = static_cast<char>(byte);
  }
  void append(std::string_view bytes) noexcept {
    assert(bytes.size() <= size_max - size_);
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + size_);
    size_ = static_cast<std::uint8_t>(size_ + bytes.size());
  }

 private:
  std::array<char, size_max> bytes_;  ///< the first `size_`
  std::uint8_t size_ = 0;
};

inline constexpr std::size_t websocket_header_bytes_max = 14;
using WebSocketHeader = WebSocketBytes<websocket_header_bytes_max>;
using WebSocketControlFrame = WebSocketBytes<2 + 4 + websocket_control_bytes_max>;

/// A client's frames have a key, a server's have none. Keys are not to be foreseen by whoever chooses payloads (section
/// 10.3).
using WebSocketKey = std::optional<WebSocketMask::Key>;

struct WebSocketFrame {
  WebSocketOpcode opcode = WebSocketOpcode::binary;
  std::uint64_t payload_bytes = 0;
  bool last = true;       ///< of its message
  WebSocketKey key = {};  ///< who sends the payload masks it with this
};

[[nodiscard]] WebSocketHeader websocket_header(const WebSocketFrame& frame) noexcept;

/// A ping or a pong; `payload` has websocket_control_bytes_max at most (asserted).
[[nodiscard]] WebSocketControlFrame websocket_control_frame(WebSocketOpcode opcode, std::string_view payload,
                                                            const WebSocketKey& key = {}) noexcept;

/// `no_status`: a close without a code, and so without a reason. The code is one that may be sent (asserted). Of a
/// reason that is too long goes out what fits, in whole characters.
[[nodiscard]] WebSocketControlFrame websocket_close_frame(WebSocketCloseCode code, std::string_view reason,
                                                          const WebSocketKey& key = {}) noexcept;

}  // namespace skep
