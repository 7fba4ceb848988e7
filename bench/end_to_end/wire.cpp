#include "end_to_end/wire.hpp"

#include <array>
#include <cstring>

namespace bench {
namespace {

// Key and answer of RFC 6455, section 1.3: a fixed key spares this client a digest.
constexpr std::string_view upgrade =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
constexpr std::string_view upgrade_proof = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

constexpr std::uint8_t opcode_text = 1, opcode_ping = 9, opcode_pong = 10;

}  // namespace

void Wire::open(std::string& out) const {
  if (protocol_ == Protocol::websocket) out += upgrade;
}

void Wire::send(std::string_view payload, std::string& out) {
  if (protocol_ == Protocol::websocket) return append_frame(opcode_text, payload, out);
  out += payload;
  out += '\n';
}

void Wire::feed(std::string_view bytes) {
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_ += bytes;
}

bool Wire::opened() {
  if (protocol_ == Protocol::tcp || upgraded_) return true;
  const auto end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const auto response = std::string_view(buffer_).substr(0, end);
  if (!response.starts_with("HTTP/1.1 101 ") || response.find(upgrade_proof) == std::string_view::npos) {
    throw WireError("upgrade refused: " + std::string(response));
  }
  begin_ = end + 4;
  return upgraded_ = true;
}

std::optional<std::string_view> Wire::next(std::string& out) {
  if (protocol_ == Protocol::tcp) return next_line();
  while (const auto frame = next_frame()) {
    if (frame->opcode == opcode_text) return frame->payload;
    if (frame->opcode != opcode_ping) throw WireError("opcode " + std::to_string(frame->opcode));
    append_frame(opcode_pong, frame->payload, out);
  }
  return std::nullopt;
}

std::optional<std::string_view> Wire::next_line() {
  const auto rest = std::string_view(buffer_).substr(begin_);
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  begin_ += end + 1;
  return rest.substr(0, end);
}

std::optional<Wire::Frame> Wire::next_frame() {
  const auto rest = std::string_view(buffer_).substr(begin_);
  if (rest.size() < 2) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(rest[0]), second = static_cast<std::uint8_t>(rest[1]);
  if ((first & 0xf0) != 0x80 || second > 126) throw WireError("a frame of a kind that no echo needs");
  std::size_t header = 2, size = second;
  if (second == 126) {
    if (rest.size() < 4) return std::nullopt;
    header = 4;
    size = static_cast<std::uint8_t>(rest[2]) * 256u + static_cast<std::uint8_t>(rest[3]);
  }
  if (rest.size() < header + size) return std::nullopt;
  begin_ += header + size;
  return Frame{static_cast<std::uint8_t>(first & 0x0f), rest.substr(header, size)};
}

void Wire::append_frame(std::uint8_t opcode, std::string_view payload, std::string& out) {
  if (payload.size() > 65535) throw WireError("payload too large for this client");
  out += static_cast<char>(0x80 | opcode);
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  }
  mask_ ^= mask_ << 13, mask_ ^= mask_ >> 17, mask_ ^= mask_ << 5;  // xorshift32 (Marsaglia 2003)
  std::array<char, 4> mask;
  std::memcpy(mask.data(), &mask_, 4);
  out.append(mask.data(), 4);
  const auto begin = out.size();
  out += payload;
  for (std::size_t i = 0; i < payload.size(); ++i) out[begin + i] ^= mask[i % 4];
}

}  // namespace bench
