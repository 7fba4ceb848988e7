#include "end_to_end/wire.hpp"

#include <array>
#include <cstring>
#include <span>

namespace bench {
namespace {

// Key and answer of RFC 6455, section 1.3: a fixed key spares this client a digest.
constexpr std::string_view upgrade =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
constexpr std::string_view upgrade_proof = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

constexpr std::uint8_t opcode_text = 1, opcode_binary = 2, opcode_ping = 9, opcode_pong = 10;
constexpr std::size_t payload_bytes_max = 1 << 26;  // twice what anybody asks here

/// Of the length that follows a header whose own says so.
constexpr std::size_t length_bytes(std::uint8_t length) {
  return length == 126 ? 2 : 8;
}

/// Eight bytes at a time: the load generator is to be busy with something else.
void mask_bytes(std::span<char> bytes, std::array<char, 4> mask) {
  std::array<char, 8> twice;
  std::memcpy(twice.data(), mask.data(), 4);
  std::memcpy(twice.data() + 4, mask.data(), 4);
  std::uint64_t word = 0, mask_word = 0;
  std::memcpy(&mask_word, twice.data(), 8);
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::memcpy(&word, bytes.data() + i, 8);
    word ^= mask_word;
    std::memcpy(bytes.data() + i, &word, 8);
  }
  for (; i < bytes.size(); ++i) bytes[i] ^= mask[i % 4];
}

}  // namespace

void Wire::open(std::string& out) const {
  if (protocol_ == Protocol::websocket) out += upgrade;
}

void Wire::send(std::string_view payload, std::string& out) {
  if (protocol_ == Protocol::websocket) return append_frame(binary_ ? opcode_binary : opcode_text, payload, out);
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
    if (frame->opcode == opcode_text || frame->opcode == opcode_binary) return frame->payload;
    if (frame->opcode != opcode_ping) throw WireError("opcode " + std::to_string(frame->opcode));
    append_frame(opcode_pong, frame->payload, out);
  }
  return std::nullopt;
}

std::optional<std::string_view> Wire::next_line() {
  const auto rest = std::string_view(buffer_).substr(begin_);
  const auto end = rest.find('\n', scanned_);
  scanned_ = end == std::string_view::npos ? rest.size() : 0;
  if (end == std::string_view::npos) return std::nullopt;
  begin_ += end + 1;
  return rest.substr(0, end);
}

std::optional<Wire::Frame> Wire::next_frame() {
  const auto rest = std::string_view(buffer_).substr(begin_);
  if (rest.size() < 2) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(rest[0]), second = static_cast<std::uint8_t>(rest[1]);
  if ((first & 0xf0) != 0x80 || second > 127) throw WireError("a frame of a kind that no echo needs");
  std::size_t header = 2, size = second;
  if (second >= 126) {
    header += length_bytes(second);
    if (rest.size() < header) return std::nullopt;
    size = 0;
    for (std::size_t i = 2; i < header; ++i) size = size << 8 | static_cast<std::uint8_t>(rest[i]);
    if (size > payload_bytes_max) throw WireError("a frame of " + std::to_string(size) + " bytes");
  }
  if (rest.size() < header + size) return std::nullopt;
  begin_ += header + size;
  return Frame{static_cast<std::uint8_t>(first & 0x0f), rest.substr(header, size)};
}

void Wire::append_frame(std::uint8_t opcode, std::string_view payload, std::string& out) {
  out += static_cast<char>(0x80 | opcode);
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else {
    const std::uint8_t length = payload.size() < 65536 ? 126 : 127;
    out += static_cast<char>(0x80 | length);
    for (auto i = length_bytes(length); i-- > 0;) out += static_cast<char>(payload.size() >> 8 * i);
  }
  mask_ ^= mask_ << 13, mask_ ^= mask_ >> 17, mask_ ^= mask_ << 5;  // xorshift32 (Marsaglia 2003)
  std::array<char, 4> mask;
  std::memcpy(mask.data(), &mask_, 4);
  out.append(mask.data(), 4);
  const auto begin = out.size();
  out += payload;
  mask_bytes(std::span(out).subspan(begin), mask);
}

}  // namespace bench
