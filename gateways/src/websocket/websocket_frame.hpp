#pragma once
// Words of RFC 6455's frames (section 5.2) and the codes of their closes (section 7.4 and IANA's registry). Pure.

#include <cstddef>
#include <cstdint>

namespace skep {

enum class WebSocketRole : std::uint8_t {
  server,  ///< reads masked frames, writes unmasked ones
  client,  ///< the other way round
};

enum class WebSocketOpcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

constexpr bool is_control(WebSocketOpcode opcode) noexcept {
  return (static_cast<unsigned>(opcode) & 0x8) != 0;
}

// Of a header's first two bytes.
inline constexpr unsigned websocket_last_bit = 0x80, websocket_reserved_bits = 0x70;
inline constexpr unsigned websocket_mask_bit = 0x80, websocket_length_bits = 0x7F;
inline constexpr unsigned websocket_length_16 = 126,
                          websocket_length_64 = 127;  ///< in place of a length of so many bits

inline constexpr std::size_t websocket_control_bytes_max = 125;  ///< payload of a control frame

/// Those that are named here; a peer may send others.
enum class WebSocketCloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported = 1003,
  no_status = 1005,  ///< never on the wire: a close without a code
  invalid_text = 1007,
  policy = 1008,
  too_big = 1009,
  internal_error = 1011,
  try_again_later = 1013,
};

/// Whether a close frame may say so: codes that the registry has for that, and those of libraries (3000 to 3999) and of
/// applications (4000 to 4999).
constexpr bool may_be_sent(WebSocketCloseCode code) noexcept {
  const auto number = static_cast<std::uint16_t>(code);
  if (number >= 3000) return number < 5000;
  return number >= 1000 && number <= 1014 && (number < 1004 || number > 1006);
}

}  // namespace skep
