#include "websocket_reader.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "skep/serialization/framing.hpp"

namespace skep {
namespace {

using Code = WebSocketCloseCode;
using Kind = WebSocketEvent::Kind;
using Opcode = WebSocketOpcode;

constexpr std::size_t mask_bytes = 4;

std::string_view view(std::span<const char> bytes) {
  return {bytes.data(), bytes.size()};
}

bool is_known(Opcode opcode) {
  const auto number = static_cast<unsigned>(opcode);
  return number <= static_cast<unsigned>(Opcode::binary) ||
         (number >= static_cast<unsigned>(Opcode::close) && number <= static_cast<unsigned>(Opcode::pong));
}

}  // namespace

WebSocketEvent WebSocketReader::next(std::span<char>& in) {
  while (!ended_) {
    if (header_is_whole() || take_usual_header(in)) {
      if (payload_ > 0 && in.empty()) return {};
      const auto event = is_control(opcode()) ? read_control(in) : read_data(in);
      if (event.kind != Kind::none) return event;
    } else {
      if (in.empty()) return {};
      const auto byte = static_cast<unsigned char>(in.front());
      in = in.subspan(1);
      if (!take_header(byte)) return refused();
    }
  }
  in = in.last(0);
  return {};
}

/// That of a short message of one frame in one go, if it is here as a whole and nothing is wrong with it.
bool WebSocketReader::take_usual_header(std::span<char>& in) {
  constexpr std::size_t whole = 2 + mask_bytes;
  if (header_bytes_ != 0 || message_ != Message::none || !masked() || in.size() < whole) return false;
  const unsigned first = static_cast<unsigned char>(in[0]), second = static_cast<unsigned char>(in[1]);
  const unsigned length = second & websocket_length_bits;
  const bool usual = (first == (websocket_last_bit | static_cast<unsigned>(Opcode::text)) ||
                      first == (websocket_last_bit | static_cast<unsigned>(Opcode::binary))) &&
                     (second & websocket_mask_bit) != 0 && length < websocket_length_16 &&
                     length <= settings_.message_bytes_max && settings_.message_frames_max > 0;
  if (!usual) return false;
  std::memcpy(header_.data(), in.data(), whole);
  header_bytes_ = whole;
  begin_message(opcode() == Opcode::text ? Message::text : Message::binary);
  payload_ = message_bytes_ = length;
  message_frames_ = 1;
  set_mask();
  in = in.subspan(whole);
  return true;
}

// The header, byte by byte: each is judged as it comes.

std::size_t WebSocketReader::length_bytes() const noexcept {
  const unsigned length = header_[1] & websocket_length_bits;
  return length < websocket_length_16 ? 0 : length == websocket_length_16 ? 2 : 8;
}

bool WebSocketReader::header_is_whole() const noexcept {
  return header_bytes_ >= 2 && header_bytes_ == 2 + length_bytes() + (masked() ? mask_bytes : 0);
}

bool WebSocketReader::take_header(unsigned char byte) {
  assert(header_bytes_ < header_.size());
  header_[header_bytes_++] = byte;
  if (header_bytes_ == 1) return take_first_byte();
  if (header_bytes_ == 2 && !check_second_byte()) return false;
  if (header_bytes_ == 2 + length_bytes() && !take_length()) return false;
  if (masked() && header_is_whole()) set_mask();
  return true;
}

void WebSocketReader::set_mask() noexcept {
  assert(header_bytes_ >= 2 + mask_bytes);
  WebSocketMask::Key key;
  std::memcpy(key.data(), header_.data() + header_bytes_ - mask_bytes, mask_bytes);
  mask_ = WebSocketMask(key);
}

bool WebSocketReader::take_first_byte() {
  if ((header_[0] & websocket_reserved_bits) != 0) {
    return refuse(Code::protocol_error, "a reserved bit is set, and no extension was agreed on");
  }
  if (!is_known(opcode())) return refuse(Code::protocol_error, "the opcode is reserved");
  if (is_control(opcode())) return final() || refuse(Code::protocol_error, "a control frame in fragments");
  if (opcode() == Opcode::continuation) {
    return message_ != Message::none || refuse(Code::protocol_error, "a continuation, and no message has begun");
  }
  if (message_ != Message::none) return refuse(Code::protocol_error, "a message begins within another");
  begin_message(opcode() == Opcode::text ? Message::text : Message::binary);
  return true;
}

void WebSocketReader::begin_message(Message message) noexcept {
  message_ = message;
  message_bytes_ = message_frames_ = 0;
  piece_given_ = false;
}

bool WebSocketReader::check_second_byte() {
  const bool has_mask = (header_[1] & websocket_mask_bit) != 0;
  if (has_mask != masked()) {
    return refuse(Code::protocol_error, masked() ? "a client's frame without a mask" : "a server's frame with a mask");
  }
  const bool is_long = (header_[1] & websocket_length_bits) > websocket_control_bytes_max;
  if (is_control(opcode()) && is_long) return refuse(Code::protocol_error, "a control frame of more than 125 bytes");
  return true;
}

bool WebSocketReader::take_length() {
  payload_ = header_[1] & websocket_length_bits;
  if (const auto bytes = length_bytes(); bytes > 0) {
    payload_ = 0;
    for (std::size_t i = 0; i < bytes; ++i) payload_ = payload_ << 8 | header_[2 + i];
    if (payload_ >> 63 != 0) return refuse(Code::protocol_error, "the highest bit of a length is set");
    const bool minimal = bytes == 2 ? payload_ >= websocket_length_16 : payload_ > 0xFFFF;
    if (!minimal) return refuse(Code::protocol_error, "a length that is not in its shortest form");
  }
  return is_control(opcode()) || check_limits();
}

bool WebSocketReader::check_limits() {
  const std::uint64_t bytes_max = settings_.message_bytes_max;
  if (payload_ > bytes_max || message_bytes_ > bytes_max - payload_) {
    return refuse(Code::too_big, "message_bytes_max = " + std::to_string(bytes_max));
  }
  message_bytes_ += payload_;
  const auto frames_max = settings_.message_frames_max + message_bytes_ / limits::websocket_frame_bytes_usual;
  if (++message_frames_ <= frames_max) return true;
  static_assert(limits::websocket_frame_bytes_usual == 1u << 10);
  return refuse(Code::policy, "websocket_message_frames_max = " + std::to_string(settings_.message_frames_max) +
                                  ", and one more for each KiB");
}

// The payload.

WebSocketEvent WebSocketReader::read_data(std::span<char>& in) {
  assert(message_ != Message::none);
  const auto piece = in.first(static_cast<std::size_t>(std::min<std::uint64_t>(payload_, in.size())));
  if (masked()) mask_.apply(piece);
  payload_ -= piece.size();
  const bool ends = payload_ == 0, last = ends && final();
  auto read = piece.size();
  const bool right = message_ != Message::text || check_text(view(piece), last, read);
  in = in.subspan(read);
  if (!right) return refused();
  if (ends) end_frame();
  if (piece.empty() && !last) return {};
  const bool first = !std::exchange(piece_given_, true), is_text = message_ == Message::text;
  if (last) message_ = Message::none;
  return {.kind = Kind::piece, .is_text = is_text, .first = first, .last = last, .bytes = view(piece)};
}

/// `bytes` are those that were read when it is known.
bool WebSocketReader::check_text(std::string_view piece, bool last, std::size_t& bytes) {
  if (const auto wrong = utf8_.feed(piece)) {
    bytes = *wrong + 1;
    return refuse(Code::invalid_text, "text that is not UTF-8");
  }
  return !last || utf8_.whole() || refuse(Code::invalid_text, "text that ends within a character of UTF-8");
}

WebSocketEvent WebSocketReader::read_control(std::span<char>& in) {
  const auto piece = in.first(static_cast<std::size_t>(std::min<std::uint64_t>(payload_, in.size())));
  in = in.subspan(piece.size());
  payload_ -= piece.size();
  assert(piece.size() <= control_.size() - control_bytes_);
  std::copy(piece.begin(), piece.end(), control_.begin() + control_bytes_);
  control_bytes_ = static_cast<std::uint8_t>(control_bytes_ + piece.size());
  if (payload_ > 0) return {};
  const auto payload = std::span(control_).first(std::exchange(control_bytes_, std::uint8_t{0}));
  if (masked()) mask_.apply(payload);
  end_frame();
  if (opcode() == Opcode::close) return read_close(view(payload));
  return {.kind = opcode() == Opcode::ping ? Kind::ping : Kind::pong, .bytes = view(payload)};
}

WebSocketEvent WebSocketReader::read_close(std::string_view payload) {
  ended_ = true;
  if (payload.empty()) return {.kind = Kind::close};
  if (payload.size() == 1) return refused(Code::protocol_error, "a close with half a code");
  const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(payload[at])); };
  const auto code = static_cast<Code>(byte(0) << 8 | byte(1));
  if (!may_be_sent(code)) return refused(Code::protocol_error, "a close with a code that is not for the wire");
  const auto reason = payload.substr(2);
  if (!is_utf8(reason)) return refused(Code::invalid_text, "a close whose reason is not UTF-8");
  return {.kind = Kind::close, .code = code, .bytes = reason};
}

bool WebSocketReader::refuse(WebSocketCloseCode code, std::string_view why) {
  code_ = code;
  why_ = why;
  return false;
}

WebSocketEvent WebSocketReader::refused(WebSocketCloseCode code, std::string_view why) {
  static_cast<void>(refuse(code, why));
  return refused();
}

WebSocketEvent WebSocketReader::refused() {
  ended_ = true;
  return {.kind = Kind::error, .code = code_, .bytes = why_};
}

}  // namespace skep
