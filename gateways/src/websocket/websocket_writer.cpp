#include "websocket_writer.hpp"

#include <span>

#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

template <class Bytes>
void append(Bytes& out, std::uint64_t number, unsigned bytes) {
  while (bytes-- > 0) out.append(static_cast<unsigned>(number >> (8 * bytes) & 0xFF));
}

template <class Bytes>
void append_header(Bytes& out, const WebSocketFrame& frame) {
  const unsigned extra_bytes = frame.payload_bytes < websocket_length_16 ? 0 : frame.payload_bytes <= 0xFFFF ? 2 : 8;
  out.append((frame.last ? websocket_last_bit : 0) | static_cast<unsigned>(frame.opcode));
  const auto short_length = extra_bytes == 0   ? static_cast<unsigned>(frame.payload_bytes)
                            : extra_bytes == 2 ? websocket_length_16
                                               : websocket_length_64;
  out.append((frame.key ? websocket_mask_bit : 0) | short_length);
  append(out, frame.payload_bytes, extra_bytes);
  if (frame.key) out.append({frame.key->data(), frame.key->size()});
}

}  // namespace

WebSocketHeader websocket_header(const WebSocketFrame& frame) noexcept {
  assert(frame.payload_bytes >> 63 == 0);
  WebSocketHeader header;
  append_header(header, frame);
  return header;
}

WebSocketControlFrame websocket_control_frame(WebSocketOpcode opcode, std::string_view payload,
                                              const WebSocketKey& key) noexcept {
  assert(is_control(opcode) && payload.size() <= websocket_control_bytes_max);
  WebSocketControlFrame frame;
  append_header(frame, {.opcode = opcode, .payload_bytes = payload.size(), .key = key});
  std::array<char, websocket_control_bytes_max> masked;
  std::copy(payload.begin(), payload.end(), masked.begin());
  if (key) WebSocketMask(*key).apply(std::span(masked).first(payload.size()));
  frame.append({masked.data(), payload.size()});
  return frame;
}

WebSocketControlFrame websocket_close_frame(WebSocketCloseCode code, std::string_view reason,
                                            const WebSocketKey& key) noexcept {
  if (code == WebSocketCloseCode::no_status) return websocket_control_frame(WebSocketOpcode::close, {}, key);
  assert(may_be_sent(code));
  const auto number = static_cast<unsigned>(code);
  WebSocketBytes<websocket_control_bytes_max> payload;
  append(payload, number, 2);
  payload.append(utf8_prefix(reason, websocket_control_bytes_max - 2));
  return websocket_control_frame(WebSocketOpcode::close, payload.view(), key);
}

}  // namespace skep
