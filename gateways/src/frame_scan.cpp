#include "frame_scan.hpp"

#include <algorithm>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

constexpr unsigned continuation = 0x0, close = 0x8;

unsigned byte_of(char byte) {
  return static_cast<unsigned char>(byte);
}

}  // namespace

FrameScan::Seen FrameScan::look(std::string_view bytes) {
  Seen seen;
  auto& at = seen.pass;
  while (at < bytes.size()) {
    if (payload_ > 0) {
      const auto passed = std::min<std::uint64_t>(payload_, bytes.size() - at);
      at += static_cast<std::size_t>(passed);
      payload_ -= passed;
      seen.ended |= !within();
      continue;
    }
    if (header_bytes_ == 0 && (byte_of(bytes[at]) & 0xf) == close) {
      seen.stop = Stop::close;
      return seen;
    }
    header_[header_bytes_++] = bytes[at++];
    if (header_bytes_ < header_size()) continue;
    header_bytes_ = 0;
    seen.stop = take_header();
    if (seen.stop != Stop::none) {
      --at;  // of a whole header the reader would judge the length itself, without our reason
      return seen;
    }
    seen.ended |= !within();
  }
  return seen;
}

/// As far as it can be told from what is here.
std::size_t FrameScan::header_size() const {
  if (header_bytes_ < 2) return 2;
  const unsigned length = byte_of(header_[1]) & 0x7f;
  const std::size_t mask = (byte_of(header_[1]) & 0x80) != 0 ? 4 : 0;
  if (length < 126) return 2 + mask;
  return (length == 126 ? 4 : 10) + mask;
}

FrameScan::Stop FrameScan::take_header() {
  const unsigned opcode = byte_of(header_[0]) & 0xf;
  payload_ = byte_of(header_[1]) & 0x7f;
  if (payload_ >= 126) {
    const std::size_t bytes = payload_ == 126 ? 2 : 8;
    payload_ = 0;
    for (std::size_t i = 0; i < bytes; ++i) payload_ = payload_ << 8 | byte_of(header_[2 + i]);
  }
  const bool control = (opcode & 0x8) != 0;
  if (control) return Stop::none;
  message_open_ = (byte_of(header_[0]) & 0x80) == 0;
  if (opcode != continuation) message_bytes_ = message_frames_ = 0;
  if (payload_ > message_bytes_max_ || message_bytes_ > message_bytes_max_ - payload_) return Stop::too_big;
  message_bytes_ += payload_;
  const auto frames_max = limits::websocket_message_frames_max + message_bytes_ / limits::websocket_frame_bytes_usual;
  if (++message_frames_ > frames_max) return Stop::too_many;
  return Stop::none;
}

}  // namespace skep
